//! UDP: a socket of the test's own, and a link that does to datagrams what a network may do.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use common::{bytes, is_timeout, peer, tr};
use socket2::{Domain, Socket, Type};

use crate::wait::waits_in_vain;
use crate::{Failure, Link, Outcome, Transcript, What, patience, wait_for};

/// The longest datagram that UDP can carry, and more.
const LARGEST: usize = 64 << 10;

/// How often a thread of a link looks whether it should end.
const TICK: Duration = Duration::from_millis(20);

/// A UDP socket of the test's own; it may send to broadcast addresses.
#[derive(Debug)]
pub struct UdpPeer {
    name: String,
    socket: UdpSocket,
    transcript: Transcript,
    patience: Duration,
}

/// What came in one `recvfrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Who sent it.
    pub from: SocketAddr,
    /// Its payload.
    pub bytes: Vec<u8>,
}

impl UdpPeer {
    /// A socket on `address`, port 0 for any; `name` is what the transcript calls it.
    ///
    /// # Errors
    /// If the address is taken or not this machine's.
    pub fn bind(
        name: &str,
        address: impl Into<SocketAddr>,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        Self::bind_as(name, address.into(), false, transcript)
    }

    /// A socket on `port` of all IPv4 addresses that shares the port with others of its kind
    /// (SO_REUSEADDR): one of several receivers.
    ///
    /// # Errors
    /// If somebody has the port who does not share it.
    pub fn bind_shared(name: &str, port: u16, transcript: &Transcript) -> Result<Self, Failure> {
        let any = (Ipv4Addr::UNSPECIFIED, port).into();
        Self::bind_as(name, any, true, transcript)
    }

    fn bind_as(
        name: &str,
        address: SocketAddr,
        shared: bool,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        let bound = (|| {
            let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
            socket.set_reuse_address(shared)?;
            socket.set_broadcast(true)?;
            socket.bind(&address.into())?;
            Ok(socket.into())
        })();
        Ok(Self {
            name: name.into(),
            socket: bound
                .map_err(|error| Failure::inconclusive(format!("bind {address}"), &error))?,
            transcript: transcript.clone(),
            patience: patience(),
        })
    }

    /// The same with another deadline for each wait.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The address of this socket.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        let address = self.socket.local_addr();
        address.map_err(|error| Failure::inconclusive("getsockname", &error))
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// If the system refuses it.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> Result<(), Failure> {
        self.transcript
            .add(&self.name, What::Link(Link::SendsTo(to)));
        self.transcript.add(&self.name, What::Sent(bytes.to_vec()));
        let sent = self.socket.send_to(bytes, to);
        sent.map(drop)
            .map_err(|error| Failure::inconclusive(format!("sendto {to}"), &error))
    }

    /// Receives the next datagram, whoever sends it.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if none comes.
    pub fn receive(&self) -> Result<Datagram, Failure> {
        let received = self.receive_within(self.patience)?;
        received.ok_or_else(|| {
            let seconds = self.patience.as_secs_f32();
            let what = tr!(
                "no datagram came for {seconds} s",
                "за {seconds} с не пришло ни одной датаграммы"
            );
            self.transcript.add(&self.name, What::Note(what.clone()));
            Failure::with_outcome(Outcome::Hung, what)
        })
    }

    /// Receives the next datagram, if one comes within `patience`.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn receive_within(&self, patience: Duration) -> Result<Option<Datagram>, Failure> {
        let limit = self.socket.set_read_timeout(Some(patience));
        limit.map_err(|error| Failure::inconclusive("setsockopt", &error))?;
        let mut buffer = vec![0; LARGEST];
        match self.socket.recv_from(&mut buffer) {
            Ok((n_bytes, from)) => {
                buffer.truncate(n_bytes);
                let (from, bytes) = (peer(from), buffer);
                self.transcript
                    .add(&self.name, What::Received(bytes.clone()));
                Ok(Some(Datagram { from, bytes }))
            }
            Err(error) if is_timeout(&error) => {
                waits_in_vain(patience);
                Ok(None)
            }
            Err(error) => Err(Failure::inconclusive("recvfrom", &error)),
        }
    }
}

