//! The file of a Unix socket: who makes it, who may take it over, who removes it.
//!
//! `bind` makes the file, and nobody removes it but the program itself: after `kill -9` it stays,
//! stale, and the next `bind` fails with EADDRINUSE. So does `bind` if another server listens there.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use common::{escape, event, tr, with_hint};
use socket2::{Domain, SockAddr, Socket, Type};

/// A socket's file that this process has made.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and number: the path may come to mean another file.
    id: (u64, u64),
}

impl SocketFile {
    // ANCHOR: bind
    /// A socket that is bound to the file at `path`; a stale file is taken over.
    ///
    /// # Errors
    /// If another server is bound to it, it is no socket, or cannot be made.
    pub(crate) fn bind(path: &Path, kind: Type) -> Result<(Socket, Self)> {
        let shown = escape(path.as_os_str().as_encoded_bytes());
        let address = SockAddr::unix(path).with_context(|| format!("bind {shown}"))?;
        let socket = Socket::new(Domain::UNIX, kind, None).context("socket")?;
        let mut bound = socket.bind(&address);
        if matches!(&bound, Err(error) if error.kind() == ErrorKind::AddrInUse) {
            let _turn = lock_folder(path);
            if is_stale(path, &address) {
                event!(
                    "{shown} was left behind by a server that is gone; taking it over",
                    "{shown} остался от завершившегося сервера; занимаю его"
                );
                fs::remove_file(path).with_context(|| format!("remove {shown}"))?;
                bound = socket.bind(&address);
            }
        }
        if let Err(error) = bound {
            let hint = if is_socket(path) {
                tr!(
                    "another program uses this file; choose another with --path",
                    "этим файлом пользуется другая программа; выберите другой ключом --path"
                )
            } else {
                tr!(
                    "this file is no socket, so it stays as it is; choose another with --path",
                    "этот файл — не сокет, и он остаётся как есть; выберите другой ключом --path"
                )
            };
            let in_use = error.kind() == ErrorKind::AddrInUse;
            let error = anyhow::Error::new(error).context(format!("bind {shown}"));
            return Err(if in_use {
                with_hint(error, hint)
            } else {
                error
            });
        }
        let id = id(path).with_context(|| format!("stat {shown}"))?;
        let path = path.to_owned();
        Ok((socket, Self { path, id }))
    }
    // ANCHOR_END: bind

    /// Removes the file, if it is still the one that this process has made.
    pub(crate) fn remove(&self) {
        if id(&self.path).is_ok_and(|id| id == self.id) {
            // It fails if somebody else has removed it just now.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether nobody is bound to the socket file any more: then `connect` meets ECONNREFUSED. A
/// datagram socket asks, so that a server of another type refuses it with EPROTOTYPE, and none takes
/// the question for a client.
fn is_stale(path: &Path, address: &SockAddr) -> bool {
    let asked = Socket::new(Domain::UNIX, Type::DGRAM, None).and_then(|probe| {
        probe.set_nonblocking(true)?;
        probe.connect(address)
    });
    is_socket(path) && matches!(asked, Err(error) if error.kind() == ErrorKind::ConnectionRefused)
}

fn is_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
}

/// Keeps other servers from taking over a file of the same folder at the same moment: the second
/// one would remove what the first one has just made. Until the result is dropped.
fn lock_folder(path: &Path) -> Option<File> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    #[cfg(target_os = "linux")]
    rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).ok()?;
    Some(folder)
}

fn id(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

impl fmt::Display for SocketFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(self.path.as_os_str().as_encoded_bytes()))
    }
}
