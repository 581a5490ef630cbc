//! `cargo lab poke`: a small nc for machines without one. What is typed goes to the other side, what
//! comes from there is shown.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write as _};
use std::net::{
    Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket,
};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::{PeerOutput, StdoutClosed, bytes, is_timeout, peer, tr, with_connect_hint};
use socket2::{Domain, Socket, Type};

/// The longest datagram, and more.
const LARGEST: usize = 64 << 10;

/// How long the answer to the last datagram is waited for: UDP has no end of stream.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// What a user asks for.
#[derive(clap::Args, Clone, Debug)]
// The command has a group of this name already.
#[group(skip)]
pub struct Poke {
    /// HOST:PORT, or HOST and PORT; with --listen none
    #[arg(required_unless_present = "listen", num_args = 1..=2)]
    target: Vec<String>,
    /// Play the server: wait for one client on this port (0: any free one)
    #[arg(long, short, value_name = "PORT", conflicts_with = "target")]
    listen: Option<u16>,
    /// UDP: every line is a datagram
    #[arg(long, short)]
    udp: bool,
    /// Send lines without their line ends
    #[arg(long, short)]
    no_newline: bool,
    /// Show what comes as hexadecimal digits and text
    #[arg(long, short = 'x')]
    hex: bool,
    /// Tell of connections, and of the number of bytes, on stderr
    #[arg(long, short)]
    verbose: bool,
    /// At the end of the input leave the connection open, and go on receiving
    #[arg(long, short)]
    keep_open: bool,
    /// End with an error if nothing comes for so many seconds
    #[arg(long, short, value_name = "SECONDS", value_parser = common::seconds)]
    timeout: Option<Duration>,
}

/// Talks to the other side until it has ended; exit code 1 if that fails.
pub fn run(poke: &Poke) -> ExitCode {
    common::exit_code_of("cargo lab", poke.talk())
}

impl Poke {
    fn talk(&self) -> Result<()> {
        match (self.listen, self.udp) {
            (Some(port), false) => self.exchange(self.accept(port)?),
            (Some(port), true) => self.answer_datagrams(port),
            (None, false) => self.exchange(self.connect()?),
            (None, true) => self.send_datagrams(),
        }
    }

