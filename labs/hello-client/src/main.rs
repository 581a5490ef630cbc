//! Hello client: sends one message to a hello server, and ends. It waits for no answer.
//!
//! It shows the kinds of socket from the side that speaks first. Run `cargo run -p hello-server` in
//! one terminal and `cargo run -p hello-client` in another; try both with `--type datagram`, with
//! `--family ipv6`, with `--family unix --type seqpacket`. Then start the client without a server:
//! which kinds notice?

#[cfg(unix)]
mod unix;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
#[cfg(unix)]
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use common::{ClientArgs, bytes, event, is_timeout};
use socket2::{Domain, Socket};

/// The lab's own port.
const PORT: u16 = 12345;

/// How long a refusal of a datagram may take: a machine of the same network is faster.
const REFUSAL: Duration = Duration::from_millis(100);

/// Sends one message to a hello server
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<PORT>,

    /// Family of addresses [default: that of HOST if it is an address, or ipv4]
    #[arg(long, value_enum)]
    family: Option<Family>,

    /// Type of socket
    #[arg(long = "type", value_enum, default_value_t = Type::Stream)]
    kind: Type,

    /// File of the Unix socket [default: hello.sock in the folder for temporary files]
    #[cfg(unix)]
    #[arg(long, value_name = "FILE")]
    path: Option<PathBuf>,

    /// The message
    #[arg(
        short,
        long,
        value_name = "TEXT",
        default_value = "Hello, server!",
        allow_hyphen_values = true
    )]
    message: String,
}

/// What an address is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Family {
    /// Four bytes and a port
    Ipv4,
    /// Sixteen bytes and a port
    Ipv6,
    /// A file of this machine
    #[cfg(unix)]
    Unix,
}

/// What a socket carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Type {
    /// A connection that carries bytes, without borders
    Stream,
    /// Messages without a connection
    Datagram,
    /// A connection that carries messages (family unix only)
    #[cfg(unix)]
    Seqpacket,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(message) = args.conflict() {
        Args::command()
            .error(ErrorKind::ArgumentConflict, message)
            .exit();
    }
    common::exit_code(run(args))
}

fn run(mut args: Args) -> Result<()> {
    args.client.begin()?;
    args.ask()?;
    if args.family() == Family::Ipv6 && args.client.host == "localhost" {
        // Many a hosts file knows localhost by its IPv4 address only.
        args.client.host = "::1".into();
    }
    let message = args.message.as_bytes();
    let server = match (args.family(), args.kind) {
        #[cfg(unix)]
        (Family::Unix, _) => unix::send(&args, message)?,
        (_, Type::Datagram) => udp(&args, message)?.to_string(),
        (_, _) => tcp(&args, message)?.to_string(),
    };
    let n_bytes = bytes(message.len());
    event!(
        "data sent: {n_bytes} to {server}",
        "данные отправлены: {n_bytes}, {server}"
    );
    Ok(())
}

// ANCHOR: tcp
/// A byte stream: connects, sends, and closes, which tells the server that the message is complete.
fn tcp(args: &Args, message: &[u8]) -> Result<SocketAddr> {
    let connected = args.client.connect_where(
        |address| args.is_wanted(address),
        |address| {
            let socket = Socket::new(Domain::for_address(address), socket2::Type::STREAM, None)?;
            match args.client.timeout() {
                Some(limit) => socket.connect_timeout(&address.into(), limit)?,
                None => socket.connect(&address.into())?,
            }
            Ok((socket, address))
        },
    );
    let (mut stream, server) = connected?;
    event!("connected to {server}", "соединение с {server} установлено");
    stream.set_write_timeout(args.client.timeout())?;
    let sent = stream.write_all(message);
    sent.with_context(|| format!("send {server}"))?;
    Ok(server)
}
// ANCHOR_END: tcp

// ANCHOR: udp
/// Datagrams: nobody is asked, and nobody waits. That one was sent says nothing about whether it
/// arrived; only a machine that is up, with nobody at this port, refuses it (ICMP port unreachable,
/// RFC 1122, section 4.1.3.1). A socket that is `connect`ed, to this one address, learns of it.
fn udp(args: &Args, message: &[u8]) -> Result<SocketAddr> {
    let connect = |address: SocketAddr| {
        let own: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((own, 0))?;
        socket.connect(address)?;
        Ok((socket, address))
    };
    let sent = args.client.with_retries(|| {
        let wanted = |address: &SocketAddr| args.is_wanted(address);
        let (socket, server) = args.client.try_addresses(wanted, connect)?;
        let sent = socket.send(message);
        sent.with_context(|| format!("send {server}"))?;
        socket.set_read_timeout(Some(REFUSAL))?;
        match socket.recv(&mut [0]) {
            Err(error) if !is_timeout(&error) => {
                Err(error).with_context(|| format!("recv {server}"))
            }
            _ => Ok(server),
        }
    });
    sent.map_err(common::with_connect_hint)
}
// ANCHOR_END: udp

impl Args {
    /// The family asked for, or that of the host's address.
    fn family(&self) -> Family {
        self.family.unwrap_or(match self.client.host.parse() {
            Ok(IpAddr::V6(_)) => Family::Ipv6,
            _ => Family::Ipv4,
        })
    }

    fn is_wanted(&self, address: &SocketAddr) -> bool {
        address.is_ipv6() == (self.family() == Family::Ipv6)
    }

    /// Asks for what the server's address is made of, if `--ask`.
    fn ask(&mut self) -> Result<()> {
        #[cfg(unix)]
        if self.family() == Family::Unix {
            return unix::ask_path(self);
        }
        self.client.ask()
    }

    fn conflict(&self) -> Option<&'static str> {
        #[cfg(unix)]
        match (self.family(), self.kind, &self.path) {
            (Family::Unix, ..)
                if (self.client.host.as_str(), self.client.port) != ("localhost", PORT) =>
            {
                return Some("a Unix socket has --path, neither host nor port");
            }
            (Family::Unix, ..) => {}
            (_, Type::Seqpacket, _) => return Some("--type seqpacket needs --family unix"),
            (_, _, Some(_)) => return Some("--path needs --family unix"),
            _ => {}
        }
        None
    }
}
