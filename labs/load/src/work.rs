//! What the connections share: the plan in the form in which they need it, and the tally.

use std::net::SocketAddr;

use anyhow::Result;

use crate::latency::Latencies;
use crate::message::{Endless, PIECE, answer};
use crate::plan::{Kind, Plan};
use crate::schedule::Schedule;

/// The part of all connections in one measurement.
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

impl Work {
    /// Nothing is begun.
    ///
    /// # Errors
    /// If there is no memory for the histogram.
    pub(crate) fn new(plan: &Plan) -> Result<Self> {
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
