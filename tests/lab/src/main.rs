//! `cargo lab`: the grader's command line.

use std::io::ErrorKind;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use checks::Running;
use clap::{Args, Parser, Subcommand};
use common::{Lang, tr};
use lab::check::Request;
use lab::new::Language;

/// The grader: judges socket programs by their behaviour, and explains every verdict.
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The language of messages: `new` means another one by `--lang`.
#[derive(Args)]
struct Messages {
    /// Language of messages; default from LC_ALL or LANG
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
}

#[derive(Subcommand)]
enum Command {
    /// The labs, their tasks and points; of one lab, the checks
    List {
        /// A lab or a program
        lab: Option<String>,
        #[command(flatten)]
        messages: Messages,
    },
    /// Begin a lab: a program that runs, with what is to be done, and its lab.toml
    New {
        /// The lab, such as echo
        lab: String,
        /// The programming language
        #[arg(long, value_name = "LANGUAGE")]
        lang: Language,
        /// The new folder
        folder: PathBuf,
    },
    /// Check a submission, and explain what is wrong with it
    Check(Check),
    /// Grade many submissions side by side, and write reports
    Grade(Grade),
    /// Talk to a server by hand, or play the server: a small nc
    Poke {
        #[command(flatten)]
        poke: lab::poke::Poke,
        #[command(flatten)]
        messages: Messages,
    },
    /// Propose a lab.toml for a folder of programs, and try it out
    Init {
        #[command(flatten)]
        init: lab::init::Init,
        #[command(flatten)]
        messages: Messages,
    },
    /// Does a job from stdin, for the grader itself
    #[command(hide = true)]
    Worker,
    /// Tries out the sandbox, for the grader itself
    #[command(hide = true)]
    Trial,
    /// Enters the sandbox, for the grader itself
    #[command(hide = true)]
    Enclose { words: Vec<String> },
}

#[derive(Args)]
struct Check {
    /// Folder with the program and its lab.toml
    folder: PathBuf,
    /// A lab, a program, or parts of the names of checks; default: everything that lab.toml declares
    names: Vec<String>,
    /// Check again whenever a file changes, what has failed first
    #[arg(long)]
    watch: bool,
    /// The number that random texts follow from
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// What no task asks for counts as well
    #[arg(long)]
    strict: bool,
    /// Explain all failures, not the first ones only
    #[arg(long)]
    all: bool,
    /// Run the program without a sandbox: it can do what you can do
    #[arg(long)]
    no_sandbox: bool,
    /// Check a server that runs already; FOLDER is then a lab or a program
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["listen", "watch", "replay"])]
    at: Option<String>,
    /// Check a client that you start by hand, which connects to this port (0: any free one); FOLDER is then a lab or a program
    #[arg(long, value_name = "PORT", conflicts_with_all = ["watch", "replay"])]
    listen: Option<u16>,
    /// Write a Python script that repeats the exchange of this check
    #[arg(long, value_name = "CHECK")]
    replay: Option<String>,
    #[command(flatten)]
    messages: Messages,
}

#[derive(Args)]
struct Grade {
    /// Submissions, or a folder of submissions
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Folder for the reports: HTML, JSON, JUnit XML, CSV, Gradescope, GitHub Classroom
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// A lab or a program to be graded; default: everything that a lab.toml declares
    #[arg(long, value_name = "NAME")]
    lab: Vec<String>,
    /// Tasks that count, such as 1,2,s3, whatever a lab.toml says
    #[arg(long, value_delimiter = ',', value_name = "TASKS")]
    tasks: Option<Vec<String>>,
    /// A lab.toml that stands in for those of the submissions
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// What tasks are worth: a table such as [echo], s3 = 2
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Points given by hand: lines of submission,points,reason
    #[arg(long, value_name = "FILE")]
    bonus: Option<PathBuf>,
    /// The number that random texts follow from
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// What no task asks for counts as well
    #[arg(long)]
    strict: bool,
    /// How many submissions are judged at once
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// How many seconds one submission may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    time_limit: u64,
    /// How many MiB of memory its programs may take together
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    memory: u64,
    /// Run submissions without a sandbox: they can do what you can do
    #[arg(long)]
    no_sandbox: bool,
    #[command(flatten)]
    messages: Messages,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    common::set_lang(cli.command.lang().unwrap_or_else(Lang::from_env));
    let ended = run(cli.command);
    match ended.and_then(|code| lab::terminal::written().map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            let error = format!("{error:#}");
            anstream::eprintln!("cargo lab: {}", lab::terminal::plain(&error));
            ExitCode::from(2)
        }
    }
}

