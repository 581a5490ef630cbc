//! Port auto-increment: the lab `auto-port` shows it on its own.

use std::io;
use std::net::SocketAddr;

use anyhow::{Context, Result};

use crate::{event, tr};

/// How many ports a server tries by itself: the one it was asked for and the nine above it.
const PORTS: u16 = 10;

/// What `listen` makes of `start`, or of the next free port above it.
///
/// `listen` binds and listens; both can meet a port that is taken (bind(2) and listen(2):
/// EADDRINUSE), so both belong to one attempt. A taken port moves on by one, at most nine times and
/// never past 65535; `exact` forbids it. Any other error ends the search at once, for another port
/// would not help.
///
/// # Errors
/// The error of the last attempt, with the address, and with the range if all of it is taken.
pub fn next_free_port<T>(
    start: SocketAddr,
    exact: bool,
    listen: impl Fn(SocketAddr) -> io::Result<T>,
) -> Result<T> {
    let last = if exact {
        start.port()
    } else {
        start.port().saturating_add(PORTS - 1)
    };
    let mut address = start;
    loop {
        match listen(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && address.port() < last => {
                let busy = address.port();
                let next = busy + 1;
                event!(
                    "port {busy} is busy, trying {next}",
                    "порт {busy} занят, пробую {next}"
                );
                address.set_port(next);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && last > start.port() => {
                let first = start.port();
                return Err(error).with_context(|| {
                    tr!(
                        "bind {start}: ports {first} to {last} are all busy",
                        "bind {start}: порты с {first} по {last} все заняты"
                    )
                });
            }
            result => return result.with_context(|| format!("bind {address}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Tries from `start` where the ports of `busy` are taken; the ports tried, and the outcome.
    fn search(
        start: u16,
        exact: bool,
        busy: impl Fn(u16) -> bool,
    ) -> (Vec<u16>, Result<u16, String>) {
        let tried = RefCell::new(Vec::new());
        let found = next_free_port(
            SocketAddr::from(([127, 0, 0, 1], start)),
            exact,
            |address| {
                tried.borrow_mut().push(address.port());
                if busy(address.port()) {
                    Err(io::ErrorKind::AddrInUse.into())
                } else {
                    Ok(address.port())
                }
            },
        );
        (
            tried.into_inner(),
            found.map_err(|error| format!("{error:#}")),
        )
    }

    #[test]
    fn moves_up_to_the_next_free_port() {
        assert_eq!(search(9090, false, |_| false), (vec![9090], Ok(9090)));
        assert_eq!(
            search(9090, false, |port| port < 9092),
            (vec![9090, 9091, 9092], Ok(9092))
        );
        assert_eq!(search(9090, false, |port| port < 9099).1, Ok(9099));
    }

    #[test]
    fn gives_up_after_ten_ports_and_names_them() {
        let (tried, found) = search(9090, false, |_| true);
        assert_eq!(tried.len(), 10);
        assert_eq!(
            found,
            Err("bind 127.0.0.1:9090: ports 9090 to 9099 are all busy: address in use".into())
        );
    }

    #[test]
    fn never_passes_the_last_port_there_is() {
        assert_eq!(
            search(65530, false, |_| true).0,
            (65530..=65535).collect::<Vec<_>>()
        );
        assert_eq!(search(65535, false, |_| true).0, [65535]);
    }

    #[test]
    fn an_exact_port_is_tried_once() {
        assert_eq!(
            search(9090, true, |_| true),
            (
                vec![9090],
                Err("bind 127.0.0.1:9090: address in use".into())
            )
        );
    }

    #[test]
    fn another_error_ends_the_search() {
        let start = SocketAddr::from(([127, 0, 0, 1], 80));
        let result = next_free_port(start, false, |_| {
            Err::<(), _>(io::ErrorKind::PermissionDenied.into())
        });
        assert_eq!(
            format!("{:#}", result.unwrap_err()),
            "bind 127.0.0.1:80: permission denied"
        );
    }
}
