//! The three kinds of Unix sockets: the same calls, and the address is a file.

use std::env;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{Context, Error, Result};
use common::tr;
use socket2::{Domain, SockAddr, Socket};

use crate::{Args, Type};

// ANCHOR: send
/// Sends `message`; the file that it went to.
pub(crate) fn send(args: &Args, message: &[u8]) -> Result<String> {
    let path = path(args);
    let shown = common::escape(path.as_os_str().as_encoded_bytes());
    let kind = match args.kind {
        Type::Stream => socket2::Type::STREAM,
        Type::Datagram => socket2::Type::DGRAM,
        Type::Seqpacket => socket2::Type::SEQPACKET,
    };
    let address = SockAddr::unix(&path).with_context(|| format!("connect {shown}"))?;
    let connected = args.client.with_retries(|| {
        let socket = Socket::new(Domain::UNIX, kind, None).context("socket")?;
        // It bounds `connect` as well: a full backlog makes it wait (unix(7)).
        socket.set_write_timeout(args.client.timeout())?;
        let connected = socket.connect(&address);
        connected.with_context(|| format!("connect {shown}"))?;
        Ok(socket)
    });
    let mut socket = connected.map_err(with_hint)?;
    // One `send` is one message, where there are messages.
    let sent = socket.write_all(message);
    sent.with_context(|| format!("send {shown}"))?;
    Ok(shown)
}
// ANCHOR_END: send

fn path(args: &Args) -> PathBuf {
    let path = args.path.clone();
    path.unwrap_or_else(|| env::temp_dir().join("hello.sock"))
}

/// Asks for the file, if `--ask`.
pub(crate) fn ask_path(args: &mut Args) -> Result<()> {
    if args.client.ask {
        let question = tr!("file of the server's socket", "файл сокета сервера");
        let default = path(args).display().to_string();
        let answer = common::ask(&question, default, |text| Ok(text.to_owned()));
        args.path = Some(answer?.into());
    }
    Ok(())
}

fn with_hint(error: Error) -> Error {
    let hint = match error
        .downcast_ref::<std::io::Error>()
        .map(std::io::Error::kind)
    {
        Some(ErrorKind::NotFound) => tr!(
            "the server makes this file: is it running, with the same --path?",
            "этот файл создаёт сервер: запущен ли он, с тем же --path?"
        ),
        Some(ErrorKind::ConnectionRefused) => tr!(
            "the file is left over from a server that is gone: start it again",
            "файл остался от завершившегося сервера: запустите его снова"
        ),
        Some(ErrorKind::PermissionDenied) => tr!(
            "another user's server: it takes the right to write to its file",
            "это сервер другого пользователя: нужно право записи в его файл"
        ),
        Some(ErrorKind::WouldBlock) => tr!(
            "the server is busy, and its backlog is full",
            "сервер занят, и его очередь подключений полна"
        ),
        // EPROTOTYPE has no kind of its own.
        Some(_) => tr!(
            "if a server is there, has it the same --type?",
            "если сервер там есть, тот ли у него --type?"
        ),
        None => return error,
    };
    common::with_hint(error, hint)
}
