//! The grader, `cargo lab`: judges socket programs by their behaviour, and explains every verdict.
//!
//! The checks themselves are in the crate `checks`. Here is what makes a grader of them: commands
//! for students and instructors, workers that keep submissions apart, points, and reports.

pub mod new;
pub mod results;
