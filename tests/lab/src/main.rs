//! `cargo lab`: the grader's command line.

use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Check a submission, and explain what is wrong with it
    Check(Check),
    /// Talk to a server by hand, or play the server: a small nc
    Poke(lab::poke::Poke),
    /// Propose a lab.toml for a folder of programs, and try it out
    Init(lab::init::Init),
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

fn main() -> ExitCode {
    let cli = Cli::parse();
    common::set_lang(cli.ui_lang.unwrap_or_else(Lang::from_env));
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("cargo lab: {error:#}");
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
        Command::Poke(poke) => Ok(lab::poke::run(&poke)),
        Command::Init(init) => lab::init::run(&init),
        Command::Worker => lab::worker::work().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Trial => lab::enclosure::trial().map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Enclose { words } => lab::enclosure::enclose(&words).map(|()| ExitCode::SUCCESS),
        #[cfg(not(target_os = "linux"))]
        Command::Trial | Command::Enclose { .. } => anyhow::bail!("only on Linux"),
    }
}

impl Check {
    fn request(self) -> Request {
        let (mut programs, mut chosen) = (Vec::new(), Vec::new());
        for name in self.names {
            match checks::Lab::named(&name) {
                Some(lab) => programs.extend(lab.programs().map(str::to_owned)),
                None if checks::programs().any(|program| program == name) => programs.push(name),
                None => chosen.push(name),
            }
        }
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
