//! Greeting server: shows the message of every client and answers it.
//!
//! Run it:       cargo run --bin greeting_server [PORT]
//! Talk to it:   echo hello | nc -N 127.0.0.1 8007
//! The guide:    docs/en/src/greeting.md

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

const PORT: u16 = 8007;
/// Bytes of a message.
const MOST: usize = 1_000_000;
/// So long without more bytes ends a message.
const PAUSE: Duration = Duration::from_millis(500);
const GREETING: &str = "Привет, клиент";

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
    // On every IPv4 address. `bind` sets SO_REUSEADDR and calls listen, too.
    let listener = TcpListener::bind(("0.0.0.0", port))
        .map_err(|error| format!("bind port {port}: {error}"))?;
    println!("listening on port {port}");
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                if let Err(error) = serve(stream, peer) {
                    println!("{peer}: {error}");
                }
            }
            Err(error) => println!("accept: {error}"),
        }
    }
}

/// Shows the message of one client and answers it.
fn serve(mut stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
    let message = receive(&mut stream)?;
    let text = String::from_utf8_lossy(&message);
    // {:?} shows control characters as \n, \u{1b}: a client cannot play with the terminal.
    println!("{peer}, {} bytes: {text:?}", message.len());
    stream.write_all(GREETING.as_bytes())
}

/// A message: up to the end of the stream, or until the client pauses.
fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut portion = [0; 65536];
    while message.len() < MOST {
        match stream.read(&mut portion) {
            Ok(0) => break,
            Ok(n_bytes) => message.extend_from_slice(&portion[..n_bytes]),
            // What a read returns whose time is over depends on the system.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break
            }
            Err(error) => return Err(error),
        }
        // Not before the first portion: a client may think before it speaks.
        stream.set_read_timeout(Some(PAUSE))?;
    }
    message.truncate(MOST);
    Ok(message)
}
