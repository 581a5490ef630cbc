//! A datagram socket in single steps: `UdpSocket::bind` leaves no time for an option between the making
//! of the socket and bind. The system calls and the numbers are those of Linux.

use std::ffi::{c_int, c_void};
use std::io;
use std::mem::size_of_val;
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const AF_INET: c_int = 2;
const SOCK_DGRAM: c_int = 2;
const SOL_SOCKET: c_int = 1;
const SO_REUSEADDR: c_int = 2;

/// What ip(7) calls sockaddr_in; port and address with their most significant byte first.
#[repr(C)]
struct Address {
    family: u16,
    port: [u8; 2],
    ip: [u8; 4],
    padding: [u8; 8],
}

extern "C" {
    #[link_name = "socket"]
    fn c_socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, size: u32) -> c_int;
    #[link_name = "bind"]
    fn c_bind(fd: c_int, address: *const Address, size: u32) -> c_int;
}

/// A datagram socket over IPv4 without an address.
pub fn socket() -> io::Result<OwnedFd> {
    // SAFETY: no pointers; the descriptor is new and nobody else's.
    unsafe {
        let fd = checked(c_socket(AF_INET, SOCK_DGRAM, 0))?;
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Sets SO_REUSEADDR.
pub fn reuse_address(socket: &OwnedFd) -> io::Result<()> {
    let yes: c_int = 1;
    let (value, size) = ((&raw const yes).cast(), size_of_val(&yes) as u32);
    // SAFETY: `value` points to `size` bytes for as long as the call takes.
    let result = unsafe { setsockopt(socket.as_raw_fd(), SOL_SOCKET, SO_REUSEADDR, value, size) };
    checked(result).map(drop)
}

/// Binds the socket to a port on every IPv4 address.
pub fn bind(socket: OwnedFd, port: u16) -> io::Result<UdpSocket> {
    let (family, port) = (AF_INET as u16, port.to_be_bytes());
    let address = Address {
        family,
        port,
        ip: [0; 4],
        padding: [0; 8],
    };
    // SAFETY: `address` is a sockaddr_in, valid for as long as the call takes.
    checked(unsafe { c_bind(socket.as_raw_fd(), &address, size_of_val(&address) as u32) })?;
    Ok(UdpSocket::from(socket))
}

fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
