//! Hello server: receives one message, shows it with its sender, and ends. It answers nothing.
//!
//! It shows the kinds of socket, one file for each: TCP and UDP over IPv4 or IPv6 ([`tcp`],
//! [`udp`]), and the stream, datagram and sequenced-packet sockets of a Unix machine, whose address
//! is a file. Run it with `cargo run -p hello-server`, then, in a second terminal, `cargo run -p
//! hello-client` or `nc -N localhost 12345`. Try both with `--type datagram`, with `--family ipv6`,
//! with `--family unix --type seqpacket`; start the client first.

mod tcp;
mod udp;
#[cfg(unix)]
mod unix;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
#[cfg(unix)]
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use common::{ServerArgs, event, tr};

/// The lab's own port.
const PORT: u16 = 12345;

/// The longest message, in bytes; of a longer one the rest is cut off.
const MOST: usize = 64 * 1024;

/// Shows one message and ends
#[derive(Parser)]
#[command(version)]
#[command(mut_arg("address", |address| address.help("Address to listen on [default: localhost]")))]
struct Args {
    #[command(flatten)]
    server: ServerArgs<PORT>,

    /// Family of addresses [default: that of --address, or ipv4]
    #[arg(long, value_enum)]
    family: Option<Family>,

    /// Type of socket
    #[arg(long = "type", value_enum, default_value_t = Type::Stream)]
    kind: Type,

    /// File of the Unix socket [default: hello.sock in the folder for temporary files]
    #[cfg(unix)]
    #[arg(long, value_name = "FILE")]
    path: Option<PathBuf>,

    /// Serve on after the first client, one after the other
    #[arg(long)]
    keep: bool,
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
    let mut args = Args::parse();
    if let Err(message) = args.settle() {
        Args::command()
            .error(ErrorKind::ArgumentConflict, message)
            .exit();
    }
    common::exit_code(run(args))
}

fn run(mut args: Args) -> Result<()> {
    args.server.begin()?;
    #[cfg(unix)]
    if args.family == Some(Family::Unix) {
        return unix::serve(&mut args);
    }
    common::on_stop(|| {})?;
    args.server.ask()?;
    args.take_answer()?;
    match args.kind {
        Type::Datagram => udp::serve(&args),
        _ => tcp::serve(&args),
    }
}

impl Args {
    /// Fills in what was left open: the family from the address, or the family's localhost.
    fn settle(&mut self) -> Result<(), &'static str> {
        let address = &mut self.server.receiver.address;
        let family = *self.family.get_or_insert(match address {
            Some(IpAddr::V6(_)) => Family::Ipv6,
            _ => Family::Ipv4,
        });
        match (family, address) {
            (Family::Ipv4, Some(IpAddr::V6(_))) | (Family::Ipv6, Some(IpAddr::V4(_))) => {
                return Err("--address is not of this --family");
            }
            #[cfg(unix)]
            (Family::Unix, Some(_)) => return Err("a Unix socket has --path, not --address"),
            (Family::Ipv4, address) => _ = address.get_or_insert(Ipv4Addr::LOCALHOST.into()),
            (Family::Ipv6, address) => _ = address.get_or_insert(Ipv6Addr::LOCALHOST.into()),
            #[cfg(unix)]
            (Family::Unix, None) => {
                let is_given = self.server.receiver.port != PORT || self.server.exact_port;
                return if is_given {
                    Err("a Unix socket has --path, not --port")
                } else {
                    Ok(())
                };
            }
        }
        #[cfg(unix)]
        match (self.kind, &self.path) {
            (Type::Seqpacket, _) => return Err("--type seqpacket needs --family unix"),
            (_, Some(_)) => return Err("--path needs --family unix"),
            _ => {}
        }
        Ok(())
    }

    /// All addresses, if that was the answer to `--ask`, are those of the family.
    fn take_answer(&mut self) -> Result<()> {
        let all: IpAddr = match self.family {
            Some(Family::Ipv6) => Ipv6Addr::UNSPECIFIED.into(),
            _ => Ipv4Addr::UNSPECIFIED.into(),
        };
        let address = self.server.receiver.address.get_or_insert(all);
        ensure!(
            address.is_ipv6() == all.is_ipv6(),
            "bind {address}: {}",
            tr!("not an address of this --family", "адрес не этого --family")
        );
        Ok(())
    }

    /// Serves clients, one after the other, until one has been served, or for ever with `--keep`.
    /// One that fails is logged, and the next one may come.
    fn serve_clients(&self, mut serve_next: impl FnMut() -> Result<()>) -> Result<()> {
        loop {
            match serve_next() {
                Ok(()) if !self.keep => return Ok(()),
                Ok(()) => {}
                Err(error) => event!("client failed: {error:#}", "сбой клиента: {error:#}"),
            }
        }
    }
}
