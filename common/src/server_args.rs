//! The command line that all servers and receivers share.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::{Lang, ask, begin, event, next_free_port, program_name, seconds, tr, with_hint};

/// The arguments of every program that others send to; `PORT` is the lab's own port.
#[derive(Args, Debug)]
pub struct ReceiverArgs<const PORT: u16> {
    /// Address to listen on [default: all addresses]
    #[arg(short, long, value_name = "ADDR", value_parser = parse_address)]
    pub address: Option<IpAddr>,

    /// Port to listen on; 0 means any free one
    #[arg(short, long, default_value_t = PORT)]
    pub port: u16,

    /// Append events to FILE instead of showing them
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// No event per message
    #[arg(short, long)]
    pub quiet: bool,

    /// Ask for address and port
    #[arg(long)]
    pub ask: bool,

    /// Language of events and prompts [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// The arguments of every server; `PORT` and `BACKLOG` are the lab's own.
#[derive(Args, Debug)]
pub struct ServerArgs<const PORT: u16, const BACKLOG: i32 = 128> {
    /// Those of every program that others send to.
    #[command(flatten)]
    pub receiver: ReceiverArgs<PORT>,

    /// Fail if the port is busy, instead of moving up to the next free one
    #[arg(long)]
    pub exact_port: bool,

    /// How many connections may wait to be accepted
    #[arg(long, value_name = "N", default_value_t = BACKLOG, value_parser = clap::value_parser!(i32).range(0..))]
    pub backlog: i32,

    /// Disconnect a client after so many seconds without data; 0 means never
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub idle_timeout: Duration,

    /// How many clients to serve at once; the next one waits
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_clients: u32,
}

impl<const PORT: u16> ReceiverArgs<PORT> {
    /// What such a program does first: chooses the language, sets up the log, says that it started.
    ///
    /// # Errors
    /// If the log file cannot be opened.
    pub fn begin(&mut self) -> Result<()> {
        begin(self.lang, self.log_file.as_deref(), self.quiet)?;
        let (name, id) = (program_name(), std::process::id());
        event!(
            "server started: {name}, process {id}",
            "сервер запущен: {name}, процесс {id}"
        );
        Ok(())
    }

    /// Asks for address and port, if `--ask`. Blocks until the answers will do.
    ///
    /// # Errors
    /// If stdin cannot be read.
    pub fn ask(&mut self) -> Result<()> {
        if self.ask {
            let all = Address(self.address);
            self.address = ask(
                &tr!("address to listen on", "адрес, на котором слушать"),
                all,
                Address::parse,
            )?
            .0;
            self.port = ask(&tr!("port", "порт"), self.port, parse_port)?;
        }
        Ok(())
    }

    /// What `bind` makes of the wanted address and port, without a search for another port.
    ///
    /// # Errors
    /// That of `bind`, with the address and a hint.
    pub fn bind_with<T>(&self, bind: impl Fn(SocketAddr) -> io::Result<T>) -> Result<T> {
        let bind = |ip| next_free_port(SocketAddr::new(ip, self.port), true, &bind);
        on_address(self.address, bind).map_err(|error| with_listen_hint(error, self.port, false))
    }
}

impl<const PORT: u16, const BACKLOG: i32> ServerArgs<PORT, BACKLOG> {
    /// As [`ReceiverArgs::begin`].
    ///
    /// # Errors
    /// If the log file cannot be opened.
    pub fn begin(&mut self) -> Result<()> {
        self.receiver.begin()
    }

    /// As [`ReceiverArgs::ask`].
    ///
    /// # Errors
    /// If stdin cannot be read.
    pub fn ask(&mut self) -> Result<()> {
        self.receiver.ask()
    }

    /// A listener at the wanted address, on the wanted port or the next free one above it: see
    /// [`next_free_port`] and [`ServerArgs::on_address`].
    ///
    /// # Errors
    /// If no port was free, the address is not this machine's, or the port is privileged.
    pub fn listen_with<T>(&self, listen: impl Fn(SocketAddr) -> io::Result<T>) -> Result<T> {
        self.on_address(|ip| {
            let first = SocketAddr::new(ip, self.receiver.port);
            next_free_port(first, self.exact_port, &listen)
        })
    }

