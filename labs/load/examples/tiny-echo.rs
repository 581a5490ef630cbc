//! The smallest server that `load` can measure: upper-case echo, a thread for each client. It is
//! started by the tests. With `--die` it ends before it listens, with `--deaf` it ends when the
//! first client comes, with `--mute` it never says where it listens, with `--one` it serves one client
//! after another.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

fn main() -> io::Result<ExitCode> {
    let how = std::env::args().nth(1).unwrap_or_default();
    if how == "--die" {
        return Ok(ExitCode::from(3));
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    if how != "--mute" {
        println!("listening on {}", listener.local_addr()?);
    }
    for stream in listener.incoming() {
        if how == "--deaf" {
            return Ok(ExitCode::from(4));
        }
        let mut stream = stream?;
        let client = thread::spawn(move || echo(&mut stream));
        if how == "--one" {
            let _ = client.join();
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn echo(stream: &mut TcpStream) -> io::Result<()> {
    let mut portion = [0; 1024];
    loop {
        let n_bytes = stream.read(&mut portion)?;
        if n_bytes == 0 {
            return Ok(());
        }
        portion[..n_bytes].make_ascii_uppercase();
        stream.write_all(&portion[..n_bytes])?;
    }
}