/// What a link does to one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Pass,
    /// It never arrives.
    Lose,
    /// It arrives twice.
    Repeat,
    /// It is late: it arrives after the next one of its direction, or when [`UdpLink::release`]
    /// says.
    Hold,
    /// It arrives as if a stranger had sent it: from another address.
    Foreign,
}

/// A link between UDP clients and a server that does to datagrams what the test says, to each one
/// in turn, and lets pass whatever the test says nothing about. No chance and no clock is involved.
///
/// Clients send to [`UdpLink::address`]. The server sees one address for each client, and what it
/// answers there comes back to that client from the link's address.
#[derive(Debug)]
pub struct UdpLink {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    front: Arc<UdpSocket>,
    stranger: Arc<UdpSocket>,
    server: SocketAddr,
    to_server: Mutex<Way>,
    to_client: Mutex<Way>,
    transcript: Transcript,
    ended: AtomicBool,
}

/// One direction.
#[derive(Debug)]
struct Way {
    /// Its name in the transcript.
    name: String,
    fates: VecDeque<Fate>,
    held: Vec<Parcel>,
}

/// A datagram on its way.
#[derive(Debug)]
struct Parcel {
    bytes: Vec<u8>,
    by: Arc<UdpSocket>,
    to: SocketAddr,
}

impl UdpLink {
    /// A link to `server`; `to_server` and `to_client` are the fates of the datagrams of each
    /// direction, in the order in which they come to the link.
    ///
    /// # Errors
    /// If the system gives no sockets or no thread.
    pub fn to(
        server: SocketAddr,
        to_server: &[Fate],
        to_client: &[Fate],
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        let way = |name: String, fates: &[Fate]| {
            let (fates, held) = (fates.iter().copied().collect(), Vec::new());
            Mutex::new(Way { name, fates, held })
        };
        let shared = Arc::new(Shared {
            front: socket_beside(server)?,
            stranger: socket_beside(server)?,
            server,
            to_server: way(tr!("to the server", "к серверу"), to_server),
            to_client: way(tr!("to the client", "к клиенту"), to_client),
            transcript: transcript.clone(),
            ended: AtomicBool::new(false),
        });
        let address = shared.front.local_addr();
        let address = address.map_err(|error| Failure::inconclusive("getsockname", &error))?;
        let link = Arc::clone(&shared);
        start(move || link.carry_to_server())?;
        Ok(Self { address, shared })
    }

    /// Where clients send to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets the datagrams that are held arrive now; waits for one to be held.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if none comes to be held.
    pub fn release(&self) -> Result<(), Failure> {
        let ways = [&self.shared.to_server, &self.shared.to_client];
        let released = wait_for(patience(), || {
            let n_held: usize = ways.iter().map(|way| deliver_held(&mut lock(way))).sum();
            (n_held > 0).then_some(())
        });
        released.ok_or_else(|| {
            let what = tr!(
                "no datagram came to be held",
                "задерживать оказалось нечего"
            );
            Failure::with_outcome(Outcome::Hung, what)
        })
    }
}

impl Drop for UdpLink {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn carry_to_server(self: &Arc<Self>) {
        let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        self.receive_on(&self.front, |client, bytes| {
            let back = match backs.get(&client) {
                Some(back) => Arc::clone(back),
                None => {
                    let back = self.open_back(client).ok()?;
                    backs.insert(client, Arc::clone(&back));
                    back
                }
            };
            let to = self.server;
            self.carry(
                &self.to_server,
                Parcel {
                    bytes,
                    by: back,
                    to,
                },
            );
            Some(())
        });
    }

    /// The socket that is `client` to the server, with a thread that carries the answers.
    fn open_back(self: &Arc<Self>, client: SocketAddr) -> Result<Arc<UdpSocket>, Failure> {
        let back = socket_beside(self.server)?;
        let (link, answers) = (Arc::clone(self), Arc::clone(&back));
        start(move || {
            link.receive_on(&answers, |_, bytes| {
                let (by, to) = (Arc::clone(&link.front), client);
                link.carry(&link.to_client, Parcel { bytes, by, to });
                Some(())
            });
        })?;
        Ok(back)
    }

