//! Port auto-increment: a server that takes the first free port of a range and tells it to
//! everybody.
//!
//! It shows what `bind` and `listen` answer when they cannot do their work: EADDRINUSE moves on to
//! the next port; EACCES and EADDRNOTAVAIL end the search, because no other port would help. Run
//! `cargo run -p auto-port` in two terminals and connect to each with `nc localhost 9090` and `nc
//! localhost 9091`. Try `--port 80`, `--address 203.0.113.1`, `--last 9091`, and `--errors`.

mod errors;

use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use common::{Client, Clients, ServerArgs, bytes, event, events, message_event, tr};
use socket2::{Domain, Socket, Type};

use errors::explain;

/// How far the search goes if `--last` does not say it: the port itself and nine more.
const MORE_PORTS: u16 = 9;

/// How long a client may take to receive the answer and to leave, unless `--idle-timeout` is less.
const PATIENCE: Duration = Duration::from_secs(1);

/// Listens on the first free port and tells it to every client
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<9090>,

    /// The last port to try [default: nine above the first]
    #[arg(long, value_name = "PORT", conflicts_with = "exact_port")]
    last: Option<u16>,

    /// Provoke the three errors of bind, show them, and end
    #[arg(long)]
    errors: bool,
}

impl Args {
    /// The end of the search. An answer to `--ask` may lie above `--last`: then it is the only one.
    fn last_port(&self) -> u16 {
        let first = self.server.receiver.port;
        match self.last {
            _ if self.server.exact_port => first,
            Some(last) => last.max(first),
            None => first.saturating_add(MORE_PORTS),
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args
        .last
        .is_some_and(|last| last < args.server.receiver.port)
    {
        let message = "--last must not be below --port";
        Args::command()
            .error(clap::error::ErrorKind::ValueValidation, message)
            .exit();
    }
    common::exit_code(run(args))
}

fn run(mut args: Args) -> Result<()> {
    args.server.begin()?;
    if args.errors {
        return errors::show();
    }
    let clients = Clients::at_most(args.server.max_clients);
    let all = Arc::clone(&clients);
    common::on_stop(move || all.close(Duration::from_secs(1)))?;

    args.server.ask()?;
    let (first, last) = (args.server.receiver.port, args.last_port());
    let search = |ip| first_free_port(ip, first, last, args.server.backlog);
    let listener = args.server.on_address(search)?;
    let address = listener.local_addr();
    let address = address.context("ask for the listening address")?;
    common::announce(address);
    let limit = args
        .server
        .idle_timeout()
        .map_or(PATIENCE, |limit| limit.min(PATIENCE));

    loop {
        clients.wait_for_place();
        match listener.accept() {
            Ok((stream, peer)) => serve_on_a_thread(
                clients.add(stream),
                common::peer(peer),
                address.port(),
                limit,
            ),
            Err(error) => {
                events::accept_failed(&error);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

// ANCHOR: search
/// A socket that listens on the first free port from `first` to `last`.
fn first_free_port(ip: IpAddr, first: u16, last: u16, backlog: i32) -> Result<TcpListener> {
    let start = SocketAddr::new(ip, first);
    let mut port = first;
    loop {
        let address = SocketAddr::new(ip, port);
        // bind and listen are one attempt: two sockets can both be bound to a port with
        // SO_REUSEADDR, and then listen is the call that meets EADDRINUSE.
        match listen(address, backlog) {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                let meaning = explain(&error);
                event!(
                    "bind {address}: {error}: {meaning}",
                    "bind {address}: {error}: {meaning}"
                );
                if error.kind() != ErrorKind::AddrInUse || first == last {
                    return Err(error).with_context(|| format!("bind {address}"));
                }
                if port >= last {
                    let full = tr!(
                        "bind {start}: ports {first} to {last} are all busy",
                        "bind {start}: порты с {first} по {last} все заняты"
                    );
                    return Err(error).context(full);
                }
            }
        }
        port += 1;
    }
}
// ANCHOR_END: search

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

fn serve_on_a_thread(client: Client, peer: SocketAddr, port: u16, limit: Duration) {
    events::client_connected(peer);
    let serve = move || {
        if let Err(error) = tell_port(&client, peer, port, limit) {
            event!(
                "client {peer} failed: {error}",
                "сбой клиента {peer}: {error}"
            );
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

/// Sends the port and ends the connection.
fn tell_port(
    mut stream: &TcpStream,
    peer: SocketAddr,
    port: u16,
    limit: Duration,
) -> io::Result<()> {
    let answer = format!("you are connected to port {port}\n");
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(answer.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    message_event!(
        "data sent: {} to {peer}",
        "данные отправлены: {}, {peer}",
        bytes(answer.len())
    );
    common::drain(stream, limit);
    Ok(())
}
