//! One end of a TCP connection, with a say over every segment.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use common::{is_timeout, tr};
use socket2::{Domain, SockRef, Socket, Type};

use crate::net_facts::is_accepted;
use crate::wait::waits_in_vain;
use crate::{Failure, Link, Outcome, Transcript, What, patience, unread_bytes, wait_for};

/// The most bytes that are awaited of one reply, and the longest time for all of it, in multiples of
/// the patience for a piece of it.
const MOST_BYTES: usize = 16 << 20;
const MOST_PATIENCE: u32 = 5;

/// How a connection ended. Which of the two a program causes often depends on chance; only a check
/// about that very thing may tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An orderly end (FIN).
    Closed,
    /// A reset (RST).
    Reset,
}

/// One end of a connection: the test's own.
#[derive(Debug)]
pub struct Peer {
    name: String,
    stream: TcpStream,
    remote: SocketAddr,
    transcript: Transcript,
    patience: Duration,
    /// Whether the transcript tells already how this end has left.
    has_left: bool,
}

impl Drop for Peer {
    fn drop(&mut self) {
        if !self.has_left {
            self.transcript.add(&self.name, What::Link(Link::Closes));
        }
    }
}

impl Peer {
    /// Connects to `server`; `name` is what the transcript calls this end.
    ///
    /// Each send leaves at once as a segment of its own (TCP_NODELAY).
    ///
    /// # Errors
    /// [`Outcome::Fail`] if nothing listens, [`Outcome::Hung`] if there is no answer.
    pub fn connect(
        name: &str,
        server: SocketAddr,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        Self::connect_by(name, server, transcript, || {
            TcpStream::connect_timeout(&server, patience())
        })
    }

    /// The same from an address of this machine's own choice, such as 127.0.0.77, which Linux takes
    /// for loopback as well: a client that no other text is about.
    ///
    /// # Errors
    /// As [`Peer::connect`].
    pub fn connect_from(
        name: &str,
        own: IpAddr,
        server: SocketAddr,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        Self::connect_by(name, server, transcript, || {
            let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
            socket.bind(&SocketAddr::new(own, 0).into())?;
            socket.connect_timeout(&server.into(), patience())?;
            Ok(socket.into())
        })
    }

    fn connect_by(
        name: &str,
        server: SocketAddr,
        transcript: &Transcript,
        connect: impl FnOnce() -> io::Result<TcpStream>,
    ) -> Result<Self, Failure> {
        let stream = connect().map_err(|error| {
            let what = tr!(
                "cannot connect to {server}: {error}",
                "не удаётся подключиться к {server}: {error}"
            );
            let outcome = if is_timeout(&error) {
                waits_in_vain(crate::patience());
                Outcome::Hung
            } else {
                Outcome::Fail
            };
            transcript.add(name, What::Note(what.clone()));
            Failure::with_outcome(outcome, what)
        })?;
        let peer = Self::over(name, stream, server, transcript)?;
        transcript.add(name, What::Link(Link::Connects(server)));
        Ok(peer)
    }

    /// The accepted end of a connection to the test's own [`crate::Listener`].
    pub(crate) fn accepted(
        name: &str,
        stream: TcpStream,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        let client = stream
            .peer_addr()
            .map_err(|error| Failure::inconclusive("getpeername", &error))?;
        Self::over(name, stream, client, transcript)
    }

