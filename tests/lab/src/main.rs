//! `cargo lab`: the grader's command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::Lang;
use lab::check::Request;

/// The grader: judges socket programs by their behaviour, and explains every verdict.
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Language of messages: en or ru; default from LC_ALL or LANG
    #[arg(long = "lang", value_name = "LANG")]
    ui_lang: Option<Lang>,
}

#[derive(Subcommand)]
enum Command {
    /// The labs, their tasks and points; of one lab, the checks
    List {
        /// A lab or a program
        lab: Option<String>,
    },
    /// Check a submission, and explain what is wrong with it
    Check(Check),
    /// Grade many submissions side by side, and write reports
    Grade(Grade),
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
    /// Write a Python script that repeats the exchange of this check
    #[arg(long, value_name = "CHECK")]
    replay: Option<String>,
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
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    common::set_lang(cli.ui_lang.unwrap_or_else(Lang::from_env));
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            let error = format!("{error:#}");
            anstream::eprintln!("cargo lab: {}", lab::terminal::plain(&error));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(check) => {
            let watch = check.watch;
            lab::check::run(&check.request(), watch)
        }
        Command::List { lab } => {
            lab::list::print(lab.as_deref(), &lab::points::Points::default())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Grade(grade) => lab::grade::run(&grade.request()?),
        Command::Worker => lab::worker::work().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Trial => lab::enclosure::trial().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Enclose { words } => lab::enclosure::enclose(&words).map(|()| ExitCode::SUCCESS),
        #[cfg(not(target_os = "linux"))]
        Command::Trial | Command::Enclose { .. } => anyhow::bail!("only on Linux"),
    }
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
