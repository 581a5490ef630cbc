//! All connections of one measurement: who is to be connected, who is to be visited, what came of
//! it.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use anyhow::{Context, Result};
use mio::{Interest, Registry, Token};

use crate::connection::{Connection, Next, Ready};
use crate::latency::Latencies;
use crate::message::{Endless, PIECE, answer};
use crate::plan::{Kind, Plan};
use crate::schedule::Schedule;

/// Connections that are begun and do not stand yet, at most: half of a server's usual backlog.
const MOST_CONNECTING: usize = 64;

/// Connections from one address, at most: it has 28,000 ephemeral ports (ip_local_port_range).
const MOST_OF_ONE_SOURCE: usize = 20_000;

/// The connections, each in its own slot. A slot whose connection failed stays empty.
pub(crate) struct Crowd {
    pub(crate) work: Work,
    slots: Vec<Option<Connection>>,
    /// Slots to be connected, and since when.
    waiting: VecDeque<(usize, Instant)>,
    n_connecting: usize,
    n_live: usize,
    /// Slots that the poll will not tell of although there is something to do.
    revisit: Vec<usize>,
    sources: Option<Sources>,
    registry: Registry,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
}

/// What the connections share.
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    pub(crate) size: u64,
    pub(crate) pipeline: usize,
    /// Messages of one connection.
    pub(crate) per_connection: u64,
    pub(crate) reopens: bool,
    pub(crate) question: Endless,
    pub(crate) answer: Endless,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) phase: Phase,
    /// Where every connection receives.
    pub(crate) buffer: Vec<u8>,
    pub(crate) tally: Tally,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nobody talks until all connections stand.
    Opening,
    Talking,
    /// No new message, no new connection.
    Ending,
}

/// What is counted while it is measured.
pub(crate) struct Tally {
    pub(crate) answers: u64,
    /// Bytes of answers.
    pub(crate) bytes: u64,
    pub(crate) connects: u64,
    pub(crate) latencies: Latencies,
}

impl Crowd {
    /// All slots wait to be connected.
    ///
    /// # Errors
    /// If there is no memory for the histogram.
    pub(crate) fn new(plan: &Plan, registry: Registry) -> Result<Self> {
        let now = Instant::now();
        Ok(Self {
            work: Work::new(plan)?,
            slots: (0..plan.connections).map(|_| None).collect(),
            waiting: (0..plan.connections).map(|slot| (slot, now)).collect(),
            n_connecting: 0,
            n_live: 0,
            revisit: Vec::new(),
            sources: Sources::for_plan(plan),
            registry,
            errors: 0,
            first_error: None,
        })
    }

    /// Connections that stand.
    pub(crate) fn standing(&self) -> usize {
        self.n_live - self.n_connecting
    }

