//! The clients that a server with one thread each is serving: how many they may be, and how all of
//! them end.

use std::collections::HashMap;
use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the threads of clients that were shut down may take to report it.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The connected clients.
///
/// One thread accepts: [`Clients::wait_for_place`], `accept`, [`Clients::add`]. The threads that
/// serve hold a [`Client`] each. The signal's thread calls [`Clients::close`].
#[derive(Default)]
pub struct Clients {
    state: Mutex<State>,
    changed: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    streams: HashMap<u64, Arc<TcpStream>>,
    last_id: u64,
    closing: bool,
}

/// One client's stream. Dropping it closes the connection and makes room for the next client.
pub struct Client {
    id: u64,
    stream: Arc<TcpStream>,
    clients: Arc<Clients>,
}

impl Clients {
    /// No client yet, and never more than `most` at once.
    pub fn at_most(most: u32) -> Arc<Self> {
        Arc::new(Self {
            most: most as usize,
            ..Self::default()
        })
    }

    /// Blocks until another client may be accepted: until then it waits in the kernel's backlog. Once
    /// [`Clients::close`] has begun, nobody is accepted any more.
    pub fn wait_for_place(&self) {
        let full = |state: &mut State| state.closing || state.streams.len() >= self.most;
        drop(
            self.changed
                .wait_while(self.state(), full)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Takes an accepted connection in. The file descriptor is shared, not duplicated: one per
    /// client.
    pub fn add(self: &Arc<Self>, stream: TcpStream) -> Client {
        let stream = Arc::new(stream);
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.streams.insert(id, Arc::clone(&stream));
        if state.closing {
            let _ = stream.shutdown(Shutdown::Read);
        }
        Client {
            id,
            stream,
            clients: Arc::clone(self),
        }
    }

    /// Ends all clients in good order: every read meets the end of the stream once what has arrived
    /// is read, so that the serving threads finish as if the clients had left. Blocks until they
    /// have, `grace` at most; what is left then is shut down as it stands. So end the clients of a
    /// Windows machine that are waiting in a read: there, shutdown does not wake it.
    pub fn close(&self, grace: Duration) {
        let mut state = self.state();
        state.closing = true;
        for stream in state.streams.values() {
            // It fails only where the client is gone already.
            let _ = stream.shutdown(Shutdown::Read);
        }
        let some_left = |state: &mut State| !state.streams.is_empty();
        let waited = self.changed.wait_timeout_while(state, grace, some_left);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for stream in state.streams.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // They report their end.
        drop(
            self.changed
                .wait_timeout_while(state, LAST_WORDS, some_left),
        );
    }

    /// The state stays whole even if a thread panics while it holds the lock: no step leaves it
    /// half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads and drops what a client still sends, until it ends its half of the connection, for `limit`
/// at most: closing over unread bytes would reset the connection, and a reset can overtake the last
/// answer (RFC 9293, section 3.6).
pub fn drain(mut stream: &TcpStream, limit: Duration) {
    let end = Instant::now() + limit;
    let mut unread = [0; 4096];
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        // A time-out of zero would mean none.
        let patient = stream.set_read_timeout(Some(left.max(Duration::from_millis(1))));
        if patient.is_err() || !matches!(stream.read(&mut unread), Ok(1..)) {
            return;
        }
    }
}

impl Deref for Client {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        &self.stream
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.clients.state().streams.remove(&self.id);
        self.clients.changed.notify_all();
    }
}
