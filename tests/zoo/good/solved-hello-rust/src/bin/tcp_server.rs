//! Hello server over TCP: shows the message of one client and ends.
//!
//! Run it:       cargo run --bin tcp_server [PORT]
//! Talk to it:   echo hello | nc -N 127.0.0.1 12345
//! The guide:    docs/en/src/hello.md

use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::process::ExitCode;

/// Clients of this machine only.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse()?,
        None => PORT,
    };
    // `bind` sets SO_REUSEADDR and calls listen, too.
    let listener =
        TcpListener::bind((HOST, port)).map_err(|error| format!("bind port {port}: {error}"))?;
    println!("listening on port {port}");
    let (mut stream, peer) = listener.accept()?;
    let mut message = Vec::new();
    // The message may come in pieces: only the end of the stream tells that it is complete.
    stream.read_to_end(&mut message)?;
    // {:?} shows control characters as \n, \u{1b}: a client cannot play with the terminal.
    println!("{peer}: {:?}", String::from_utf8_lossy(&message));
    Ok(())
}
