//! Other people's programs: how each is made a client or a server.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use checks::Need;

use crate::sockets::{Address, Ip, Socket};

/// A program of somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The scripts in `programs`, written as in a lecture.
    Python,
    /// netcat-openbsd.
    Nc,
    /// The netcat of nmap.
    Ncat,
    Socat,
}

impl Tool {
    pub(crate) const ALL: [Self; 4] = [Self::Python, Self::Nc, Self::Ncat, Self::Socat];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Nc => "nc",
            Self::Ncat => "ncat",
            Self::Socat => "socat",
        }
    }

    /// The reason, if the machine does not have it.
    pub(crate) fn missing(self) -> Option<String> {
        static NC: OnceLock<bool> = OnceLock::new();
        static NCAT: OnceLock<bool> = OnceLock::new();
        static SOCAT: OnceLock<bool> = OnceLock::new();
        let (known, package, option, answer) = match self {
            Self::Python => return Need::Python.missing_on_machine(),
            // Other programs of that name take other options.
            Self::Nc => (&NC, "netcat-openbsd", "-h", "OpenBSD netcat"),
            Self::Ncat => (&NCAT, "ncat", "--version", "Ncat: "),
            Self::Socat => (&SOCAT, "socat", "-V", "socat version"),
        };
        let there = *known.get_or_init(|| says(self.name(), option, answer));
        (!there).then(|| format!("{package} is missing"))
    }

    /// The command line of a client, for [`command`]; `None` if it cannot be one.
    ///
    /// Python's says by itself what it has to say. The others send what is typed, show what comes,
    /// and end when both have ended, but for nc without a connection, which waits on.
    pub(crate) fn client(self, socket: Socket) -> Option<&'static str> {
        Some(match (self, socket) {
            (Self::Python, _) if socket.ip().is_none() => "python3 {script} {file}",
            (Self::Python, _) => "python3 {script} {host} {port}",
            (Self::Nc, Socket::Tcp(_)) => "nc -nN {host} {port}",
            (Self::Nc, Socket::Udp(_)) => "nc -nu {host} {port}",
            (Self::Nc, Socket::UnixStream) => "nc -NU {file}",
            // Without -s, the file of its own end would lie in /tmp, and stay there.
            (Self::Nc, Socket::UnixDatagram) => "nc -uU -s {file}.client {file}",
            (Self::Ncat, Socket::Tcp(_)) => "ncat -n {host} {port}",
            (Self::Ncat, Socket::Udp(_)) => "ncat -nu --send-only {host} {port}",
            (Self::Ncat, Socket::UnixStream) => "ncat -U {file}",
            (Self::Ncat, Socket::UnixDatagram) => "ncat -uU --send-only {file}",
            (Self::Nc | Self::Ncat, Socket::UnixSeqpacket) => return None,
            // Once the input has ended, it waits half a second for the rest, unless told otherwise.
            (Self::Socat, Socket::Tcp(_)) => "socat -t 10 - TCP:{address}",
            (Self::Socat, Socket::Udp(_)) => "socat -u - UDP:{address}",
            (Self::Socat, Socket::UnixStream) => "socat -t 10 - UNIX-CONNECT:{file}",
            (Self::Socat, Socket::UnixDatagram) => "socat -u - UNIX-SENDTO:{file}",
            (Self::Socat, Socket::UnixSeqpacket) => "socat -u - UNIX-CONNECT:{file},socktype=5",
        })
    }

    /// The command line of a server for one client, for [`command`]; `None` if it cannot be one.
    ///
    /// nc and ncat `connect` their datagram socket to the first sender, in order to answer: a Unix
    /// sender without a name, such as our client and Python's, makes them fail with EINVAL. With
    /// `-k`, nc leaves that out.
    pub(crate) fn server(self, socket: Socket) -> Option<&'static str> {
        Some(match (self, socket) {
            (Self::Python, _) => return self.client(socket),
            (Self::Nc, Socket::Tcp(_)) => "nc -nvN -l {host} {port}",
            (Self::Nc, Socket::Udp(_)) => "nc -nvu -l {host} {port}",
            (Self::Nc, Socket::UnixStream) => "nc -vN -lU {file}",
            (Self::Nc, Socket::UnixDatagram) => "nc -v -lkuU {file}",
            (Self::Ncat, Socket::Tcp(_)) => "ncat -nv -l {host} {port}",
            (Self::Ncat, Socket::Udp(_)) => "ncat -nvu -l {host} {port}",
            (Self::Ncat, Socket::UnixStream) => "ncat -v -lU {file}",
            (Self::Nc | Self::Ncat, _) => return None,
            (Self::Socat, Socket::Tcp(Ip::V4)) => {
                "socat -dd -t 10 - TCP4-LISTEN:{port},bind={host}"
            }
            (Self::Socat, Socket::Tcp(Ip::V6)) => {
                "socat -dd -t 10 - TCP6-LISTEN:{port},bind=[{host}]"
            }
            (Self::Socat, Socket::Udp(Ip::V4)) => "socat -dd -u UDP4-RECVFROM:{port},bind={host} -",
            (Self::Socat, Socket::Udp(Ip::V6)) => {
                "socat -dd -u UDP6-RECVFROM:{port},bind=[{host}] -"
            }
            (Self::Socat, Socket::UnixStream) => "socat -dd -t 10 - UNIX-LISTEN:{file}",
            (Self::Socat, Socket::UnixDatagram) => "socat -dd -u UNIX-RECVFROM:{file} -",
            (Self::Socat, Socket::UnixSeqpacket) => "socat -dd -u UNIX-LISTEN:{file},socktype=5 -",
        })
    }

    /// What a server prints once clients can come.
    pub(crate) fn ready(self, socket: Socket) -> &'static str {
        match self {
            Self::Python => "waiting for",
            Self::Nc if socket.is_datagram() => "Bound on ",
            Self::Nc | Self::Ncat => "Listening on ",
            Self::Socat if socket.is_datagram() => "receiving on ",
            Self::Socat => "listening on ",
        }
    }
}

/// The command of a tool's command line: with the address of a server, and a file of `programs`.
pub(crate) fn command(line: &str, server: &Address, script: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("programs")
        .join(script);
    let mut values = vec![("{script}", script.display().to_string())];
    match server {
        Address::Ip(address) => values.extend([
            ("{address}", address.to_string()),
            ("{host}", address.ip().to_string()),
            ("{port}", address.port().to_string()),
        ]),
        Address::File(file) => values.push(("{file}", file.display().to_string())),
    }
    let fill = |word: &str| {
        let word = word.to_owned();
        values
            .iter()
            .fold(word, |word, (name, value)| word.replace(name, value))
    };
    let mut words = line.split(' ').map(fill);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// Whether a program, asked with `option`, answers with `answer`.
fn says(program: &str, option: &str, answer: &str) -> bool {
    let mut command = Command::new(program);
    let output = command.arg(option).stdin(Stdio::null()).output();
    output.is_ok_and(|output| {
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).contains(answer)
    })
}
