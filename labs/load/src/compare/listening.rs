//! Where a server listens: its stdout says so.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ChildStdout;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use common::tr;

/// How long a server may take until it listens.
const LONGEST: Duration = Duration::from_secs(10);

/// Waits for the line `listening on ADDR:PORT`, ten seconds at most; nothing if `stdout` ends
/// without it.
///
/// # Errors
/// If the time is over, or the address is not one of the loopback.
pub(crate) fn wait(stdout: ChildStdout) -> Result<Option<SocketAddr>> {
    let (found, address) = mpsc::channel();
    thread::Builder::new()
        .name("stdout".into())
        .spawn(move || read_stdout(stdout, &found))
        .context("start a thread")?;
    match address.recv_timeout(LONGEST) {
        Ok(address) => reachable(&address).map(Some),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => bail!(tr!(
            "it printed no line `listening on ADDR:PORT` within {LONGEST:?}",
            "за {LONGEST:?} сервер не напечатал строку `listening on ADDR:PORT`"
        )),
    }
}

/// Passes on what follows `listening on `, then takes everything else that the server prints, so
/// that it never waits for a reader.
fn read_stdout(stdout: ChildStdout, found: &Sender<String>) {
    const LONGEST_LINE: u64 = 4096;
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    while matches!(
        stdout
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line),
        Ok(1..)
    ) {
        let text = String::from_utf8_lossy(&line);
        if let Some(address) = text.strip_prefix("listening on ") {
            let _ = found.send(address.trim_end().into());
            break;
        }
        line.clear();
    }
    let _ = io::copy(&mut stdout, &mut io::sink());
}

/// Where a server of this machine can be reached that says it listens on `address`.
fn reachable(address: &str) -> Result<SocketAddr> {
    let parsed: SocketAddr = address.parse().map_err(|_| {
        let address = common::escape(address.as_bytes());
        anyhow!(tr!(
            "it listens on {address}, which is no ADDR:PORT",
            "сервер слушает {address}, это не ADDR:PORT"
        ))
    })?;
    let port = parsed.port();
    let ip = match parsed.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => loopback(port),
        ip if ip.is_loopback() => ip,
        ip => bail!(tr!(
            "it listens on {ip}, not on the loopback",
            "сервер слушает {ip}, а не loopback"
        )),
    };
    Ok(SocketAddr::new(ip, port))
}

/// IPv4 where a server on all IPv6 addresses takes that, too: 127.0.0.0/8 has many addresses to
/// connect from, each with its own 28,000 ports, ::1 is only one (ip(7), ip_local_port_range).
fn loopback(port: u16) -> IpAddr {
    let ip = Ipv4Addr::LOCALHOST;
    match TcpStream::connect_timeout(&SocketAddr::from((ip, port)), Duration::from_secs(1)) {
        Ok(_) => ip.into(),
        Err(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_server_is_reached_over_the_loopback_only() {
        let reached = |address: &str| reachable(address).ok().map(|address| address.to_string());
        assert_eq!(reached("0.0.0.0:9090").as_deref(), Some("127.0.0.1:9090"));
        assert_eq!(reached("127.0.0.2:1").as_deref(), Some("127.0.0.2:1"));
        assert_eq!(reached("[::1]:1").as_deref(), Some("[::1]:1"));
        assert_eq!(
            reached("[::ffff:127.0.0.1]:1").as_deref(),
            Some("127.0.0.1:1")
        );
        for elsewhere in ["192.0.2.1:9090", "/tmp/socket", "127.0.0.1", ""] {
            assert_eq!(reached(elsewhere), None, "{elsewhere}");
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(
            reached(&format!("[::]:{port}")),
            Some(format!("127.0.0.1:{port}"))
        );
        drop(listener);
        assert_eq!(
            reached(&format!("[::]:{port}")),
            Some(format!("[::1]:{port}"))
        );
    }
}
