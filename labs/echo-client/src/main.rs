//! Echo client: sends line after line to an echo server and shows what comes back.
//!
//! It shows `connect`, `send` and `recv`, and why a client has to read while it writes: a reply may
//! come late, in pieces, or be larger than any buffer. Run `cargo run -p echo-server` in one
//! terminal and `cargo run -p echo-client` in another; type lines, then `exit`. In a pipe it works
//! as well: `cat poem.txt | cargo run -q -p echo-client`. Stop the server meanwhile and see.

mod dialogue;
mod sources;

use std::net::TcpStream;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use common::{ClientArgs, event};

use dialogue::Dialogue;

/// Sends lines to an echo server and shows what comes back
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<9090>,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.client.begin()?;
    let limit = args.client.timeout();
    // ANCHOR: connect
    let stream = args.client.connect_with(|address| match limit {
        Some(limit) => TcpStream::connect_timeout(&address, limit),
        None => TcpStream::connect(address),
    })?;
    // ANCHOR_END: connect
    let server = stream.peer_addr().context("ask for the server's address")?;
    event!("connected to {server}", "соединение с {server} установлено");
    let result = Dialogue::new(stream, server, limit)?.run();
    event!(
        "disconnected from {server}",
        "соединение с {server} завершено"
    );
    result
}
