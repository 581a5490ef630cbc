//! Echo server: returns to every client what it sends, one client after another.
//!
//! Run it:       cargo run --bin echo_server [PORT [LOGFILE]]
//! Talk to it:   nc 127.0.0.1 9090
//! Stop it:      type `stop`
//! The guide:    docs/en/src/echo.md

use std::error::Error;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{exit, ExitCode};
use std::sync::{Arc, Mutex};
use std::thread;

const PORT: u16 = 9090;
/// The most bytes that one read takes.
const PORTION: usize = 1024;

/// Where service messages go: the console or a file. Two threads write to it.
#[derive(Clone)]
struct Log(Arc<Mutex<dyn Write + Send>>);

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
    let port = arguments.next();
    let log = match arguments.next() {
        Some(path) => Log::to(File::options().create(true).append(true).open(path)?),
        None => Log::to(io::stdout()),
    };
    log.say("server started");
    let port = match port {
        Some(port) => port.parse()?,
        None => ask_port()?,
    };
    let listener = listen(port, &log).map_err(|error| format!("listen: {error}"))?;
    let its_log = log.clone();
    thread::spawn(move || wait_for_stop(&its_log));
    serve(&listener, &log)
}

impl Log {
    fn to(destination: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(destination)))
    }

    /// Writes a service message.
    fn say(&self, text: impl std::fmt::Display) {
        if let Ok(mut destination) = self.0.lock() {
            // A full disk is no reason to stop serving.
            let _ = writeln!(destination, "{text}");
        }
    }
}

/// Ends the program when the operator types `stop`; Rust's own library cannot catch Ctrl-C.
fn wait_for_stop(log: &Log) {
    for line in io::stdin().lines().map_while(Result::ok) {
        if line.trim() == "stop" {
            log.say("server stopped");
            exit(0);
        }
    }
}

/// Listens on every IPv4 address, at the first free port from `port` up. `bind` sets SO_REUSEADDR and
/// calls listen, too.
fn listen(mut port: u16, log: &Log) -> io::Result<TcpListener> {
    loop {
        match TcpListener::bind(("0.0.0.0", port)) {
            Ok(listener) => {
                log.say(format_args!("listening on port {port}"));
                return Ok(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse && port < 65535 => {
                log.say(format_args!("port {port} is busy"));
                port += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Serves one client after another.
fn serve(listener: &TcpListener, log: &Log) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                log.say(format_args!("client connected: {peer}"));
                if let Err(error) = echo(stream, peer, log) {
                    // It is the end of this client, not of the server.
                    log.say(format_args!("client failed: {peer}: {error}"));
                }
                log.say(format_args!("client disconnected: {peer}"));
            }
            Err(error) => log.say(format_args!("accept: {error}")),
        }
    }
}

/// Returns what one client sends, as bytes: a portion may end inside a letter.
fn echo(mut stream: TcpStream, peer: SocketAddr, log: &Log) -> io::Result<()> {
    let mut portion = [0; PORTION];
    loop {
        let n_bytes = stream.read(&mut portion)?;
        if n_bytes == 0 {
            return Ok(());
        }
        log.say(format_args!("data received: {n_bytes} bytes from {peer}"));
        stream.write_all(&portion[..n_bytes])?;
        log.say(format_args!("data sent: {n_bytes} bytes to {peer}"));
    }
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
