//! Our programs with everybody else's: those that a lecture writes in Python, nc, ncat and socat, as
//! servers and as clients, on one machine and on two.
//!
//! `greeting/server/python` is our server with Python's client, `greeting/client/python` is our
//! client with Python's server; below `machines` they are on two machines.

mod broadcast;
mod labs;
mod machines;
mod pairing;
mod place;
mod sockets;
mod tools;

use std::process::ExitCode;

use checks::{Missing, Need, trial_unless};
use harness::{Failure, Transcript};
use libtest_mimic::{Arguments, Completion, Trial};

use labs::{ECHO, ECHO_ONCE, GREETING, HELLO, Lab, TIME};
use pairing::{Pair, Who};
use place::Place;
use sockets::{Ip, Socket};
use tools::Tool;

fn main() -> ExitCode {
    let tcp = Socket::Tcp(Ip::V4);
    let mut trials = Vec::new();
    for lab in [TIME, GREETING, ECHO] {
        trials.extend(both_ways(lab.name, lab, tcp));
    }
    for socket in Socket::ALL {
        trials.extend(both_ways(
            &format!("hello/{}", socket.name()),
            HELLO,
            socket,
        ));
    }
    let (server, client) = (Who::Theirs(Tool::Python), Who::Ours);
    let pair = Pair { server, client };
    trials.push(paired("echo/client/python-once", ECHO_ONCE, tcp, pair));
    trials.extend(machines::trials());
    trials.extend(broadcast::trials());
    let mut arguments = Arguments::from_args();
    // Programs are mostly waited for: more at once than there are processors.
    arguments.test_threads.get_or_insert(8);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Our server with each tool's client, and our client with each tool's server, on one machine.
fn both_ways(prefix: &str, lab: Lab, socket: Socket) -> Vec<Trial> {
    let mut trials = Vec::new();
    for tool in Tool::ALL {
        let (ours, theirs) = (Who::Ours, Who::Theirs(tool));
        for (role, server, client) in [("server", ours, theirs), ("client", theirs, ours)] {
            let pair = Pair { server, client };
            if pair.is_possible(socket) {
                let name = format!("{prefix}/{role}/{}", tool.name());
                trials.push(paired(&name, lab, socket, pair));
            }
        }
    }
    trials
}

fn paired(name: &str, lab: Lab, socket: Socket, pair: Pair) -> Trial {
    let need = match socket.ip() {
        Some(Ip::V6) => Need::Ipv6,
        _ => Need::Unix,
    };
    let missing = pair.missing().or_else(|| need.missing_on_machine());
    trial(name, missing, move |transcript| {
        pair.converse(&lab, &Place::here(socket, transcript)?)
    })
}

/// A trial, unless the machine lacks something; its failure shows all that has happened.
fn trial(
    name: &str,
    missing: Option<String>,
    run: impl FnOnce(&Transcript) -> Result<(), Failure> + Send + 'static,
) -> Trial {
    trial_unless(missing.map(Missing::Machine), name, "", move || {
        let transcript = Transcript::new();
        match run(&transcript) {
            Ok(()) => Ok(Completion::Completed),
            Err(failure) => Err(format!("{failure}\n{transcript}").into()),
        }
    })
}
