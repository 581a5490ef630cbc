use std::io::{Read, Write};
use std::net::TcpStream;

fn ask(question: &str) -> String {
    print!("{question}: ");
    std::io::stdout().flush().unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim().to_string()
}

fn main() {
    let host = ask("Host");
    let port = ask("Port");
    let mut stream = TcpStream::connect(format!("{host}:{port}")).unwrap();
    loop {
        let line = ask(">");
        if line == "exit" || line.is_empty() {
            break;
        }
        stream.write_all(line.as_bytes()).unwrap();
        let mut buffer = [0; 1024];
        let n = stream.read(&mut buffer).unwrap();
        println!("{}", String::from_utf8_lossy(&buffer[..n]));
    }
}
