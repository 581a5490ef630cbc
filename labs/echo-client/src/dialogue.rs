//! The conversation of the echo client with its server.

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use common::{bytes, event, is_timeout};

use crate::sources::{self, Event, Turn};

/// How long the end of the input may take to show after the server has closed.
const LAST_LINE: Duration = Duration::from_millis(500);

/// How long a server may take to close its half after the client has closed its own.
const GOODBYE: Duration = Duration::from_secs(2);

/// A conversation: a line goes out, its reply comes back, until `exit` or the end of the input.
///
/// Two threads wait, one for stdin and one for the server; both report to this one through a
/// single queue, because only a queue can be waited on for either of them.
pub(crate) struct Dialogue {
    stream: Arc<TcpStream>,
    server: SocketAddr,
    limit: Option<Duration>,
    events: Receiver<Result<Event>>,
    /// Keeps a reply from being shown before its line is reported as sent.
    turn: Arc<Turn>,
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
        stream
            .set_write_timeout(limit)
            .context("set the write time-out")?;
        let stream = Arc::new(stream);
        let (reports, events) = mpsc::channel();
        let (tokens, to_read) = mpsc::channel();
        let turn = Arc::new(Turn::default());
        let (receiving, shown, received) =
            (Arc::clone(&stream), Arc::clone(&turn), reports.clone());
        let receive = move || sources::receive(&receiving, &shown, &received);
        let receiver = thread::Builder::new().spawn(receive);
        receiver.context("start the receiving thread")?;
        let input = thread::Builder::new().spawn(move || sources::read_input(&to_read, &reports));
        input.context("start the input thread")?;
        Ok(Self {
            stream,
            server,
            limit,
            events,
            turn,
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
        sources::prompt();
        let mut n_sent = 0;
        let _ = self.tokens.send(());
        loop {
            match self.next_event(None)? {
                Some(Event::Piece(piece)) => {
                    n_sent += piece.len();
                    if piece.ends_with(b"\n") {
                        let _turn = self.turn.take();
                        self.send(&piece)?;
                        let (n_bytes, server) = (bytes(n_sent), self.server);
                        event!(
                            "data sent: {n_bytes} to {server}",
                            "данные отправлены: {n_bytes}, {server}"
                        );
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
                        sources::end_prompt();
                        return Err(self.gone(gone));
                    }
                },
                Some(Event::EndOfInput) | None => return Ok(false),
            }
        }
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        let Err(error) = (&*self.stream).write_all(bytes) else {
            return Ok(());
        };
        // A thread that has given up, too, knows better why.
        if let Some(Err(reason)) = self.events.try_iter().find(Result::is_err) {
            return Err(reason);
        }
        let send = format!("send {}", self.server);
        if is_timeout(&error) {
            Err(anyhow!("the server does not read").context(send))
        } else {
            Err(anyhow!(error).context(send))
        }
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
                None if self.n_received == 0 => bail!("recv {}: no reply in time", self.server),
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
        while let Some(Event::Received { n_bytes, newline }) = self.next_event(Some(GOODBYE))? {
            self.note(n_bytes, newline);
        }
        Ok(())
    }

    /// The next thing that happens, or `None` if nothing does for as long as `limit`.
    fn next_event(&self, limit: Option<Duration>) -> Result<Option<Event>> {
        match self.events.recv_timeout(limit.unwrap_or(Duration::MAX)) {
            Ok(event) => event.map(Some),
            Err(_) => Ok(None),
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
        let recv = format!("recv {}", self.server);
        match reset {
            None => anyhow!("the server closed the connection").context(recv),
            Some(error) => anyhow!(error).context(recv),
        }
    }
}
