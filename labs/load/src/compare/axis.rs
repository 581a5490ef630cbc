//! Axes of a plot: which numbers stand beside them, and where a value lies.

/// From values to places between 0 (the beginning of the axis) and 1 (its end).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    /// From zero on: lengths can be compared.
    Linear {
        /// The value at the end of the axis.
        top: f64,
        /// Between two ticks.
        step: f64,
    },
    /// Equal factors are equally far apart.
    Log {
        /// The value at the beginning, more than 0.
        low: f64,
        /// The value at the end.
        high: f64,
    },
}

impl Scale {
    /// From 0 to the first tick that is not below `max`.
    pub(crate) fn linear(max: f64) -> Self {
        let step = nice_step(if max > 0.0 { max / 5.0 } else { 0.2 });
        // A hair less, so that a maximum on a tick stays there in spite of rounding.
        let n_steps = (max / step - 1e-9).ceil().max(1.0);
        Self::Linear {
            top: step * n_steps,
            step,
        }
    }

    /// From the power of ten below `min` to the one above `max`; both are more than 0.
    pub(crate) fn decades(min: f64, max: f64) -> Self {
        let low = 10f64.powf((min.log10() + 1e-9).floor());
        let high = 10f64.powf((max.log10() - 1e-9).ceil());
        Self::Log {
            low,
            high: if high > low { high } else { low * 10.0 },
        }
    }

    /// From `min` to `max` and no further; a single value stands in the middle.
    pub(crate) fn between(min: f64, max: f64) -> Self {
        let margin = if max > min { 1.0 } else { 2.0 };
        Self::Log {
            low: min / margin,
            high: max * margin,
        }
    }

    /// Where `value` lies; what is off the axis lies at its end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let place = match *self {
            Self::Linear { top, .. } => value / top,
            Self::Log { low, .. } if value <= low => 0.0,
            Self::Log { low, high } => (value / low).ln() / (high / low).ln(),
        };
        place.clamp(0.0, 1.0)
    }

    /// The values to be written beside the axis, in ascending order. On a logarithmic one: powers of
    /// ten, with 2 and 5 between them where there is room.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        match *self {
            Self::Linear { top, step } => {
                let n_steps = (top / step).round() as u32;
                (0..=n_steps).map(|n| f64::from(n) * step).collect()
            }
            Self::Log { low, high } => {
                let first = low.log10().floor() as i32;
                let last = high.log10().ceil() as i32;
                let factors: &[f64] = if last - first <= 2 {
                    &[1.0, 2.0, 5.0]
                } else {
                    &[1.0]
                };
                let powers = (first..=last).map(|exponent| 10f64.powi(exponent));
                let all = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
                all.filter(|tick| (low * 0.999..=high * 1.001).contains(tick))
                    .collect()
            }
        }
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50 ... (and 0.5, 0.2, 0.1 ...) that is not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let enough = factors
        .iter()
        .find(|factor| *factor * power >= least * (1.0 - 1e-9));
    enough.unwrap_or(&10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: &[f64], right: &[f64]) -> bool {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs())
    }

    #[test]
    fn steps_are_round_numbers() {
        for (least, wanted) in [
            (0.03, 0.05),
            (0.11, 0.2),
            (1.0, 1.0),
            (3.0, 5.0),
            (6.0, 10.0),
            (29_000.0, 50_000.0),
        ] {
            assert!(close(&[nice_step(least)], &[wanted]), "{least}");
        }
    }

    #[test]
    fn a_linear_axis_begins_at_zero_and_holds_the_maximum() {
        let scale = Scale::linear(145_000.0);
        assert!(close(
            &scale.ticks(),
            &[0.0, 50_000.0, 100_000.0, 150_000.0]
        ));
        assert_eq!((scale.place(0.0), scale.place(75_000.0)), (0.0, 0.5));
        assert!(close(
            &Scale::linear(100.0).ticks(),
            &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
        ));
        assert!(close(&Scale::linear(0.3).ticks(), &[0.0, 0.1, 0.2, 0.3]));
        assert!(!Scale::linear(0.0).ticks().is_empty());
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let scale = Scale::decades(0.3, 4200.0);
        assert!(close(
            &scale.ticks(),
            &[0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0]
        ));
        assert!(close(&[scale.place(10.0)], &[0.4]));
        assert_eq!((scale.place(0.0), scale.place(1e9)), (0.0, 1.0));
        assert!(close(
            &Scale::decades(2.0, 8.0).ticks(),
            &[1.0, 2.0, 5.0, 10.0]
        ));
        assert!(close(
            &Scale::decades(10.0, 10.0).ticks(),
            &[10.0, 20.0, 50.0, 100.0]
        ));
    }

    #[test]
    fn numbers_of_connections_reach_from_end_to_end() {
        let scale = Scale::between(1.0, 10_000.0);
        assert_eq!(
            (scale.place(1.0), scale.place(100.0), scale.place(10_000.0)),
            (0.0, 0.5, 1.0)
        );
        assert!(close(&[Scale::between(7.0, 7.0).place(7.0)], &[0.5]));
    }
}
