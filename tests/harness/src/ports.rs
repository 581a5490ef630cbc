//! Ports for servers under test.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use common::tr;

use socket2::{Domain, Socket, Type};

use crate::{Failure, wait_for, write_programs};

/// How many ports a block has: as many as a server tries by itself.
const SIZE: u16 = 10;

/// Ten neighbouring TCP ports that no other test uses until this is dropped.
///
/// The mark of possession is a UDP socket on the block's first number: it costs no file, holds
/// between processes, and goes with the process whatever happens to it. Blocks lie below the
/// ephemeral ports, so that no outgoing connection of a test takes one.
#[derive(Debug)]
pub struct PortBlock {
    first: u16,
    _mark: UdpSocket,
}

impl PortBlock {
    /// Some free block.
    ///
    /// # Errors
    /// If a thousand attempts find none.
    pub fn reserve() -> Result<Self, Failure> {
        for _ in 0..1000 {
            let first = SIZE * fastrand::u16(1000..3200);
            let block = Some(first).filter(|first| tells_errors(*first));
            if let Some(block) = block.and_then(Self::mark).filter(Self::is_free) {
                return Ok(block);
            }
        }
        Err(Failure::inconclusive(
            "no free ports",
            &std::io::ErrorKind::AddrInUse.into(),
        ))
    }

    /// The block from `first` on, if that port is free now.
    pub fn take(first: u16) -> Option<Self> {
        Self::mark(first).filter(|block| are_free(std::iter::once(block.first)))
    }

    /// The block from `first` on, for a program that insists on its port; waits until other tests
    /// have done with it, and until their connections have left TIME-WAIT (a minute).
    ///
    /// # Errors
    /// If it is not free within `patience`.
    pub fn wait_for(first: u16, patience: Duration) -> Result<Self, Failure> {
        if let Some(block) = Self::take(first) {
            return Ok(block);
        }
        eprintln!(
            "{}",
            tr!("waiting for port {first}", "ожидание порта {first}")
        );
        wait_for(patience, || Self::take(first)).ok_or_else(|| {
            let error = std::io::ErrorKind::AddrInUse.into();
            Failure::inconclusive(format!("port {first} is taken"), &error)
        })
    }

    /// The port number `index` of the block, from 0 to 9.
    pub fn port(&self, index: u16) -> u16 {
        self.first + index.min(SIZE - 1)
    }

    fn mark(first: u16) -> Option<Self> {
        let mark = UdpSocket::bind((Ipv4Addr::LOCALHOST, first)).ok()?;
        Some(Self { first, _mark: mark })
    }

    fn is_free(&self) -> bool {
        are_free((0..SIZE).map(|index| self.port(index)))
    }
}

/// Whether a program has this port only if it does what it was told: it is no number that somebody
/// would write into a source, and a program that forgets htons(3) listens on another one.
fn tells_errors(port: u16) -> bool {
    port % 1000 != 0 && port != port.swap_bytes()
}

/// Whether a server that does not set SO_REUSEADDR could have each of the ports now: nobody listens
/// there, and no connection is in TIME-WAIT. Nothing is started meanwhile: a new process has the
/// sockets of this one until its exec, and would keep the port taken for as long.
fn are_free(mut ports: impl Iterator<Item = u16>) -> bool {
    let is_free = |port| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())
    };
    write_programs(|| ports.all(|port| is_free(port).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_not_the_same_in_the_other_byte_order() {
        assert!(!tells_errors(0x5454) && !tells_errors(20_000));
        assert!(tells_errors(0x5455) && tells_errors(20_010));
    }

    #[test]
    fn two_blocks_never_overlap_and_a_dropped_one_is_free_again() {
        let (one, two) = (PortBlock::reserve().unwrap(), PortBlock::reserve().unwrap());
        assert!(one.port(0).abs_diff(two.port(0)) >= SIZE);
        let first = one.port(0);
        assert!(PortBlock::wait_for(first, Duration::ZERO).is_err());
        drop(one);
        assert!(PortBlock::wait_for(first, Duration::from_secs(10)).is_ok());
    }
}
