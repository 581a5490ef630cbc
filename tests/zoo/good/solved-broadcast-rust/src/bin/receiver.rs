//! Broadcast receiver: shows every datagram that comes to its port.
//!
//! Run it:       cargo run --bin receiver [PORT]
//! Talk to it:   echo hello | nc -u -w 1 127.0.0.1 8888
//! The guide:    docs/en/src/broadcast.md

use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::process::ExitCode;

#[path = "../shared.rs"]
mod shared;

const PORT: u16 = 8888;
/// What a datagram has beyond it is lost.
const BUFFER: usize = 128;

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
    let receiver = bind(port).map_err(|error| format!("bind port {port}: {error}"))?;
    println!("waiting on port {port}");
    let mut message = [0; BUFFER];
    loop {
        let (n_bytes, sender) = receiver.recv_from(&mut message)?;
        // The buffer may end inside a letter, and anybody can send bytes that are no text.
        println!(
            "{sender}: {:?}",
            String::from_utf8_lossy(&message[..n_bytes])
        );
    }
}

/// A datagram socket on every IPv4 address that shares its port with others.
fn bind(port: u16) -> io::Result<UdpSocket> {
    let socket = shared::socket()?;
    shared::reuse_address(&socket)?;
    let receiver = shared::bind(socket, port)?;
    receiver.set_broadcast(true)?;
    Ok(receiver)
}
