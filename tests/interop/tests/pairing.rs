//! A server and a client, of which one may be somebody else's.

use std::net::IpAddr;
use std::process::Command;

use harness::{Failure, PATIENCE, Program, wait_for};

use crate::labs::{self, ECHO, GREETING, HELLO, Lab};
use crate::place::Place;
use crate::sockets::{Address, Socket};
use crate::tools::{self, Tool};

/// Whose program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Theirs(Tool),
}

/// Whose server, and whose client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) server: Who,
    pub(crate) client: Who,
}

impl Pair {
    /// Whether there are such programs for this kind of socket.
    pub(crate) fn is_possible(self, socket: Socket) -> bool {
        let serves = |tool: Tool| tool.server(socket).is_some();
        let asks = |tool: Tool| tool.client(socket).is_some();
        self.server.is_ours_or(serves) && self.client.is_ours_or(asks)
    }

    /// The reason, if the machine lacks one of them.
    pub(crate) fn missing(self) -> Option<String> {
        let missing = |who: Who| match who {
            Who::Ours => None,
            Who::Theirs(tool) => tool.missing(),
        };
        missing(self.server).or_else(|| missing(self.client))
    }

    /// The server and one client: each gets what the other one sends, and ends in good order.
    pub(crate) fn converse(self, lab: &Lab, place: &Place) -> Result<(), Failure> {
        let mut server = start_server(self.server, lab, place)?;
        let mut client = start_client(self.client, lab, place)?;
        match self.server {
            Who::Ours | Who::Theirs(Tool::Python) => {}
            Who::Theirs(_) => {
                wait_for_output(&server, lab.request)?;
                if !lab.replies_ahead {
                    server.type_in(lab.reply.as_bytes())?;
                    server.end_input();
                }
            }
        }
        check_client(self.client, lab, place.socket, &mut client)?;
        match self.server {
            Who::Ours => check_our_server(lab, place, &mut server),
            Who::Theirs(Tool::Python) => check_python_server(lab, place, &mut server),
            Who::Theirs(_) => Ok(()),
        }
    }
}

impl Who {
    fn is_ours_or(self, can: impl FnOnce(Tool) -> bool) -> bool {
        match self {
            Self::Ours => true,
            Self::Theirs(tool) => can(tool),
        }
    }
}

/// Starts a server and waits until clients can come.
pub(crate) fn start_server(who: Who, lab: &Lab, place: &Place) -> Result<Program, Failure> {
    let (socket, address) = (place.socket, place.server(lab));
    let tool = match who {
        Who::Ours => {
            let mut server = place.start_server(our_server(lab, place)?)?;
            wait_for_line(&mut server, &["listening on "])?;
            return Ok(server);
        }
        Who::Theirs(tool) => tool,
    };
    let line = tool.server(socket).unwrap_or_default();
    let command = tools::command(line, &address, &lab.script(socket, "server"));
    let mut server = place.start_server(command)?;
    if tool != Tool::Python && lab.replies_ahead {
        server.type_in(lab.reply.as_bytes())?;
        server.end_input();
    }
    wait_for_line(&mut server, &[tool.ready(socket)])?;
    Ok(server)
}

/// Starts a client, with all that it is to say.
pub(crate) fn start_client(who: Who, lab: &Lab, place: &Place) -> Result<Program, Failure> {
    let (socket, address) = (place.socket, place.server(lab));
    let command = match who {
        Who::Ours => our_client(lab, place)?,
        Who::Theirs(tool) => {
            let line = tool.client(socket).unwrap_or_default();
            tools::command(line, &address, &lab.script(socket, "client"))
        }
    };
    let types = match who {
        // The other labs' messages are arguments.
        Who::Ours => lab.name == ECHO.name,
        Who::Theirs(tool) => tool != Tool::Python,
    };
    let mut client = place.start_client(command)?;
    if types {
        client.type_in(lab.request.as_bytes())?;
        client.end_input();
    }
    Ok(client)
}

