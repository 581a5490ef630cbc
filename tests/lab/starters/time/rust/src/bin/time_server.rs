en|//! Time server: tells every client the local time.
en|//!
en|//! Run it:       cargo run --bin time_server [PORT]
en|//! Talk to it:   nc 127.0.0.1 8888
en|//! The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|//! Сервер времени: сообщает каждому клиенту местное время.
ru|//!
ru|//! Запуск:       cargo run --bin time_server [ПОРТ]
ru|//! Собеседник:   nc 127.0.0.1 8888
ru|//! Руководство:  docs/ru/src/time.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;

#[path = "../ctime.rs"]
mod ctime;

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
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse()?,
        None => PORT,
    };
en|    // TODO 1: make a socket, bind it to the port on all addresses and let it listen.
en|    // Look up: TcpListener::bind, "0.0.0.0".
ru|    // TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание.
ru|    // Справка: TcpListener::bind, "0.0.0.0".
en|    println!("TODO 1: nothing listens on port {port} yet");
ru|    println!("TODO 1: порт {port} пока никто не слушает");
en|    // TODO 1: wait for a client. How many sockets are there now?
en|    // Look up: TcpListener::accept.
ru|    // TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|    // Справка: TcpListener::accept.
en|    // TODO 3: print whom the request came from.
en|    // Look up: SocketAddr, println!.
ru|    // TODO 3: напечатайте, от кого пришёл запрос.
ru|    // Справка: SocketAddr, println!.
en|    // TODO 4: go on with the next client.
en|    // Look up: loop.
ru|    // TODO 4: переходите к следующему клиенту.
ru|    // Справка: loop.
en|    // TODO 6: a client that breaks the connection off must not end the server: report the error and
en|    // go on.
en|    // Look up: match, if let.
ru|    // TODO 6: клиент, который сбросил соединение, не должен завершать сервер: сообщите об ошибке и
ru|    // продолжайте.
ru|    // Справка: match, if let.
    Ok(())
}

en|/// Tells one client the time.
ru|/// Сообщает одному клиенту время.
fn serve(mut stream: TcpStream) -> io::Result<()> {
en|    // TODO 1: send the local time as ctime writes it, with a newline, in ASCII.
en|    // Look up: src/ctime.rs: now; Write::write_all.
ru|    // TODO 1: отправьте местное время в том виде, как его пишет ctime, с переводом строки, в ASCII.
ru|    // Справка: src/ctime.rs: now; Write::write_all.
en|    // TODO 2: close the connection: nothing else says that the text is complete. There are two
en|    // sockets: which one?
en|    // Look up: drop.
ru|    // TODO 2: закройте соединение: больше ничто не говорит, что текст закончен. Сокетов два: какой
ru|    // из них?
ru|    // Справка: drop.
    Ok(())
}
