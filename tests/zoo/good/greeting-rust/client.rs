// Special: Rust; read_to_end. Says the length first and the text in a line of its own.
use std::io::{Read, Write};
use std::net::TcpStream;

fn exchange(port: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.write_all("Привет, сервер".as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn main() {
    let port = std::env::args().nth(1).unwrap_or("8007".into());
    match exchange(&port) {
        Ok(answer) => {
            println!("Длина в байтах: {}", answer.len());
            println!("{}", String::from_utf8_lossy(&answer));
        }
        Err(error) => eprintln!("Ошибка: {error}"),
    }
}
