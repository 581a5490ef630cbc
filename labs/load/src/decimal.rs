//! Decimal numbers for people: with a point in English, with a comma in Russian.

use common::{Lang, lang};

/// `value` with so many digits after the point or comma.
pub(crate) fn decimal(value: f64, n_digits: usize) -> String {
    format!("{value:.n_digits$}").replace('.', point())
}

/// What stands between the whole number and its fraction.
pub(crate) fn point() -> &'static str {
    match lang() {
        Lang::En => ".",
        Lang::Ru => ",",
    }
}
