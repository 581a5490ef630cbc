//! Between two machines: our programs with each other, and with Python's.

use std::fs;
use std::net::{TcpListener, TcpStream};

use harness::{Failure, Machine, PATIENCE, Transcript, wait_for};
use libtest_mimic::Trial;

use crate::labs::{self, ECHO, GREETING, HELLO, Lab, TIME};
use crate::pairing::{Pair, Who, ends_with_success, start_client, wait_for_line};
use crate::place::{Place, missing_machines, start};
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
    let name = "machines/each-has-a-loopback-of-its-own";
    trials.push(trial(name, missing_machines(), |_| own_loopbacks()));
    let name = "machines/a-dropped-one-is-gone";
    trials.push(trial(name, missing_machines(), dropped));
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

/// What listens on one machine's 127.0.0.1, the other one does not reach.
fn own_loopbacks() -> Result<(), Failure> {
    let [one, other] = Machine::pair()?;
    let failed = |error| Failure::inconclusive("listen", &error);
    let listener = one.run(|| TcpListener::bind("127.0.0.1:0").map_err(failed))?;
    let address = listener.local_addr().map_err(failed)?;
    let connects = || Ok(TcpStream::connect_timeout(&address, PATIENCE).is_ok());
    let found = (one.run(connects)?, other.run(connects)?);
    if found == (true, false) {
        Ok(())
    } else {
        let what = format!("connected on the same machine, on the other one: {found:?}");
        Err(Failure::new(what))
    }
}

/// A machine goes with its last program, and takes its end of the cable along: the other one then
/// has no interface but loopback.
fn dropped(transcript: &Transcript) -> Result<(), Failure> {
    let [one, other] = Machine::pair()?;
    let server = labs::command("time-server")?;
    let mut server = start(Some(&one), "server", server, transcript)?;
    wait_for_line(&mut server, &["listening on "])?;
    drop(one);
    let has_cable = || {
        other.run(|| {
            let interfaces = fs::read_to_string("/proc/thread-self/net/dev");
            let interfaces = interfaces.map_err(|error| Failure::inconclusive("read", &error))?;
            Ok(interfaces.contains("eth0"))
        })
    };
    if !has_cable()? {
        return Err(Failure::new("a machine is gone while a program runs there"));
    }
    drop(server);
    let gone = wait_for(PATIENCE, || match has_cable() {
        Ok(true) => None,
        result => Some(result.map(drop)),
    });
    gone.unwrap_or_else(|| Err(Failure::new("a dropped machine is still there")))
}
