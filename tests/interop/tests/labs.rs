//! Our programs, built, and what a client and its server say to each other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use harness::{Failure, Program, Transcript};
use serde_json::Value;

use crate::sockets::Socket;

/// What one client and its server say to each other.
#[derive(Clone, Copy)]
pub(crate) struct Lab {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    pub(crate) request: &'static str,
    pub(crate) reply: &'static str,
    /// What our server shows of the request, beside the client's address.
    pub(crate) shown: &'static str,
    /// Whether a server has its reply ready before it is asked. An echo depends on what is asked. A
    /// greeting has to be ready: our client ends its half of the connection with the request, and
    /// then nc ends at once.
    pub(crate) replies_ahead: bool,
    /// Whether our server waits for clients until it is stopped.
    pub(crate) serves_on: bool,
    /// What the names of Python's programs begin with.
    pub(crate) script: &'static str,
}

pub(crate) const TIME: Lab = Lab {
    name: "time",
    port: 8888,
    request: "",
    reply: "Sun Nov  1 09:05:00 2026\n",
    shown: "client connected: ",
    replies_ahead: true,
    serves_on: true,
    script: "time",
};

pub(crate) const GREETING: Lab = Lab {
    name: "greeting",
    port: 8007,
    request: "Привет, сервер",
    reply: "Привет, клиент",
    shown: ", 14 characters, 26 bytes: Привет, сервер",
    replies_ahead: true,
    serves_on: true,
    script: "greeting",
};

pub(crate) const HELLO: Lab = Lab {
    name: "hello",
    port: 12345,
    request: "Hello, server!",
    reply: "",
    shown: ", 14 characters, 14 bytes: Hello, server!",
    replies_ahead: true,
    serves_on: false,
    script: "hello",
};

pub(crate) const ECHO: Lab = Lab {
    name: "echo",
    port: 9090,
    request: "hello\n",
    reply: "HELLO\n",
    shown: "data received: ",
    replies_ahead: false,
    serves_on: true,
    script: "echo",
};

/// With a server that answers once, and closes.
pub(crate) const ECHO_ONCE: Lab = Lab {
    script: "echo_once",
    ..ECHO
};

impl Lab {
    /// The name of Python's client or server.
    pub(crate) fn script(&self, socket: Socket, role: &str) -> String {
        let kind = match socket {
            _ if self.name != HELLO.name => "",
            Socket::Tcp(_) => "tcp_",
            Socket::Udp(_) => "udp_",
            Socket::UnixStream => "unix_stream_",
            Socket::UnixDatagram => "unix_datagram_",
            Socket::UnixSeqpacket => "unix_seqpacket_",
        };
        format!("{}_{kind}{role}.py", self.script)
    }

    /// Whether `text` is a reply, and nothing else. Of times, no two are the same.
    pub(crate) fn is_reply(&self, text: &str) -> bool {
        let text = text.trim_end();
        text == self.reply.trim_end() || (self.name == TIME.name && is_ctime(text))
    }
}

/// Whether it is a time as ctime(3) has it.
fn is_ctime(text: &str) -> bool {
    let has = |names: &str, name: &str| names.split(' ').any(|known| known == name);
    let number = |text: &str, limit: u32| text.parse().is_ok_and(|number: u32| number < limit);
    let words = text.split([' ', ':']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    let [weekday, month, day, hours, minutes, seconds, year] = words[..] else {
        return false;
    };
    text.len() == 24
        && has("Mon Tue Wed Thu Fri Sat Sun", weekday)
        && has("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", month)
        && number(day, 32)
        && number(hours, 24)
        && number(minutes, 60)
        && number(seconds, 61)
        && number(year, 10_000)
}

const PACKAGES: [&str; 10] = [
    "broadcast-receiver",
    "broadcast-sender",
    "echo-client",
    "echo-server",
    "greeting-client",
    "greeting-server",
    "hello-client",
    "hello-server",
    "time-client",
    "time-server",
];

/// How long they may take to build.
const BUILD: Duration = Duration::from_secs(600);

/// A command for the program of a package, built just now.
pub(crate) fn command(package: &str) -> Result<Command, Failure> {
    static BUILT: OnceLock<Result<HashMap<String, PathBuf>, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|failure| failure.to_string()));
    let programs = built.as_ref().map_err(Failure::new)?;
    let program = programs.get(package);
    let program = program.ok_or_else(|| Failure::new(format!("cargo has built no {package}")))?;
    Ok(Command::new(program))
}

/// The programs of all packages, by their names.
fn build() -> Result<HashMap<String, PathBuf>, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .args(["build", "--quiet", "--locked", "--message-format=json"])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    let mut cargo = Program::start("cargo", command, &Transcript::new())?;
    let status = cargo.wait_for_exit(BUILD)?;
    if !status.success() {
        let reason = String::from_utf8_lossy(&cargo.stderr()).into_owned();
        return Err(Failure::new(format!("cargo build: {status}\n{reason}")));
    }
    let messages = String::from_utf8_lossy(&cargo.stdout()).into_owned();
    Ok(messages.lines().filter_map(executable).collect())
}

/// The program that a message of cargo tells of; most tell of something else.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    let path = message["executable"].as_str()?;
    Some((name.to_owned(), path.into()))
}
