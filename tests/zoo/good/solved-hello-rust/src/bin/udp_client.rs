//! Hello client over UDP: sends one datagram and ends.
//!
//! Run it:       cargo run --bin udp_client [HOST [PORT]]
//! The guide:    docs/en/src/hello.md

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;
const MESSAGE: &str = "Hello, server!";

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
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or(HOST.to_owned());
    let port = match arguments.next() {
        Some(port) => port.parse()?,
        None => PORT,
    };
    // Port 0: the system chooses one.
    let sender = UdpSocket::bind(("0.0.0.0", 0))?;
    sender
        .send_to(MESSAGE.as_bytes(), (host.as_str(), port))
        .map_err(|error| format!("send to {host}:{port}: {error}"))?;
    // Sent, not received: nobody confirms a datagram.
    println!("sent to {host}:{port}");
    Ok(())
}
