//! Echo server with asynchronous tasks: the code of echo-server, and nearly no threads.
//!
//! It shows what `async` is for: each client has a task, written from top to bottom like a thread,
//! but where it says `.await` and would have to wait, it is put aside, and its thread takes up a
//! task that can go on. So one thread per processor serves thousands of clients, and a client costs
//! a few KiB instead of a stack. Run it with `cargo run -p echo-async`, connect some clients, and
//! count threads: `ls /proc/$(pidof echo-async)/task`. The lesson in short is `diff
//! labs/echo-server/src/main.rs labs/echo-async/src/main.rs`.

mod poll;
mod stop;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use common::{Reserve, ServerArgs, Text, Transform, events, tr};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use poll::{accept, unless};
use stop::{LAST_LOOK, told, too_late};

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
    // Built by hand, not by `#[tokio::main]`, to have the number of threads in sight: a task computes
    // or waits for the kernel, so that more of them than processors would be of no use.
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let runtime = Builder::new_multi_thread()
        .worker_threads(processors)
        .enable_all()
        .build()
        .context("start the runtime")?;
    let stop = watch::Sender::new(false);
    let (all, handle) = (stop.clone(), runtime.handle().clone());
    common::on_stop(move || handle.block_on(stop::close(&all)))?;

    args.server.ask()?;
    let backlog = args.server.backlog;
    let listener = args
        .server
        .listen_with(|address| listen(address, backlog))?;
    let address = listener.local_addr();
    common::announce(address.context("ask for the listening address")?);
    runtime.block_on(serve(listener, &args, &stop))
}

/// Accepts clients for ever; up to `--max-clients` are served, the next one waits in the backlog.
async fn serve(
    listener: std::net::TcpListener,
    args: &Args,
    stop: &watch::Sender<bool>,
) -> Result<()> {
    let listener = TcpListener::from_std(listener).context("watch the listener")?;
    let most = (args.server.max_clients as usize).min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    let mut reserve = Reserve::new();
    loop {
        let place = Arc::clone(&places).acquire_owned().await?;
        match accept(&listener, &mut reserve).await {
            Ok((Some(stream), peer)) => {
                serve_in_a_task(stream, common::peer(peer), args, stop.subscribe(), place);
            }
            Ok((None, peer)) => events::client_turned_away(common::peer(peer)),
            Err(error) => {
                // A client that left too early, or no memory: neither ends the server, nor makes it
                // spin.
                events::accept_failed(&error);
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

// ANCHOR: listen
/// A socket that listens on `address`; up to `backlog` connections wait in the kernel until they
/// are accepted. It is non-blocking, as the runtime wants it.
fn listen(address: SocketAddr, backlog: i32) -> io::Result<std::net::TcpListener> {
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
    Ok(socket.into())
}
// ANCHOR_END: listen

fn serve_in_a_task(
    stream: TcpStream,
    peer: SocketAddr,
    args: &Args,
    stop: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) {
    events::client_connected(peer);
    let (text, limit) = (Text::new(args.transform), args.server.idle_timeout());
    let too_late = too_late(stop.clone());
    tokio::spawn(async move {
        let mut connection = Connection {
            stream,
            peer,
            received: 0,
            sent: 0,
            stop,
            _place: place,
        };
        let echo = connection.echo(text, limit);
        let cut_short = || bail!(tr!("the server has stopped", "сервер остановлен"));
        if let Err(error) = unless(too_late, echo).await.unwrap_or_else(cut_short) {
            events::client_failed(peer, &error);
        }
        events::client_disconnected(peer, connection.received, connection.sent);
    });
}

/// One client's connection, and how many bytes have gone through it.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    received: usize,
    sent: usize,
    stop: watch::Receiver<bool>,
    /// Given back with the connection's end.
    _place: OwnedSemaphorePermit,
}

impl Connection {
    // ANCHOR: echo
    /// Answers portion by portion until the client ends its half of the connection, or the server
    /// is told to stop, then ends the other half. No `recv` or `send` waits longer than `limit`.
    async fn echo(&mut self, mut text: Text, limit: Option<Duration>) -> Result<()> {
        let limit = limit.unwrap_or(Duration::MAX);
        let mut portion = [0; PORTION];
        loop {
            let n_bytes = self.receive(&mut portion, limit).await?;
            if n_bytes == 0 {
                break;
            }
            self.send(&text.portion(&mut portion[..n_bytes]), limit)
                .await?;
        }
        self.send(&text.end(), limit).await?;
        self.stream.shutdown().await.context("shutdown")
    }

    /// Waits for at least one byte and takes what has come, at most a full `portion`; 0 is the end
    /// of the stream, or of what had arrived when the server was told to stop.
    async fn receive(&mut self, portion: &mut [u8], limit: Duration) -> Result<usize> {
        // A read that is given up has taken nothing.
        let read = timeout(limit, self.stream.read(portion));
        let n_bytes = match unless(told(&mut self.stop), read).await {
            Some(Ok(result)) => result.context("recv")?,
            Some(Err(_elapsed)) => {
                bail!(
                    "recv: {}",
                    tr!("nothing came in time", "вовремя ничего не пришло")
                )
            }
            None => match timeout(LAST_LOOK, self.stream.read(portion)).await {
                Ok(result) => result.context("recv")?,
                Err(_elapsed) => 0,
            },
        };
        self.received += n_bytes;
        events::data_received(self.peer, &portion[..n_bytes]);
        Ok(n_bytes)
    }

    /// Sends all of `answer`: `send` may take a part of it, so `write_all` calls it again.
    async fn send(&mut self, answer: &[u8], limit: Duration) -> Result<()> {
        match timeout(limit, self.stream.write_all(answer)).await {
            Ok(result) => result.context("send")?,
            Err(_elapsed) => {
                bail!(
                    "send: {}",
                    tr!("the client does not read", "клиент не читает")
                )
            }
        }
        self.sent += answer.len();
        events::data_sent(self.peer, answer);
        Ok(())
    }
    // ANCHOR_END: echo
}