    /// What `search` finds at the wanted address; without one, at `[::]`, which takes IPv6 and IPv4
    /// alike, or at `0.0.0.0` where the machine has no IPv6.
    ///
    /// # Errors
    /// Those of `search`, with a hint below.
    pub fn on_address<T>(&self, search: impl Fn(IpAddr) -> Result<T>) -> Result<T> {
        on_address(self.receiver.address, search)
            .map_err(|error| with_listen_hint(error, self.receiver.port, self.exact_port))
    }

    /// How long a read or a write may wait; `None` without limit.
    pub fn idle_timeout(&self) -> Option<Duration> {
        Some(self.idle_timeout).filter(|limit| !limit.is_zero())
    }
}

fn on_address<T>(address: Option<IpAddr>, search: impl Fn(IpAddr) -> Result<T>) -> Result<T> {
    match address {
        Some(ip) => search(ip),
        None => search(Ipv6Addr::UNSPECIFIED.into()).or_else(|error| {
            if lacks_ipv6(&error) {
                search(Ipv4Addr::UNSPECIFIED.into())
            } else {
                Err(error)
            }
        }),
    }
}

fn with_listen_hint(error: anyhow::Error, port: u16, exact_port: bool) -> anyhow::Error {
    const LIST: &str = if cfg!(windows) {
        "ipconfig"
    } else {
        "ip address"
    };
    let hint = match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::AddrInUse) if exact_port => tr!(
            "another program listens there; without --exact-port the server takes the next free port",
            "там слушает другая программа; без --exact-port сервер займёт следующий свободный порт"
        ),
        Some(io::ErrorKind::AddrInUse) => {
            tr!(
                "choose another port with --port",
                "выберите другой порт ключом --port"
            )
        }
        Some(io::ErrorKind::PermissionDenied) if cfg!(windows) => tr!(
            "the system keeps this port to itself, or another program holds it; choose another",
            "порт занят системой или другой программой; выберите другой"
        ),
        Some(io::ErrorKind::PermissionDenied) if port < 1024 => tr!(
            "ports below 1024 are for the administrator; choose 1024 or above",
            "порты ниже 1024 доступны только администратору; выберите порт от 1024"
        ),
        Some(io::ErrorKind::AddrNotAvailable) => tr!(
            "no interface of this machine has this address; `{LIST}` lists those that it has",
            "ни один интерфейс этой машины не имеет такого адреса; её адреса покажет `{LIST}`"
        ),
        _ => return error,
    };
    with_hint(error, hint)
}

/// Whether `socket` or `bind` failed because the machine has no IPv6: socket(2) says EAFNOSUPPORT
/// where the kernel lacks it, bind(2) EADDRNOTAVAIL where it is switched off.
fn lacks_ipv6(error: &anyhow::Error) -> bool {
    #[cfg(windows)]
    const EAFNOSUPPORT: i32 = 10047;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const EAFNOSUPPORT: i32 = 97;
    #[cfg(not(any(windows, target_os = "linux", target_os = "android")))]
    const EAFNOSUPPORT: i32 = 47;
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        error.kind() == io::ErrorKind::AddrNotAvailable
            || error.raw_os_error() == Some(EAFNOSUPPORT)
    })
}

/// A listening address as the prompt shows it: `None` is `*`, all addresses.
struct Address(Option<IpAddr>);

impl Address {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            Ok(Self(None))
        } else {
            parse_address(text).map(|ip| Self(Some(ip)))
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(ip) => ip.fmt(f),
            None => f.write_str("*"),
        }
    }
}

fn parse_address(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => text.parse().map_err(|_| {
            tr!(
                "an IP address is needed, such as 127.0.0.1 or ::1",
                "нужен IP-адрес, например 127.0.0.1 или ::1"
            )
        }),
    }
}

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        tr!(
            "a number from 0 to 65535 is needed",
            "нужно число от 0 до 65535"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_ipv6_falls_back_to_ipv4() {
        let failed = |kind: io::ErrorKind| {
            anyhow::Error::from(io::Error::from(kind)).context("bind [::]:9090")
        };
        assert!(lacks_ipv6(&failed(io::ErrorKind::AddrNotAvailable)));
        assert!(!lacks_ipv6(&failed(io::ErrorKind::AddrInUse)));
        assert!(!lacks_ipv6(&failed(io::ErrorKind::PermissionDenied)));
    }
}
