//! Numbers for people: three digits that count, in the chosen language.

use common::{Lang, lang};

use super::figures::Spread;
use crate::decimal::point;

/// `145,000`, `12.3`, `0.891`; in Russian `145 000`, `12,3`, `0,891`. More digits would promise what
/// no measurement on a busy machine can keep.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    // Of 999.9 the rounded number has one digit more before the point than the number itself.
    let exponent = |value: f64| value.abs().log10().floor() as i32;
    let unit = 10f64.powi(exponent(value) - 2);
    let rounded = (value / unit).round() * unit;
    let decimals = usize::try_from(2 - exponent(rounded)).unwrap_or(0);
    let digits = format!("{rounded:.decimals$}");
    match digits.split_once('.') {
        None => grouped(&digits),
        Some((whole, part)) => format!("{}{}{part}", grouped(whole), point()),
    }
}

/// The same without zeros at the end, as on an axis: `0.5`, `1`, `20`.
pub(crate) fn plain(value: f64) -> String {
    let number = number(value);
    match number.contains(point()) {
        true => number
            .trim_end_matches('0')
            .trim_end_matches(point())
            .into(),
        false => number,
    }
}

/// A count in full: `10,000`.
pub(crate) fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// `median (min–max)`, or the median alone where there is no spread; `–` where there is nothing.
pub(crate) fn spread(spread: Option<Spread>) -> String {
    let Some(Spread { median, min, max }) = spread else {
        return "–".into();
    };
    match (number(median), number(min), number(max)) {
        (median, min, max) if min == max => median,
        (median, min, max) => format!("{median} ({min}–{max})"),
    }
}

/// Groups of three digits; four digits stay together in Russian, as its typography wants.
fn grouped(digits: &str) -> String {
    let (separator, alone) = match lang() {
        Lang::En => (',', 3),
        Lang::Ru => ('\u{a0}', 4),
    };
    let n_digits = digits.trim_start_matches('-').len();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len() - index;
        let inside = n_digits > alone && left < n_digits;
        if inside && left % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let cases = [
            (145_210.0, "145,000"),
            (1234.0, "1,230"),
            (999.9, "1,000"),
            (99.99, "100"),
            (12.345, "12.3"),
            (1.0, "1.00"),
            (0.8912, "0.891"),
            (0.000_123_4, "0.000123"),
            (-1234.0, "-1,230"),
            (0.0, "0"),
        ];
        for (value, wanted) in cases {
            assert_eq!(number(value), wanted, "{value}");
        }
    }

    #[test]
    fn ticks_have_no_zeros_at_the_end() {
        for (value, wanted) in [
            (0.5, "0.5"),
            (1.0, "1"),
            (20.0, "20"),
            (0.0, "0"),
            (150_000.0, "150,000"),
        ] {
            assert_eq!(plain(value), wanted);
        }
        assert_eq!(count(12_345), "12,345");
    }

    #[test]
    fn a_spread_is_shown_where_there_is_one() {
        let of = |values: &[f64]| spread(Spread::of(values.iter().copied()));
        assert_eq!(of(&[1.3, 1.25, 1.4]), "1.30 (1.25–1.40)");
        assert_eq!(of(&[1.3]), "1.30");
        assert_eq!(of(&[]), "–");
    }
}
