//! Hello client over TCP: sends one message and ends.
//!
//! Run it:       cargo run --bin tcp_client [HOST [PORT]]
//! The guide:    docs/en/src/hello.md

use std::error::Error;
use std::io::Write;
use std::net::TcpStream;
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
    let mut stream = TcpStream::connect((host.as_str(), port))
        .map_err(|error| format!("connect {host}:{port}: {error}"))?;
    stream.write_all(MESSAGE.as_bytes())?;
    println!("sent to {host}:{port}");
    Ok(())
}
