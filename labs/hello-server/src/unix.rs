//! The three kinds of Unix sockets. Their address is a file, which only programs of this machine
//! can reach.

mod datagram;
mod seqpacket;
mod socket_file;
mod stream;

use std::env;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use common::{event, tr};
use socket2::Socket;

use crate::{Args, Type};
use socket_file::SocketFile;

/// Where the server is to be found: a file that it makes, and removes in the end.
struct Place {
    path: PathBuf,
    made: Arc<OnceLock<SocketFile>>,
}

/// Serves, and removes the file after the last client, or at Ctrl-C.
pub(crate) fn serve(args: &mut Args) -> Result<()> {
    let made: Arc<OnceLock<SocketFile>> = Arc::default();
    let file = Arc::clone(&made);
    common::on_stop(move || remove(&file))?;

    let path = ask_path(args)?;
    let place = Place { path, made };
    let served = match args.kind {
        Type::Stream => stream::serve(args, &place),
        Type::Datagram => datagram::serve(args, &place),
        Type::Seqpacket => seqpacket::serve(args, &place),
    };
    remove(&place.made);
    served
}

impl Place {
    /// A socket of this type, bound to the file.
    fn bind(&self, kind: socket2::Type) -> Result<(Socket, &SocketFile)> {
        let (socket, file) = SocketFile::bind(&self.path, kind)?;
        Ok((socket, self.made.get_or_init(|| file)))
    }
}

fn remove(made: &OnceLock<SocketFile>) {
    if let Some(file) = made.get() {
        file.remove();
    }
}

fn ask_path(args: &Args) -> Result<PathBuf> {
    let path = args.path.clone();
    let path = path.unwrap_or_else(|| env::temp_dir().join("hello.sock"));
    if !args.server.receiver.ask {
        return Ok(path);
    }
    let question = tr!("file of the socket", "файл сокета");
    let default = path.display().to_string();
    common::ask(&question, default, |text| Ok(text.to_owned())).map(PathBuf::from)
}

fn say_waiting(file: &SocketFile) {
    common::say_listening(file);
    event!(
        "waiting for clients on {file}",
        "ожидание клиентов на {file}"
    );
}

/// Who is at the other end: a client need not bind its socket to a file, and hardly any does, so
/// Linux is asked for the process (unix(7), SO_PEERCRED).
fn peer(stream: &Socket) -> String {
    #[cfg(target_os = "linux")]
    if let Ok(peer) = rustix::net::sockopt::socket_peercred(stream) {
        let (pid, uid) = (peer.pid, peer.uid.as_raw());
        return tr!(
            "process {pid} of user {uid}",
            "процесс {pid} пользователя {uid}"
        );
    }
    let _ = stream;
    tr!("a process of this machine", "процесс этой машины")
}
