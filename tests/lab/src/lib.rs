//! The grader, `cargo lab`: judges socket programs by their behaviour, and explains every verdict.
//!
//! The checks themselves are in the crate `checks`. Here is what makes a grader of them: commands
//! for students and instructors, workers that keep submissions apart, points, and reports.

#[cfg(target_os = "linux")]
mod cgroup;
pub mod check;
pub mod copy;
#[cfg(target_os = "linux")]
pub mod enclosure;
pub mod grade;
pub mod grader;
pub mod init;
#[cfg(target_os = "linux")]
mod interpreters;
pub mod job;
#[cfg(target_os = "linux")]
mod leftovers;
pub mod list;
mod literal;
pub mod new;
mod pace;
pub mod place;
pub mod points;
pub mod poke;
pub mod replay;
pub mod report;
pub mod results;
pub mod running;
pub mod table;
pub mod terminal;
#[cfg(target_os = "linux")]
mod watchdog;
#[cfg(not(target_os = "linux"))]
#[path = "no_watchdog.rs"]
mod watchdog;
pub mod worker;
