en|//! Hello server over UDP: shows one datagram and ends.
en|//!
en|//! Run it:       cargo run --bin udp_server [PORT]
en|//! Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
en|//! The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|//! Hello-сервер по UDP: показывает одну датаграмму и завершается.
ru|//!
ru|//! Запуск:       cargo run --bin udp_server [ПОРТ]
ru|//! Собеседник:   echo hello | nc -u -w 1 127.0.0.1 12345
ru|//! Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;

en|/// Clients of this machine only.
ru|/// Клиенты только с этой машины.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;
en|/// No datagram is longer.
ru|/// Длиннее датаграмм не бывает.
const MOST: usize = 65536;

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
en|    // TODO 3: make a datagram socket, bind it to the port of HOST, receive one datagram, print who
en|    // sent what. Which calls of the TCP server are not needed, and why?
en|    // Look up: UdpSocket::bind, recv_from.
ru|    // TODO 3: создайте сокет датаграмм, привяжите его к порту на HOST, примите одну датаграмму и
ru|    // напечатайте, кто и что прислал. Какие вызовы сервера TCP не нужны и почему?
ru|    // Справка: UdpSocket::bind, recv_from.
en|    println!("TODO 3: nothing listens on port {port} yet");
ru|    println!("TODO 3: порт {port} пока никто не слушает");
    Ok(())
}
