//! Hello client: sends one message to a hello server, and ends. It waits for no answer.
//!
//! It shows the kinds of socket from the side that speaks first. Run `cargo run -p hello-server` in
//! one terminal and `cargo run -p hello-client` in another; try both with `--type datagram`, with
//! `--family ipv6`, with `--family unix --type seqpacket`. Then start the client without a server:
//! which kinds notice?

#[cfg(unix)]
use std::env;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, UdpSocket};
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
#[cfg(unix)]
use common::tr;
use common::{ClientArgs, bytes, event, is_timeout};
#[cfg(unix)]
use socket2::SockAddr;
use socket2::{Domain, Socket};

/// How long a refusal of a datagram may take: a machine of the same network is faster.
const REFUSAL: Duration = Duration::from_millis(100);

/// Sends one message to a hello server
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<12345>,

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
    if args.family() == Family::Ipv6 && args.client.host == "localhost" {
        // Many a hosts file knows localhost by its IPv4 address only.
        args.client.host = "::1".into();
    }
    let message = args.message.as_bytes();
    let server = match (args.family(), args.kind) {
        #[cfg(unix)]
        (Family::Unix, kind) => {
            let path = args.path.clone();
            let path = path.unwrap_or_else(|| env::temp_dir().join("hello.sock"));
            unix(&path, kind, message, args.client.timeout())?;
            path.display().to_string()
        }
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
/// Datagrams: nothing is connected and nobody waits. That it was sent says nothing about whether it
/// arrived; only a machine that is up, with nobody at this port, refuses it (ICMP port unreachable,
/// RFC 1122, section 4.1.3.1). A socket that is `connect`ed to the server's address learns of it.
fn udp(args: &Args, message: &[u8]) -> Result<SocketAddr> {
    args.client.connect_where(
        |address| args.is_wanted(address),
        |address| {
            let own: SocketAddr = match address {
                SocketAddr::V4(_) => ([0; 4], 0).into(),
                SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
            };
            let socket = UdpSocket::bind(own)?;
            socket.connect(address)?;
            socket.send(message)?;
            socket.set_read_timeout(Some(REFUSAL))?;
            match socket.recv(&mut [0]) {
                Err(error) if !is_timeout(&error) => Err(error),
                _ => Ok(address),
            }
        },
    )
}
// ANCHOR_END: udp

// ANCHOR: unix
/// The three kinds of Unix sockets: the same calls, and the address is a file.
#[cfg(unix)]
fn unix(path: &Path, kind: Type, message: &[u8], limit: Option<Duration>) -> Result<()> {
    let kind = match kind {
        Type::Stream => socket2::Type::STREAM,
        Type::Datagram => socket2::Type::DGRAM,
        Type::Seqpacket => socket2::Type::SEQPACKET,
    };
    let shown = path.display();
    let address = SockAddr::unix(path).with_context(|| format!("connect {shown}"))?;
    let mut socket = Socket::new(Domain::UNIX, kind, None).context("socket")?;
    // It bounds `connect` as well: a full backlog makes it wait (unix(7)).
    socket.set_write_timeout(limit)?;
    if let Err(error) = socket.connect(&address) {
        let hint = tr!(
            "nobody is at this file: is the server running, with the same --type and --path?",
            "у этого файла никого нет: запущен ли сервер, с теми же --type и --path?"
        );
        let error = anyhow::Error::new(error).context(format!("connect {shown}"));
        return Err(common::with_hint(error, hint));
    }
    // One `send` is one message, where there are messages.
    let sent = socket.write_all(message);
    sent.with_context(|| format!("send {shown}"))
}
// ANCHOR_END: unix

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

    fn conflict(&self) -> Option<&'static str> {
        #[cfg(unix)]
        match (self.family(), self.kind, &self.path) {
            (Family::Unix, ..) => {}
            (_, Type::Seqpacket, _) => return Some("--type seqpacket needs --family unix"),
            (_, _, Some(_)) => return Some("--path needs --family unix"),
            _ => {}
        }
        None
    }
}
