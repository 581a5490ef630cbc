//! Time client: asks a time server and shows what it tells.
//!
//! The smallest TCP client there is: `connect`, then `recv` until the server closes. Run `cargo run
//! -p time-server` in one terminal and `cargo run -p time-client` in another. Let it ask a server
//! that says nothing, `nc -l 8888`, or one that talks without end.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use common::{ClientArgs, PeerOutput, bytes, event, is_timeout, tr};

/// No time takes more bytes than this.
const MOST: usize = 1024;

/// Asks a time server and shows what it tells
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<8888>,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.client.begin()?;
    args.client.ask()?;
    let limit = args.client.timeout();
    // ANCHOR: connect
    let (stream, server) = args.client.connect_with(|address| {
        let stream = match limit {
            Some(limit) => TcpStream::connect_timeout(&address, limit)?,
            None => TcpStream::connect(address)?,
        };
        Ok((stream, address))
    })?;
    // ANCHOR_END: connect
    event!("connected to {server}", "соединение с {server} установлено");
    let received = receive(&stream, limit).with_context(|| format!("recv {server}"));
    if let Ok(n_bytes) = &received {
        let n_bytes = bytes(*n_bytes);
        event!(
            "data received: {n_bytes} from {server}",
            "данные получены: {n_bytes} от {server}"
        );
    }
    event!(
        "disconnected from {server}",
        "соединение с {server} завершено"
    );
    received.map(drop)
}

// ANCHOR: receive
/// Shows what comes until the server closes, and counts its bytes. The text is short and may come
/// in pieces all the same: only the end of the stream says that it is complete.
fn receive(mut stream: &TcpStream, limit: Option<Duration>) -> Result<usize> {
    stream
        .set_read_timeout(limit)
        .context("set the read time-out")?;
    let mut output = PeerOutput::stdout();
    let mut buffer = [0; MOST];
    let mut n_received = 0;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n_bytes) => {
                output.show(&buffer[..n_bytes])?;
                n_received += n_bytes;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) && n_received > 0 => {
                event!(
                    "the server does not close the connection",
                    "сервер не закрывает соединение"
                );
                break;
            }
            Err(error) if is_timeout(&error) => {
                bail!(tr!("no reply in time", "нет ответа за отведённое время"))
            }
            Err(error) => bail!(error),
        }
        if n_received > MOST {
            bail!(tr!("that is no time", "это не время"));
        }
    }
    output.end()?;
    if n_received == 0 {
        bail!(tr!(
            "the server closed the connection without a word",
            "сервер закрыл соединение, ничего не прислав"
        ));
    }
    Ok(n_received)
}
// ANCHOR_END: receive
