//! Broadcast, on a network of two machines.

use std::net::{IpAddr, SocketAddr};
use std::process::Command;

use harness::{Failure, Machine, PATIENCE, Program, Transcript, wait_for};
use libtest_mimic::Trial;

use crate::labs;
use crate::pairing::{ends_with_success, wait_for_line, wait_for_output};
use crate::place::{missing_machines, start};
use crate::sockets::Address;
use crate::tools::{self, Tool};
use crate::trial;

const MESSAGE: &str = "Who is there?";

/// What our receiver shows of the message, after its sender.
const SHOWN: &str = ", 13 characters, 13 bytes: Who is there?";

/// The two kinds of broadcast addresses.
const DESTINATIONS: [(&str, &str); 2] =
    [("limited", "255.255.255.255"), ("directed", "10.77.0.255")];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for tool in Tool::ALL {
        let missing = || tool.missing().or_else(missing_machines);
        for (kind, to) in DESTINATIONS {
            let name = format!("broadcast/sender/{}/{kind}", tool.name());
            trials.push(trial(&name, missing(), move |transcript| {
                our_sender(tool, to, transcript)
            }));
            let name = format!("broadcast/receiver/{}/{kind}", tool.name());
            trials.push(trial(&name, missing(), move |transcript| {
                our_receivers(tool, to, transcript)
            }));
        }
    }
    let missing = || Tool::Python.missing().or_else(missing_machines);
    trials.push(trial(
        "broadcast/everybody-hears-every-round",
        missing(),
        everybody_hears,
    ));
    trials.push(trial(
        "broadcast/unicast-reaches-one",
        missing(),
        unicast_reaches_one,
    ));
    trials
}

/// Our sender, and somebody else's receiver on the other machine.
fn our_sender(tool: Tool, to: &str, transcript: &Transcript) -> Result<(), Failure> {
    let network = Network::new(transcript)?;
    let mut receiver = network.receiver(tool)?;
    network.send(&["--to", to])?;
    match tool {
        Tool::Python => wait_for_line(&mut receiver, &["('10.77.0.1', ", MESSAGE]),
        _ => wait_for_output(&receiver, MESSAGE),
    }
}

/// Somebody else's sender, and two of our receivers on the other machine.
fn our_receivers(tool: Tool, to: &str, transcript: &Transcript) -> Result<(), Failure> {
    let network = Network::new(transcript)?;
    let mut receivers = [network.our_receiver(1)?, network.our_receiver(1)?];
    let _sender = network.sender(tool, to)?;
    for receiver in &mut receivers {
        wait_for_line(receiver, &["10.77.0.1:", SHOWN])?;
        receiver.interrupt()?;
        ends_with_success(receiver)?;
    }
    Ok(())
}

/// Our sender by itself sends to both addresses, and all receivers hear both: several on the other
/// machine, whoever wrote them, and one on its own.
fn everybody_hears(transcript: &Transcript) -> Result<(), Failure> {
    let network = Network::new(transcript)?;
    let receivers = [
        network.our_receiver(0)?,
        network.our_receiver(1)?,
        network.our_receiver(1)?,
        network.receiver(Tool::Python)?,
        network.receiver(Tool::Python)?,
    ];
    network.send(&[])?;
    for receiver in &receivers {
        wait_for_messages(receiver, MESSAGE, 2)?;
    }
    Ok(())
}

/// What is sent to one machine, only one of the receivers there gets; a broadcast, which is sent
/// after it has arrived, all of them.
fn unicast_reaches_one(transcript: &Transcript) -> Result<(), Failure> {
    let network = Network::new(transcript)?;
    let receivers = [
        network.our_receiver(1)?,
        network.receiver(Tool::Python)?,
        network.our_receiver(1)?,
    ];
    let n_unicast = || {
        receivers
            .iter()
            .map(|receiver| n_messages(receiver, "for one"))
            .sum()
    };
    network.send(&["--to", "10.77.0.2", "--message", "for one"])?;
    let arrived = wait_for(PATIENCE, || Some(n_unicast()).filter(|&n: &usize| n > 0));
    arrived.ok_or_else(|| Failure::new("nobody hears a unicast"))?;
    network.send(&["--to", "10.77.0.255", "--message", "for all"])?;
    for receiver in &receivers {
        wait_for_messages(receiver, "for all", 1)?;
    }
    match n_unicast() {
        1 => Ok(()),
        n => Err(Failure::new(format!("a unicast reaches {n} receivers"))),
    }
}

