// Special: Rust, asks for the host, then the port; a reader thread copies what comes to
// stdout as it comes; the rest goes to stderr.
use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::{process, thread};

fn ask(question: &str, default: &str) -> String {
    print!("{question} [{default}]: ");
    let _ = io::stdout().flush();
    let mut line = String::new();
    let _ = io::stdin().read_line(&mut line);
    let answer = line.trim();
    if answer.is_empty() { default.into() } else { answer.into() }
}

fn show(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break println!("\nthe server is gone"),
            Ok(n) => {
                let mut out = io::stdout();
                let _ = out.write_all(&buffer[..n]).and_then(|()| out.flush());
                eprintln!(" <- {n} bytes");
            }
            Err(error) => break println!("\n{error}"),
        }
    }
    process::exit(0);
}

fn main() {
    let address = format!("{}:{}", ask("host", "localhost"), ask("port", "9090"));
    let mut stream = match TcpStream::connect(&address) {
        Ok(stream) => stream,
        Err(error) => {
            println!("{address}: {error}");
            process::exit(1);
        }
    };
    println!("connected to {address}");
    let reader = stream.try_clone().expect("no more sockets");
    thread::spawn(move || show(reader));
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if line == "exit" {
            break;
        }
        if let Err(error) = writeln!(stream, "{line}") {
            println!("not sent: {error}");
            break;
        }
        eprintln!("-> {} bytes", line.len() + 1);
    }
    let _ = stream.shutdown(Shutdown::Both);
    println!("disconnected");
}