    /// All addresses of the target.
    fn addresses(&self) -> Result<Vec<SocketAddr>> {
        let target = match self.target.as_slice() {
            [host, port] if host.contains(':') && !host.starts_with('[') => {
                format!("[{host}]:{port}")
            }
            [host, port] => format!("{host}:{port}"),
            [target] => target.clone(),
            _ => bail!("HOST:PORT"),
        };
        let found = target.to_socket_addrs();
        let found = found.with_context(|| tr!("look up {target}", "поиск адреса {target}"))?;
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            bail!(
                "{}",
                tr!("{target} has no address", "у {target} нет адреса")
            );
        }
        Ok(found)
    }

    /// Connects to the first address that answers.
    fn connect(&self) -> Result<TcpStream> {
        let mut last = None;
        for address in self.addresses()? {
            let connected = match self.timeout {
                Some(limit) => TcpStream::connect_timeout(&address, limit),
                None => TcpStream::connect(address),
            };
            match connected {
                Ok(stream) => {
                    self.tell(|| {
                        tr!(
                            "connected to {address}",
                            "соединение с {address} установлено"
                        )
                    });
                    return Ok(stream);
                }
                Err(error) => last = Some((address, error)),
            }
        }
        let (address, error) = last.context("no address")?;
        Err(with_connect_hint(anyhow::Error::new(error).context(tr!(
            "connect {address}",
            "подключение к {address}"
        ))))
    }

    /// Waits for one client, from here or from elsewhere.
    fn accept(&self, port: u16) -> Result<TcpStream> {
        let operation = || tr!("listen on port {port}", "прослушивание порта {port}");
        let listener = TcpListener::from(bound(Type::STREAM, port).with_context(operation)?);
        let address = listener.local_addr()?;
        // A test, or a student with port 0, needs to know; stdout is for what comes.
        eprintln!("{}", tr!("listening on {address}", "слушаю {address}"));
        let (stream, client) = listener.accept().context("accept")?;
        let client = peer(client);
        self.tell(|| tr!("{client} has connected", "подключился {client}"));
        Ok(stream)
    }

    /// Lines from stdin go out on a thread of their own, what comes is shown here, to the end.
    fn exchange(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true).context("TCP_NODELAY")?;
        stream
            .set_read_timeout(self.timeout)
            .context("SO_RCVTIMEO")?;
        let stream = Arc::new(stream);
        let (poke, sending) = (self.clone(), Arc::clone(&stream));
        let sender = thread::spawn(move || {
            let sent = poke.send_lines(|line| (&*sending).write_all(line));
            if !poke.keep_open {
                poke.tell(|| tr!("end of input", "конец ввода"));
                // It fails only if the connection is gone, which receiving shows.
                let _ = sending.shutdown(Shutdown::Write);
            }
            sent
        });
        self.receive(&stream)?;
        // A server that has ended will take no more. A client that has ended its half still waits
        // for its answer, unless all is said.
        if self.listen.is_some() || sender.is_finished() {
            return sender.join().unwrap_or(Ok(()));
        }
        Ok(())
    }

    /// Shows what comes until the other side ends.
    fn receive(&self, mut stream: &TcpStream) -> Result<()> {
        let mut shown = PeerOutput::stdout();
        let mut buffer = vec![0; LARGEST];
        loop {
            match io::Read::read(&mut stream, &mut buffer) {
                Ok(0) => {
                    self.tell(|| {
                        tr!(
                            "the other side has ended",
                            "другая сторона завершила передачу"
                        )
                    });
                    return shown.end();
                }
                Ok(n_bytes) => self.show(&mut shown, &buffer[..n_bytes])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    shown.end()?;
                    return Err(self.not_received(error));
                }
            }
        }
    }

    fn not_received(&self, error: io::Error) -> anyhow::Error {
        let operation = tr!("receive", "приём");
        match self.timeout.filter(|_| is_timeout(&error)) {
            Some(limit) => {
                let seconds = limit.as_secs_f32();
                anyhow::Error::msg(tr!(
                    "nothing came for {seconds} s",
                    "за {seconds} с ничего не пришло"
                ))
                .context(operation)
            }
            None => anyhow::Error::new(error).context(operation),
        }
    }

    fn send_datagrams(&self) -> Result<()> {
        let addresses = self.addresses()?;
        let target = addresses
            .iter()
            .find(|address| address.is_ipv4())
            .unwrap_or(&addresses[0]);
        let any: SocketAddr = match target {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).with_context(|| format!("bind {any}"))?;
        socket.set_broadcast(true).context("SO_BROADCAST")?;
        let (poke, receiving) = (self.clone(), socket.try_clone().context("dup")?);
        receiving
            .set_read_timeout(self.timeout)
            .context("SO_RCVTIMEO")?;
        let receiver = thread::spawn(move || poke.receive_datagrams(&receiving, |_| {}));
        self.send_lines(|line| socket.send_to(line, target).map(drop))
            .with_context(|| format!("sendto {target}"))?;
        if self.keep_open || self.timeout.is_some() {
            return receiver.join().unwrap_or(Ok(()));
        }
        thread::sleep(LAST_ANSWER);
        Ok(())
    }

    /// Receives on a port; lines go to whoever was the last to send.
    fn answer_datagrams(&self, port: u16) -> Result<()> {
        let operation = || tr!("bind UDP port {port}", "привязка к порту {port} UDP");
        let socket = UdpSocket::from(bound(Type::DGRAM, port).with_context(operation)?);
        socket
            .set_read_timeout(self.timeout)
            .context("SO_RCVTIMEO")?;
        let address = socket.local_addr()?;
        eprintln!("{}", tr!("receiving on {address}", "приём на {address}"));
        let (heard, first) = std::sync::mpsc::channel();
        let (poke, sending) = (self.clone(), socket.try_clone().context("dup")?);
        thread::spawn(move || {
            let mut to: Option<SocketAddr> = None;
            poke.send_lines(|line| {
                // Nobody to send to yet: the line waits.
                to = first.try_iter().last().or(to).or_else(|| first.recv().ok());
                to.map_or(Ok(()), |to| sending.send_to(line, to).map(drop))
            })
        });
        self.receive_datagrams(&socket, |from| {
            // The sender ends with its input.
            let _ = heard.send(from);
        })
    }

    fn receive_datagrams(&self, socket: &UdpSocket, heard: impl Fn(SocketAddr)) -> Result<()> {
        let mut buffer = vec![0; LARGEST];
        loop {
            let (n_bytes, from) = match socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(error) => return Err(self.not_received(error)),
            };
            heard(from);
            let from = peer(from);
            self.tell(|| tr!("from {from}:", "от {from}:"));
            let mut shown = PeerOutput::stdout();
            self.show(&mut shown, &buffer[..n_bytes])?;
            shown.end()?;
        }
    }

    /// Hands on the lines of stdin, as they come.
    fn send_lines(&self, mut send: impl FnMut(&[u8]) -> io::Result<()>) -> Result<()> {
        let mut stdin = io::stdin().lock();
        let mut line = Vec::new();
        while stdin.read_until(b'\n', &mut line).context("stdin")? > 0 {
            if self.no_newline || self.udp {
                while line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
                    line.pop();
                }
            }
            self.tell(|| format!("-> {}", bytes(line.len())));
            send(&line).with_context(|| tr!("send", "отправка"))?;
            line.clear();
        }
        Ok(())
    }

    fn show(&self, shown: &mut PeerOutput, bytes: &[u8]) -> Result<()> {
        self.tell(|| format!("<- {}", common::bytes(bytes.len())));
        if !self.hex {
            return shown.show(bytes);
        }
        let written = io::stdout().write_all(dump(bytes).as_bytes());
        written.map_err(|_| StdoutClosed.into())
    }

    fn tell(&self, line: impl Fn() -> String) {
        if self.verbose {
            eprintln!("{}", line());
        }
    }
}

