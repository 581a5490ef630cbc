//! Datagrams between programs of this machine: as UDP, without the network, and without loss.

use std::os::unix::net::UnixDatagram;

use anyhow::{Context, Result};
use common::{event, message_line, tr};
use socket2::Type;

use super::Place;
use crate::{Args, MOST};

pub(super) fn serve(args: &Args, place: &Place) -> Result<()> {
    let (socket, file) = place.bind(Type::DGRAM)?;
    let socket = UnixDatagram::from(socket);
    common::say_listening(file);
    event!(
        "waiting for datagrams on {file}",
        "ожидание датаграмм на {file}"
    );
    // One byte more than a message may have: the rest of a longer one is lost.
    let mut buffer = vec![0; MOST + 1];
    args.serve_clients(|| {
        let (n_bytes, sender) = socket.recv_from(&mut buffer).context("recv")?;
        // A socket that is bound to no file has no name, and cannot be answered.
        let sender = match sender.as_pathname() {
            Some(path) => common::escape(path.as_os_str().as_encoded_bytes()),
            None => tr!("a socket without a name", "сокет без имени"),
        };
        common::say_or_serve_on(&message_line(sender, &buffer[..n_bytes], MOST));
        Ok(())
    })
}
