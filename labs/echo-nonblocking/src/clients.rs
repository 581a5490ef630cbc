//! The clients that one thread is serving in turn: how many they may be, and how all of them end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use common::{events, tr};

use crate::{Connection, PORTION};

/// The connected clients, and the right to serve them.
pub(crate) struct Clients<'a> {
    connections: Vec<Connection>,
    most: usize,
    _serving: MutexGuard<'a, ()>,
}

impl<'a> Clients<'a> {
    /// No client yet, and never more than `most` at once.
    pub(crate) fn at_most(most: u32, stop: &'a Stop) -> Self {
        Self {
            connections: Vec::new(),
            most: most as usize,
            _serving: stop.serving.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Whether another client may be accepted: until then it waits in the kernel's backlog.
    pub(crate) fn have_place(&self) -> bool {
        self.connections.len() < self.most
    }

    pub(crate) fn add(&mut self, connection: Connection) {
        self.connections.push(connection);
    }

    /// One turn for each client. Those who are done, or failed, are let go.
    pub(crate) fn go_round(&mut self, stopping: bool) {
        // One for all: nothing in it outlives a turn.
        let mut portion = [0; PORTION];
        self.connections.retain_mut(|connection| {
            match connection.echo(&mut portion, stopping) {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => events::client_failed(connection.peer, &error),
            }
            report_end(connection);
            false
        });
    }

    /// Ends all clients in good order: what has arrived is answered, then they see the end of the
    /// stream; after `grace` the rest is cut off. Never returns: the stop's thread has the last
    /// word, and ends the process.
    pub(crate) fn close(mut self, grace: Duration) -> ! {
        let end = Instant::now() + grace;
        while !self.connections.is_empty() && Instant::now() < end {
            self.go_round(true);
        }
        for connection in &self.connections {
            let reason = tr!("the server has stopped", "сервер остановлен");
            events::client_failed(connection.peer, &anyhow!(reason));
            report_end(connection);
        }
        drop(self);
        loop {
            thread::park();
        }
    }
}

fn report_end(connection: &Connection) {
    let (received, sent) = (connection.received, connection.sent);
    events::client_disconnected(connection.peer, received, sent);
}

/// What the stop's thread and the loop tell each other.
#[derive(Default)]
pub(crate) struct Stop {
    is_told: AtomicBool,
    /// Held for as long as there are [`Clients`].
    serving: Mutex<()>,
}

impl Stop {
    /// Whether the loop should end: it looks in every round.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told.load(Ordering::Relaxed)
    }

    /// Tells the loop to end, and waits until it has.
    pub(crate) fn tell_and_wait(&self) {
        self.is_told.store(true, Ordering::Relaxed);
        drop(self.serving.lock());
    }
}
