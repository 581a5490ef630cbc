//! Where a trial takes place: on this machine, or on two of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Command;
use std::sync::OnceLock;

use harness::{Failure, Machine, PortBlock, Program, Transcript, plain_environment};
use tempfile::TempDir;

use crate::labs::Lab;
use crate::sockets::{Address, Ip, Socket};

/// Where a server and its client are, and the record of what they do.
pub(crate) struct Place<'a> {
    pub(crate) socket: Socket,
    /// The server's and the client's, if it is not this one.
    machines: Option<[Machine; 2]>,
    ports: PortBlock,
    folder: TempDir,
    transcript: &'a Transcript,
}

impl<'a> Place<'a> {
    /// This machine.
    pub(crate) fn here(socket: Socket, transcript: &'a Transcript) -> Result<Self, Failure> {
        let folder = TempDir::new();
        let folder = folder.map_err(|error| Failure::inconclusive("temporary folder", &error))?;
        Ok(Self {
            socket,
            machines: None,
            ports: PortBlock::reserve()?,
            folder,
            transcript,
        })
    }

    /// Two machines that see each other and nobody else.
    pub(crate) fn two_machines(
        socket: Socket,
        transcript: &'a Transcript,
    ) -> Result<Self, Failure> {
        Ok(Self {
            machines: Some(Machine::pair()?),
            ..Self::here(socket, transcript)?
        })
    }

    pub(crate) fn is_here(&self) -> bool {
        self.machines.is_none()
    }

    /// Where the server is: on a machine of its own at the port that everybody knows.
    pub(crate) fn server(&self, lab: &Lab) -> Address {
        let Some(ip) = self.ip_of(0) else {
            return Address::File(self.folder.path().join("hello.sock"));
        };
        // The first port of the block is the mark of possession, a UDP socket.
        let free = self.ports.port(1);
        let port = if self.is_here() { free } else { lab.port };
        Address::Ip(SocketAddr::new(ip, port))
    }

    /// The client's IP address, if it has one.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.ip_of(1)
    }

    fn ip_of(&self, index: usize) -> Option<IpAddr> {
        let ip = self.socket.ip()?;
        Some(match (&self.machines, ip) {
            (Some(machines), Ip::V4) => machines[index].ipv4(),
            (Some(machines), Ip::V6) => machines[index].ipv6(),
            (None, Ip::V4) => Ipv4Addr::LOCALHOST.into(),
            (None, Ip::V6) => Ipv6Addr::LOCALHOST.into(),
        })
    }

    /// Starts a program where the server is.
    pub(crate) fn start_server(&self, command: Command) -> Result<Program, Failure> {
        let machine = self.machines.as_ref().map(|[server, _]| server);
        start(machine, "server", command, self.transcript)
    }

    /// Starts a program where the client is.
    pub(crate) fn start_client(&self, command: Command) -> Result<Program, Failure> {
        let machine = self.machines.as_ref().map(|[_, client]| client);
        start(machine, "client", command, self.transcript)
    }
}

/// Starts a program on `machine`, or on this one. It speaks English, and no output waits in a buffer.
pub(crate) fn start(
    machine: Option<&Machine>,
    name: &str,
    mut command: Command,
    transcript: &Transcript,
) -> Result<Program, Failure> {
    plain_environment(&mut command);
    let start = || Program::start(name, command, transcript);
    match machine {
        Some(machine) => machine.run(start),
        None => start(),
    }
}

/// The reason, if this machine cannot have two others.
pub(crate) fn missing_machines() -> Option<String> {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let ask = || {
        let failure = Machine::pair().err()?;
        Some(format!("two machines need Linux, root and `ip`: {failure}"))
    };
    MISSING.get_or_init(ask).clone()
}
