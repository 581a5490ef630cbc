//! Broadcast receiver: shows every datagram that arrives at its port, from whom, and how long it is.
//!
//! It shows `bind` and `recvfrom` without any connection, several programs at one port
//! (SO_REUSEADDR), and a buffer that is too small for a datagram. Run two of them with `cargo run -p
//! broadcast-receiver`, then, in a third terminal, `cargo run -p broadcast-sender`, or `nc -u
//! 127.0.0.1 8888`: who hears what?

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use common::{ReceiverArgs, event, message_line, print_line};
use socket2::{Domain, Socket, Type};

/// Shows every datagram that arrives at its port
#[derive(Parser)]
#[command(version)]
#[command(mut_arg("address", |address| address.help("Address to listen on [default: 0.0.0.0]")))]
struct Args {
    #[command(flatten)]
    receiver: ReceiverArgs<8888>,

    /// Size of the buffer, in bytes: what a datagram has beyond it is lost
    #[arg(short, long, value_name = "BYTES", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    buffer: u16,
}

fn main() -> ExitCode {
    common::exit_code(run(Args::parse()))
}

fn run(mut args: Args) -> Result<()> {
    args.receiver.begin()?;
    common::on_stop(|| {})?;

    args.receiver.ask()?;
    // Broadcasts exist in IPv4 only.
    let any = Ipv4Addr::UNSPECIFIED.into();
    let address = *args.receiver.address.get_or_insert(any);
    let socket = args.receiver.bind_with(bind)?;
    let own = socket.local_addr().context("ask for the address")?;
    common::say_listening(own);
    event!(
        "waiting for datagrams on {own}",
        "ожидание датаграмм на {own}"
    );
    if !address.is_unspecified() {
        event!(
            "only what is sent to this very address will arrive: no broadcasts, unless it is theirs",
            "придёт только то, что отправлено на этот самый адрес: широковещательное — лишь если это его адрес"
        );
    }
    receive(&socket, args.buffer.into())
}

// ANCHOR: bind
/// A socket that shares its port with others of its kind.
fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    // Before bind, and all who share the port must want it. A broadcast then reaches each of them, a
    // unicast only one (socket(7), SO_REUSEADDR).
    socket.set_reuse_address(true)?;
    // The same under another name on BSD and macOS.
    #[cfg(not(any(windows, target_os = "linux", target_os = "android")))]
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
// ANCHOR_END: bind

// ANCHOR: receive
/// Shows one datagram after the other, as long as stdout is read.
fn receive(socket: &UdpSocket, size: usize) -> Result<()> {
    // One byte more than asked for: it is filled only where a datagram is too long, which `recvfrom`
    // would not tell otherwise.
    let mut buffer = vec![0; size + 1];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((n_bytes, sender)) => {
                print_line(&message_line(
                    common::peer(sender),
                    &buffer[..n_bytes],
                    size,
                ))?;
            }
            // Windows fills the buffer, too, but calls it a failure and keeps the sender to itself.
            Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => {
                print_line(&message_line("?", &buffer, size))?;
            }
            Err(error) => event!("recv: {error}", "recv: {error}"),
        }
    }
}

/// "Message too long", a number that no other system uses.
const WSAEMSGSIZE: i32 = 10040;
// ANCHOR_END: receive