    /// Hands on what comes, until the link ends or `carry` gives up.
    fn receive_on(
        &self,
        socket: &UdpSocket,
        mut carry: impl FnMut(SocketAddr, Vec<u8>) -> Option<()>,
    ) {
        let mut buffer = vec![0; LARGEST];
        while !self.ended.load(Ordering::Relaxed) {
            // A time-out is the time to look at `ended`; a refusal (ICMP) is no datagram.
            if let Ok((n_bytes, from)) = socket.recv_from(&mut buffer) {
                if carry(from, buffer[..n_bytes].to_vec()).is_none() {
                    return;
                }
            }
        }
    }

    fn carry(&self, way: &Mutex<Way>, parcel: Parcel) {
        let mut way = lock(way);
        let fate = way.fates.pop_front().unwrap_or(Fate::Pass);
        let (n_bytes, name) = (bytes(parcel.bytes.len()), way.name.clone());
        let said = match fate {
            Fate::Pass => None,
            Fate::Lose => Some(tr!("loses {n_bytes} {name}", "теряет {n_bytes} {name}")),
            Fate::Repeat => Some(tr!(
                "repeats {n_bytes} {name}",
                "повторяет {n_bytes} {name}"
            )),
            Fate::Hold => Some(tr!(
                "delays {n_bytes} {name}",
                "задерживает {n_bytes} {name}"
            )),
            Fate::Foreign => Some(tr!(
                "forges {n_bytes} {name}: from a stranger",
                "подделывает {n_bytes} {name}: от постороннего"
            )),
        };
        if let Some(said) = said {
            self.transcript.add(&tr!("link", "канал"), What::Note(said));
        }
        match fate {
            Fate::Pass => parcel.deliver(&parcel.by),
            Fate::Lose => {}
            Fate::Repeat => {
                parcel.deliver(&parcel.by);
                parcel.deliver(&parcel.by);
            }
            Fate::Hold => return way.held.push(parcel),
            Fate::Foreign => parcel.deliver(&self.stranger),
        }
        deliver_held(&mut way);
    }
}

/// Delivers what is held; how many datagrams that was.
fn deliver_held(way: &mut Way) -> usize {
    let held = way.held.drain(..);
    held.map(|parcel| parcel.deliver(&parcel.by)).count()
}

impl Parcel {
    fn deliver(&self, by: &UdpSocket) {
        // A datagram that cannot be sent is lost, as on any network.
        let _ = by.send_to(&self.bytes, self.to);
    }
}

/// A socket on a free port of the loopback address of the server's family.
fn socket_beside(server: SocketAddr) -> Result<Arc<UdpSocket>, Failure> {
    let localhost: SocketAddr = match server {
        SocketAddr::V4(_) => ([127, 0, 0, 1], 0).into(),
        SocketAddr::V6(_) => ([0, 0, 0, 0, 0, 0, 0, 1_u16], 0).into(),
    };
    let bound = UdpSocket::bind(localhost).and_then(|socket| {
        socket.set_read_timeout(Some(TICK))?;
        Ok(Arc::new(socket))
    });
    bound.map_err(|error| Failure::inconclusive("bind", &error))
}

fn start(work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let started = thread::Builder::new().spawn(work);
    started
        .map(drop)
        .map_err(|error| Failure::inconclusive("no thread", &error))
}

