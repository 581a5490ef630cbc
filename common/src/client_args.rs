//! The command line that all clients share.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::{Lang, ask, begin, event, seconds, tr, with_hint};

/// The arguments of every client; `PORT` is the lab's own port.
#[derive(Args, Debug)]
pub struct ClientArgs<const PORT: u16> {
    /// Name or address of the server
    #[arg(default_value = "localhost", value_parser = NonEmptyStringValueParser::new())]
    pub host: String,

    /// Port of the server
    #[arg(default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,

    /// How long to wait for a connection and for each answer; 0 means for ever
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,

    /// How often to try again if the server cannot be reached, waiting longer each time
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,

    /// Ask for host and port
    #[arg(long)]
    pub ask: bool,

    /// Language of events and prompts [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

impl<const PORT: u16> ClientArgs<PORT> {
    /// What a client does first: chooses the language, sets up the log on stderr.
    ///
    /// # Errors
    /// If the log cannot be set up.
    pub fn begin(&self) -> Result<()> {
        begin(self.lang, None, false)
    }

    /// Asks for host and port, if `--ask`. Blocks until the answers will do.
    ///
    /// # Errors
    /// If stdin cannot be read.
    pub fn ask(&mut self) -> Result<()> {
        if self.ask {
            let any_text = |text: &str| Ok(text.to_owned());
            self.host = ask(
                &tr!("server name or address", "имя или адрес сервера"),
                self.host.clone(),
                any_text,
            )?;
            self.port = ask(&tr!("port", "порт"), self.port, |text| {
                match text.parse() {
                    Err(_) | Ok(0) => Err(tr!(
                        "a number from 1 to 65535 is needed",
                        "нужно число от 1 до 65535"
                    )),
                    Ok(port) => Ok(port),
                }
            })?;
        }
        Ok(())
    }

    /// What `connect` makes of the first address of the host that answers, after up to `--retries`
    /// more rounds with pauses of 0.2 s, 0.4 s, 0.8 s and so on up to 5 s.
    ///
    /// # Errors
    /// If the name has no address or none of them could be connected to; with the addresses tried
    /// and the last cause.
    pub fn connect_with<T>(&self, connect: impl Fn(SocketAddr) -> io::Result<T>) -> Result<T> {
        self.connect_where(|_| true, connect)
    }

    /// The same with those addresses of the host only that are `wanted`, such as those of one
    /// family.
    ///
    /// # Errors
    /// As [`ClientArgs::connect_with`], and if the name has no such address.
    pub fn connect_where<T>(
        &self,
        wanted: impl Fn(&SocketAddr) -> bool,
        connect: impl Fn(SocketAddr) -> io::Result<T>,
    ) -> Result<T> {
        let connected = self.with_retries(|| self.try_addresses(&wanted, &connect));
        connected.map_err(with_connect_hint)
    }

    /// What comes of `attempt`, after up to `--retries` more with pauses of 0.2 s, 0.4 s, 0.8 s and so
    /// on up to 5 s.
    ///
    /// # Errors
    /// That of the last attempt.
    pub fn with_retries<T>(&self, attempt: impl Fn() -> Result<T>) -> Result<T> {
        let mut pause = Duration::from_millis(200);
        for _ in 0..self.retries {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(error) => {
                    let pause = pause.as_millis();
                    event!(
                        "{error:#}; next try in {pause} ms",
                        "{error:#}; следующая попытка через {pause} мс"
                    );
                }
            }
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_secs(5));
        }
        attempt()
    }

    /// What `connect` makes of the first wanted address of the host that answers, without retries.
    ///
    /// # Errors
    /// As [`ClientArgs::connect_where`].
    pub fn try_addresses<T>(
        &self,
        wanted: impl Fn(&SocketAddr) -> bool,
        connect: impl Fn(SocketAddr) -> io::Result<T>,
    ) -> Result<T> {
        let (host, port) = (self.host.as_str(), self.port);
        let addresses = (host, port)
            .to_socket_addrs()
            .with_context(|| format!("resolve {host}"))?;
        let mut addresses = addresses.filter(wanted).peekable();
        ensure!(
            addresses.peek().is_some(),
            "resolve {host}: {}",
            tr!("no address of this family", "нет адреса этого семейства")
        );
        let mut tried = Vec::new();
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match connect(address) {
                Ok(connected) => return Ok(connected),
                Err(error) => last = error,
            }
            tried.push(address.to_string());
        }
        Err(last).with_context(|| format!("connect {}", tried.join(", ")))
    }

    /// How long a connect or a read may wait; `None` without limit.
    pub fn timeout(&self) -> Option<Duration> {
        Some(self.timeout).filter(|limit| !limit.is_zero())
    }
}

/// A failure to reach a server, with what its reader can do about it, if that is known.
pub fn with_connect_hint(error: anyhow::Error) -> anyhow::Error {
    let hint = match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => tr!(
            "the machine answers, but nothing listens on this port: is the server running, and on which port?",
            "машина отвечает, но этот порт никто не слушает: запущен ли сервер и на каком порту?"
        ),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => tr!(
            "no way there: is the address right, and is this machine in a network that reaches it?",
            "туда нет пути: верен ли адрес и есть ли у этой машины сеть, из которой он достижим?"
        ),
        Some(io::ErrorKind::TimedOut) => tr!(
            "no answer at all: a wrong address, a machine that is off, or a firewall",
            "ответа нет совсем: неверный адрес, выключенная машина или межсетевой экран"
        ),
        _ => return error,
    };
    with_hint(error, hint)
}
