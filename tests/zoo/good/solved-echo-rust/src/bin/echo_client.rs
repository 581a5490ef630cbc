//! Echo client: sends line after line until `exit`, and shows what comes back.
//!
//! Run it:       cargo run --bin echo_client [HOST PORT]
//! The guide:    docs/en/src/echo.md

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{exit, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 9090;

/// We are the one who ends the connection.
static LEAVING: AtomicBool = AtomicBool::new(false);

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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (host, port) = match arguments.as_slice() {
        [host, port] => (host.clone(), port.parse()?),
        _ => (ask_host()?, ask_port()?),
    };
    let mut stream = TcpStream::connect((host.as_str(), port))
        .map_err(|error| format!("connect {host}:{port}: {error}"))?;
    eprintln!("connected to {host}:{port}");
    // Sends and receives at once: neither waits for the other.
    let its_stream = stream.try_clone()?;
    let receiver = thread::spawn(move || show_replies(its_stream));
    send_lines(&mut stream)?;
    LEAVING.store(true, Ordering::Release);
    stream.shutdown(Shutdown::Write)?;
    // It ends the program by itself if something is wrong.
    let _ = receiver.join();
    eprintln!("disconnected from {host}:{port}");
    Ok(())
}

/// Sends the lines that are typed, until `exit` or the end of the input.
fn send_lines(stream: &mut TcpStream) -> io::Result<()> {
    for line in io::stdin().lines() {
        let line = line?;
        if line == "exit" {
            break;
        }
        // With the line end, so that an empty line is something to send as well.
        stream.write_all(format!("{line}\n").as_bytes())?;
        eprintln!("data sent: {} bytes", line.len() + 1);
    }
    Ok(())
}

/// Shows what comes, in whatever pieces, until the server ends its half. Ends the program if that
/// comes too early: the other thread waits for the user.
fn show_replies(mut stream: TcpStream) {
    if let Err(error) = copy_to_stdout(&mut stream) {
        eprintln!("the connection is broken: {error}");
        exit(1);
    }
    if !LEAVING.load(Ordering::Acquire) {
        eprintln!("the server has closed the connection");
        exit(1);
    }
}

fn copy_to_stdout(stream: &mut TcpStream) -> io::Result<()> {
    let mut portion = [0; 65536];
    loop {
        let n_bytes = stream.read(&mut portion)?;
        if n_bytes == 0 {
            return Ok(());
        }
        // As bytes: a piece may end inside a letter.
        io::stdout().write_all(&portion[..n_bytes])?;
        io::stdout().flush()?;
        eprintln!("data received: {n_bytes} bytes");
    }
}

/// The host that the user types; an empty line takes the default.
fn ask_host() -> io::Result<String> {
    let answer = ask(&format!("host [{HOST}]"))?;
    Ok(if answer.is_empty() {
        HOST.to_owned()
    } else {
        answer
    })
}

/// The line that the user types, without its end; the end of the input is an error.
fn ask(question: &str) -> io::Result<String> {
    print!("{question}: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    if io::stdin().read_line(&mut answer)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer.trim().to_owned())
}

/// The port that the user types; an empty line takes the default.
fn ask_port() -> io::Result<u16> {
    loop {
        let answer = ask(&format!("port [{PORT}]"))?;
        match answer.parse() {
            _ if answer.is_empty() => return Ok(PORT),
            Ok(port) if port > 0 => return Ok(port),
            _ => println!("a port is a number from 1 to 65535"),
        }
    }
}