impl Command {
    fn lang(&self) -> Option<Lang> {
        match self {
            Self::Check(Check { messages, .. })
            | Self::Grade(Grade { messages, .. })
            | Self::Init { messages, .. }
            | Self::List { messages, .. }
            | Self::Poke { messages, .. } => messages.lang,
            _ => None,
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(check) => check.run(),
        Command::New { lab, lang, folder } => {
            lab::new::create(&lab, lang, &folder)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::List { lab, .. } => {
            lab::list::print(lab.as_deref(), &lab::points::Points::default())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Grade(grade) => lab::grade::run(&grade.request()?),
        Command::Poke { poke, .. } => Ok(lab::poke::run(&poke)),
        Command::Init { init, .. } => lab::init::run(&init),
        Command::Worker => lab::worker::work().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Trial => lab::enclosure::trial().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Enclose { words } => lab::enclosure::enclose(&words).map(|()| ExitCode::SUCCESS),
        #[cfg(not(target_os = "linux"))]
        Command::Trial | Command::Enclose { .. } => anyhow::bail!("only on Linux"),
    }
}

/// Where a server runs: the first address of its host.
fn address(at: &str) -> anyhow::Result<SocketAddr> {
    let found = at.to_socket_addrs().map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => anyhow::anyhow!(tr!(
            "--at {at}: write HOST:PORT, such as 127.0.0.1:9090",
            "--at {at}: нужен вид HOST:PORT, например 127.0.0.1:9090"
        )),
        _ => anyhow::anyhow!("--at {at}: {error}"),
    });
    let mut addresses = found?;
    addresses
        .next()
        .with_context(|| format!("--at {at}: no address"))
}

/// The programs that names of labs and programs stand for, and the names that are neither.
fn programs(names: Vec<String>) -> (Vec<String>, Vec<String>) {
    let (mut programs, mut others) = (Vec::new(), Vec::new());
    for name in names {
        match checks::Lab::named(&name) {
            Some(lab) => programs.extend(lab.programs().map(str::to_owned)),
            None if checks::programs().any(|program| program == name) => programs.push(name),
            None => others.push(name),
        }
    }
    (programs, others)
}

impl Grade {
    fn request(self) -> anyhow::Result<lab::grade::Request> {
        let (programs, unknown) = programs(self.lab);
        if let Some(unknown) = unknown.first() {
            anyhow::bail!("--lab: there is no lab or program `{unknown}`");
        }
        Ok(lab::grade::Request {
            folders: self.folders,
            report: self.report,
            programs,
            tasks: self.tasks,
            manifest: self.manifest,
            points: self.points,
            bonus: self.bonus,
            seed: self.seed,
            strict: self.strict,
            jobs: self.jobs,
            limit: Duration::from_secs(self.time_limit),
            limits: checks::Limits {
                memory: self.memory << 20,
                ..checks::Limits::default()
            },
            open: self.no_sandbox,
        })
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let running = match (&self.at, self.listen) {
            (Some(at), _) => Running::Server(address(at)?),
            (None, Some(port)) => Running::Client(lab::running::port(port)?, lab::terminal::ask),
            (None, None) => {
                let watch = self.watch;
                return lab::check::run(&self.request(), watch);
            }
        };
        let name = self.folder.to_string_lossy().into_owned();
        let (programs, _) = programs(vec![name.clone()]);
        if programs.is_empty() {
            anyhow::bail!("there is no lab or program `{name}`: `cargo lab list` shows them");
        }
        let is_client = |name: &str| name.ends_with("client") || name.ends_with("sender");
        let fits = |program: &&String| is_client(program) != self.at.is_some();
        let Some(program) = programs.iter().find(fits) else {
            anyhow::bail!("{name}: --at is for servers, --listen for clients");
        };
        let program = program.clone();
        lab::running::check(&self.request(), &program, running)
    }

    fn request(self) -> Request {
        let (programs, chosen) = programs(self.names);
        Request {
            folder: self.folder,
            programs,
            chosen,
            seed: self.seed,
            strict: self.strict,
            all: self.all,
            open: self.no_sandbox,
            replay: self.replay,
        }
    }
}
