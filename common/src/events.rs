//! What servers report of their clients: the same events in the same words.

use std::io;
use std::net::SocketAddr;

use crate::{bytes, event, excerpt, message_event};

/// A connection was accepted.
pub fn client_connected(peer: SocketAddr) {
    event!("client connected: {peer}", "клиент подключился: {peer}");
}

/// No file descriptor was free for a client, see [`crate::Reserve`].
pub fn client_turned_away(peer: SocketAddr) {
    event!(
        "too many open files: client {peer} is turned away",
        "слишком много открытых файлов: клиенту {peer} отказано"
    );
}

/// Nobody was accepted, for whatever reason.
pub fn accept_failed(error: &io::Error) {
    event!(
        "accept failed: {error}",
        "не удалось принять соединение: {error}"
    );
}

/// Some bytes of the stream have come; an empty portion is its end, and no event.
pub fn data_received(peer: SocketAddr, portion: &[u8]) {
    if !portion.is_empty() {
        message_event!(
            "data received: {} from {peer}: {}",
            "данные получены: {} от {peer}: {}",
            bytes(portion.len()),
            excerpt(portion)
        );
    }
}

/// The kernel has taken an answer, or a part of it; nothing is no event.
pub fn data_sent(peer: SocketAddr, answer: &[u8]) {
    if !answer.is_empty() {
        message_event!(
            "data sent: {} to {peer}: {}",
            "данные отправлены: {}, {peer}: {}",
            bytes(answer.len()),
            excerpt(answer)
        );
    }
}

/// Something went wrong with one client; the others are served on.
pub fn client_failed(peer: SocketAddr, error: &anyhow::Error) {
    event!(
        "client {peer} failed: {error:#}",
        "сбой клиента {peer}: {error:#}"
    );
}

/// A connection has ended, after so many bytes in each direction.
pub fn client_disconnected(peer: SocketAddr, received: usize, sent: usize) {
    let (received, sent) = (bytes(received), bytes(sent));
    event!(
        "client disconnected: {peer}, {received} received, {sent} sent",
        "клиент отключился: {peer}, получено {received}, отправлено {sent}"
    );
}
