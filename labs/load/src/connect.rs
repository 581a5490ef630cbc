//! Connecting without waiting, and where from.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use mio::net::TcpStream;
use socket2::{Domain, Socket, Type};

use crate::plan::{Kind, Plan};

/// Connections from one address, at most: it has 28,000 ephemeral ports (ip_local_port_range).
const MOST_OF_ONE_SOURCE: usize = 20_000;

/// Begins to connect to `address`, from the address `source` if there is one. Never blocks.
///
/// # Errors
/// If there is no socket left, or nobody listens.
pub(crate) fn begin(address: SocketAddr, source: Option<IpAddr>, kind: Kind) -> Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
    let socket = socket.context("socket")?;
    socket.set_nonblocking(true).context("set non-blocking")?;
    if kind == Kind::Echo {
        // A message is not to wait for the acknowledgement of the one before (RFC 896).
        socket.set_tcp_nodelay(true).context("set TCP_NODELAY")?;
    }
    if let Some(source) = source {
        let any_port = SocketAddr::new(source, 0);
        let bound = socket.bind(&any_port.into());
        bound.with_context(|| format!("bind {any_port}"))?;
    }
    match socket.connect(&address.into()) {
        Err(error) if !is_under_way(&error) => return Err(error).context("connect"),
        _ => {}
    }
    Ok(TcpStream::from_std(socket.into()))
}

/// Whether a non-blocking connect has only begun: EINPROGRESS (connect(2)), on Windows
/// WSAEWOULDBLOCK.
fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    let under_way = error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error());
    #[cfg(not(unix))]
    let under_way = error.kind() == io::ErrorKind::WouldBlock;
    under_way
}

/// Addresses of this machine to connect from, one after another. Who closes a connection first
/// keeps its port for a minute (TIME-WAIT, RFC 9293, section 3.6.1), and one address runs out of
/// ports in a second of short connections.
pub(crate) struct Sources {
    n_used: u8,
}

impl Sources {
    /// Nothing if one address is enough, or if there are no others: Linux alone takes all of
    /// 127.0.0.0/8 for its own.
    pub(crate) fn for_plan(plan: &Plan) -> Option<Self> {
        let many = plan.connections > MOST_OF_ONE_SOURCE || plan.per_connection.is_some();
        let has_others = plan.address.is_ipv4() && plan.address.ip().is_loopback();
        (cfg!(target_os = "linux") && many && has_others).then_some(Self { n_used: 0 })
    }

    pub(crate) fn next(&mut self) -> IpAddr {
        self.n_used = self.n_used % 250 + 1;
        Ipv4Addr::new(127, 0, 0, self.n_used).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_connections_come_from_many_addresses() {
        let mut plan = Plan::new(Kind::Echo, "127.0.0.1:9".parse().unwrap());
        assert!(Sources::for_plan(&plan).is_none());
        plan.per_connection = Some(1);
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut sources = Sources::for_plan(&plan).unwrap();
        let all: std::collections::HashSet<IpAddr> = (0..500).map(|_| sources.next()).collect();
        assert_eq!(all.len(), 250);
        assert!(all.iter().all(IpAddr::is_loopback));

        plan.address = "[::1]:9".parse().unwrap();
        assert!(Sources::for_plan(&plan).is_none());
    }
}
