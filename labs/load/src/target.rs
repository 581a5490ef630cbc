//! Where the load goes: this machine, unless another one is named twice.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::{tr, with_connect_hint, with_hint};

/// How long one address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first address of `host`, IPv4 before IPv6, at which a server listens on `port`. It is tried
/// with one connection that is closed at once.
///
/// # Errors
/// If the host is unknown, not allowed (see [`allow`]), or nobody listens.
pub(crate) fn find(host: &str, port: u16, beyond_loopback: Option<&str>) -> Result<SocketAddr> {
    let addresses = (host, port).to_socket_addrs();
    let mut addresses: Vec<SocketAddr> = addresses
        .with_context(|| format!("resolve {host}"))?
        .collect();
    for address in &addresses {
        allow(host, address.ip(), beyond_loopback)?;
    }
    // 127.0.0.0/8 has many addresses to connect from, ::1 is only one.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let mut failure = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(address),
            Err(error) => failure = Some((address, error)),
        }
    }
    match failure {
        Some((address, error)) => {
            let error = anyhow::Error::new(error).context(format!("connect {address}"));
            Err(with_connect_hint(error))
        }
        None => bail!("resolve {host}: {}", tr!("no address", "нет адреса")),
    }
}

/// A load generator can stop a machine, so it may disturb only the one that it runs on, or the
/// `host` that its user has named a second time.
///
/// # Errors
/// If `ip`, an address of `host`, is not loopback and the host not the one `beyond_loopback`.
fn allow(host: &str, ip: IpAddr, beyond_loopback: Option<&str>) -> Result<()> {
    if ip.to_canonical().is_loopback() || beyond_loopback == Some(host) {
        return Ok(());
    }
    let shown = common::escape(host.as_bytes());
    let refusal = tr!(
        "refused: {shown} ({ip}) is not this machine",
        "отказано: {shown} ({ip}) — не эта машина"
    );
    Err(with_hint(
        anyhow::Error::msg(refusal),
        tr!(
            "if the machine is yours and may be loaded, say so with --beyond-loopback {shown}",
            "если это ваша машина и её можно нагружать, подтвердите: --beyond-loopback {shown}"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_or_the_host_named_twice() {
        let allowed = |host: &str, ip: &str, named: Option<&str>| {
            allow(host, ip.parse().unwrap(), named).is_ok()
        };
        for own in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(allowed("own", own, None), "{own}");
        }
        for other in [
            "0.0.0.0",
            "192.0.2.1",
            "::",
            "2001:db8::1",
            "::ffff:192.0.2.1",
        ] {
            assert!(!allowed("other", other, None), "{other}");
            assert!(!allowed("other", other, Some("another")), "{other}");
            assert!(allowed("other", other, Some("other")), "{other}");
        }
    }
}
