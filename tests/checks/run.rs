//! The test of every lab: its checks, run by `cargo test -p LAB`. The lab's manifest names this file.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo has built the lab's program for this very test.
    checks::run_as_tests(
        env!("CARGO_PKG_NAME"),
        env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))),
        &[],
    )
}
