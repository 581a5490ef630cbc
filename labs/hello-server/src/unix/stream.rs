//! A byte stream between programs of this machine: as TCP, without the network.

use anyhow::{Context, Result};
use common::{event, message_line};
use socket2::Type;

use super::{Place, peer, say_waiting};
use crate::tcp::{accept, receive};
use crate::{Args, MOST};

pub(super) fn serve(args: &Args, place: &Place) -> Result<()> {
    let (listener, file) = place.bind(Type::STREAM)?;
    let listening = listener.listen(args.server.backlog);
    listening.with_context(|| format!("listen {file}"))?;
    say_waiting(file);
    args.serve_clients(|| {
        let (stream, _) = accept(&listener)?;
        let peer = peer(&stream);
        event!("client connected: {peer}", "клиент подключился: {peer}");
        let message =
            receive(&stream, args.server.idle_timeout()).with_context(|| format!("recv {peer}"))?;
        common::say_or_serve_on(&message_line(&peer, &message, MOST));
        event!("client disconnected: {peer}", "клиент отключился: {peer}");
        Ok(())
    })
}
