//! What a comparison found: figures over the rounds, and ratios to the first server.

use serde::Serialize;

use super::command::Command;
use super::machine::Machine;
use super::metric::{Metric, memory};
use super::rounds::Point;

/// A whole comparison; the JSON that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) servers: Vec<Command>,
    /// In ascending order.
    pub(crate) connections: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) load: Load,
    pub(crate) machine: Machine,
    pub(crate) points: Vec<Point>,
}

/// What all measurements have in common.
#[derive(Debug, Serialize)]
pub(crate) struct Load {
    /// Bytes of one message.
    pub(crate) size: usize,
    pub(crate) pipeline: usize,
    /// Length of one measurement.
    pub(crate) seconds: f64,
    /// Messages of one connection; `None`: no end.
    pub(crate) per_connection: Option<u32>,
}

/// A figure over the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Nothing where nothing was measured.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            1 => values[middle],
            _ => f64::midpoint(values[middle - 1], values[middle]),
        };
        Some(Self { median, min, max })
    }
}

impl Comparison {
    /// How many measurements failed.
    pub(crate) fn failures(&self) -> usize {
        self.points
            .iter()
            .filter(|point| point.report.is_none())
            .count()
    }

    /// All rounds of one server at one number of connections.
    pub(crate) fn at(&self, server: usize, connections: usize) -> impl Iterator<Item = &Point> {
        let here = move |point: &&Point| (point.server, point.connections) == (server, connections);
        self.points.iter().filter(here)
    }

    /// A figure of one server at one number of connections.
    pub(crate) fn spread(
        &self,
        server: usize,
        connections: usize,
        metric: Metric,
    ) -> Option<Spread> {
        let reports = self
            .at(server, connections)
            .filter_map(|point| point.report.as_ref());
        Spread::of(reports.filter_map(metric))
    }

    /// The same as a ratio to the first server, round by round: what disturbs the machine for a
    /// while then touches both sides of a ratio. Rounds in which one of them failed are left out.
    pub(crate) fn ratio(
        &self,
        server: usize,
        connections: usize,
        metric: Metric,
    ) -> Option<Spread> {
        Spread::of((0..self.rounds).filter_map(|round| {
            let value = |server| self.value(server, connections, round, metric);
            Some(value(server)? / value(0)?)
        }))
    }

    /// What one more connection costs in memory, in KiB: the difference to the smallest number of
    /// connections, so that the program itself does not count. Nothing for fewer than 50 connections
    /// more: a program's memory differs by up to 200 KiB from one start to the next.
    pub(crate) fn memory_per_connection(
        &self,
        server: usize,
        connections: usize,
    ) -> Option<Spread> {
        let fewest = *self.connections.first()?;
        if connections < fewest + 50 {
            return None;
        }
        Spread::of((0..self.rounds).filter_map(|round| {
            let value = |connections| self.value(server, connections, round, memory);
            Some((value(connections)? - value(fewest)?) / (connections - fewest) as f64)
        }))
    }

    fn value(
        &self,
        server: usize,
        connections: usize,
        round: usize,
        metric: Metric,
    ) -> Option<f64> {
        let mut points = self.at(server, connections);
        metric(points.find(|point| point.round == round)?.report.as_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::fake;
    use crate::compare::metric::{p99, throughput};
    use anyhow::bail;

    const fn spread(median: f64, min: f64, max: f64) -> Option<Spread> {
        Some(Spread { median, min, max })
    }

    #[test]
    fn a_spread_is_the_median_between_the_extremes() {
        assert_eq!(Spread::of([3.0, 1.0, 8.0]), spread(3.0, 1.0, 8.0));
        assert_eq!(Spread::of([4.0, 1.0]), spread(2.5, 1.0, 4.0));
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN]), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine is ten times as fast in the second round: no ratio sees that.
        let comparison = fake::comparison(|place| {
            let speed = [100.0, 1000.0, 100.0][place.round];
            let times = [[1.0, 1.0, 1.0], [2.0, 2.5, 3.0]][place.server][place.round];
            Ok(fake::report(place.connections, speed * times))
        });
        assert_eq!(
            comparison.spread(1, 10, throughput),
            spread(300.0, 200.0, 2500.0)
        );
        assert_eq!(comparison.ratio(1, 10, throughput), spread(2.5, 2.0, 3.0));
        assert_eq!(comparison.ratio(0, 10, throughput), spread(1.0, 1.0, 1.0));
        assert_eq!(comparison.ratio(1, 10, p99), spread(0.4, 1.0 / 3.0, 0.5));
    }

    #[test]
    fn a_round_without_its_pair_has_no_ratio() {
        let comparison = fake::comparison(|place| match (place.server, place.round) {
            (0, 0) | (1, 1) => bail!("refused"),
            (server, _) => Ok(fake::report(place.connections, 100.0 * (server + 1) as f64)),
        });
        assert_eq!(comparison.ratio(1, 1, throughput), spread(2.0, 2.0, 2.0));
        assert_eq!(
            comparison.spread(1, 1, throughput),
            spread(200.0, 200.0, 200.0)
        );
        assert_eq!(comparison.failures(), 6);

        let nothing = fake::comparison(|_| bail!("refused"));
        assert_eq!(nothing.spread(0, 1, throughput), None);
        assert_eq!(nothing.ratio(1, 1, throughput), None);
    }

    #[test]
    fn memory_per_connection_leaves_the_program_out() {
        let comparison = fake::comparison(|place| Ok(fake::report(place.connections, 100.0)));
        assert_eq!(
            comparison.memory_per_connection(0, 100),
            spread(3.0, 3.0, 3.0)
        );
        assert_eq!(comparison.memory_per_connection(0, 10), None);
    }
}