/// How many lines of a receiver show `message`.
fn n_messages(receiver: &Program, message: &str) -> usize {
    let lines = receiver.lines();
    lines
        .iter()
        .filter(|line| line.text.contains(message))
        .count()
}

fn wait_for_messages(receiver: &Program, message: &str, n: usize) -> Result<(), Failure> {
    let seen = wait_for(PATIENCE, || {
        (n_messages(receiver, message) >= n).then_some(())
    });
    let what = || format!("a receiver does not hear {message:?}, {n} times");
    seen.ok_or_else(|| Failure::new(what()))
}

/// Two machines: senders are on the first one.
struct Network<'a> {
    machines: [Machine; 2],
    transcript: &'a Transcript,
}

impl<'a> Network<'a> {
    fn new(transcript: &'a Transcript) -> Result<Self, Failure> {
        let machines = Machine::pair()?;
        Ok(Self {
            machines,
            transcript,
        })
    }

    /// One round of our sender, to its end.
    fn send(&self, arguments: &[&str]) -> Result<(), Failure> {
        let mut command = labs::command("broadcast-sender")?;
        command.args(["--count", "1"]).args(arguments);
        ends_with_success(&mut self.start(0, "sender", command)?)
    }

    fn our_receiver(&self, machine: usize) -> Result<Program, Failure> {
        let command = labs::command("broadcast-receiver")?;
        let mut receiver = self.start(machine, "receiver", command)?;
        wait_for_line(&mut receiver, &["listening on 0.0.0.0:8888"])?;
        Ok(receiver)
    }

    /// Somebody else's receiver on the second machine.
    fn receiver(&self, tool: Tool) -> Result<Program, Failure> {
        let (line, ready) = match tool {
            Tool::Python => ("python3 {script} {port}", "waiting for"),
            Tool::Nc => ("nc -nvu -l {port}", "Bound on "),
            Tool::Ncat => ("ncat -nvu -l {port}", "Listening on "),
            Tool::Socat => ("socat -dd -u UDP4-RECVFROM:{port} -", "receiving on "),
        };
        let command = command(line, "0.0.0.0", "broadcast_receiver.py")?;
        let mut receiver = self.start(1, "receiver", command)?;
        wait_for_line(&mut receiver, &[ready])?;
        Ok(receiver)
    }

    /// Somebody else's sender. It need not end by itself.
    fn sender(&self, tool: Tool, to: &str) -> Result<Program, Failure> {
        let line = match tool {
            Tool::Python => "python3 {script} {host} {port}",
            Tool::Nc => "nc -nub {host} {port}",
            Tool::Ncat => "ncat -nu --send-only {host} {port}",
            Tool::Socat => "socat -u - UDP4-DATAGRAM:{address},broadcast",
        };
        let mut sender = self.start(0, "sender", command(line, to, "broadcast_sender.py")?)?;
        if tool != Tool::Python {
            sender.type_in(MESSAGE.as_bytes())?;
            sender.end_input();
        }
        Ok(sender)
    }

    fn start(&self, machine: usize, name: &str, command: Command) -> Result<Program, Failure> {
        start(
            Some(&self.machines[machine]),
            name,
            command,
            self.transcript,
        )
    }
}

/// A tool's command, for port 8888 of an address.
fn command(line: &str, ip: &str, script: &str) -> Result<Command, Failure> {
    let ip: IpAddr = ip
        .parse()
        .map_err(|_| Failure::new(format!("{ip} is no address")))?;
    let address = Address::Ip(SocketAddr::new(ip, 8888));
    Ok(tools::command(line, &address, script))
}
