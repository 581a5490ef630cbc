// Special: Rust; SO_RCVTIMEO ends a message after half a second of silence, never before its first byte.
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut message, mut buffer) = (Vec::new(), vec![0; 1_000_000]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(message),
            Ok(n) => message.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(message),
            Err(error) => return Err(error),
        }
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
    }
}

fn greet(mut stream: TcpStream) -> io::Result<()> {
    let client = stream.peer_addr()?;
    let message = message(&mut stream)?;
    println!("{client}: {}", String::from_utf8_lossy(&message));
    stream.write_all("Привет, клиент".as_bytes())
}

fn main() -> io::Result<()> {
    let port: u16 = std::env::args().nth(1).and_then(|p| p.parse().ok()).unwrap_or(8007);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    for stream in listener.incoming() {
        if let Err(error) = stream.and_then(greet) {
            println!("{error}");
        }
    }
    Ok(())
}