    /// Whether no connection is still to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.waiting.is_empty() && self.n_connecting == 0
    }

    /// Whether no connection is left.
    pub(crate) fn is_gone(&self) -> bool {
        self.waiting.is_empty() && self.n_live == 0
    }

    pub(crate) fn has_more_to_do(&self) -> bool {
        !self.revisit.is_empty()
    }

    /// Begins the connections that wait, a bounded number at once.
    pub(crate) fn connect(&mut self) {
        while self.n_connecting < MOST_CONNECTING {
            let Some((slot, wanted)) = self.waiting.pop_front() else {
                return;
            };
            match self.begin(slot, wanted) {
                Ok(connection) => {
                    self.slots[slot] = Some(connection);
                    self.n_connecting += 1;
                    self.n_live += 1;
                }
                Err(error) => self.count(error),
            }
        }
    }

    fn begin(&mut self, slot: usize, wanted: Instant) -> Result<Connection> {
        let source = self.sources.as_mut().map(Sources::next);
        let mut connection = Connection::begin(&self.work, source, wanted)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let stream = &mut connection.stream;
        self.registry
            .register(stream, Token(slot), interest)
            .context("register with the poll")?;
        Ok(connection)
    }

    /// Lets a connection do what it can without waiting.
    pub(crate) fn visit(&mut self, slot: usize, ready: Ready) {
        let Some(Some(connection)) = self.slots.get_mut(slot) else {
            return;
        };
        let was_connecting = connection.is_connecting();
        let next = connection.step(slot, ready, &mut self.work);
        if was_connecting && (next.is_err() || !connection.is_connecting()) {
            self.n_connecting -= 1;
        }
        match next {
            Ok(Next::WhenReady) => {}
            Ok(Next::Soon) if connection.revisit => {}
            Ok(Next::Soon) => {
                connection.revisit = true;
                self.revisit.push(slot);
            }
            Ok(Next::Ended) => {
                self.close(slot);
                if self.work.reopens && self.work.phase != Phase::Ending {
                    self.waiting.push_back((slot, Instant::now()));
                }
            }
            Err(error) => {
                self.close(slot);
                self.count(error);
            }
        }
    }

    /// Visits again those that had more to do.
    pub(crate) fn visit_again(&mut self) {
        for slot in std::mem::take(&mut self.revisit) {
            if let Some(Some(connection)) = self.slots.get_mut(slot) {
                connection.revisit = false;
                self.visit(slot, Ready::TO_READ);
            }
        }
    }

    /// Visits those that have a message due.
    pub(crate) fn visit_due(&mut self, now: Instant) {
        while let Some(slot) = self
            .work
            .schedule
            .as_mut()
            .and_then(|schedule| schedule.next_connection(now))
        {
            self.visit(slot, Ready::NOT);
        }
    }

    /// Visits everybody, because the phase has changed.
    pub(crate) fn visit_all(&mut self, ready: Ready) {
        for slot in 0..self.slots.len() {
            self.visit(slot, ready);
        }
    }

    /// From now on nothing new begins.
    pub(crate) fn begin_to_end(&mut self) {
        self.work.phase = Phase::Ending;
        self.waiting.clear();
        // One that holds must still be there; the others end in good order.
        let hold = self.work.kind == Kind::Hold;
        self.visit_all(if hold { Ready::TO_READ } else { Ready::NOT });
        if hold {
            self.close_all();
        }
    }

    /// Counts those that are still there as failed.
    pub(crate) fn give_up(&mut self) {
        for slot in 0..self.slots.len() {
            if let Some(connection) = &self.slots[slot] {
                self.count(anyhow::Error::msg(connection.what_is_missing()));
            }
        }
        self.close_all();
    }

    fn close_all(&mut self) {
        self.slots.fill_with(|| None);
        (self.n_live, self.n_connecting) = (0, 0);
    }

    fn close(&mut self, slot: usize) {
        // Dropping the stream takes it out of the poll, too (epoll(7), question 6).
        self.slots[slot] = None;
        self.n_live -= 1;
    }

    fn count(&mut self, error: anyhow::Error) {
        self.errors += 1;
        let address = self.work.address;
        self.first_error
            .get_or_insert_with(|| format!("{address}: {error:#}"));
    }
}

impl Work {
    fn new(plan: &Plan) -> Result<Self> {
        let message = plan.alphabet.message(plan.size);
        Ok(Self {
            kind: plan.kind,
            address: plan.address,
            size: plan.size as u64,
            pipeline: plan.pipeline,
            per_connection: plan.per_connection.map_or(u64::MAX, u64::from),
            reopens: plan.reopens(),
            question: Endless::new(&message),
            answer: Endless::new(&answer(&message, plan.transform)),
            schedule: None,
            phase: Phase::Opening,
            buffer: vec![0; PIECE],
            tally: Tally {
                answers: 0,
                bytes: 0,
                connects: 0,
                latencies: Latencies::new(plan.rate.is_some())?,
            },
        })
    }
}

impl Tally {
    pub(crate) fn clear(&mut self) {
        (self.answers, self.bytes, self.connects) = (0, 0, 0);
        self.latencies.clear();
    }
}

/// Addresses of this machine to connect from, one after another. Who closes a connection first
/// keeps its port for a minute (TIME-WAIT, RFC 9293, section 3.6.1), and one address runs out of
/// ports in a second of short connections.
struct Sources {
    n_used: u8,
}

impl Sources {
    /// Nothing if one address is enough, or if there are no others: Linux alone takes all of
    /// 127.0.0.0/8 for its own.
    fn for_plan(plan: &Plan) -> Option<Self> {
        let many = plan.connections > MOST_OF_ONE_SOURCE || plan.per_connection.is_some();
        let has_others = plan.address.is_ipv4() && plan.address.ip().is_loopback();
        (cfg!(target_os = "linux") && many && has_others).then_some(Self { n_used: 0 })
    }

    fn next(&mut self) -> IpAddr {
        self.n_used = self.n_used % 250 + 1;
        Ipv4Addr::new(127, 0, 0, self.n_used).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_connections_come_from_many_addresses() {
        let mut plan = Plan::new(Kind::Echo, "127.0.0.1:9".parse().unwrap());
        assert!(Sources::for_plan(&plan).is_none());
        plan.per_connection = Some(1);
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut sources = Sources::for_plan(&plan).unwrap();
        let all: std::collections::HashSet<IpAddr> = (0..500).map(|_| sources.next()).collect();
        assert_eq!(all.len(), 250);
        assert!(all.iter().all(IpAddr::is_loopback));

        plan.address = "[::1]:9".parse().unwrap();
        assert!(Sources::for_plan(&plan).is_none());
    }
}