/// A socket on `port` of all addresses: of IPv6 and IPv4 alike, or, without IPv6, of IPv4.
fn bound(kind: Type, port: u16) -> io::Result<Socket> {
    let bind = |domain: Domain, address: SocketAddr| -> io::Result<Socket> {
        let socket = Socket::new(domain, kind, None)?;
        if domain == Domain::IPV6 {
            socket.set_only_v6(false)?;
        }
        // Elsewhere than on Windows it lets a port be used again while old connections are in
        // TIME-WAIT; there it would share the port with others.
        socket.set_reuse_address(cfg!(unix) && kind == Type::STREAM)?;
        socket.bind(&address.into())?;
        if kind == Type::STREAM {
            socket.listen(1)?;
        }
        Ok(socket)
    };
    match bind(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, port).into()) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            bind(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, port).into())
        }
        bound => bound,
    }
}

/// Sixteen bytes a line: their place, their digits, and what of them is printable ASCII.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, chunk) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let printable = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        let letters: String = chunk.iter().map(printable).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:06x}  {:47}  {letters}",
            number * 16,
            digits.join(" ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_sixteen_a_line() {
        let text = dump("эхо, 0123456789\n".as_bytes());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "000000  d1 8d d1 85 d0 be 2c 20 30 31 32 33 34 35 36 37  ......, 01234567"
        );
        assert_eq!(lines[1].trim_end().split_once("  ").unwrap().0, "000010");
    }
}
