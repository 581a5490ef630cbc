//! The order of the measurements.

use anyhow::Result;
use serde::Serialize;

use crate::report::Report;

/// Where in a comparison a measurement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first one is 0.
    pub(crate) round: usize,
    /// The first one is 0.
    pub(crate) server: usize,
    /// Connections at once.
    pub(crate) connections: usize,
}

/// One measurement, or why there is none.
#[derive(Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) round: usize,
    pub(crate) server: usize,
    pub(crate) connections: usize,
    pub(crate) report: Option<Report>,
    pub(crate) failure: Option<String>,
}

/// Calls `measure` for every place, one after another. The servers stand close together in time, so
/// that figures of one round can be compared; each round begins with another server. A measurement
/// that fails leaves its reason at its place and does not end the others; `None` ends them all.
pub(crate) fn rounds(
    rounds: usize,
    connections: &[usize],
    n_servers: usize,
    mut measure: impl FnMut(Place) -> Option<Result<Report>>,
) -> Vec<Point> {
    let mut points = Vec::new();
    for round in 0..rounds {
        for &connections in connections {
            for turn in 0..n_servers {
                let place = Place {
                    round,
                    server: (round + turn) % n_servers,
                    connections,
                };
                let Some(measured) = measure(place) else {
                    return points;
                };
                points.push(Point::new(place, measured));
            }
        }
    }
    points
}

impl Point {
    /// The result of the measurement at `place`.
    pub(crate) fn new(place: Place, measured: Result<Report>) -> Self {
        let (report, failure) = match measured {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(common::in_one_line(&error))),
        };
        Self {
            round: place.round,
            server: place.server,
            connections: place.connections,
            report,
            failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::fake;
    use anyhow::anyhow;

    #[test]
    fn every_server_begins_a_round_in_its_turn() {
        let mut order = Vec::new();
        rounds(3, &[1, 10], 2, |place| {
            order.push((place.round, place.connections, place.server));
            Some(Err(anyhow!("not measured")))
        });
        let wanted = [
            [(0, 1, 0), (0, 1, 1), (0, 10, 0), (0, 10, 1)],
            [(1, 1, 1), (1, 1, 0), (1, 10, 1), (1, 10, 0)],
            [(2, 1, 0), (2, 1, 1), (2, 10, 0), (2, 10, 1)],
        ];
        assert_eq!(order, wanted.concat());
    }

    #[test]
    fn a_failure_leaves_its_reason_and_the_rest_goes_on() {
        let points = rounds(1, &[1], 3, |place| {
            if place.server == 1 {
                return Some(Err(anyhow!("no place left")));
            }
            Some(Ok(fake::report(place.connections, 100.0)))
        });
        let failures: Vec<_> = points
            .iter()
            .map(|point| point.failure.as_deref())
            .collect();
        assert_eq!(failures, [None, Some("no place left"), None]);
        assert!(points[2].report.is_some());
    }

    #[test]
    fn an_interruption_ends_the_comparison() {
        let mut left = 5;
        let points = rounds(2, &[1, 10], 2, |place| {
            left -= 1;
            (left > 0).then(|| Ok(fake::report(place.connections, 100.0)))
        });
        assert_eq!((points.len(), left), (4, 0));
    }
}
