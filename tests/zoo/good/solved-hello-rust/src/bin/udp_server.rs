//! Hello server over UDP: shows one datagram and ends.
//!
//! Run it:       cargo run --bin udp_server [PORT]
//! Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
//! The guide:    docs/en/src/hello.md

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;

/// Senders of this machine only.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;
/// No datagram is longer.
const MOST: usize = 65536;

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
    // Neither listen nor accept: there are no connections, every datagram names its sender.
    let receiver =
        UdpSocket::bind((HOST, port)).map_err(|error| format!("bind port {port}: {error}"))?;
    println!("waiting on port {port}");
    let mut message = [0; MOST];
    let (n_bytes, peer) = receiver.recv_from(&mut message)?;
    println!("{peer}: {:?}", String::from_utf8_lossy(&message[..n_bytes]));
    Ok(())
}
