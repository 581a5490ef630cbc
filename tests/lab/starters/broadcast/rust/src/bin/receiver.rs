en|//! Broadcast receiver: shows every datagram that comes to its port.
en|//!
en|//! Run it:       cargo run --bin receiver [PORT]
en|//! Talk to it:   echo hello | nc -u -w 1 127.0.0.1 8888
en|//! The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|//! Получатель рассылки: показывает каждую датаграмму, пришедшую на его порт.
ru|//!
ru|//! Запуск:       cargo run --bin receiver [ПОРТ]
ru|//! Собеседник:   echo hello | nc -u -w 1 127.0.0.1 8888
ru|//! Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::process::ExitCode;

#[path = "../shared.rs"]
mod shared;

const PORT: u16 = 8888;
en|/// What a datagram has beyond it is lost.
ru|/// Всё, что в датаграмме сверх этого, теряется.
const BUFFER: usize = 128;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse()?,
        None => PORT,
    };
en|    // TODO 1: make a datagram socket and bind it to the port on all addresses.
en|    // Look up: src/shared.rs: socket, bind.
ru|    // TODO 1: создайте сокет датаграмм и привяжите его к порту на всех адресах.
ru|    // Справка: src/shared.rs: socket, bind.
en|    // TODO 2: two receivers should share the port: set SO_REUSEADDR (and SO_BROADCAST). In which
en|    // line does it belong?
en|    // Look up: shared::reuse_address, set_broadcast.
ru|    // TODO 2: два получателя должны делить порт: установите SO_REUSEADDR (и SO_BROADCAST). На какой
ru|    // строке этому место?
ru|    // Справка: shared::reuse_address, set_broadcast.
en|    println!("TODO 1: nothing listens on port {port} yet");
ru|    println!("TODO 1: порт {port} пока никто не слушает");
en|    // TODO 1: in a loop, receive a datagram of up to BUFFER bytes, and print the message and its
en|    // sender.
en|    // Look up: recv_from, String::from_utf8_lossy.
ru|    // TODO 1: в цикле принимайте датаграмму длиной до BUFFER байт и печатайте сообщение и
ru|    // отправителя.
ru|    // Справка: recv_from, String::from_utf8_lossy.
en|    // TODO 3: bytes that are no text, a datagram that is cut inside a letter and an empty one must
en|    // not end it.
en|    // Look up: from_utf8, from_utf8_lossy.
ru|    // TODO 3: байты, которые не текст, датаграмма, обрезанная внутри буквы, и пустая датаграмма не
ru|    // должны его завершать.
ru|    // Справка: from_utf8, from_utf8_lossy.
    Ok(())
}
