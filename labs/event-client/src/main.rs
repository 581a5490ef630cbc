//! Event client: the echo client as an event loop that calls handlers.
//!
//! It shows the other way to write a client. echo-client waits in `recv` on one thread and for the
//! keyboard on another; here one loop waits for everything at once, in `poll`, and calls a handler
//! for what has happened: `connected`, `ready_read`, `ready_write`, `error`, `disconnected`, as
//! signals call slots. No handler ever waits, `connect` neither. Run `cargo run -p echo-events` in
//! one terminal and `cargo run -p event-client` in another; type lines, then `exit`. Try an address
//! where nobody answers: `cargo run -p event-client -- 192.0.2.1 --timeout 3`; stop the server in
//! the middle; and look at the system calls: `strace -f -e trace=network,epoll_wait`.

mod echo;
mod input;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use common::ClientArgs;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};

use echo::Echo;

/// What an event is about: the connection, or a line of the input.
const SERVER: Token = Token(0);
const INPUT: Token = Token(1);

/// Sends lines to an echo server and shows what comes back
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<9090>,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.client.begin()?;
    args.client.ask()?;
    let limit = args.client.timeout();
    let (mut poll, stream, server) = args
        .client
        .connect_with(|address| connect(address, limit))?;
    // Kept here as well: with the last owner of a waker goes a wake-up that was not seen yet.
    let waker = Waker::new(poll.registry(), INPUT).context("make a waker")?;
    let waker = Arc::new(waker);
    let input = input::start(Arc::clone(&waker))?;
    let mut client = Echo::new(stream, server, limit, input);
    client.connected()?;
    let result = call_handlers(&mut poll, &mut client);
    client.disconnected();
    result
}

// ANCHOR: connect
/// A connection to `address`, and the poll that watches it. `connect` only begins: it says
/// EINPROGRESS, the kernel goes on alone, and the socket becomes writable when that is over. Whether
/// there is a connection then, SO_ERROR tells (connect(2)).
///
/// # Errors
/// Those of `connect`; `TimedOut` after `limit`.
fn connect(
    address: SocketAddr,
    limit: Option<Duration>,
) -> io::Result<(Poll, TcpStream, SocketAddr)> {
    let mut poll = Poll::new()?;
    let mut stream = TcpStream::connect(address)?;
    poll.registry()
        .register(&mut stream, SERVER, Interest::WRITABLE)?;
    let end = limit.map(|limit| Instant::now() + limit);
    let mut events = Events::with_capacity(1);
    loop {
        wait(&mut poll, &mut events, end)?;
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        match stream.peer_addr() {
            Ok(_) => return Ok((poll, stream, address)),
            Err(error) if error.kind() != ErrorKind::NotConnected => return Err(error),
            Err(_) if end.is_some_and(|end| Instant::now() >= end) => {
                let what = "connection timed out";
                return Err(io::Error::new(ErrorKind::TimedOut, what));
            }
            // An event may come without a reason.
            Err(_) => {}
        }
    }
}
// ANCHOR_END: connect

// ANCHOR: loop
/// The event loop: waits until something happens, and calls the handler of it, until the client is
/// done.
fn call_handlers(poll: &mut Poll, client: &mut Echo) -> Result<()> {
    let mut events = Events::with_capacity(8);
    while !client.is_done() {
        // It tells once only when a socket becomes ready (edge-triggered); to ask again makes it
        // tell again, if there is more to read or still room to write.
        if let Some(interest) = client.interest() {
            poll.registry()
                .reregister(client.stream(), SERVER, interest)
                .context("watch the connection")?;
        }
        wait(poll, &mut events, client.deadline()).context("poll")?;
        for event in events.iter().filter(|event| event.token() == SERVER) {
            if event.is_writable() {
                client.ready_write()?;
            }
            if event.is_readable() {
                client.ready_read()?;
            }
        }
        client.typed()?;
        if client.deadline().is_some_and(|end| Instant::now() >= end) {
            client.time_out()?;
        }
    }
    Ok(())
}
// ANCHOR_END: loop

/// Waits for an event, or until `end`; a signal may end it early (EINTR).
fn wait(poll: &mut Poll, events: &mut Events, end: Option<Instant>) -> io::Result<()> {
    let left = end.map(|end| end.saturating_duration_since(Instant::now()));
    match poll.poll(events, left) {
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        result => result,
    }
}
