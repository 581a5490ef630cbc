//! A comparison of which nothing was measured, for the tests.

use super::figures::{Comparison, Load};
use super::machine::Machine;
use super::rounds::{Place, rounds};
use crate::report::{Latency, Report, ServerUse};

/// Two servers, three rounds, 1, 10 and 100 connections; `measure` says what is measured.
pub(crate) fn comparison(mut measure: impl FnMut(Place) -> anyhow::Result<Report>) -> Comparison {
    let connections = vec![1, 10, 100];
    let servers = ["first=server one", "second=server 'two <three>'"];
    Comparison {
        servers: servers.map(|server| server.parse().unwrap()).into(),
        points: rounds(3, &connections, 2, |place| Some(measure(place))),
        connections,
        rounds: 3,
        load: Load {
            size: 64,
            pipeline: 1,
            seconds: 2.0,
            per_connection: None,
        },
        machine: Machine::this_one(None),
    }
}

/// So many answers per second, and all other figures derived from that.
pub(crate) fn report(connections: usize, answers_per_second: f64) -> Report {
    Report {
        connections,
        size: 64,
        pipeline: 1,
        seconds: 2.0,
        answers: 2 * answers_per_second as u64,
        answers_per_second,
        megabytes_per_second: answers_per_second * 64e-6,
        connects_per_second: 0.0,
        errors: 0,
        first_error: None,
        unanswered: 0,
        latency: Some(Latency {
            p50: 50.0,
            p90: 90.0,
            p99: 1e8 / answers_per_second,
            p999: 2e8 / answers_per_second,
            max: 3e8 / answers_per_second,
            correction: "none",
            p99_as_seen: 1e8 / answers_per_second,
        }),
        load_cpu: 0.5,
        load_is_bottleneck: false,
        server: Some(ServerUse {
            cpu_seconds: 1.0,
            answers_per_cpu_second: 2.0 * answers_per_second,
            memory_kib: 1000 + 3 * connections as u64,
            threads: 1,
        }),
    }
}
