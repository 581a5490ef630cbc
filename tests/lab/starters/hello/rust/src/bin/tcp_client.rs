en|//! Hello client over TCP: sends one message and ends.
en|//!
en|//! Run it:       cargo run --bin tcp_client [HOST [PORT]]
en|//! The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|//! Hello-клиент по TCP: отправляет одно сообщение и завершается.
ru|//!
ru|//! Запуск:       cargo run --bin tcp_client [ХОСТ [ПОРТ]]
ru|//! Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::Write;
use std::net::TcpStream;
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
en|    // TODO 1: connect, send MESSAGE, close.
en|    // Look up: TcpStream::connect, as_bytes, Write::write_all, drop.
ru|    // TODO 1: подключитесь, отправьте MESSAGE, закройте соединение.
ru|    // Справка: TcpStream::connect, as_bytes, Write::write_all, drop.
en|    // TODO 5: one clear line if the server is not there.
en|    // Look up: Result::map_err, ?.
ru|    // TODO 5: одна понятная строка, если сервер не запущен.
ru|    // Справка: Result::map_err, ?.
en|    println!("TODO 1: would connect to {host}:{port}");
ru|    println!("TODO 1: здесь будет соединение с {host}:{port}");
    Ok(())
}
