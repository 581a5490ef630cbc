//! One connection: at most one read and one write at a time, and every byte looked at.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use common::{excerpt, tr};
use mio::event::Event;
use mio::net::TcpStream;
use socket2::{Domain, Socket, Type};

use crate::crowd::{Phase, Work};
use crate::message::{CTIME_LEN, is_ctime};
use crate::plan::Kind;

/// Readiness is told once, at the change (epoll(7), edge-triggered). On Linux and BSD a short read
/// or write has used it up; elsewhere only `WouldBlock` says so.
const SHORT_IS_ALL: bool = cfg!(unix);

/// A connection, or the attempt at one.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    state: State,
    /// When it was wanted.
    wanted: Instant,
    /// Messages that are sent, or begun, and not answered.
    on_their_way: VecDeque<Message>,
    /// Messages begun so far.
    n_begun: u64,
    /// Bytes of the stream, in each direction.
    sent: u64,
    received: u64,
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

struct Message {
    due: Instant,
    sent: Instant,
}

/// What the poll says of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Ready {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The end of the stream waits behind what is readable.
    pub(crate) ended: bool,
}

impl Ready {
    /// For a connection that is visited because of the time.
    pub(crate) const NOT: Self = Self {
        readable: false,
        writable: false,
        ended: false,
    };

    /// For a connection of which more is to be expected.
    pub(crate) const TO_READ: Self = Self {
        readable: true,
        ..Self::NOT
    };

    pub(crate) fn of(event: &Event) -> Self {
        let ended = event.is_read_closed() || event.is_error();
        Self {
            readable: event.is_readable() || ended,
            writable: event.is_writable() || ended,
            ended,
        }
    }
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
        let socket = Socket::new(Domain::for_address(work.address), Type::STREAM, None);
        let socket = socket.context("socket")?;
        socket.set_nonblocking(true).context("set non-blocking")?;
        if work.kind == Kind::Echo {
            // A message is not to wait for the acknowledgement of the one before (RFC 896).
            socket.set_tcp_nodelay(true).context("set TCP_NODELAY")?;
        }
        if let Some(source) = source {
            let any_port = SocketAddr::new(source, 0);
            let bound = socket.bind(&any_port.into());
            bound.with_context(|| format!("bind {any_port}"))?;
        }
        match socket.connect(&work.address.into()) {
            Err(error) if !is_under_way(&error) => return Err(error).context("connect"),
            _ => {}
        }
        Ok(Self {
            stream: TcpStream::from_std(socket.into()),
            state: State::Connecting,
            wanted,
            on_their_way: VecDeque::new(),
            n_begun: 0,
            sent: 0,
            received: 0,
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
        } else if self.on_their_way.is_empty() {
            tr!(
                "the server did not end the connection in time",
                "сервер не завершил соединение вовремя"
            )
        } else {
            tr!("no answer came in time", "ответ вовремя не пришёл")
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
            self.begin_messages(slot, work);
            more |= self.send(work).context("send")?;
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
            Kind::Echo => return self.take_answers(n_bytes, work),
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

    fn take_answers(&mut self, n_bytes: usize, work: &mut Work) -> Result<()> {
        let after = self.received + n_bytes as u64;
        ensure!(
            after <= self.sent,
            tr!(
                "the answer is longer than the question: {after} bytes and {}",
                "ответ длиннее запроса: байтов {after} и {}",
                self.sent
            )
        );
        work.answer.verify(&work.buffer[..n_bytes], self.received)?;
        let n_answers = after / work.size - self.received / work.size;
        self.received = after;

        // One reading of the clock, 25 ns, for all answers of one `recv`, 2 us.
        let now = Instant::now();
        for message in self.on_their_way.drain(..n_answers as usize) {
            work.tally.latencies.record(message.due, message.sent, now);
        }
        work.tally.answers += n_answers;
        work.tally.bytes += n_bytes as u64;
        Ok(())
    }

    /// Begins as many messages as are due and may be on their way at once.
    fn begin_messages(&mut self, slot: usize, work: &mut Work) {
        let may_begin = work.pipeline.saturating_sub(self.on_their_way.len());
        let left = (work.per_connection - self.n_begun).min(may_begin as u64);
        if left == 0 || self.state != State::Open || work.phase != Phase::Talking {
            return;
        }
        let now = Instant::now();
        for _ in 0..left {
            let message = match &mut work.schedule {
                Some(schedule) => match schedule.take(slot, now) {
                    Some(due) => Message { due, sent: now },
                    None => break,
                },
                // Who opens a connection for a message waits for the connection, too.
                None if work.reopens && self.received == 0 => Message {
                    due: self.wanted,
                    sent: now,
                },
                None => Message {
                    due: now,
                    sent: now,
                },
            };
            self.on_their_way.push_back(message);
            self.n_begun += 1;
        }
    }

    /// Sends a piece of what the messages begun still lack. Whether another piece can follow at once.
    fn send(&mut self, work: &Work) -> io::Result<bool> {
        let lacking = self.n_begun * work.size - self.sent;
        if lacking == 0 {
            return Ok(false);
        }
        let piece = work.question.piece(self.sent, lacking as usize);
        match self.stream.write(piece) {
            Ok(n_bytes) => {
                self.sent += n_bytes as u64;
                let all = n_bytes as u64 == lacking;
                Ok(!all && (n_bytes == piece.len() || !SHORT_IS_ALL))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Ends our half of the connection when everything is asked and answered.
    fn half_close(&mut self, work: &Work) -> io::Result<()> {
        let last = work.phase == Phase::Ending || self.n_begun == work.per_connection;
        if last && self.state == State::Open && self.on_their_way.is_empty() {
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
                let (sent, received) = (self.sent, self.received);
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

/// Whether a non-blocking connect has only begun: EINPROGRESS (connect(2)), on Windows
/// WSAEWOULDBLOCK.
fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    let under_way = error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error());
    #[cfg(not(unix))]
    let under_way = error.kind() == ErrorKind::WouldBlock;
    under_way
}
