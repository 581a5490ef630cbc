en|//! Echo client: sends line after line until `exit`, and shows what comes back.
en|//!
en|//! Run it:       cargo run --bin echo_client [HOST PORT]
en|//! The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|//! Эхо-клиент: отправляет строку за строкой до `exit` и показывает ответы.
ru|//!
ru|//! Запуск:       cargo run --bin echo_client [ХОСТ ПОРТ]
ru|//! Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги

en|#![allow(unused)] // Not everything is used yet: remove this line in the end.
ru|#![allow(unused)] // Пока используется не всё: в конце удалите эту строку.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 9090;

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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (host, port) = match arguments.as_slice() {
        [host, port] => (host.clone(), port.parse()?),
        _ => (ask_host()?, ask_port()?),
    };
en|    // TODO 4: connect, read a line from standard input and send it; receive the reply and print it.
en|    // Look up: TcpStream::connect, stdin().lines(), Write::write_all, Read::read.
ru|    // TODO 4: подключитесь, прочитайте строку со стандартного ввода и отправьте её; примите ответ и
ru|    // напечатайте.
ru|    // Справка: TcpStream::connect, stdin().lines(), Write::write_all, Read::read.
en|    // TODO 4: report: connected, data sent, data received, disconnected.
en|    // Look up: eprintln!.
ru|    // TODO 4: сообщайте: соединение установлено, данные отправлены, данные получены, соединение
ru|    // завершено.
ru|    // Справка: eprintln!.
en|    // TODO 5: line after line until `exit`. What is sent for an empty line?
en|    // Look up: for, break.
ru|    // TODO 5: строка за строкой до `exit`. Что отправится для пустой строки?
ru|    // Справка: for, break.
en|    // TODO 10: a reply may come late, in pieces, or two at once: receive on a thread of its own.
en|    // Look up: TcpStream::try_clone, thread::spawn, shutdown.
ru|    // TODO 10: ответ может прийти поздно, по частям или сразу два: принимайте в отдельном потоке
ru|    // выполнения.
ru|    // Справка: TcpStream::try_clone, thread::spawn, shutdown.
en|    // TODO 10: one clear line if the server is not there or goes away; the end of the input is like
en|    // `exit`.
en|    // Look up: Result::map_err, ?, std::process::exit.
ru|    // TODO 10: одна понятная строка, если сервер не запущен или пропал; конец ввода — как `exit`.
ru|    // Справка: Result::map_err, ?, std::process::exit.
en|    println!("TODO 4: would connect to {host}:{port}");
ru|    println!("TODO 4: здесь будет соединение с {host}:{port}");
    Ok(())
}

en|/// The host that the user types; an empty line takes the default.
ru|/// Хост, который вводит пользователь; пустая строка — значение по умолчанию.
fn ask_host() -> io::Result<String> {
en|    // TODO 7: ask for the host; an empty line takes the default.
en|    // Look up: Stdin::read_line, str::trim.
ru|    // TODO 7: спросите хост; пустая строка — значение по умолчанию.
ru|    // Справка: Stdin::read_line, str::trim.
    Ok(HOST.to_owned())
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
