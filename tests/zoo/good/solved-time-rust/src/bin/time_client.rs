//! Time client: asks a server for the time and shows it.
//!
//! Run it:       cargo run --bin time_client [HOST [PORT]]
//! The guide:    docs/en/src/time.md

use std::error::Error;
use std::io::Read;
use std::net::TcpStream;
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
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
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or(HOST.to_owned());
    let port = match arguments.next() {
        Some(port) => port.parse()?,
        None => PORT,
    };
    let mut stream = TcpStream::connect((host.as_str(), port))
        .map_err(|error| format!("connect {host}:{port}: {error}"))?;
    let mut text = Vec::new();
    // The text may come in pieces: only the end of the stream tells that it is complete.
    stream.read_to_end(&mut text)?;
    if text.is_empty() {
        return Err("the server has closed the connection without a word".into());
    }
    print!("{}", String::from_utf8_lossy(&text));
    Ok(())
}
