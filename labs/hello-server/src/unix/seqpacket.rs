//! Messages through a connection: it is listened for and accepted as a stream, and every `recv`
//! takes one message, as with datagrams.

use std::io::Read;

use anyhow::{Context, Result};
use common::{event, is_timeout, message_line, tr};
use socket2::Type;

use super::{Place, peer, say_waiting};
use crate::tcp::accept;
use crate::{Args, MOST};

pub(super) fn serve(args: &Args, place: &Place) -> Result<()> {
    let (listener, file) = place.bind(Type::SEQPACKET)?;
    let listening = listener.listen(args.server.backlog);
    listening.with_context(|| format!("listen {file}"))?;
    say_waiting(file);
    // One byte more than a message may have: the rest of a longer one is lost.
    let mut buffer = vec![0; MOST + 1];
    args.serve_clients(|| {
        let (mut stream, _) = accept(&listener)?;
        let peer = peer(&stream);
        event!("client connected: {peer}", "клиент подключился: {peer}");
        stream.set_read_timeout(args.server.idle_timeout())?;
        // A single call: no loop is needed to get one whole message, and no pause ends it. 0 is the
        // end of the connection, or an empty message: they look the same.
        let n_bytes = stream.read(&mut buffer).map_err(|error| match error {
            error if is_timeout(&error) => {
                anyhow::anyhow!(tr!("nothing came in time", "вовремя ничего не пришло"))
            }
            error => error.into(),
        });
        let n_bytes = n_bytes.with_context(|| format!("recv {peer}"))?;
        common::say_or_serve_on(&message_line(&peer, &buffer[..n_bytes], MOST));
        event!("client disconnected: {peer}", "клиент отключился: {peer}");
        Ok(())
    })
}