    fn over(
        name: &str,
        stream: TcpStream,
        remote: SocketAddr,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        let prepared = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_write_timeout(Some(patience())));
        prepared.map_err(|error| Failure::inconclusive("setsockopt", &error))?;
        Ok(Self {
            name: name.into(),
            stream,
            remote,
            transcript: transcript.clone(),
            patience: patience(),
            has_left: false,
        })
    }

    /// The same with another deadline for each wait.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The address of this end.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn local_address(&self) -> Result<SocketAddr, Failure> {
        self.stream
            .local_addr()
            .map_err(|error| Failure::inconclusive("getsockname", &error))
    }

    /// The stream itself, for what this type does not offer.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Writes down that `bytes` are sent, by somebody else than [`Peer::send`].
    pub fn tell_sent(&self, bytes: &[u8]) {
        self.transcript.add(&self.name, What::Sent(bytes.to_vec()));
    }

    /// Sends all of `bytes` in one piece (of more than a segment holds, TCP makes several).
    ///
    /// # Errors
    /// [`Outcome::Fail`] if the connection is gone, [`Outcome::Hung`] if the other end does not
    /// read.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.tell_sent(bytes);
        self.stream.write_all(bytes).map_err(|error| {
            self.transcript
                .add(&self.name, What::Note(error.to_string()));
            if is_timeout(&error) {
                waits_in_vain(self.patience);
                let what = tr!(
                    "the other side does not read what it is sent",
                    "другая сторона не читает то, что ей посылают"
                );
                Failure::with_outcome(Outcome::Hung, what)
            } else {
                Failure::new(tr!(
                    "the connection ended while sending: {error}",
                    "соединение прервалось при отправке: {error}"
                ))
            }
        })
    }

    /// Sends `bytes` cut at `cut`, the second part after the program has received the first one.
    ///
    /// # Errors
    /// As [`Peer::send`] and [`Peer::wait_until_taken`].
    pub fn send_cut(&mut self, bytes: &[u8], cut: usize) -> Result<(), Failure> {
        let (first, second) = bytes.split_at(cut);
        if !first.is_empty() {
            self.send(first)?;
            self.wait_until_taken()?;
        }
        self.send(second)
    }

    /// Sends `bytes` one by one, each after the program has received the one before: a slow client.
    ///
    /// # Errors
    /// As [`Peer::send_cut`].
    pub fn send_one_by_one(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        for byte in bytes {
            self.send(std::slice::from_ref(byte))?;
            self.wait_until_taken()?;
        }
        Ok(())
    }

    /// Waits until the program has accepted the connection, where the system tells: one that waits in the
    /// queue belongs to no process yet.
    pub fn wait_until_accepted(&self) {
        if let Ok(own) = self.local_address() {
            let accepted = || is_accepted(self.remote, own).unwrap_or(true);
            wait_for(self.patience, || accepted().then_some(()));
        }
    }

    /// Waits until the program has received all that was sent to it, so that what comes next meets
    /// another `recv`. Where the system does not tell (see [`unread_bytes`]), a tenth of a second
    /// has to do.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if it does not receive it.
    pub fn wait_until_taken(&self) -> Result<(), Failure> {
        let own = self.local_address()?;
        let mut unknown_since = None;
        let taken = wait_for(self.patience, || match unread_bytes(self.remote, own) {
            Some(0) => Some(()),
            Some(_) => None,
            None => {
                let since = *unknown_since.get_or_insert_with(Instant::now);
                (since.elapsed() > Duration::from_millis(100)).then_some(())
            }
        });
        taken.ok_or_else(|| {
            let what = tr!(
                "the program does not receive what it was sent",
                "программа не принимает то, что ей послали"
            );
            Failure::with_outcome(Outcome::Hung, what)
        })
    }

    /// Receives what comes next, at most 64 KiB; nothing at the end of the stream.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if nothing comes, [`Outcome::Fail`] at a reset.
    pub fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        match self.receive_some(self.patience)? {
            Piece::Bytes(bytes) => Ok(bytes),
            Piece::End(Ending::Closed) => Ok(Vec::new()),
            Piece::End(Ending::Reset) => Err(Failure::new(tr!(
                "the connection was reset",
                "соединение сброшено"
            ))),
        }
    }

    /// What comes within `patience`; `None` if the connection stays silent.
    ///
    /// # Errors
    /// If the connection ends.
    pub fn receive_within(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, Failure> {
        match self.receive_some(patience) {
            Ok(Piece::Bytes(bytes)) => Ok(Some(bytes)),
            Ok(Piece::End(_)) => Err(Failure::new(tr!(
                "the connection ended",
                "соединение завершилось"
            ))),
            Err(failure) if failure.outcome == Outcome::Hung => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Receives until `n_bytes` have come; fewer if the stream ends or nothing more comes in time.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn receive_up_to(&mut self, n_bytes: usize) -> Result<(Vec<u8>, Option<Ending>), Failure> {
        let (mut received, begun) = (Vec::new(), Instant::now());
        while received.len() < n_bytes && begun.elapsed() < MOST_PATIENCE * self.patience {
            match self.receive_some(self.patience) {
                Ok(Piece::Bytes(bytes)) => received.extend_from_slice(&bytes),
                Ok(Piece::End(ending)) => return Ok((received, Some(ending))),
                Err(failure) if failure.outcome == Outcome::Hung => break,
                Err(failure) => return Err(failure),
            }
        }
        Ok((received, None))
    }

    /// Receives until the other end closes or resets; what came, and how it ended.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if it neither sends nor ends.
    pub fn receive_to_end(&mut self) -> Result<(Vec<u8>, Ending), Failure> {
        let (mut received, begun) = (Vec::new(), Instant::now());
        while received.len() < MOST_BYTES && begun.elapsed() < MOST_PATIENCE * self.patience {
            match self.receive_some(self.patience)? {
                Piece::Bytes(bytes) => received.extend_from_slice(&bytes),
                Piece::End(ending) => return Ok((received, ending)),
            }
        }
        Err(Failure::new(tr!(
            "it sends without end",
            "отправляет без конца"
        )))
    }

    fn receive_some(&mut self, patience: Duration) -> Result<Piece, Failure> {
        let limit = self.stream.set_read_timeout(Some(patience));
        limit.map_err(|error| Failure::inconclusive("setsockopt", &error))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            return match self.stream.read(&mut buffer) {
                Ok(0) => Ok(self.end(Ending::Closed)),
                Ok(n_bytes) => {
                    buffer.truncate(n_bytes);
                    self.transcript
                        .add(&self.name, What::Received(buffer.clone()));
                    Ok(Piece::Bytes(buffer))
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_timeout(&error) => {
                    waits_in_vain(patience);
                    let seconds = patience.as_secs_f32();
                    let what = tr!(
                        "nothing came for {seconds} s",
                        "за {seconds} с ничего не пришло"
                    );
                    self.transcript.add(&self.name, What::Note(what.clone()));
                    Err(Failure::with_outcome(Outcome::Hung, what))
                }
                Err(_) => Ok(self.end(Ending::Reset)),
            };
        }
    }

    fn end(&self, ending: Ending) -> Piece {
        let seen = match ending {
            Ending::Closed => Link::SeesEnd,
            Ending::Reset => Link::SeesReset,
        };
        self.transcript.add(&self.name, What::Link(seen));
        Piece::End(ending)
    }

    /// Ends this half of the connection: the other end sees the end of the stream and can still
    /// send.
    pub fn half_close(&mut self) {
        self.transcript.add(&self.name, What::Link(Link::EndsHalf));
        // It fails only where the connection is gone already, which the next receive will show.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Resets the connection: close with SO_LINGER 0 sends RST (RFC 9293, section 3.6).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn reset(mut self) -> Result<(), Failure> {
        self.transcript.add(&self.name, What::Link(Link::Resets));
        self.has_left = true;
        let lingered = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        lingered.map_err(|error| Failure::inconclusive("SO_LINGER", &error))
    }

    /// Closes the connection.
    pub fn close(self) {
        drop(self);
    }
}

enum Piece {
    Bytes(Vec<u8>),
    End(Ending),
}
