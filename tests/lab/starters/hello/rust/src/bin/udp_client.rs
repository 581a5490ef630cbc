en|//! Hello client over UDP: sends one datagram and ends.
en|//!
en|//! Run it:       cargo run --bin udp_client [HOST [PORT]]
en|//! The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|//! Hello-клиент по UDP: отправляет одну датаграмму и завершается.
ru|//!
ru|//! Запуск:       cargo run --bin udp_client [ХОСТ [ПОРТ]]
ru|//! Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;
const MESSAGE: &str = "Hello, server!";

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
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or(HOST.to_owned());
    let port = match arguments.next() {
        Some(port) => port.parse()?,
        None => PORT,
    };
en|    // TODO 4: make a datagram socket and send MESSAGE, without connecting.
en|    // Look up: UdpSocket::bind, send_to.
ru|    // TODO 4: создайте сокет датаграмм и отправьте MESSAGE, не подключаясь.
ru|    // Справка: UdpSocket::bind, send_to.
en|    // TODO 4: what do you know once it is sent?
ru|    // TODO 4: что известно после отправки?
en|    println!("TODO 4: would send to {host}:{port}");
ru|    println!("TODO 4: здесь будет отправка на {host}:{port}");
    Ok(())
}
