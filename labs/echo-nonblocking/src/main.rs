//! TCP echo server as a polling loop over non-blocking sockets.

fn main() {}
