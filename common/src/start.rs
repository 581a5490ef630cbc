//! How a lab begins and ends: one line for an error, one exit code, one line that says where it
//! listens.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::log_setup::set_up_log;
use crate::{Lang, StdoutClosed, event, set_lang, tr};

/// Advice below an error, attached by [`with_hint`].
#[derive(Debug)]
struct Hint(String);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error with advice below it: what its reader can do about it.
pub fn with_hint(error: anyhow::Error, hint: String) -> anyhow::Error {
    error.context(Hint(hint))
}

/// What every program does first: chooses the language, and sets up the log on stderr or in a file;
/// `quiet` leaves out the events of single messages.
///
/// # Errors
/// If the log file cannot be opened.
pub fn begin(lang: Option<Lang>, log_file: Option<&Path>, quiet: bool) -> Result<()> {
    set_lang(lang.unwrap_or_else(Lang::from_env));
    set_up_log(log_file, quiet)
}

/// What `main` returns: 0, or 1 after the error went to stderr as one line `program: operation
/// address: cause`, and a second one `hint: ...` where something can be done about it.
///
/// A wrong command line has ended the program with 2 before, in [`clap::Parser::parse`].
pub fn exit_code(result: Result<()>) -> ExitCode {
    exit_code_of(&program_name(), result)
}

/// The same for a program that its users know by another name than its file's.
pub fn exit_code_of(program: &str, result: Result<()>) -> ExitCode {
    let error = match result {
        Err(error) if !error.is::<StdoutClosed>() => error,
        _ => return ExitCode::SUCCESS,
    };
    let (causes, hint) = causes_and_hint(&error);
    let mut lines = format!("{program}: {}\n", crate::escape(causes.as_bytes()));
    if let Some(hint) = hint {
        lines += &format!("{}: {hint}\n", tr!("hint", "подсказка"));
    }
    // If stderr is closed, the exit code is all that is left to say.
    let _ = io::stderr().write_all(lines.as_bytes());
    ExitCode::FAILURE
}

/// The error in one line, for a report that goes on: its causes, then the hint in brackets.
pub fn in_one_line(error: &anyhow::Error) -> String {
    match causes_and_hint(error) {
        (causes, Some(hint)) => format!("{causes} ({hint})"),
        (causes, None) => causes,
    }
}

fn causes_and_hint(error: &anyhow::Error) -> (String, Option<String>) {
    let hint = error.downcast_ref::<Hint>().map(Hint::to_string);
    let causes: Vec<String> = error
        .chain()
        .map(ToString::to_string)
        .filter(|cause| Some(cause) != hint.as_ref())
        .collect();
    (causes.join(": "), hint)
}

/// The name under which the program was started, without folder and extension.
pub fn program_name() -> String {
    let path = std::env::args_os()
        .next()
        .map(PathBuf::from)
        .unwrap_or_default();
    path.file_stem()
        .map_or_else(|| "lab".into(), |name| name.to_string_lossy().into_owned())
}

/// Says on stdout, for people and programs to read, that the program can be reached at `place`:
/// `listening on ADDR:PORT`.
pub fn say_listening(place: impl fmt::Display) {
    say_or_serve_on(&format!("listening on {place}"));
}

/// Writes a line to the stdout of a server. Nobody need be reading it: the server serves all the
/// same.
pub fn say_or_serve_on(line: &str) {
    if let Err(error) = crate::print_line(line) {
        event!(
            "stdout cannot be written: {error:#}",
            "stdout недоступен для записи: {error:#}"
        );
    }
}

/// Says that the server listens at `address`, as [`say_listening`], and logs it.
pub fn announce(address: SocketAddr) {
    say_listening(address);
    if address.ip().is_unspecified() {
        event!(
            "waiting for clients on every address of this machine, port {}",
            "ожидание клиентов на всех адресах этой машины, порт {}",
            address.port()
        );
    } else {
        event!(
            "waiting for clients on {address}",
            "ожидание клиентов на {address}"
        );
    }
}
