//! Greeting client: greets the server, shows its answer and how long it is.
//!
//! Run it:       cargo run --bin greeting_client [HOST [PORT]]
//! The guide:    docs/en/src/greeting.md

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 8007;
const GREETING: &str = "Привет, сервер";

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
    stream.write_all(GREETING.as_bytes())?;
    // The end of our half tells the server that the message is complete.
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if answer.is_empty() {
        return Err("the server has closed the connection without a word".into());
    }
    println!("{}", String::from_utf8_lossy(&answer));
    println!("{} bytes", answer.len());
    Ok(())
}
