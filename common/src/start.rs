//! How a lab begins and ends: one line for an error, one exit code, one line that says where it
//! listens.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::{StdoutClosed, event, tr};

/// Advice below an error: what its reader can do about it. Attach it with
/// [`anyhow::Context::context`].
#[derive(Debug)]
pub(crate) struct Hint(pub(crate) String);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `main` returns: 0, or 1 after the error went to stderr as one line `program: operation
/// address: cause`, and a second one `hint: ...` where something can be done about it.
///
/// A wrong command line has ended the program with 2 before, in [`clap::Parser::parse`].
pub fn exit_code(result: Result<()>) -> ExitCode {
    let error = match result {
        Err(error) if !error.is::<StdoutClosed>() => error,
        _ => return ExitCode::SUCCESS,
    };
    let hint = error.downcast_ref::<Hint>().map(Hint::to_string);
    let causes: Vec<String> = error
        .chain()
        .map(ToString::to_string)
        .filter(|cause| Some(cause) != hint.as_ref())
        .collect();
    let mut lines = format!(
        "{}: {}\n",
        program_name(),
        crate::escape(causes.join(": ").as_bytes())
    );
    if let Some(hint) = hint {
        lines += &format!("{}: {hint}\n", tr!("hint", "подсказка"));
    }
    // If stderr is closed, the exit code is all that is left to say.
    let _ = io::stderr().write_all(lines.as_bytes());
    ExitCode::FAILURE
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

/// Says that the server listens at `address`: `listening on ADDR:PORT` on stdout for people and
/// programs to read, and an event in the log. Nobody need be reading stdout: the server serves all
/// the same.
pub fn announce(address: SocketAddr) {
    let mut stdout = io::stdout().lock();
    let said = writeln!(stdout, "listening on {address}").and_then(|()| stdout.flush());
    if let Err(error) = said {
        event!(
            "stdout cannot be written: {error}",
            "stdout недоступен для записи: {error}"
        );
    }
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
