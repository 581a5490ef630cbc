//! Echo server as a polling loop: one thread goes round all clients, and waits for none. It shows
//! non-blocking sockets: `accept`, `recv` and `send` come back at once, with EWOULDBLOCK where they
//! would have waited. The price: a processor is busy while nobody says anything (look at `top`); with
//! `--pause 10` it rests, and answers come later. See echo-events, and compare: `diff
//! labs/echo-server/src/main.rs labs/echo-nonblocking/src/main.rs`.

mod clients;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use common::{Reserve, ServerArgs, Text, Transform, events, tr};
use socket2::{Domain, Socket, Type};

use clients::{Clients, Stop};

/// One portion: the most that a single `recv` takes.
const PORTION: usize = 1024;

/// Answers with the text that comes, in upper case
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<9090>,

    /// What to do with the text
    #[arg(long, value_enum, default_value_t = Transform::Upper)]
    transform: Transform,

    /// How long to rest after each round, in milliseconds; 100 at most
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=100))]
    pause: u64,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.server.begin()?;
    let stop = Arc::new(Stop::default());
    let told = Arc::clone(&stop);
    common::on_stop(move || told.tell_and_wait())?;

    args.server.ask()?;
    let backlog = args.server.backlog;
    let listener = args
        .server
        .listen_with(|address| listen(address, backlog))?;
    let address = listener.local_addr();
    common::announce(address.context("ask for the listening address")?);

    let mut clients = Clients::at_most(args.server.max_clients, &stop);
    let (mut reserve, mut accept_from) = (Reserve::new(), Instant::now());
    // ANCHOR: loop
    while !stop.is_told() {
        while clients.have_place() && Instant::now() >= accept_from {
            match reserve.accept(|| accept(&listener)) {
                Ok((Some(stream), peer)) => clients.add(connection(stream, peer, &args)),
                Ok((None, peer)) => {
                    // More may come as fast as they are sent away: the others have their turn first.
                    events::client_turned_away(peer);
                    break;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    // A client that left too early, or no memory: neither ends the server, nor
                    // fills its log, nor makes the other clients wait.
                    events::accept_failed(&error);
                    accept_from = Instant::now() + Duration::from_millis(100);
                }
            }
        }
        clients.go_round(false);
        thread::sleep(Duration::from_millis(args.pause));
    }
    // ANCHOR_END: loop
    clients.close(Duration::from_secs(1))
}

// ANCHOR: listen
/// A socket that listens on `address`; up to `backlog` connections wait in the kernel until they
/// are accepted. `accept` does not wait for one to come.
fn listen(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // [::] then takes IPv4 clients, too (RFC 3493, section 5.3).
        socket.set_only_v6(false)?;
    }
    // Restart while old connections are in TIME-WAIT. On Windows it would let two servers share the
    // port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}
// ANCHOR_END: listen

/// Takes the next client out of the backlog; EWOULDBLOCK where nobody waits.
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    // Linux hands nothing of the listener's mode down (accept(2)); other systems do.
    stream.set_nonblocking(true)?;
    Ok((stream, common::peer(peer)))
}

fn connection(stream: TcpStream, peer: SocketAddr, args: &Args) -> Connection {
    events::client_connected(peer);
    Connection {
        stream,
        peer,
        received: 0,
        sent: 0,
        text: Text::new(args.transform),
        answer: Vec::new(),
        at_end: false,
        limit: args.server.idle_timeout(),
        moved: Instant::now(),
    }
}

/// One client's connection, and what a thread of echo-server keeps in its local variables.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    received: usize,
    sent: usize,
    text: Text,
    /// What is left of the answer to one portion; nothing is received before all of it is gone.
    answer: Vec<u8>,
    /// Whether the client has ended its half of the connection.
    at_end: bool,
    limit: Option<Duration>,
    /// When bytes last came or went.
    moved: Instant,
}

impl Connection {
    // ANCHOR: echo
    /// Goes on answering, portion by portion, until the client ends its half of the connection,
    /// then ends the other half; comes back wherever echo-server would wait, with `false` when all
    /// is done. When the server is `stopping`, the stream ends where nothing more has arrived.
    fn echo(&mut self, portion: &mut [u8], stopping: bool) -> Result<bool> {
        if self.answer.is_empty() && !self.at_end {
            match self.receive(portion)? {
                None if !stopping => {}
                None | Some(0) => {
                    self.at_end = true;
                    self.answer = self.text.end();
                }
                Some(n_bytes) => {
                    let answer = self.text.portion(&mut portion[..n_bytes]);
                    self.answer.extend_from_slice(&answer);
                }
            }
        }
        self.send()?;
        if self.at_end && self.answer.is_empty() {
            self.stream.shutdown(Shutdown::Write).context("shutdown")?;
            return Ok(false);
        }
        self.check_time()?;
        Ok(true)
    }

    /// Takes what has come, at most a full `portion`; 0 is the end of the stream, `None` that
    /// nothing has come yet.
    fn receive(&mut self, portion: &mut [u8]) -> Result<Option<usize>> {
        let n_bytes = match self.stream.read(portion) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            result => result.context("recv")?,
        };
        self.moved = Instant::now();
        self.received += n_bytes;
        events::data_received(self.peer, &portion[..n_bytes]);
        Ok(Some(n_bytes))
    }

    /// Sends what `send` takes of the answer now; the next turn goes on with the rest.
    fn send(&mut self) -> Result<()> {
        if self.answer.is_empty() {
            return Ok(());
        }
        let n_bytes = match self.stream.write(&self.answer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            result => result.context("send")?,
        };
        self.moved = Instant::now();
        self.sent += n_bytes;
        events::data_sent(self.peer, &self.answer[..n_bytes]);
        self.answer.drain(..n_bytes);
        Ok(())
    }

    /// Fails if nothing has come or gone for too long: what does not wait has no time-out.
    fn check_time(&self) -> Result<()> {
        let in_time = self.limit.is_none_or(|limit| self.moved.elapsed() < limit);
        ensure!(
            in_time || !self.answer.is_empty(),
            "recv: {}",
            tr!("nothing came in time", "вовремя ничего не пришло")
        );
        ensure!(
            in_time,
            "send: {}",
            tr!("the client does not read", "клиент не читает")
        );
        Ok(())
    }
    // ANCHOR_END: echo
}