/// On a machine of its own it is started as anybody would, without arguments, but for `hello`,
/// which by itself is there for its own machine only.
fn our_server(lab: &Lab, place: &Place) -> Result<Command, Failure> {
    let mut command = labs::command(&format!("{}-server", lab.name))?;
    command.args(kind(place.socket));
    match place.server(lab) {
        Address::File(file) => {
            command.arg("--path").arg(file);
        }
        Address::Ip(address) if place.is_here() => {
            let (ip, port) = (address.ip().to_string(), address.port().to_string());
            command.args(["--exact-port", "--address", &ip, "--port", &port]);
        }
        Address::Ip(address) if lab.name == HELLO.name => {
            let all = if address.is_ipv6() { "::" } else { "0.0.0.0" };
            command.args(["--address", all]);
        }
        Address::Ip(_) => {}
    }
    if lab.name == GREETING.name {
        command.args(["--message", lab.reply]);
    }
    Ok(command)
}

fn our_client(lab: &Lab, place: &Place) -> Result<Command, Failure> {
    let mut command = labs::command(&format!("{}-client", lab.name))?;
    command.args(kind(place.socket));
    match place.server(lab) {
        Address::File(file) => {
            command.arg("--path").arg(file);
        }
        Address::Ip(address) => {
            command.arg(address.ip().to_string());
            if place.is_here() {
                command.arg(address.port().to_string());
            }
        }
    }
    if lab.name == GREETING.name {
        command.args(["--message", lab.request]);
    }
    Ok(command)
}

/// What makes a program of `hello` use this kind of socket; TCP is what it uses by itself.
fn kind(socket: Socket) -> &'static [&'static str] {
    match socket {
        Socket::Tcp(_) => &[],
        Socket::Udp(_) => &["--type", "datagram"],
        Socket::UnixStream => &["--family", "unix"],
        Socket::UnixDatagram => &["--family", "unix", "--type", "datagram"],
        Socket::UnixSeqpacket => &["--family", "unix", "--type", "seqpacket"],
    }
}

/// The client has got the reply, and ends.
fn check_client(who: Who, lab: &Lab, socket: Socket, client: &mut Program) -> Result<(), Failure> {
    if who == Who::Theirs(Tool::Nc) && socket.is_datagram() {
        return Ok(());
    }
    ends_with_success(client)?;
    let output = String::from_utf8_lossy(&client.stdout()).into_owned();
    let reply = match who {
        Who::Theirs(Tool::Python) => output.lines().next().unwrap_or_default(),
        _ => &output,
    };
    if lab.is_reply(reply) {
        return Ok(());
    }
    let failure = Failure::new(format!("the client shows {reply:?}, not {:?}", lab.reply));
    Err(failure)
}

/// Our server has shown the request and its client's real address, and ends, or can be stopped.
fn check_our_server(lab: &Lab, place: &Place, server: &mut Program) -> Result<(), Failure> {
    let client = match place.client() {
        Some(IpAddr::V4(ip)) => format!("{ip}:"),
        Some(IpAddr::V6(ip)) => format!("[{ip}]:"),
        None => String::new(),
    };
    wait_for_line(server, &[lab.shown, lab.request.trim_end(), &client])?;
    if lab.serves_on {
        server.interrupt()?;
    }
    ends_with_success(server)
}

fn check_python_server(lab: &Lab, place: &Place, server: &mut Program) -> Result<(), Failure> {
    let client = place.client().map(|ip| format!("('{ip}', "));
    let client = client.unwrap_or_default();
    wait_for_line(server, &[lab.request.trim_end(), &client])
}

/// Waits for a line that has all these parts in it.
pub(crate) fn wait_for_line(program: &mut Program, parts: &[&str]) -> Result<(), Failure> {
    program.wait_for_line(0, PATIENCE, &parts.join("..."), |line| {
        let has_all = parts.iter().all(|part| line.text.contains(part));
        has_all.then_some(())
    })
}

/// Waits until exactly this has been printed on stdout.
pub(crate) fn wait_for_output(program: &Program, text: &str) -> Result<(), Failure> {
    let seen = wait_for(PATIENCE, || {
        (program.stdout() == text.as_bytes()).then_some(())
    });
    seen.ok_or_else(|| {
        let output = String::from_utf8_lossy(&program.stdout()).into_owned();
        Failure::new(format!("stdout is {output:?}, not {text:?}"))
    })
}

pub(crate) fn ends_with_success(program: &mut Program) -> Result<(), Failure> {
    let status = program.wait_for_exit(PATIENCE)?;
    if status.success() {
        Ok(())
    } else {
        Err(program.ended_instead("exit code 0"))
    }
}
