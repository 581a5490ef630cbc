//! What the kernel tells of TCP sockets by netlink: sock_diag(7).
//!
//! /proc/net/tcp is found by walking a table that grows with the machine's memory, three
//! milliseconds for each look on a large one. This asks for listening sockets, or for one connection.

use std::io::{self, Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use crate::net_facts::Row;

const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const TCP_LISTEN: u8 = 10;

/// The attribute of IPv6 sockets that tells whether IPv4 is not for them (IPV6_V6ONLY, ipv6(7)).
const INET_DIAG_SKV6ONLY: u16 = 11;

/// Length of `struct nlmsghdr`, and of `struct inet_diag_msg`, which attributes follow.
const HEADER: usize = 16;
const BODY: usize = 72;

/// All sockets of this thread's network that listen.
///
/// # Errors
/// If the kernel does not answer.
pub(crate) fn listening() -> io::Result<Vec<Row>> {
    let states = 1 << TCP_LISTEN;
    let mut rows = ask(&request(AF_INET, NLM_F_DUMP, states, None))?;
    rows.extend(ask(&request(AF_INET6, NLM_F_DUMP, states, None))?);
    Ok(rows)
}

/// The end at `local` of the connection to `remote`; `None` if there is none.
///
/// # Errors
/// If the kernel does not answer.
pub(crate) fn connection(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Row>> {
    let family = if local.is_ipv4() { AF_INET } else { AF_INET6 };
    match ask(&request(family, 0, u32::MAX, Some((local, remote)))) {
        Ok(rows) => Ok(rows.into_iter().next()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// `struct nlmsghdr` and `struct inet_diag_req_v2`.
fn request(family: u8, flags: u16, states: u32, ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
    let mut body = vec![family, IPPROTO_TCP, 0, 0];
    body.extend(states.to_ne_bytes());
    body.extend(ends.map_or([0; 4], ports));
    for address in ends.map_or([[0; 16]; 2], |(local, remote)| {
        [octets(local), octets(remote)]
    }) {
        body.extend(address);
    }
    // Any interface, any cookie.
    body.extend(0u32.to_ne_bytes());
    body.extend([0xff; 8]);
    let length = u32::try_from(HEADER + body.len()).unwrap_or_default();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend((NLM_F_REQUEST | flags).to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    message
}

fn ports((local, remote): (SocketAddr, SocketAddr)) -> [u8; 4] {
    let ([a, b], [c, d]) = (local.port().to_be_bytes(), remote.port().to_be_bytes());
    [a, b, c, d]
}

/// An address as in `struct inet_diag_sockid`: 16 bytes, of which IPv4 takes the first four.
fn octets(address: SocketAddr) -> [u8; 16] {
    let mut octets = [0; 16];
    match address.ip() {
        IpAddr::V4(ip) => octets[..4].copy_from_slice(&ip.octets()),
        IpAddr::V6(ip) => octets = ip.octets(),
    }
    octets
}

/// Sends a request to the kernel, and reads its answers to the end.
fn ask(request: &[u8]) -> io::Result<Vec<Row>> {
    let protocol = Some(Protocol::from(NETLINK_SOCK_DIAG));
    let socket = Socket::new(Domain::from(AF_NETLINK), Type::DGRAM, protocol)?;
    socket.send(request)?;
    let is_dump = request[6..8] != NLM_F_REQUEST.to_ne_bytes();
    let (mut rows, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let n_bytes = io::Read::read(&mut &socket, &mut buffer)?;
        if !read_messages(&buffer[..n_bytes], &mut rows)? || !is_dump {
            return Ok(rows);
        }
    }
}

/// Takes the rows of some messages; false if they were the last ones.
fn read_messages(mut messages: &[u8], rows: &mut Vec<Row>) -> io::Result<bool> {
    while let Some(length) = u32_at(messages, 0).map(|length| length as usize) {
        let whole = messages.get(..length).filter(|_| length >= HEADER);
        let message = whole.ok_or(ErrorKind::InvalidData)?;
        match u16::from_ne_bytes([message[4], message[5]]) {
            NLMSG_DONE => return Ok(false),
            NLMSG_ERROR => {
                let code = u32_at(message, HEADER).unwrap_or_default();
                // It stands there as a negative number; zero would be an acknowledgement.
                let code = i32::from_ne_bytes(code.to_ne_bytes()).wrapping_neg();
                return Err(Error::from_raw_os_error(code));
            }
            _ => rows.extend(row(&message[HEADER..])),
        }
        messages = messages
            .get(length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    Ok(true)
}

/// `struct inet_diag_msg`.
fn row(message: &[u8]) -> Option<Row> {
    let port = |at: usize| {
        Some(u16::from_be_bytes([
            *message.get(at)?,
            *message.get(at + 1)?,
        ]))
    };
    Some(Row {
        is_listening: *message.get(1)? == TCP_LISTEN,
        takes_ipv4: attribute(message.get(BODY..)?, INET_DIAG_SKV6ONLY).is_none_or(|it| it == [0]),
        local: port(4)?,
        remote: port(6)?,
        unread: u32_at(message, 56)?.into(),
        unsent: u32_at(message, 60)?.into(),
        inode: u32_at(message, 68)?.into(),
    })
}

/// The value of an attribute, netlink(7): a length, a type, a value, filled up to four bytes.
fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let u16_at = |at: usize| {
            Some(u16::from_ne_bytes([
                *attributes.get(at)?,
                *attributes.get(at + 1)?,
            ]))
        };
        let (length, kind) = (usize::from(u16_at(0)?), u16_at(2)?);
        let value = attributes.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    four.try_into().ok().map(u32::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn knows_who_does_not_take_ipv4() {
        for (v6only, takes_ipv4) in [(true, false), (false, true)] {
            let Ok(socket) = Socket::new(Domain::IPV6, Type::STREAM, None) else {
                return;
            };
            socket.set_only_v6(v6only).unwrap();
            let any: SocketAddr = "[::]:0".parse().unwrap();
            if socket.bind(&any.into()).is_err() {
                return;
            }
            socket.listen(1).unwrap();
            let port = socket.local_addr().unwrap().as_socket().unwrap().port();
            let rows = listening().unwrap();
            let row = rows.iter().find(|row| row.local == port).unwrap();
            assert_eq!(row.takes_ipv4, takes_ipv4);
        }
    }

    #[test]
    fn knows_listening_sockets_and_a_connection_that_nobody_has_accepted() {
        for place in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(place) else {
                continue;
            };
            let port = listener.local_addr().unwrap().port();
            let rows = listening().unwrap();
            assert!(rows.iter().any(|row| row.local == port && row.is_listening));
            let host = if place.starts_with("[::1]") {
                "::1"
            } else {
                "127.0.0.1"
            };
            let mut client = TcpStream::connect((host, port)).unwrap();
            client.write_all(b"12345").unwrap();
            let (own, server) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
            let arrived = crate::wait_for(crate::PATIENCE, || {
                let row = connection(server, own).unwrap()?;
                (row.unread == 5).then_some(row)
            });
            let row = arrived.unwrap();
            assert_eq!((row.remote, row.inode), (own.port(), 0), "{place}");
            let _accepted = listener.accept().unwrap();
            let row = connection(server, own).unwrap().unwrap();
            assert_ne!(row.inode, 0, "{place}");
            assert_eq!(connection(own, server).unwrap().unwrap().unsent, 0);
        }
        let (nobody, nowhere) = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        assert!(connection(nobody, nowhere).unwrap().is_none());
    }
}
