//! Datagrams over IPv4 or IPv6.

use std::net::UdpSocket;

use anyhow::{Context, Result};
use common::{event, message_line};

use crate::{Args, MOST};

// ANCHOR: serve
pub(crate) fn serve(args: &Args) -> Result<()> {
    // No listen and no accept: there is no connection. The first call that blocks is the one that
    // waits for a message.
    let socket = args.server.receiver.bind_with(UdpSocket::bind)?;
    let address = socket.local_addr();
    let address = address.context("ask for the address")?;
    common::say_listening(address);
    event!(
        "waiting for datagrams on {address}",
        "ожидание датаграмм на {address}"
    );
    // No datagram is longer: its length has to fit into 16 bits.
    let mut buffer = vec![0; MOST];
    args.serve_clients(|| {
        let (n_bytes, peer) = socket.recv_from(&mut buffer).context("recv")?;
        common::say_or_serve_on(&message_line(common::peer(peer), &buffer[..n_bytes], MOST));
        Ok(())
    })
}
// ANCHOR_END: serve
