//! The server's end, for tests of clients.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use common::tr;

use crate::{Failure, Link, Outcome, Peer, Transcript, What, wait_for};

/// A listening socket on loopback that the test answers at.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    transcript: Transcript,
}

impl Listener {
    /// Listens at `address`, port 0 meaning any free one.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn bind(address: SocketAddr, transcript: &Transcript) -> Result<Self, Failure> {
        let refused = |error| Failure::inconclusive(format!("listen at {address}"), &error);
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self {
            listener,
            address,
            transcript: transcript.clone(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next client; `name` is what the transcript calls this end.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if none connects within `patience`.
    pub fn accept(&self, name: &str, patience: Duration) -> Result<Peer, Failure> {
        self.accept_unless(name, patience, || false)
    }

    /// The same, no longer than until nobody can come any more.
    ///
    /// # Errors
    /// As [`Listener::accept`].
    pub fn accept_unless(
        &self,
        name: &str,
        patience: Duration,
        mut nobody_comes: impl FnMut() -> bool,
    ) -> Result<Peer, Failure> {
        let accepted = wait_for(patience, || {
            // It is asked before: who has connected in the end is there when it has ended.
            let is_last = nobody_comes();
            let accepted = self.listener.accept().ok().map(Some);
            accepted.or(is_last.then_some(None))
        });
        let Some((stream, client)) = accepted.flatten() else {
            let what = tr!(
                "the client does not connect to {}",
                "клиент не подключается к {}",
                self.address
            );
            return Err(Failure::with_outcome(Outcome::Hung, what));
        };
        self.transcript.add(name, What::Link(Link::Accepts(client)));
        let blocking = stream.set_nonblocking(false);
        blocking.map_err(|error| Failure::inconclusive("set blocking mode", &error))?;
        Peer::accepted(name, stream, &self.transcript)
    }
}
