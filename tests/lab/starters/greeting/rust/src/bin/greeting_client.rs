en|//! Greeting client: greets the server, shows its answer and how long it is.
en|//!
en|//! Run it:       cargo run --bin greeting_client [HOST [PORT]]
en|//! The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|//! Клиент приветствий: приветствует сервер, показывает ответ и его длину.
ru|//!
ru|//! Запуск:       cargo run --bin greeting_client [ХОСТ [ПОРТ]]
ru|//! Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 8007;
const GREETING: &str = "Привет, сервер";

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
en|    // TODO 5: connect, send GREETING and end your half of the connection. Receive until the server
en|    // ends its half.
en|    // Look up: TcpStream::connect, write_all, shutdown, read_to_end.
ru|    // TODO 5: подключитесь, отправьте GREETING и закройте свою половину соединения. Принимайте,
ru|    // пока сервер не закроет свою.
ru|    // Справка: TcpStream::connect, write_all, shutdown, read_to_end.
en|    // TODO 5: print the answer, and its length in bytes: not in characters.
en|    // Look up: Vec::len, String::from_utf8_lossy.
ru|    // TODO 5: напечатайте ответ и его длину в байтах, а не в символах.
ru|    // Справка: Vec::len, String::from_utf8_lossy.
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
