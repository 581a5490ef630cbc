//! Time server: tells every client the local time, and closes.
//!
//! The smallest TCP server there is: `socket`, `bind`, `listen`, then `accept`, `send` and `close`,
//! over and over. It is iterative: one client after the other, while the next ones wait in the
//! backlog. Run it with `cargo run -p time-server`, then, in a second terminal, ask it with `cargo
//! run -p time-client` or `nc -d localhost 8888`. Try three clients at once, and one that types
//! something: the server throws it away, as RFC 867 has it.

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Local;
use clap::Parser;
use common::{Clients, ServerArgs, bytes, event, events, excerpt, message_event};
use socket2::{Domain, Socket, Type};

/// How many connections may wait to be accepted, unless `--backlog` says otherwise: `listen(5)`.
const BACKLOG: i32 = 5;

/// How long a client may take to leave once it has the time; the next one waits meanwhile.
const GOODBYE: Duration = Duration::from_millis(100);

/// Tells every client the local time
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<8888, BACKLOG>,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.server.begin()?;
    let clients = Clients::at_most(args.server.max_clients);
    let all = Arc::clone(&clients);
    common::on_stop(move || all.close(Duration::from_secs(1)))?;

    args.server.ask()?;
    let backlog = args.server.backlog;
    let listener = args
        .server
        .listen_with(|address| listen(address, backlog))?;
    let address = listener.local_addr();
    common::announce(address.context("ask for the listening address")?);

    // ANCHOR: iterative
    loop {
        clients.wait_for_place();
        match listener.accept() {
            Ok((stream, peer)) => serve(&clients.add(stream), common::peer(peer)),
            Err(error) => {
                // Out of file descriptors, or a client that left too early: neither ends the
                // server, nor makes it spin.
                events::accept_failed(&error);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
    // ANCHOR_END: iterative
}

// ANCHOR: listen
/// A socket that listens on `address`; up to `backlog` connections wait in the kernel until they
/// are accepted.
fn listen(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // [::] then takes IPv4 clients, too (RFC 3493, section 5.3).
        socket.set_only_v6(false)?;
    }
    // Restart while old connections are in TIME-WAIT. On Windows it would let two servers share the
    // port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket.into())
}
// ANCHOR_END: listen

fn serve(stream: &TcpStream, peer: SocketAddr) {
    events::client_connected(peer);
    if let Err(error) = tell_time(stream, peer) {
        events::client_failed(peer, &error);
    }
    event!("client disconnected: {peer}", "клиент отключился: {peer}");
}

// ANCHOR: tell
/// Sends the time and ends the connection. Never waits for the client to read: so short a text
/// fits into the kernel's buffer.
fn tell_time(mut stream: &TcpStream, peer: SocketAddr) -> Result<()> {
    let text = ctime();
    stream.write_all(text.as_bytes()).context("send")?;
    message_event!(
        "data sent: {} to {peer}: {}",
        "данные отправлены: {}, {peer}: {}",
        bytes(text.len()),
        excerpt(text.as_bytes())
    );
    // It fails where the client has gone already.
    let _ = stream.shutdown(Shutdown::Write);
    common::drain(stream, GOODBYE);
    Ok(())
}

/// The local time as ctime(3) writes it, whatever the language: `Sun Nov  1 09:05:00 2026`, in
/// ASCII, the day padded with a space, and a newline.
fn ctime() -> String {
    Local::now().format("%a %b %e %H:%M:%S %Y\n").to_string()
}
// ANCHOR_END: tell
