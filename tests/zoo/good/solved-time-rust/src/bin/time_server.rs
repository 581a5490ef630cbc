//! Time server: tells every client the local time.
//!
//! Run it:       cargo run --bin time_server [PORT]
//! Talk to it:   nc 127.0.0.1 8888
//! The guide:    docs/en/src/time.md

use std::error::Error;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

#[path = "../ctime.rs"]
mod ctime;

const PORT: u16 = 8888;

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
                println!("request from {peer}");
                if let Err(error) = serve(stream) {
                    println!("no answer to {peer}: {error}");
                }
            }
            Err(error) => println!("accept: {error}"),
        }
    }
}

/// Tells one client the time. The stream is closed when it is dropped: its end tells the client that
/// the text is complete.
fn serve(mut stream: TcpStream) -> io::Result<()> {
    let text = ctime::now() + "\n";
    stream.write_all(text.as_bytes())
}
