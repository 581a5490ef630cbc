//! All connections of one measurement: who is to be connected, who is to be visited, what came of
//! it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mio::{Interest, Registry, Token};

use crate::connect::Sources;
use crate::connection::{Connection, Next};
use crate::plan::{Kind, Plan};
use crate::ready::Ready;
use crate::work::{Phase, Work};

/// Connections that are begun and do not stand yet, at most: half of a server's usual backlog.
const MOST_CONNECTING: usize = 64;

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

    /// How many have heard nothing since `start`, and waited for an answer for `patience` at least.
    pub(crate) fn n_unanswered(&self, start: Instant, patience: Duration) -> usize {
        let exchanges = self.slots.iter().flatten().map(|slot| &slot.exchange);
        exchanges
            .filter(|exchange| exchange.is_unanswered(start, patience))
            .count()
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

    /// Visits those that have messages due, each of them once.
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
