//! What is to be measured.

use std::net::SocketAddr;
use std::time::Duration;

use common::Transform;

use crate::message::Alphabet;

/// How the connections talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text goes out and comes back in upper case; every byte is verified.
    Echo,
    /// The server speaks first and closes; then the next connection.
    Time,
    /// Nothing is said: the connections are held open.
    Hold,
}

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// Connections at once.
    pub(crate) connections: usize,
    /// Bytes of one message.
    pub(crate) size: usize,
    /// Messages that one connection has on their way at once.
    pub(crate) pipeline: usize,
    /// How long it is measured, after all connections stand and a short warm-up.
    pub(crate) duration: Duration,
    /// Messages per second over all connections; `None`: the next one goes out when an answer is in.
    pub(crate) rate: Option<u32>,
    /// Messages of one connection, after which it is closed and a new one opened; `None`: no end.
    pub(crate) per_connection: Option<u32>,
    /// The process whose processor time and memory are read.
    pub(crate) pid: Option<u32>,
    /// What the server does to the text, so what answer is right.
    pub(crate) transform: Transform,
    /// The letters of the text.
    pub(crate) alphabet: Alphabet,
    /// Polls without ever sleeping: takes a whole processor, and the generator's own wake-up is no
    /// longer a part of what is measured.
    pub(crate) spin: bool,
}

impl Plan {
    /// The measurement that the command line makes without options.
    pub(crate) fn new(kind: Kind, address: SocketAddr) -> Self {
        Self {
            kind,
            address,
            connections: 50,
            size: 64,
            pipeline: 1,
            duration: Duration::from_secs(5),
            rate: None,
            per_connection: None,
            pid: None,
            transform: Transform::Upper,
            alphabet: Alphabet::Ascii,
            spin: false,
        }
    }

    /// Whether connections end and new ones take their places while it is measured.
    pub(crate) fn reopens(&self) -> bool {
        self.kind == Kind::Time || self.per_connection.is_some()
    }
}
