en|//! Hello server over TCP: shows the message of one client and ends.
en|//!
en|//! Run it:       cargo run --bin tcp_server [PORT]
en|//! Talk to it:   echo hello | nc -N 127.0.0.1 12345
en|//! The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|//! Hello-сервер по TCP: показывает сообщение одного клиента и завершается.
ru|//!
ru|//! Запуск:       cargo run --bin tcp_server [ПОРТ]
ru|//! Собеседник:   echo hello | nc -N 127.0.0.1 12345
ru|//! Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::process::ExitCode;

en|/// Clients of this machine only.
ru|/// Клиенты только с этой машины.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 12345;

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
en|    // TODO 2: make a socket, bind it to the port of HOST and let it listen.
en|    // Look up: TcpListener::bind.
ru|    // TODO 2: создайте сокет, привяжите его к порту на HOST и включите прослушивание.
ru|    // Справка: TcpListener::bind.
en|    println!("TODO 2: nothing listens on port {port} yet");
ru|    println!("TODO 2: порт {port} пока никто не слушает");
en|    // TODO 2: wait for one client: no loop, the server ends after it.
en|    // Look up: TcpListener::accept.
ru|    // TODO 2: дождитесь одного клиента: без цикла, после него сервер завершается.
ru|    // Справка: TcpListener::accept.
en|    // TODO 2: receive until the client ends its half, for a message may come in pieces.
en|    // Look up: Read::read_to_end.
ru|    // TODO 2: принимайте, пока клиент не закроет свою половину: сообщение может прийти по частям.
ru|    // Справка: Read::read_to_end.
en|    // TODO 2: print who connected and what came. Answer nothing, close, end.
en|    // Look up: String::from_utf8_lossy, println!, drop.
ru|    // TODO 2: напечатайте, кто подключился и что пришло. Ничего не отвечайте, закройте соединение и
ru|    // завершитесь.
ru|    // Справка: String::from_utf8_lossy, println!, drop.
    Ok(())
}
