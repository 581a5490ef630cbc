//! The kinds of socket, and the addresses of their servers.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ip {
    V4,
    V6,
}

/// A kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    Tcp(Ip),
    Udp(Ip),
    UnixStream,
    UnixDatagram,
    UnixSeqpacket,
}

impl Socket {
    pub(crate) const ALL: [Self; 7] = [
        Self::Tcp(Ip::V4),
        Self::Tcp(Ip::V6),
        Self::Udp(Ip::V4),
        Self::Udp(Ip::V6),
        Self::UnixStream,
        Self::UnixDatagram,
        Self::UnixSeqpacket,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp(Ip::V4) => "tcp-ipv4",
            Self::Tcp(Ip::V6) => "tcp-ipv6",
            Self::Udp(Ip::V4) => "udp-ipv4",
            Self::Udp(Ip::V6) => "udp-ipv6",
            Self::UnixStream => "unix-stream",
            Self::UnixDatagram => "unix-datagram",
            Self::UnixSeqpacket => "unix-seqpacket",
        }
    }

    /// `None` for the sockets of one machine.
    pub(crate) fn ip(self) -> Option<Ip> {
        match self {
            Self::Tcp(ip) | Self::Udp(ip) => Some(ip),
            _ => None,
        }
    }

    pub(crate) fn is_datagram(self) -> bool {
        matches!(self, Self::Udp(_) | Self::UnixDatagram)
    }
}

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    Ip(SocketAddr),
    File(PathBuf),
}
