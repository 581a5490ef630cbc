// Special: Rust; the first free port of a range of a hundred. The port comes from the environment.
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

fn main() {
    let first: u16 = std::env::var("PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(9090);
    let mut tries = (first..first.saturating_add(100)).map(|port| {
        TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).inspect_err(|error| println!("{port}: {error}"))
    });
    let listener = tries.find_map(Result::ok).expect("no free port");
    let port = listener.local_addr().expect("an address").port();
    println!("listening on {port}");
    for mut stream in listener.incoming().flatten() {
        let _ = writeln!(stream, "{port}");
    }
}
