//! Echo server as an event loop: one thread serves all clients, and sleeps until one of them has
//! something for it.
//!
//! It shows `poll` (epoll on Linux, kqueue on macOS, IOCP on Windows) and the handlers that its loop
//! calls, in the manner of signals: [`EchoServer::new_connection`], [`EchoServer::ready_read`],
//! [`EchoServer::ready_write`], [`EchoServer::error`], [`EchoServer::disconnected`]. No handler waits:
//! what a client does not take now is owed to it until the loop says that there is room. Run it with
//! `cargo run -p echo-events` and talk to it with `cargo run -p event-client` or `nc localhost 9090`.

mod buffers;
mod connection;
mod fast;
mod server;
mod stop;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use common::{ServerArgs, Transform};
use mio::Poll;
use mio::net::TcpListener;
use socket2::{Domain, Socket, Type};

use server::EchoServer;
use stop::Stop;

/// Answers with the text that comes, in upper case
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<9090>,

    /// What to do with the text
    #[arg(long, value_enum, default_value_t = Transform::Upper)]
    transform: Transform,

    /// One portion: the most that a single recv takes
    #[arg(long, value_name = "BYTES", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    portion: u32,

    /// Answer sooner, and take a processor's time for it
    #[arg(long)]
    fast: bool,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.server.begin()?;
    let poll = Poll::new().context("open the event queue")?;
    let stop = Stop::on_signal(&poll, server::STOP)?;

    args.server.ask()?;
    let backlog = args.server.backlog;
    let listener = args
        .server
        .listen_with(|address| listen(address, backlog))?;
    let address = listener.local_addr();
    common::announce(address.context("ask for the listening address")?);

    EchoServer::new(poll, listener, stop, &args)?.serve()
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
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from_std(socket.into()))
}
// ANCHOR_END: listen
