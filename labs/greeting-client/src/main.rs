//! Greeting client: sends one message to a greeting server and shows the answer.
//!
//! It shows text on its way through a socket, and the half-close: `shutdown` ends what this side
//! sends, so that the server knows that the message is complete, while the answer can still come.
//! Run `cargo run -p greeting-server` in one terminal and `cargo run -p greeting-client` in another;
//! try `--message ...`, and `--message -`, which takes the message from standard input.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use common::{ClientArgs, PeerOutput, event, is_timeout, length, tr};

/// The longest message, in bytes, each way.
const MOST: usize = 1_000_000;

/// Sends one message to a greeting server and shows the answer
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    client: ClientArgs<8007>,

    /// The message; `-` takes it from standard input [default: Hello, server]
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,

    /// Do not end the message by a half-close: the server has to find out by itself
    #[arg(long)]
    keep_open: bool,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.client.begin()?;
    args.client.ask()?;
    let message = message(args.message.take())?;
    let limit = args.client.timeout();
    let (stream, server) = args.client.connect_with(|address| {
        let stream = match limit {
            Some(limit) => TcpStream::connect_timeout(&address, limit)?,
            None => TcpStream::connect(address)?,
        };
        Ok((stream, address))
    })?;
    event!("connected to {server}", "соединение с {server} установлено");
    let result = converse(&stream, server, &message, &args);
    event!(
        "disconnected from {server}",
        "соединение с {server} завершено"
    );
    result
}

/// The message to send: the argument, standard input to its end if that is `-`, or a greeting.
fn message(argument: Option<String>) -> Result<Vec<u8>> {
    let message = match argument {
        None => tr!("Hello, server", "Привет, сервер").into_bytes(),
        Some(argument) if argument == "-" => {
            let mut input = Vec::new();
            let read = io::stdin().take(MOST as u64 + 1).read_to_end(&mut input);
            read.context("read stdin")?;
            input
        }
        Some(argument) => argument.into_bytes(),
    };
    ensure!(
        message.len() <= MOST,
        tr!(
            "the message is longer than {MOST} bytes",
            "сообщение длиннее {MOST} байт"
        )
    );
    Ok(message)
}

// ANCHOR: converse
/// Sends the message, receives the answer.
fn converse(stream: &TcpStream, server: SocketAddr, message: &[u8], args: &Args) -> Result<()> {
    let sent = send(stream, message, args).with_context(|| format!("send {server}"));
    if sent.is_ok() {
        let length = length(message);
        event!(
            "message sent: {length} to {server}",
            "сообщение отправлено: {length}, {server}"
        );
    }
    // A server that has had enough of a long message may close before it is sent, and may have
    // answered before.
    let received = receive(stream, args.client.timeout());
    let received = received.with_context(|| format!("recv {server}"));
    let length = match (received, sent) {
        (Ok(answer), _) if !answer.is_empty() => length(&answer),
        (Err(error), _) | (_, Err(error)) => return Err(error),
        (Ok(_), Ok(())) => bail!(
            "recv {server}: {}",
            tr!(
                "the server closed the connection without a word",
                "сервер закрыл соединение, ничего не прислав"
            )
        ),
    };
    event!(
        "message received: {length} from {server}",
        "сообщение получено: {length} от {server}"
    );
    Ok(())
}

/// Sends all of `message`, then ends this half of the connection: the server sees the end of the
/// stream, and can still answer.
fn send(mut stream: &TcpStream, message: &[u8], args: &Args) -> io::Result<()> {
    stream.set_write_timeout(args.client.timeout())?;
    stream.write_all(message)?;
    if !args.keep_open {
        // It fails only if the connection is gone, and then recv knows better why.
        let _ = stream.shutdown(Shutdown::Write);
    }
    Ok(())
}

/// Shows what comes until the server closes, and returns it.
fn receive(mut stream: &TcpStream, limit: Option<Duration>) -> Result<Vec<u8>> {
    stream
        .set_read_timeout(limit)
        .context("set the read time-out")?;
    let mut output = PeerOutput::stdout();
    let mut answer = Vec::new();
    let mut portion = vec![0; 64 * 1024];
    while answer.len() <= MOST {
        match stream.read(&mut portion) {
            Ok(0) => break,
            Ok(n_bytes) => {
                output.show(&portion[..n_bytes])?;
                answer.extend_from_slice(&portion[..n_bytes]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) && !answer.is_empty() => {
                event!(
                    "the server does not close the connection",
                    "сервер не закрывает соединение"
                );
                break;
            }
            // A server that closes before it has read all of the message resets the connection.
            Err(error) if !answer.is_empty() => {
                event!("after the answer: {error}", "после ответа: {error}");
                break;
            }
            Err(error) if is_timeout(&error) => {
                bail!(tr!("no reply in time", "нет ответа за отведённое время"))
            }
            Err(error) => bail!(error),
        }
    }
    output.end()?;
    ensure!(
        answer.len() <= MOST,
        tr!(
            "the answer is longer than {MOST} bytes",
            "ответ длиннее {MOST} байт"
        )
    );
    Ok(answer)
}
// ANCHOR_END: converse