fn lock(way: &Mutex<Way>) -> MutexGuard<'_, Way> {
    way.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCALHOST: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

    /// A client and a server with a link between them.
    fn linked(to_server: &[Fate], to_client: &[Fate]) -> (UdpPeer, UdpLink, UdpPeer) {
        let transcript = Transcript::new();
        let client = UdpPeer::bind("client", LOCALHOST, &transcript).unwrap();
        let server = UdpPeer::bind("server", LOCALHOST, &transcript).unwrap();
        let link =
            UdpLink::to(server.address().unwrap(), to_server, to_client, &transcript).unwrap();
        (client, link, server)
    }

    fn texts(peer: &UdpPeer, n: usize) -> Vec<String> {
        let text = |_| String::from_utf8(peer.receive().unwrap().bytes).unwrap();
        (0..n).map(text).collect()
    }

    /// Sends `1`, `2`, `3` and the end; what the server sees of it.
    fn seen_through(to_server: &[Fate], n: usize) -> Vec<String> {
        let (client, link, server) = linked(to_server, &[]);
        for text in ["1", "2", "3"] {
            client.send_to(text.as_bytes(), link.address()).unwrap();
        }
        texts(&server, n)
    }

    #[test]
    fn a_link_loses_repeats_and_delays_what_it_is_told_to() {
        use Fate::{Hold, Lose, Pass, Repeat};
        assert_eq!(seen_through(&[], 3), ["1", "2", "3"]);
        assert_eq!(seen_through(&[Pass, Lose], 2), ["1", "3"]);
        assert_eq!(seen_through(&[Repeat], 4), ["1", "1", "2", "3"]);
        assert_eq!(seen_through(&[Hold], 3), ["2", "1", "3"]);
        assert_eq!(seen_through(&[Hold, Hold], 3), ["3", "1", "2"]);
        assert_eq!(seen_through(&[Lose, Repeat, Lose], 2), ["2", "2"]);
    }

    #[test]
    fn a_late_answer_comes_when_it_is_released() {
        let (client, link, server) = linked(&[], &[Fate::Hold]);
        client.send_to(b"ask", link.address()).unwrap();
        let asked = server.receive().unwrap();
        server.send_to(b"answer", asked.from).unwrap();
        assert_eq!(client.receive_within(10 * TICK).unwrap(), None);
        link.release().unwrap();
        let answer = client.receive().unwrap();
        assert_eq!(
            (answer.bytes.as_slice(), answer.from),
            (&b"answer"[..], link.address())
        );
    }

    #[test]
    fn a_foreign_answer_comes_from_another_address() {
        let (client, link, server) = linked(&[], &[Fate::Foreign]);
        client.send_to(b"ask", link.address()).unwrap();
        let asked = server.receive().unwrap();
        server.send_to(b"forged", asked.from).unwrap();
        server.send_to(b"true", asked.from).unwrap();
        let (forged, answer) = (client.receive().unwrap(), client.receive().unwrap());
        assert_eq!(
            (forged.bytes.as_slice(), answer.bytes.as_slice()),
            (&b"forged"[..], &b"true"[..])
        );
        assert_ne!(forged.from, link.address());
        assert_eq!(answer.from, link.address());
    }

    #[test]
    fn every_client_gets_its_own_answers() {
        let (one, link, server) = linked(&[], &[]);
        let two = UdpPeer::bind("two", LOCALHOST, &Transcript::new()).unwrap();
        one.send_to(b"1", link.address()).unwrap();
        two.send_to(b"2", link.address()).unwrap();
        for _ in 0..2 {
            let asked = server.receive().unwrap();
            server.send_to(&asked.bytes, asked.from).unwrap();
        }
        assert_eq!(texts(&one, 1), ["1"]);
        assert_eq!(texts(&two, 1), ["2"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_broadcast_reaches_every_receiver_of_a_port_and_a_unicast_one() {
        let transcript = Transcript::new();
        let first = UdpPeer::bind_shared("first", 0, &transcript).unwrap();
        let port = first.address().unwrap().port();
        let second = UdpPeer::bind_shared("second", port, &transcript).unwrap();
        let sender = UdpPeer::bind("sender", LOCALHOST, &transcript).unwrap();
        sender
            .send_to(b"one", ([127, 0, 0, 1], port).into())
            .unwrap();
        sender
            .send_to(b"all", ([127, 255, 255, 255], port).into())
            .unwrap();
        // What was sent first would have come first.
        let heard = [texts(&first, 1), texts(&second, 1)].concat();
        assert_eq!(
            heard.iter().filter(|text| *text == "one").count(),
            1,
            "{heard:?}"
        );
        assert_eq!(
            heard.iter().filter(|text| *text == "all").count(),
            1,
            "{heard:?}"
        );
    }

    #[test]
    fn silence_is_a_failure_of_the_program() {
        let peer = UdpPeer::bind("peer", LOCALHOST, &Transcript::new()).unwrap();
        let silent = peer.patient_for(Duration::from_millis(20)).receive();
        assert_eq!(silent.unwrap_err().outcome, Outcome::Hung);
    }
}
