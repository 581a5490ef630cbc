en|//! Greeting server: shows the message of every client and answers it.
en|//!
en|//! Run it:       cargo run --bin greeting_server [PORT]
en|//! Talk to it:   echo hello | nc -N 127.0.0.1 8007
en|//! The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|//! Сервер приветствий: показывает сообщение каждого клиента и отвечает.
ru|//!
ru|//! Запуск:       cargo run --bin greeting_server [ПОРТ]
ru|//! Собеседник:   echo hello | nc -N 127.0.0.1 8007
ru|//! Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

const PORT: u16 = 8007;
en|/// Bytes of a message.
ru|/// Больше байтов в сообщении не бывает.
const MOST: usize = 1_000_000;
en|/// So long without more bytes ends a message.
ru|/// Столько без новых байтов — и сообщение закончено.
const PAUSE: Duration = Duration::from_millis(500);
const GREETING: &str = "Привет, клиент";

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
en|    // TODO 3: go on with the next client.
en|    // Look up: loop.
ru|    // TODO 3: переходите к следующему клиенту.
ru|    // Справка: loop.
en|    // TODO 6: bytes that are no UTF-8, a client that says nothing and one that breaks off must not
en|    // end the server.
en|    // Look up: match, if let.
ru|    // TODO 6: байты не в UTF-8, молчащий клиент и сброс соединения не должны завершать сервер.
ru|    // Справка: match, if let.
    Ok(())
}

en|/// Shows the message of one client and answers it.
ru|/// Показывает сообщение одного клиента и отвечает.
fn serve(mut stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
en|    // TODO 2: print the message as text, and the client's address.
en|    // Look up: String::from_utf8_lossy, println!.
ru|    // TODO 2: напечатайте сообщение как текст и адрес клиента.
ru|    // Справка: String::from_utf8_lossy, println!.
en|    // TODO 1: answer with GREETING in UTF-8 and close the connection.
en|    // Look up: as_bytes, Write::write_all, drop.
ru|    // TODO 1: ответьте текстом GREETING в UTF-8 и закройте соединение.
ru|    // Справка: as_bytes, Write::write_all, drop.
    Ok(())
}

en|/// A message, as bytes.
ru|/// Сообщение, в байтах.
fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
en|    // TODO 1: receive a message.
en|    // Look up: Read::read.
ru|    // TODO 1: примите сообщение.
ru|    // Справка: Read::read.
en|    // TODO 4: one receive is not one message: collect portions, up to MOST bytes, until the end of
en|    // the stream, or until the client pauses for as long as PAUSE says. Before it speaks it may
en|    // think for longer.
en|    // Look up: set_read_timeout, ErrorKind::WouldBlock, extend_from_slice.
ru|    // TODO 4: один приём — не одно сообщение: собирайте порции, не больше MOST байт, до конца
ru|    // потока или пока клиент не сделает паузу длиной PAUSE. Прежде чем заговорить, он может думать
ru|    // и дольше.
ru|    // Справка: set_read_timeout, ErrorKind::WouldBlock, extend_from_slice.
    Ok(Vec::new())
}
