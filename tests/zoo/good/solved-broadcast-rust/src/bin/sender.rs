//! Broadcast sender: sends a message to everybody, again and again.
//!
//! Run it:       cargo run --bin sender [ADDRESS [PORT]]
//! The guide:    docs/en/src/broadcast.md

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

const HOST: &str = "255.255.255.255";
const PORT: u16 = 8888;
const MESSAGE: &str = "Who is there?";
/// Everybody in the network has to listen.
const PAUSE: Duration = Duration::from_secs(1);

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
    sender.set_broadcast(true)?;
    loop {
        match sender.send_to(MESSAGE.as_bytes(), (host.as_str(), port)) {
            Ok(_) => println!("sent to {host}:{port}"),
            // A network may go down and come back.
            Err(error) => println!("not sent to {host}:{port}: {error}"),
        }
        sleep(PAUSE);
    }
}
