en|//! Broadcast sender: sends a message to everybody, again and again.
en|//!
en|//! Run it:       cargo run --bin sender [ADDRESS [PORT]]
en|//! The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|//! Отправитель рассылки: снова и снова отправляет сообщение всем.
ru|//!
ru|//! Запуск:       cargo run --bin sender [АДРЕС [ПОРТ]]
ru|//! Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::net::UdpSocket;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

const HOST: &str = "255.255.255.255";
const PORT: u16 = 8888;
const MESSAGE: &str = "Who is there?";
en|/// Everybody in the network has to listen.
ru|/// Слушать приходится всей сети.
const PAUSE: Duration = Duration::from_secs(1);

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
en|    // TODO 4: make a datagram socket and send MESSAGE to the address. What does the system say
en|    // without SO_BROADCAST?
en|    // Look up: UdpSocket::bind, set_broadcast, send_to.
ru|    // TODO 4: создайте сокет датаграмм и отправьте MESSAGE по адресу. Что скажет система без
ru|    // SO_BROADCAST?
ru|    // Справка: UdpSocket::bind, set_broadcast, send_to.
en|    // TODO 5: again and again, with a pause. An error (the network is down) is reported and does
en|    // not end it.
en|    // Look up: loop, sleep.
ru|    // TODO 5: снова и снова, с паузой. Об ошибке (нет сети) сообщается, и она его не завершает.
ru|    // Справка: loop, sleep.
en|    println!("TODO 4: would send to {host}:{port}");
ru|    println!("TODO 4: здесь будет отправка на {host}:{port}");
    Ok(())
}
