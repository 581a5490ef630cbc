// Special: Rust, a thread for each client, the port from the environment, stop on the operator's line.
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::{env, process, thread};

fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        println!("received {n} bytes");
        buffer[..n].make_ascii_uppercase();
        stream.write_all(&buffer[..n])?;
        println!("sent {n} bytes");
    }
}

fn main() -> io::Result<()> {
    let port: u16 = env::var("PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(9090);
    println!("server started");
    let listener = TcpListener::bind(("0.0.0.0", port))?;
    println!("listening on {}", listener.local_addr()?);
    thread::spawn(|| {
        let mut line = String::new();
        while io::stdin().read_line(&mut line).is_ok_and(|n| n > 0) {
            if line.trim() == "quit" {
                println!("server stopped");
                process::exit(0);
            }
            line.clear();
        }
    });
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        println!("client connected: {:?}", stream.peer_addr().ok());
        thread::spawn(|| {
            if let Err(error) = serve(stream) {
                println!("client failed: {error}");
            }
            println!("client disconnected");
        });
    }
    Ok(())
}
