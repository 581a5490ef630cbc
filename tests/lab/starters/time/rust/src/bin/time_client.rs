en|//! Time client: asks a server for the time and shows it.
en|//!
en|//! Run it:       cargo run --bin time_client [HOST [PORT]]
en|//! The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|//! Клиент времени: спрашивает у сервера время и показывает его.
ru|//!
ru|//! Запуск:       cargo run --bin time_client [ХОСТ [ПОРТ]]
ru|//! Руководство:  docs/ru/src/time.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::Read;
use std::net::TcpStream;
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 8888;

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
en|    // TODO 5: connect and receive until the server ends the stream: the text may come in pieces.
en|    // Print it.
en|    // Look up: TcpStream::connect, Read::read_to_end, String::from_utf8_lossy.
ru|    // TODO 5: подключитесь и принимайте, пока сервер не закончит поток: текст может прийти по
ru|    // частям. Напечатайте его.
ru|    // Справка: TcpStream::connect, Read::read_to_end, String::from_utf8_lossy.
en|    // TODO 6: one clear line if the server is not there, breaks the connection off or closes it
en|    // without a word.
en|    // Look up: Result::map_err, ?.
ru|    // TODO 6: одна понятная строка, если сервер не запущен, сбросил соединение или закрыл его,
ru|    // ничего не сказав.
ru|    // Справка: Result::map_err, ?.
en|    println!("TODO 5: would connect to {host}:{port}");
ru|    println!("TODO 5: здесь будет соединение с {host}:{port}");
    Ok(())
}
