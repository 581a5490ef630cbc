en|//! Echo server: returns to every client what it sends, one client after another.
en|//!
en|//! Run it:       cargo run --bin echo_server [PORT [LOGFILE]]
en|//! Talk to it:   nc 127.0.0.1 9090
en|//! Stop it:      type `stop`
en|//! The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|//! Эхо-сервер: возвращает клиентам то, что они прислали, одному за другим.
ru|//!
ru|//! Запуск:       cargo run --bin echo_server [ПОРТ [ЖУРНАЛ]]
ru|//! Собеседник:   nc 127.0.0.1 9090
ru|//! Остановка:    введите `stop`
ru|//! Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;

const PORT: u16 = 9090;
en|/// The most bytes that one read takes.
ru|/// Больше байтов один read не берёт.
const PORTION: usize = 1024;

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
en|    // TODO 3: report every event: start, listening, client connected, data received, data sent,
en|    // client disconnected, stop.
ru|    // TODO 3: сообщайте о каждом событии: запуск, прослушивание, клиент подключился, данные
ru|    // получены, данные отправлены, клиент отключился, остановка.
en|    // `stop` is to be typed, since Rust's own library cannot catch Ctrl-C.
en|    // Look up: say, stdin, thread::spawn, std::process::exit.
ru|    // Для остановки вводится `stop`: стандартная библиотека Rust не умеет перехватывать Ctrl-C.
ru|    // Справка: say, stdin, thread::spawn, std::process::exit.
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse()?,
        None => ask_port()?,
    };
en|    // TODO 1: make a socket, bind it to the port on all addresses and let it listen.
en|    // Look up: TcpListener::bind, "0.0.0.0".
ru|    // TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание.
ru|    // Справка: TcpListener::bind, "0.0.0.0".
en|    // TODO 6: after a stop the server must get its port back at once.
en|    // Look up: TcpListener::bind, SO_REUSEADDR.
ru|    // TODO 6: после остановки сервер должен сразу получить свой порт обратно.
ru|    // Справка: TcpListener::bind, SO_REUSEADDR.
en|    // TODO 9: if the port is busy, take the next one and say its number.
en|    // Look up: ErrorKind::AddrInUse.
ru|    // TODO 9: если порт занят, займите следующий и сообщите его номер.
ru|    // Справка: ErrorKind::AddrInUse.
en|    say(&format!("TODO 1: nothing listens on port {port} yet"));
ru|    say(&format!("TODO 1: порт {port} пока никто не слушает"));
en|    // TODO 1: wait for a client. How many sockets are there now?
en|    // Look up: TcpListener::accept.
ru|    // TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|    // Справка: TcpListener::accept.
en|    // TODO 6: go on with the next client.
en|    // Look up: loop.
ru|    // TODO 6: переходите к следующему клиенту.
ru|    // Справка: loop.
en|    // TODO 10: whatever one client does, serve the next one.
en|    // Look up: match, if let.
ru|    // TODO 10: что бы ни сделал один клиент, обслуживайте следующего.
ru|    // Справка: match, if let.
    Ok(())
}

en|/// Writes a service message.
ru|/// Выводит служебное сообщение.
fn say(text: &str) {
en|    // TODO 8: the second argument is a file: write the messages there instead, each one at once.
en|    // Look up: File::options, Mutex, writeln!.
ru|    // TODO 8: второй аргумент — файл: пишите сообщения туда, причём каждое сразу.
ru|    // Справка: File::options, Mutex, writeln!.
    println!("{text}");
}

en|/// Returns what one client sends.
ru|/// Возвращает то, что прислал один клиент.
fn echo(mut stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
en|    // TODO 1: receive a portion of up to PORTION bytes and send it back.
en|    // Look up: Read::read, Write::write_all.
ru|    // TODO 1: примите порцию длиной до PORTION байт и отправьте её обратно.
ru|    // Справка: Read::read, Write::write_all.
en|    // TODO 2: go on until the client ends its half. Send back all of a portion. Bytes need not be
en|    // text.
en|    // Look up: Ok(0).
ru|    // TODO 2: продолжайте, пока клиент не закроет свою половину. Возвращайте порцию целиком. Байты
ru|    // не обязаны быть текстом.
ru|    // Справка: Ok(0).
    Ok(())
}

en|/// The port that the user types; an empty line takes the default.
ru|/// Порт, который вводит пользователь; пустая строка — значение по умолчанию.
fn ask_port() -> io::Result<u16> {
en|    // TODO 7: ask for the port. Bad input (`abc`, `70000`) is asked for again, an empty line takes
en|    // the default.
en|    // Look up: Stdin::read_line, str::trim, str::parse.
ru|    // TODO 7: спросите порт. При неверном вводе (`abc`, `70000`) переспросите, пустая строка —
ru|    // значение по умолчанию.
ru|    // Справка: Stdin::read_line, str::trim, str::parse.
    Ok(PORT)
}
