//! Greeting server: receives one message from every client, shows it, and answers with a greeting.
//!
//! It shows text on its way through a socket: characters become bytes and bytes characters again,
//! `Привет` is 6 of the ones and 12 of the others. And it shows what TCP does not have: messages.
//! Run it with `cargo run -p greeting-server`, then, in a second terminal, `cargo run -p
//! greeting-client` or `nc localhost 8007`. Send something longer than a segment, and something
//! that is not UTF-8.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use common::{Client, Clients, ServerArgs, event, events, is_timeout, length, message_event, tr};
use socket2::{Domain, Socket, Type};

/// How many connections may wait to be accepted, unless `--backlog` says otherwise: `listen(5)`.
const BACKLOG: i32 = 5;

/// The longest message, in bytes; what is beyond is dropped.
const MOST: usize = 1_000_000;

/// How long a client may take to leave once it has its answer.
const GOODBYE: Duration = Duration::from_secs(1);

/// Answers every message with a greeting
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<8007, BACKLOG>,

    /// The greeting [default: Hello, client]
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,

    /// A client that says no more for so long has ended its message; 0 means that only the end of
    /// the stream ends it
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = common::seconds)]
    pause: Duration,
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

    let greeting = args.message.take();
    let greeting = greeting.unwrap_or_else(|| tr!("Hello, client", "Привет, клиент"));
    let greeting: Arc<str> = greeting.into();
    loop {
        clients.wait_for_place();
        match listener.accept() {
            Ok((stream, peer)) => {
                let (stream, peer) = (clients.add(stream), common::peer(peer));
                serve_on_a_thread(stream, peer, Arc::clone(&greeting), &args);
            }
            Err(error) => {
                // Out of file descriptors, or a client that left too early: neither ends the
                // server, nor makes it spin.
                events::accept_failed(&error);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

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

fn serve_on_a_thread(stream: Client, peer: SocketAddr, greeting: Arc<str>, args: &Args) {
    events::client_connected(peer);
    let limit = args.server.idle_timeout();
    let pause = Some(args.pause).filter(|pause| !pause.is_zero()).or(limit);
    let serve = move || {
        if let Err(error) = greet(&stream, peer, &greeting, limit, pause) {
            events::client_failed(peer, &error);
        }
        event!("client disconnected: {peer}", "клиент отключился: {peer}");
    };
    if let Err(error) = thread::Builder::new().spawn(serve) {
        event!(
            "no thread for {peer}: {error}",
            "нет потока выполнения для {peer}: {error}"
        );
    }
}

// ANCHOR: greet
/// Receives the message, shows it, answers, and ends the connection.
fn greet(
    mut stream: &TcpStream,
    peer: SocketAddr,
    greeting: &str,
    limit: Option<Duration>,
    pause: Option<Duration>,
) -> Result<()> {
    stream
        .set_write_timeout(limit)
        .context("set the write time-out")?;
    let message = receive(stream, limit, pause)?;
    common::say_or_serve_on(&common::message_line(peer, &message, MOST));
    stream.write_all(greeting.as_bytes()).context("send")?;
    message_event!(
        "greeting sent: {} to {peer}",
        "приветствие отправлено: {}, {peer}",
        length(greeting.as_bytes())
    );
    // It fails where the client has gone already.
    let _ = stream.shutdown(Shutdown::Write);
    common::drain(stream, GOODBYE);
    Ok(())
}

/// Receives one message. TCP has none: its stream of bytes does not say where a message ends. So
/// it ends where the client ends its half of the connection, or where nothing more has come for
/// `pause`, or at the longest that a message may be and one byte, the proof that it is too long.
fn receive(
    mut stream: &TcpStream,
    limit: Option<Duration>,
    pause: Option<Duration>,
) -> Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut portion = vec![0; 64 * 1024];
    while message.len() <= MOST {
        let patience = if message.is_empty() { limit } else { pause };
        stream
            .set_read_timeout(patience)
            .context("set the read time-out")?;
        let room = portion.len().min(MOST + 1 - message.len());
        match stream.read(&mut portion[..room]) {
            Ok(0) => break,
            Ok(n_bytes) => message.extend_from_slice(&portion[..n_bytes]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) && !message.is_empty() => break,
            Err(error) if is_timeout(&error) => bail!(
                "recv: {}",
                tr!("nothing came in time", "вовремя ничего не пришло")
            ),
            Err(error) => return Err(error).context("recv"),
        }
    }
    Ok(message)
}
// ANCHOR_END: greet
