//! Times on the command line.

use std::time::Duration;

/// Parses a number of seconds, fractions allowed.
///
/// # Errors
/// If it is not a number, negative, or more than a thousand million (a time that no clock can add).
pub fn seconds(text: &str) -> Result<Duration, String> {
    const MOST: f64 = 1e9;
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..=MOST).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "a number of seconds is needed, such as 10 or 0.5".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_take_fractions_and_refuse_nonsense() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        for bad in ["", "-1", "abc", "inf", "NaN", "1e300"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
