//! Echo client: sends line after line to an echo server and shows what comes back.
//!
//! It shows `connect`, `send` and `recv`, and why a client has to read while it writes: a reply may
//! come late, in pieces, or be larger than any buffer. Run `cargo run -p echo-server` in one
//! terminal and `cargo run -p echo-client` in another; type lines, then `exit`. In a pipe it works
//! as well: `cat poem.txt | cargo run -q -p echo-client`. Stop the server meanwhile and see.

mod console;
mod dialogue;
mod input;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc::Sender;

use anyhow::Result;
use clap::Parser;
use common::{ClientArgs, PeerOutput, event, is_timeout};

use console::Console;
use dialogue::Dialogue;
use input::Event;

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
    args.client.ask()?;
    let limit = args.client.timeout();
    // ANCHOR: connect
    let (stream, server) = args.client.connect_with(|address| {
        let stream = match limit {
            Some(limit) => TcpStream::connect_timeout(&address, limit)?,
            None => TcpStream::connect(address)?,
        };
        Ok((stream, address))
    })?;
    // ANCHOR_END: connect
    event!("connected to {server}", "соединение с {server} установлено");
    let result = Dialogue::new(stream, server, limit)?.run();
    event!(
        "disconnected from {server}",
        "соединение с {server} завершено"
    );
    result
}

/// Sends all of `piece`: `send` may take a part of it. Waits for the server no longer than the
/// stream's time-out, but as long as the user takes to read what has come back.
fn send(mut stream: &TcpStream, mut piece: &[u8], console: &Console) -> io::Result<()> {
    while !piece.is_empty() {
        match stream.write(piece) {
            Ok(n_bytes) => piece = &piece[n_bytes..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) && console.is_showing() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Receives until the server closes, and shows what comes on stdout at once.
fn receive(mut stream: &TcpStream, console: &Console, events: &Sender<Result<Event>>) {
    let mut output = PeerOutput::stdout();
    let mut buffer = vec![0; 64 * 1024];
    let end = loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Ok(Event::ServerGone(Some(error))),
            Ok(0) => break Ok(Event::ServerGone(None)),
            Ok(n_bytes) => {
                let bytes = &buffer[..n_bytes];
                let newline = bytes.contains(&b'\n');
                let shown = console.while_showing(|| {
                    output.show(bytes)?;
                    // Nobody listens any more when the program is about to end.
                    let _ = events.send(Ok(Event::Received { n_bytes, newline }));
                    Ok(())
                });
                if let Err(error) = shown {
                    break Err(error);
                }
            }
        }
    };
    // The beginning of a character that will never be finished, and the end of the line.
    let _ = output.end();
    let _ = events.send(end);
    // Nobody shows replies any more: no reason to go on sending.
    let _ = stream.shutdown(Shutdown::Both);
}
