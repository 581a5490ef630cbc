//! `cargo lab`: the grader's command line.

fn main() {}
