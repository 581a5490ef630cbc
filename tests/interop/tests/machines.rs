//! Between two machines: our programs with each other, and with Python's.

use harness::{Failure, PATIENCE, Transcript};
use libtest_mimic::Trial;

use crate::labs::{self, ECHO, GREETING, HELLO, Lab, TIME};
use crate::pairing::{Pair, Who, ends_with_success, start_client, wait_for_line};
use crate::place::{Place, missing_machines};
use crate::sockets::{Ip, Socket};
use crate::tools::Tool;
use crate::trial;

const PAIRS: [(&str, Pair); 3] = [
    ("ours", pair(Who::Ours, Who::Ours)),
    ("server/python", pair(Who::Ours, Who::Theirs(Tool::Python))),
    ("client/python", pair(Who::Theirs(Tool::Python), Who::Ours)),
];

const fn pair(server: Who, client: Who) -> Pair {
    Pair { server, client }
}

pub(crate) fn trials() -> Vec<Trial> {
    let tcp = [Socket::Tcp(Ip::V4), Socket::Tcp(Ip::V6)];
    let udp = [Socket::Udp(Ip::V4), Socket::Udp(Ip::V6)];
    let mut trials = Vec::new();
    for lab in [TIME, GREETING, ECHO, HELLO] {
        trials.extend(pairs(lab, &tcp));
    }
    trials.extend(pairs(HELLO, &udp));
    let name = "machines/hello/only-its-own-machine-by-default";
    trials.push(trial(name, missing_machines(), only_its_own_machine));
    trials
}

fn pairs(lab: Lab, sockets: &[Socket]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for &socket in sockets {
        for (pair_name, pair) in PAIRS {
            let name = format!("machines/{}/{}/{pair_name}", lab.name, socket.name());
            let missing = pair.missing().or_else(missing_machines);
            trials.push(trial(&name, missing, move |transcript| {
                pair.converse(&lab, &Place::two_machines(socket, transcript)?)
            }));
        }
    }
    trials
}

/// A server on 127.0.0.1 refuses the other machine; one on 0.0.0.0, whose turn is next, does not.
fn only_its_own_machine(transcript: &Transcript) -> Result<(), Failure> {
    let place = Place::two_machines(Socket::Tcp(Ip::V4), transcript)?;
    let mut server = place.start_server(labs::command("hello-server")?)?;
    wait_for_line(&mut server, &["listening on 127.0.0.1:12345"])?;
    let mut refused = start_client(Who::Ours, &HELLO, &place)?;
    let status = refused.wait_for_exit(PATIENCE)?;
    if status.code() != Some(1) {
        return Err(refused.ended_instead("exit code 1"));
    }
    wait_for_line(&mut refused, &["connect 10.77.0.1:12345", "refused"])?;
    server.interrupt()?;
    ends_with_success(&mut server)?;
    pair(Who::Ours, Who::Ours).converse(&HELLO, &place)
}
