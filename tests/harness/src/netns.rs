//! A network of one's own, for tests that need fixed ports or a machine without IPv6.

use std::net::IpAddr;
use std::process::Command;

use crate::starting::start;
use crate::{Failure, Outcome};

/// Moves the calling thread, and whatever it starts from now on, into a new network namespace
/// where only loopback exists, up. The namespace goes with its last thread, process and socket.
///
/// Threads that ran before, and /proc/self/net, stay where they were.
///
/// # Errors
/// If the machine is not Linux, the caller lacks CAP_SYS_ADMIN (network_namespaces(7)), or `ip` is
/// missing.
#[cfg(target_os = "linux")]
pub fn enter_network_namespace() -> Result<(), Failure> {
    use rustix::thread::{UnshareFlags, unshare_unsafe};
    // SAFETY: only unsharing the table of file descriptors can invalidate what other code holds;
    // NEWNET changes nothing but which network new sockets of this thread belong to.
    #[allow(
        unsafe_code,
        reason = "no safe call unshares the network of one thread"
    )]
    let unshared = unsafe { unshare_unsafe(UnshareFlags::NEWNET) };
    unshared.map_err(|error| Failure::inconclusive("unshare the network", &error.into()))?;
    raise_loopback()
}

/// Brings up the loopback interface of the network namespace that the calling thread is in.
///
/// # Errors
/// If `ip` is missing, or the caller lacks CAP_NET_ADMIN there.
pub fn raise_loopback() -> Result<(), Failure> {
    ip(&["link", "set", "lo", "up"])
}

/// Makes `address` one of this machine's own, in the network namespace of the calling thread.
///
/// # Errors
/// As [`enter_network_namespace`].
pub fn add_to_loopback(address: IpAddr) -> Result<(), Failure> {
    ip(&["address", "add", &address.to_string(), "dev", "lo"])
}

/// Runs ip(8).
fn ip(words: &[&str]) -> Result<(), Failure> {
    let shown = format!("ip {}", words.join(" "));
    let started = start(Command::new("ip").args(words));
    match started.and_then(|mut ip| ip.wait()) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::with_outcome(
            Outcome::Inconclusive,
            format!("{shown}: {status}"),
        )),
        Err(error) => Err(Failure::inconclusive(shown, &error)),
    }
}

/// Only Linux has network namespaces.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn enter_network_namespace() -> Result<(), Failure> {
    Err(Failure::inconclusive(
        "network namespaces",
        &std::io::ErrorKind::Unsupported.into(),
    ))
}
