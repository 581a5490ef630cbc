//! Echo server: answers every client with the text it sends, in upper case, and reports every
//! event.
//!
//! It shows the life of a TCP server: `socket`, `bind`, `listen`, then `accept` and a thread for
//! each client, which calls `recv` and `send` until the client is done. Run it with `cargo run -p
//! echo-server`, then, in a second terminal, talk to it with `cargo run -p echo-client` or `nc
//! localhost 9090`. Try two clients at once, a third one that never reads, Ctrl-C with clients
//! connected, and a second server beside the first.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use common::{
    Client, Clients, Reserve, ServerArgs, Text, Transform, event, events, is_timeout, tr,
};
use socket2::{Domain, Socket, Type};

/// One portion: the most that a single `recv` takes.
const PORTION: usize = 1024;

/// Answers with the text that comes, in upper case
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: ServerArgs<9090>,

    /// What to do with the text
    #[arg(long, value_enum, default_value_t = Transform::Upper)]
    transform: Transform,
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

    let mut reserve = Reserve::new();
    loop {
        clients.wait_for_place();
        match reserve.accept(|| listener.accept()) {
            Ok((Some(stream), peer)) => {
                serve_on_a_thread(clients.add(stream), common::peer(peer), &args);
            }
            Ok((None, peer)) => events::client_turned_away(common::peer(peer)),
            Err(error) => {
                // A client that left too early, or no memory: neither ends the server, nor makes it
                // spin.
                events::accept_failed(&error);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
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

fn serve_on_a_thread(client: Client, peer: SocketAddr, args: &Args) {
    events::client_connected(peer);
    let (text, limit) = (Text::new(args.transform), args.server.idle_timeout());
    let serve = move || {
        let mut connection = Connection {
            stream: client,
            peer,
            received: 0,
            sent: 0,
        };
        if let Err(error) = connection.echo(text, limit) {
            events::client_failed(peer, &error);
        }
        events::client_disconnected(peer, connection.received, connection.sent);
    };
    if let Err(error) = thread::Builder::new().spawn(serve) {
        event!(
            "no thread for {peer}: {error}",
            "нет потока выполнения для {peer}: {error}"
        );
    }
}

/// One client's connection, and how many bytes have gone through it.
struct Connection {
    stream: Client,
    peer: SocketAddr,
    received: usize,
    sent: usize,
}

impl Connection {
    // ANCHOR: echo
    /// Answers portion by portion until the client ends its half of the connection, then ends the
    /// other half. No `recv` or `send` waits longer than `limit`.
    fn echo(&mut self, mut text: Text, limit: Option<Duration>) -> Result<()> {
        self.stream
            .set_read_timeout(limit)
            .context("set the read time-out")?;
        self.stream
            .set_write_timeout(limit)
            .context("set the write time-out")?;
        let mut portion = [0; PORTION];
        loop {
            let n_bytes = self.receive(&mut portion)?;
            if n_bytes == 0 {
                break;
            }
            self.send(&text.portion(&mut portion[..n_bytes]))?;
        }
        self.send(&text.end())?;
        self.stream.shutdown(Shutdown::Write).context("shutdown")
    }

    /// Waits for at least one byte and takes what has come, at most a full `portion`; 0 is the end
    /// of the stream. How the client cut its text into sends cannot be seen here.
    fn receive(&mut self, portion: &mut [u8]) -> Result<usize> {
        let n_bytes = loop {
            match (&*self.stream).read(portion) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => {
                    bail!(
                        "recv: {}",
                        tr!("nothing came in time", "вовремя ничего не пришло")
                    )
                }
                result => break result.context("recv")?,
            }
        };
        self.received += n_bytes;
        events::data_received(self.peer, &portion[..n_bytes]);
        Ok(n_bytes)
    }

    /// Sends all of `answer`: `send` may take a part of it, so `write_all` calls it again.
    fn send(&mut self, answer: &[u8]) -> Result<()> {
        match (&*self.stream).write_all(answer) {
            Err(error) if is_timeout(&error) => {
                bail!(
                    "send: {}",
                    tr!("the client does not read", "клиент не читает")
                )
            }
            result => result.context("send")?,
        }
        self.sent += answer.len();
        events::data_sent(self.peer, answer);
        Ok(())
    }
    // ANCHOR_END: echo
}
