//! The order of the measurements.

use anyhow::Result;

use super::figures::Point;
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

/// Calls `measure` for every place, one after another. The servers stand close together in time, so
/// that figures of one round can be compared; each round begins with another server. A measurement
/// that fails leaves its reason at its place and does not end the others.
pub(crate) fn rounds(
    rounds: usize,
    connections: &[usize],
    n_servers: usize,
    mut measure: impl FnMut(Place) -> Result<Report>,
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
                points.push(Point::new(place, measure(place)));
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn every_server_begins_a_round_in_its_turn() {
        let mut order = Vec::new();
        rounds(3, &[1, 10], 2, |place| {
            order.push((place.round, place.connections, place.server));
            bail!("not measured")
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
                bail!("no place left")
            }
            Ok(crate::compare::fake::report(place.connections, 100.0))
        });
        let failures: Vec<_> = points
            .iter()
            .map(|point| point.failure.as_deref())
            .collect();
        assert_eq!(failures, [None, Some("no place left"), None]);
        assert!(points[2].report.is_some());
    }
}
