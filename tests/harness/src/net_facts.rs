//! What Linux tells everybody about sockets: by netlink, or in `/proc/thread-self/net/tcp` and its
//! sisters, proc_pid_net(5).
//!
//! Elsewhere, and where /proc is closed, the answer is `None`: not known.

use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

#[cfg(target_os = "linux")]
use crate::sock_diag;

/// The state of a listening socket in /proc/net/tcp.
const LISTEN: &str = "0A";

/// The UDP ports that are `wanted` and that the processes of the process group `group` are bound to, in
/// ascending order.
pub fn bound_udp_ports(group: u32, wanted: &dyn Fn(u16) -> bool) -> Option<Vec<u16>> {
    own_ports(group, rows("udp")?, |row| wanted(row.local))
}

/// How many bytes of a connection the program at `receiver` has still to receive: those that the
/// kernel at `sender` has not got acknowledged, and those that wait at the receiver, accepted or not.
///
/// Zero means that the program has taken all of them: what is sent next meets another `recv`. The
/// ends are told apart by their ports.
pub fn unread_bytes(receiver: SocketAddr, sender: SocketAddr) -> Option<u64> {
    #[cfg(target_os = "linux")]
    if let (Ok(sending), Ok(receiving)) = (
        sock_diag::connection(sender, receiver),
        sock_diag::connection(receiver, sender),
    ) {
        return Some(sending?.unsent + receiving?.unread);
    }
    let rows = rows("tcp")?;
    let end = |local: u16, remote: u16| {
        rows.iter()
            .find(|row| row.local == local && row.remote == remote)
    };
    let sending = end(sender.port(), receiver.port())?;
    let receiving = end(receiver.port(), sender.port())?;
    Some(sending.unsent + receiving.unread)
}

/// Whether a process has accepted the connection that `sender` has made to `receiver`: then the
/// receiver's end has an inode.
pub(crate) fn is_accepted(receiver: SocketAddr, sender: SocketAddr) -> Option<bool> {
    #[cfg(target_os = "linux")]
    return Some(sock_diag::connection(receiver, sender).ok()??.inode != 0);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (receiver, sender);
        None
    }
}

/// The TCP ports that are `wanted` and on which the processes of the process group `group` listen, in
/// ascending order.
pub fn listening_ports(group: u32, wanted: &dyn Fn(u16) -> bool) -> Option<Vec<u16>> {
    ports_of_listeners(group, |row| wanted(row.local))
}

/// Those of them that can be reached over IPv4. A program that listens over IPv6 and IPv4, with a
/// socket for each, is not there for everybody before it has both.
pub fn ipv4_listening_ports(group: u32, wanted: &dyn Fn(u16) -> bool) -> Option<Vec<u16>> {
    ports_of_listeners(group, |row| row.takes_ipv4 && wanted(row.local))
}

fn ports_of_listeners(group: u32, wanted: impl Fn(&Row) -> bool) -> Option<Vec<u16>> {
    let is_one = |row: &Row| row.is_listening && wanted(row);
    #[cfg(target_os = "linux")]
    if let Ok(rows) = sock_diag::listening() {
        return own_ports(group, rows, is_one);
    }
    own_ports(group, rows("tcp")?, is_one)
}

/// The ports of those rows that are `wanted` and belong to the group: its leader's, or, if it has
/// none, those of the others. Looking through all processes of the machine is dear: it is not done
/// while there is no such socket at all.
fn own_ports(group: u32, rows: Vec<Row>, wanted: impl Fn(&Row) -> bool) -> Option<Vec<u16>> {
    let rows: Vec<Row> = rows.into_iter().filter(wanted).collect();
    let ports_of = |processes: &[u32]| {
        let inodes = socket_inodes(processes);
        let own = rows.iter().filter(|row| inodes.contains(&row.inode));
        let mut ports: Vec<u16> = own.map(|row| row.local).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    };
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    if rows.is_empty() {
        return Some(Vec::new());
    }
    let ports = ports_of(&[group]);
    if ports.is_empty() {
        return Some(ports_of(&group_members(group)));
    }
    Some(ports)
}

/// A socket.
pub(crate) struct Row {
    pub(crate) local: u16,
    pub(crate) remote: u16,
    pub(crate) is_listening: bool,
    /// Whether it is for IPv4 as well, as far as that is known.
    pub(crate) takes_ipv4: bool,
    /// Bytes that were sent and are not acknowledged.
    pub(crate) unsent: u64,
    /// Bytes that have come and were not received by the program.
    pub(crate) unread: u64,
    pub(crate) inode: u64,
}

/// The rows of IPv4 and IPv6 together; IPv6 may be absent.
fn rows(protocol: &str) -> Option<Vec<Row>> {
    let ipv4 = fs::read_to_string(format!("/proc/thread-self/net/{protocol}")).ok()?;
    let ipv6 = fs::read_to_string(format!("/proc/thread-self/net/{protocol}6")).unwrap_or_default();
    Some(
        ipv4.lines()
            .chain(ipv6.lines())
            .filter_map(parse_row)
            .collect(),
    )
}

/// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...`
fn parse_row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let port = |field: &str| u16::from_str_radix(field.rsplit_once(':')?.1, 16).ok();
    let (unsent, unread) = fields.get(4)?.split_once(':')?;
    Some(Row {
        local: port(fields.get(1)?)?,
        remote: port(fields.get(2)?)?,
        is_listening: *fields.get(3)? == LISTEN,
        takes_ipv4: true,
        unsent: u64::from_str_radix(unsent, 16).ok()?,
        unread: u64::from_str_radix(unread, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
    })
}

/// The sockets that processes hold open.
fn socket_inodes(processes: &[u32]) -> HashSet<u64> {
    let folder = |process: &u32| fs::read_dir(format!("/proc/{process}/fd"));
    let descriptors = processes.iter().flat_map(folder).flatten().flatten();
    let inode = |target: std::path::PathBuf| {
        target
            .to_str()?
            .strip_prefix("socket:[")?
            .strip_suffix(']')?
            .parse()
            .ok()
    };
    descriptors
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(inode)
        .collect()
}

/// The processes of a group, as far as /proc tells.
pub(crate) fn group_members(group: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let members =
        processes.filter(|entry| process_group(&entry.path().join("stat")) == Some(group));
    members
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Field 5 of proc_pid_stat(5); the name before it stands in brackets and may hold anything.
fn process_group(stat: &Path) -> Option<u32> {
    let text = fs::read_to_string(stat).ok()?;
    text.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(2)?
        .parse()
        .ok()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    #[test]
    fn sees_what_was_not_received_yet() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(server).unwrap();
        let address = client.local_addr().unwrap();
        client.write_all(b"12345").unwrap();
        let unread = |wanted| {
            crate::wait_for(Duration::from_secs(10), || {
                unread_bytes(server, address).filter(|&n_bytes| n_bytes == wanted)
            })
        };
        let (mut accepted, _) = listener.accept().unwrap();
        assert_eq!(unread(5), Some(5));
        accepted.read_exact(&mut [0; 3]).unwrap();
        assert_eq!(unread(2), Some(2));
        accepted.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(unread(0), Some(0));
    }

    #[test]
    fn finds_the_listening_ports_of_a_group() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let group = u32::try_from(rustix::process::getpgrp().as_raw_nonzero().get()).unwrap();
        assert!(listening_ports(group, &|_| true).unwrap().contains(&port));
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(bound_udp_ports(group, &|_| true).unwrap().contains(&port));
    }
}
