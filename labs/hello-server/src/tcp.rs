//! A byte stream over IPv4 or IPv6.

use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::{event, is_timeout, message_line, tr};
use socket2::{Domain, Socket, Type};

use crate::{Args, MOST};

/// A client that says no more for so long has ended its message.
const PAUSE: Duration = Duration::from_millis(500);

// ANCHOR: serve
pub(crate) fn serve(args: &Args) -> Result<()> {
    let backlog = args.server.backlog;
    let listener = args
        .server
        .listen_with(|address| listen(address, backlog))?;
    let address = listener.local_addr().map(|address| address.as_socket());
    common::announce(address?.context("ask for the listening address")?);
    args.serve_clients(|| {
        let (stream, peer) = accept(&listener)?;
        let peer = common::peer(peer.as_socket().context("no address")?);
        event!("client connected: {peer}", "клиент подключился: {peer}");
        let message =
            receive(&stream, args.server.idle_timeout()).with_context(|| format!("recv {peer}"))?;
        common::say_or_serve_on(&message_line(peer, &message, MOST));
        event!("client disconnected: {peer}", "клиент отключился: {peer}");
        Ok(())
    })
}

fn listen(address: SocketAddr, backlog: i32) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // [::] then takes IPv4 clients, too.
        socket.set_only_v6(false)?;
    }
    // On Windows it would let two servers share the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket)
}
// ANCHOR_END: serve

/// The next client. What fails here, such as a lack of file descriptors, may pass: not at once.
pub(crate) fn accept(listener: &Socket) -> Result<(Socket, socket2::SockAddr)> {
    listener.accept().context("accept").inspect_err(|_| {
        thread::sleep(Duration::from_millis(100));
    })
}

/// Receives until the client ends its half of the connection, or pauses, or has said too much.
pub(crate) fn receive(mut stream: &Socket, limit: Option<Duration>) -> Result<Vec<u8>> {
    let (mut message, mut portion) = (Vec::new(), [0; 4096]);
    stream.set_read_timeout(limit)?;
    while message.len() <= MOST {
        match stream.read(&mut portion) {
            Ok(0) => break,
            Ok(n_bytes) => message.extend_from_slice(&portion[..n_bytes]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) && !message.is_empty() => break,
            Err(error) if is_timeout(&error) => {
                bail!(tr!("nothing came in time", "вовремя ничего не пришло"))
            }
            Err(error) => bail!(error),
        }
        stream.set_read_timeout(Some(PAUSE))?;
    }
    Ok(message)
}
