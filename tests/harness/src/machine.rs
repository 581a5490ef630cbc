//! Machines of a test's own, for what one machine cannot show: other addresses than loopback, and
//! broadcast.

use std::fs::File;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::panic::resume_unwind;
use std::process::{Command, Stdio};
use std::thread;

use crate::{Failure, enter_network_namespace, patience};

/// A machine, as far as the network is concerned: a namespace with loopback, and with `eth0`, one
/// end of a veth(4) pair.
///
/// A file descriptor holds it: it has no name that could stay behind, and is gone once this is
/// dropped and all that was started in it has ended. Files and processes are those of all.
#[derive(Debug)]
pub struct Machine {
    network: File,
    number: u8,
}

impl Machine {
    /// Two machines that reach each other, and nobody else: 10.77.0.1 and 10.77.0.2 of
    /// 10.77.0.0/24, fd77::1 and fd77::2 of fd77::/64. All else takes `eth0` as well, such as
    /// 255.255.255.255.
    ///
    /// # Errors
    /// Those of [`enter_network_namespace`], and if the system has no veth(4).
    pub fn pair() -> Result<[Self; 2], Failure> {
        let pair = [Self::new(1)?, Self::new(2)?];
        let [one, other] = &pair;
        let there = &other.path()?;
        one.ip(&format!(
            "link add eth0 type veth peer name eth0 netns {there}\n"
        ))?;
        one.set_up()?;
        other.set_up()?;
        connect(one, other, one.ipv4())?;
        connect(one, other, one.ipv6())?;
        Ok(pair)
    }

    /// Its IPv4 address.
    pub fn ipv4(&self) -> IpAddr {
        Ipv4Addr::new(10, 77, 0, self.number).into()
    }

    /// Its IPv6 address.
    pub fn ipv6(&self) -> IpAddr {
        Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, self.number.into()).into()
    }

    /// Runs `work` on this machine: the sockets that it makes and the programs that it starts are
    /// there, and stay there. Blocks until it is done.
    ///
    /// # Errors
    /// Those of `work`; if the system gives no thread; if it is not Linux.
    pub fn run<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        let moved = || {
            move_into(&self.network)
                .map_err(|error| Failure::inconclusive("enter the machine", &error))?;
            work()
        };
        thread::scope(|scope| {
            let spawned = thread::Builder::new().spawn_scoped(scope, moved);
            let thread = spawned.map_err(|error| Failure::inconclusive("no thread", &error))?;
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// A machine with nothing but loopback.
    fn new(number: u8) -> Result<Self, Failure> {
        let make = || {
            enter_network_namespace()?;
            File::open("/proc/thread-self/ns/net")
                .map_err(|error| Failure::inconclusive("hold the machine", &error))
        };
        let made = thread::Builder::new().spawn(make);
        let made = made.map_err(|error| Failure::inconclusive("no thread", &error))?;
        let network = made.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(Self { network, number })
    }

    /// Brings `eth0` up and gives it its addresses. `nodad`: nobody else can have them, so there is
    /// no second of waiting for objections (RFC 4862, section 5.4).
    fn set_up(&self) -> Result<(), Failure> {
        let (ipv4, ipv6) = (self.ipv4(), self.ipv6());
        self.ip(&format!(
            "link set eth0 up\n\
             address add {ipv4}/24 brd + dev eth0\n\
             address add {ipv6}/64 dev eth0 nodad\n\
             route add default dev eth0\n"
        ))
    }

    /// Runs commands of ip(8), one a line, on this machine.
    ///
    /// # Errors
    /// If `ip` is missing, or one of them fails.
    pub fn ip(&self, commands: &str) -> Result<(), Failure> {
        let run = || {
            let mut command = Command::new("ip");
            command.args(["-batch", "-"]).stdin(Stdio::piped());
            let mut ip = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            // It ends the input, too.
            let written = ip
                .stdin
                .take()
                .map(|mut input| input.write_all(commands.as_bytes()));
            let output = ip.wait_with_output()?;
            written.transpose().map(|_| output)
        };
        let output = self.run(|| run().map_err(|error| Failure::inconclusive("ip", &error)))?;
        if output.status.success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Failure::inconclusive(
            "ip",
            &io::Error::other(reason.trim_end()),
        ))
    }

    /// The file by which another process knows the machine, for as long as this one runs.
    #[cfg(unix)]
    fn path(&self) -> Result<String, Failure> {
        use std::os::fd::AsRawFd;
        let number = self.network.as_raw_fd();
        Ok(format!("/proc/{}/fd/{number}", std::process::id()))
    }

    #[cfg(not(unix))]
    fn path(&self) -> Result<String, Failure> {
        Err(Failure::inconclusive(
            "machines",
            &io::ErrorKind::Unsupported.into(),
        ))
    }
}

/// Connects `client` to `server` at `ip`. A link that has come up just now may still drop what is
/// sent; what TCP gets through has been through both ends.
fn connect(server: &Machine, client: &Machine, ip: IpAddr) -> Result<(), Failure> {
    let listen = || {
        let listener = TcpListener::bind((ip, 0))?;
        listener.local_addr().map(|address| (listener, address))
    };
    let (_listener, address) =
        server.run(|| listen().map_err(|error| Failure::inconclusive("listen", &error)))?;
    let connect = || TcpStream::connect_timeout(&address, patience());
    client
        .run(|| connect().map_err(|error| Failure::inconclusive("connect", &error)))
        .map(drop)
}

/// Moves the calling thread, and whatever it starts from now on, into a network namespace.
#[cfg(target_os = "linux")]
fn move_into(network: &File) -> io::Result<()> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::os::fd::AsFd;
    Ok(move_into_link_name_space(
        network.as_fd(),
        Some(LinkNameSpaceType::Network),
    )?)
}

#[cfg(not(target_os = "linux"))]
fn move_into(_network: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
