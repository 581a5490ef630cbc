//! The conversation of the echo client with its server.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use common::{bytes, event, is_timeout, tr};

use crate::console::Console;
use crate::input::{self, Event};
use crate::{receive, send};

/// How long the end of the input may take to show after the server has closed.
const LAST_LINE: Duration = Duration::from_millis(500);

/// How long a server may be silent after the client has closed its half of the connection, and
/// how long it may go on sending.
const QUIET: Duration = Duration::from_secs(2);
const GOODBYE: Duration = Duration::from_secs(10);

/// A conversation: a line goes out, its reply comes back, until `exit` or the end of the input.
///
/// Two threads wait, one for stdin and one for the server; both report to this one through a
/// single queue, because only a queue can be waited on for either of them.
pub(crate) struct Dialogue {
    stream: Arc<TcpStream>,
    server: SocketAddr,
    limit: Option<Duration>,
    events: Receiver<Result<Event>>,
    console: Arc<Console>,
    /// Lets the input thread read on: one token, one piece.
    tokens: Sender<()>,
    /// Bytes of the reply that is coming in.
    n_received: usize,
}

impl Dialogue {
    pub(crate) fn new(
        stream: TcpStream,
        server: SocketAddr,
        limit: Option<Duration>,
    ) -> Result<Self> {
        stream.set_write_timeout(limit).context("set a time-out")?;
        let stream = Arc::new(stream);
        let (reports, events) = mpsc::channel();
        let (tokens, to_read) = mpsc::channel();
        let console = Arc::new(Console::default());
        let (to_receive, shown) = (Arc::clone(&stream), Arc::clone(&console));
        let received = reports.clone();
        spawn(move || receive(&to_receive, &shown, &received))?;
        spawn(move || input::read_input(&to_read, &reports))?;
        Ok(Self {
            stream,
            server,
            limit,
            events,
            console,
            tokens,
            n_received: 0,
        })
    }

    pub(crate) fn run(mut self) -> Result<()> {
        while self.send_line()? {
            self.wait_for_reply()?;
        }
        self.say_goodbye()
    }

    /// Sends the next line of the input, piece by piece; `false` if there is none.
    fn send_line(&mut self) -> Result<bool> {
        common::prompt();
        let mut n_sent = 0;
        let _ = self.tokens.send(());
        loop {
            match self.next_event(None)? {
                Some(Event::Piece(piece)) => {
                    n_sent += piece.len();
                    if piece.ends_with(b"\n") {
                        self.console
                            .while_sending(|| self.send_end(&piece, n_sent))?;
                        return Ok(true);
                    }
                    self.send(&piece)?;
                    let _ = self.tokens.send(());
                }
                Some(Event::Received { n_bytes, newline }) => self.note(n_bytes, newline),
                // A server may close after its last reply, if the input ends here as well.
                Some(Event::ServerGone(gone)) => match self.next_event(Some(LAST_LINE))? {
                    Some(Event::EndOfInput) => return Ok(false),
                    _ => {
                        common::end_prompt();
                        return Err(self.gone(gone));
                    }
                },
                Some(Event::EndOfInput) | None => return Ok(false),
            }
        }
    }

    /// Sends the last piece of a line, and reports that all `n_sent` bytes of it are sent.
    fn send_end(&self, piece: &[u8], n_sent: usize) -> Result<()> {
        self.send(piece)?;
        let (n_bytes, server) = (bytes(n_sent), self.server);
        event!(
            "data sent: {n_bytes} to {server}",
            "данные отправлены: {n_bytes}, {server}"
        );
        Ok(())
    }

    fn send(&self, piece: &[u8]) -> Result<()> {
        send(&self.stream, piece, &self.console).map_err(|error| self.send_failed(error))
    }

    fn send_failed(&self, error: io::Error) -> anyhow::Error {
        // A thread that has given up, too, knows better why.
        if let Some(Err(reason)) = self.events.try_iter().find(Result::is_err) {
            return reason;
        }
        let cause = if is_timeout(&error) {
            anyhow!(tr!("the server does not read", "сервер не читает"))
        } else {
            anyhow!(error)
        };
        cause.context(format!("send {}", self.server))
    }

    /// Waits for the end of the line; the receiving thread shows what comes meanwhile.
    fn wait_for_reply(&mut self) -> Result<()> {
        loop {
            match self.next_event(self.limit)? {
                Some(Event::Received { n_bytes, newline }) => {
                    self.note(n_bytes, newline);
                    if newline {
                        return Ok(());
                    }
                }
                Some(Event::ServerGone(gone)) => return Err(self.gone(gone)),
                None if self.n_received == 0 => {
                    let silent = tr!("no reply in time", "нет ответа за отведённое время");
                    bail!("recv {}: {silent}", self.server)
                }
                None => {
                    event!("the reply has no end of line", "в ответе нет конца строки");
                    self.note(0, true);
                    return Ok(());
                }
                Some(Event::Piece(_) | Event::EndOfInput) => {}
            }
        }
    }

    /// Half-close: the server sees the end of the stream, and may still send what it owes.
    fn say_goodbye(&mut self) -> Result<()> {
        // It fails if the server has closed already.
        let _ = self.stream.shutdown(Shutdown::Write);
        let end = Instant::now() + GOODBYE;
        while Instant::now() < end {
            match self.next_event(Some(QUIET))? {
                Some(Event::Received { n_bytes, newline }) => self.note(n_bytes, newline),
                _ => break,
            }
        }
        Ok(())
    }

    /// The next thing that happens, or `None` if nothing does for as long as `limit`; the time that
    /// a reply takes to be shown does not count.
    fn next_event(&self, limit: Option<Duration>) -> Result<Option<Event>> {
        loop {
            match self.events.recv_timeout(limit.unwrap_or(Duration::MAX)) {
                Ok(event) => return event.map(Some),
                Err(_) if self.console.is_showing() => {}
                // It may have been shown and reported just now.
                Err(_) => return self.events.try_recv().ok().transpose(),
            }
        }
    }

    fn note(&mut self, n_bytes: usize, newline: bool) {
        self.n_received += n_bytes;
        if newline {
            let (n_bytes, server) = (bytes(std::mem::take(&mut self.n_received)), self.server);
            event!(
                "data received: {n_bytes} from {server}",
                "данные получены: {n_bytes} от {server}"
            );
        }
    }

    fn gone(&self, reset: Option<io::Error>) -> anyhow::Error {
        let closed = || {
            tr!(
                "the server closed the connection",
                "сервер закрыл соединение"
            )
        };
        let cause = reset.map_or_else(|| anyhow!(closed()), anyhow::Error::from);
        cause.context(format!("recv {}", self.server))
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new()
        .spawn(work)
        .map(drop)
        .context("start a thread")
}
