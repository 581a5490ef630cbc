//! The same checks for a program that has to pass them with `--fast`, too. Its manifest names this file.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo has built the lab's program for this very test.
    checks::run_as_tests(
        env!("CARGO_PKG_NAME"),
        env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))),
        &["--fast"],
    )
}
