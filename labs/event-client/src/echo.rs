//! The handlers: what an echo client does when something happens to its connection. None of them
//! waits for the server.

mod turns;

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use common::{PeerOutput, event};
use mio::Interest;
use mio::net::TcpStream;

use crate::input::Input;

/// How long the end of the input may take to show after the server has closed.
const LAST_LINE: Duration = Duration::from_millis(500);

/// How long a server may be silent after the client has closed its half of the connection, and
/// how long it may go on sending.
const QUIET: Duration = Duration::from_secs(2);
const GOODBYE: Duration = Duration::from_secs(10);

/// What a client that does not wait has to remember: a conversation in which a line goes out and
/// its reply comes back, until `exit` or the end of the input.
pub(crate) struct Echo {
    stream: TcpStream,
    server: SocketAddr,
    limit: Option<Duration>,
    input: Receiver<Result<Input>>,
    output: PeerOutput,
    buffer: Vec<u8>,
    state: State,
    /// When the state began, or the server last did something in it.
    since: Instant,
    /// What is left to send of a piece of the input; `line_ends` if that is the end of a line.
    outgoing: Vec<u8>,
    line_ends: bool,
    /// Bytes of the line that is going out, and of the reply that is coming in.
    n_sent: usize,
    n_received: usize,
}

/// What the client is waiting for.
enum State {
    /// The next piece of the input.
    Typing,
    /// Room in the kernel for the rest of the piece.
    Sending,
    /// The end of the reply.
    Receiving,
    /// The end of the input, which may come just after the server has closed.
    Closed,
    /// The server's last words, until then at most.
    Leaving(Instant),
    /// Nothing any more.
    Done,
}

impl Echo {
    pub(crate) fn new(
        stream: TcpStream,
        server: SocketAddr,
        limit: Option<Duration>,
        input: Receiver<Result<Input>>,
    ) -> Self {
        Self {
            stream,
            server,
            limit,
            input,
            output: PeerOutput::stdout(),
            buffer: vec![0; 64 * 1024],
            state: State::Typing,
            since: Instant::now(),
            outgoing: Vec::new(),
            line_ends: false,
            n_sent: 0,
            n_received: 0,
        }
    }

    // ANCHOR: handlers
    /// The connection stands.
    pub(crate) fn connected(&mut self) -> Result<()> {
        let (server, own) = (self.server, self.stream.local_addr());
        let own = own.context("ask for the own address")?;
        event!(
            "connected to {server} from {own}",
            "соединение с {server} установлено, свой адрес {own}"
        );
        self.next_line();
        Ok(())
    }

    /// Bytes have come, or the end of the stream.
    pub(crate) fn ready_read(&mut self) -> Result<()> {
        match self.stream.read(&mut self.buffer) {
            Ok(0) => self.server_closed(),
            Ok(n_bytes) => self.received(n_bytes),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => self.error("recv", error),
        }
    }

    /// The kernel has room for what is left to send.
    pub(crate) fn ready_write(&mut self) -> Result<()> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(n_bytes) => {
                    self.outgoing.drain(..n_bytes);
                    self.since = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return self.error("send", error),
            }
        }
        if matches!(self.state, State::Sending) {
            self.sent();
        }
        Ok(())
    }

    /// The connection is broken, as `recv` or `send` says: the end of the client, and an error unless
    /// it was leaving anyway.
    fn error(&mut self, operation: &str, error: io::Error) -> Result<()> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Leaving(_) => return Ok(()),
            State::Typing => common::end_prompt(),
            _ => {}
        }
        Err(error).with_context(|| format!("{operation} {}", self.server))
    }

    /// The connection is over, for whatever reason.
    pub(crate) fn disconnected(&mut self) {
        // The beginning of a character that will never be finished, and the end of the line.
        let _ = self.output.end();
        let server = self.server;
        event!(
            "disconnected from {server}",
            "соединение с {server} завершено"
        );
    }
    // ANCHOR_END: handlers

    /// Until when something should happen.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Typing | State::Done => None,
            State::Sending | State::Receiving => self.limit.map(|limit| self.since + limit),
            State::Closed => Some(self.since + LAST_LINE),
            State::Leaving(end) => Some(end.min(self.since + QUIET)),
        }
    }

    /// What the loop should watch the connection for. Room to write is nearly always there: who
    /// asks for it without need is called again and again.
    pub(crate) fn interest(&self) -> Option<Interest> {
        match self.state {
            State::Sending => Some(Interest::READABLE | Interest::WRITABLE),
            // The end of a stream can be read for ever.
            State::Closed | State::Done => None,
            State::Typing | State::Receiving | State::Leaving(_) => Some(Interest::READABLE),
        }
    }

    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn enter(&mut self, state: State) {
        (self.state, self.since) = (state, Instant::now());
    }
}
