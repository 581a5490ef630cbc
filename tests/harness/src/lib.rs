//! Starts programs, talks to them over sockets with full control, and writes down what happened.
//!
//! Nothing here knows a lab or judges anything: [`Program`] is a process that cannot outlive its
//! test, [`Peer`] one end of a TCP connection whose every segment the test decides on, [`Listener`]
//! the server's end for tests of clients, [`UdpPeer`] a socket without connections, [`UdpLink`] a
//! network that loses, repeats, delays and forges datagrams, [`Machine`] a machine on a network of
//! its own, [`Transcript`] the record that a failure prints. Every wait has a deadline; nothing
//! sleeps and hopes.

mod code_page;
mod console;
mod descriptors;
mod failure;
mod listener;
mod machine;
mod net_facts;
mod netns;
mod peer;
mod ports;
mod program;
mod prompts;
mod removal;
#[cfg(target_os = "linux")]
mod sock_diag;
mod stall;
mod starting;
mod transcript;
mod udp;
mod wait;

pub use code_page::decoded;
pub use console::{Line, Source};
pub use descriptors::keep_files_private;
pub use failure::{Failure, Outcome};
pub use listener::Listener;
pub use machine::Machine;
pub use net_facts::{bound_udp_ports, ipv4_listening_ports, listening_ports, unread_bytes};
pub use netns::{add_to_loopback, enter_network_namespace, raise_loopback};
pub use peer::{Ending, Peer};
pub use ports::PortBlock;
pub use program::{Program, end_all_programs, plain_environment, times_of_threads};
pub use removal::{remove_all, take_away};
pub use stall::longest_stall;
pub use starting::{start, write_programs};
pub use transcript::{Entry, Link, Transcript, What, bytes_shown, hex, shown};
pub use udp::{Datagram, Fate, UdpLink, UdpPeer};
pub use wait::{PATIENCE, be_patient_for, patience, starved, wait_for, waited_in_vain};
