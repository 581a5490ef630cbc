//! One connection: at most one read and one write at a time, and every byte looked at.

use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, Shutdown};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use common::{excerpt, tr};
use mio::net::TcpStream;

use crate::connect;
use crate::exchange::Exchange;
use crate::message::{CTIME_LEN, is_ctime};
use crate::plan::Kind;
use crate::ready::{Ready, SHORT_IS_ALL};
use crate::work::{Phase, Work};

/// A connection, or the attempt at one.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    state: State,
    /// When it was wanted.
    wanted: Instant,
    /// What is said to an echo server.
    pub(crate) exchange: Exchange,
    /// What a time server says.
    reply: Vec<u8>,
    /// Whether it is on the list of those to be visited again.
    pub(crate) revisit: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Open,
    /// Our half has ended; the server's is to end.
    HalfClosed,
}

/// When a connection is to be visited next.
#[derive(PartialEq, Eq)]
pub(crate) enum Next {
    /// When the poll tells of it.
    WhenReady,
    /// Soon: there is more to read or to write, and the poll will not tell again.
    Soon,
    /// Never: it has ended in good order.
    Ended,
}

impl Connection {
    /// Begins to connect, from the address `source` if there is one. Never blocks.
    ///
    /// # Errors
    /// If there is no socket left, or nobody listens.
    pub(crate) fn begin(work: &Work, source: Option<IpAddr>, wanted: Instant) -> Result<Self> {
        Ok(Self {
            stream: connect::begin(work.address, source, work.kind)?,
            state: State::Connecting,
            wanted,
            exchange: Exchange::default(),
            reply: Vec::new(),
            revisit: false,
        })
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.state == State::Connecting
    }

    /// Why it has not ended by itself.
    pub(crate) fn what_is_missing(&self) -> String {
        if self.is_connecting() {
            tr!(
                "the connection did not come to stand in time",
                "соединение вовремя не установлено"
            )
        } else if self.exchange.awaits_answers() {
            tr!("no answer came in time", "ответ вовремя не пришёл")
        } else {
            tr!(
                "the server did not end the connection in time",
                "сервер не завершил соединение вовремя"
            )
        }
    }

    /// Does what can be done without waiting: reads once, verifies, begins the messages whose time
    /// has come, writes once.
    ///
    /// # Errors
    /// If the connection failed, ended too early, or an answer is wrong: there is nothing more to be
    /// had of it.
    pub(crate) fn step(&mut self, slot: usize, ready: Ready, work: &mut Work) -> Result<Next> {
        if self.is_connecting() {
            if !ready.writable {
                return Ok(Next::WhenReady);
            }
            self.connected(work)?;
        }
        let mut more = false;
        if ready.readable {
            match receive(&mut self.stream, &mut work.buffer).context("recv")? {
                Some(0) => return self.ended(work).map(|()| Next::Ended),
                Some(n_bytes) => {
                    more = n_bytes == work.buffer.len() || ready.ended || !SHORT_IS_ALL;
                    self.take(n_bytes, work)?;
                }
                None => {}
            }
        }
        if work.kind == Kind::Echo {
            if self.state == State::Open && work.phase == Phase::Talking {
                self.exchange.begin(slot, self.wanted, work);
            }
            let sent = self.exchange.send(&mut self.stream, work);
            more |= sent.context("send")?;
            self.half_close(work).context("shutdown")?;
        }
        Ok(if more { Next::Soon } else { Next::WhenReady })
    }

    fn connected(&mut self, work: &mut Work) -> Result<()> {
        if let Some(error) = self
            .stream
            .take_error()
            .context("ask for the socket's error")?
        {
            return Err(error).context("connect");
        }
        self.state = State::Open;
        work.tally.connects += 1;
        Ok(())
    }

    /// Takes in the first bytes of the buffer.
    fn take(&mut self, n_bytes: usize, work: &mut Work) -> Result<()> {
        match work.kind {
            Kind::Echo => return self.exchange.take(n_bytes, work),
            Kind::Time if self.reply.len() + n_bytes <= CTIME_LEN => {
                self.reply.extend_from_slice(&work.buffer[..n_bytes]);
            }
            Kind::Time => {
                let text = [&self.reply[..], &work.buffer[..n_bytes]].concat();
                bail!(not_a_time(&text));
            }
            Kind::Hold => {
                let text = excerpt(&work.buffer[..n_bytes]);
                bail!(tr!(
                    "unasked, the server says \"{text}\"",
                    "сервер без запроса прислал «{text}»"
                ));
            }
        }
        Ok(())
    }

    /// Ends our half of the connection when everything is asked and answered.
    fn half_close(&mut self, work: &Work) -> io::Result<()> {
        if self.state == State::Open && self.exchange.is_over(work) {
            self.state = State::HalfClosed;
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(())
    }

    /// The server has ended the connection: was it its turn?
    fn ended(&mut self, work: &mut Work) -> Result<()> {
        match work.kind {
            Kind::Echo if self.state == State::HalfClosed => {}
            Kind::Echo | Kind::Hold => {
                let Exchange { sent, received, .. } = self.exchange;
                bail!(tr!(
                    "the server closed the connection, {sent} bytes sent, {received} received",
                    "сервер закрыл соединение, байтов отправлено {sent}, получено {received}"
                ));
            }
            Kind::Time => {
                ensure!(is_ctime(&self.reply), not_a_time(&self.reply));
                let (wanted, now) = (self.wanted, Instant::now());
                work.tally.latencies.record(wanted, wanted, now);
                work.tally.answers += 1;
                work.tally.bytes += self.reply.len() as u64;
            }
        }
        Ok(())
    }
}

fn not_a_time(text: &[u8]) -> String {
    let text = excerpt(text);
    tr!("not a time: \"{text}\"", "это не время: «{text}»")
}

/// Receives once. 0 is the end of the stream; `None`: nothing has come.
fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        match stream.read(buffer) {
            Ok(n_bytes) => return Ok(Some(n_bytes)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
