//! Broadcast sender: sends one message again and again to everybody on the local networks.
//!
//! It shows `sendto` without any connection, SO_BROADCAST, and the two kinds of broadcast addresses:
//! the limited one, 255.255.255.255, and the directed one of each network, such as 192.168.56.255.
//! Run two receivers with `cargo run -p broadcast-receiver`, then `cargo run -p broadcast-sender`.
//! Try `--to 127.0.0.1`, `--to 127.255.255.255`, and the latter with `--no-broadcast`.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use common::{Lang, bytes, event, tr};
use if_addrs::IfAddr;

/// Shorter intervals are a flood: they need an end.
const SHORTEST: Duration = Duration::from_millis(10);

/// Broadcasts one message again and again
#[derive(Parser)]
#[command(version)]
struct Args {
    /// IPv4 address to send to; may be given several times [default: 255.255.255.255 and the
    /// broadcast address of every network of this machine]
    #[arg(short, long, value_name = "ADDR")]
    to: Vec<Ipv4Addr>,

    /// Port to send to
    #[arg(short, long, default_value_t = 8888, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Time between two rounds
    #[arg(short, long, value_name = "SECONDS", default_value = "1", value_parser = common::seconds)]
    interval: Duration,

    /// How many rounds [default: until Ctrl-C]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// The message [default: Who is there?]
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,

    /// Do not set SO_BROADCAST, to see what happens
    #[arg(long)]
    no_broadcast: bool,

    /// Language of events [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.interval < SHORTEST && args.count.is_none() {
        let message = "an --interval below 0.01 needs a --count";
        Args::command()
            .error(ErrorKind::MissingRequiredArgument, message)
            .exit();
    }
    common::exit_code(run(&args))
}

fn run(args: &Args) -> Result<()> {
    common::begin(args.lang, None, false)?;
    let message = args.message.clone();
    let message = message.unwrap_or_else(|| tr!("Who is there?", "Есть кто-нибудь?"));
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).context("bind")?;
    if !args.no_broadcast {
        // Without it, the system refuses to send to a broadcast address: nobody is to talk to
        // everybody by accident.
        socket.set_broadcast(true).context("set SO_BROADCAST")?;
    }
    let mut n_rounds = 0;
    loop {
        let sent = send_round(&socket, args, message.as_bytes());
        n_rounds += 1;
        match sent {
            // Later on, a network that is down may come back.
            Err(error) if n_rounds > 1 => event!("{error:#}", "{error:#}"),
            sent => sent.map_err(with_hint)?,
        }
        if args.count == Some(n_rounds) {
            return Ok(());
        }
        thread::sleep(args.interval);
    }
}

// ANCHOR: send
/// Sends the message once to every destination; a failure if nothing could be sent at all.
fn send_round(socket: &UdpSocket, args: &Args, message: &[u8]) -> Result<()> {
    let mut failures = Vec::new();
    let mut n_sent = 0;
    for ip in destinations(&args.to)? {
        let to = SocketAddrV4::new(ip, args.port);
        match socket.send_to(message, to) {
            Ok(n_bytes) => {
                let n_bytes = bytes(n_bytes);
                event!(
                    "data sent: {n_bytes} to {to}",
                    "данные отправлены: {n_bytes}, {to}"
                );
                n_sent += 1;
            }
            Err(error) => failures.push(Error::new(error).context(format!("sendto {to}"))),
        }
    }
    match failures.pop() {
        Some(last) if n_sent == 0 => Err(last),
        last => {
            for error in failures.into_iter().chain(last) {
                event!("{error:#}", "{error:#}");
            }
            Ok(())
        }
    }
}

/// The addresses asked for, or all broadcast addresses there are: the limited one, which takes the
/// default route and never leaves its network, and the directed one of every network, its last
/// address (RFC 919).
fn destinations(wanted: &[Ipv4Addr]) -> Result<Vec<Ipv4Addr>> {
    if !wanted.is_empty() {
        return Ok(wanted.to_vec());
    }
    let mut found = vec![Ipv4Addr::BROADCAST];
    for interface in if_addrs::get_if_addrs().context("list the interfaces")? {
        let IfAddr::V4(own) = &interface.addr else {
            continue;
        };
        // Networks of one or two addresses have no broadcast (RFC 3021), nor has loopback.
        let last = own.ip | !own.netmask;
        let has_one = own.prefixlen <= 30 && !interface.is_loopback();
        if has_one && interface.is_oper_up() && !found.contains(&last) {
            found.push(last);
        }
    }
    Ok(found)
}
// ANCHOR_END: send

fn with_hint(error: Error) -> Error {
    let hint = match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::PermissionDenied) => tr!(
            "a socket may send to a broadcast address only with SO_BROADCAST",
            "отправлять на широковещательный адрес сокету разрешает только SO_BROADCAST"
        ),
        Some(io::ErrorKind::NetworkUnreachable) => tr!(
            "no route: this machine has no network with such an address, and no default route",
            "нет маршрута: у этой машины нет сети с таким адресом и нет маршрута по умолчанию"
        ),
        _ => return error,
    };
    common::with_hint(error, hint)
}
