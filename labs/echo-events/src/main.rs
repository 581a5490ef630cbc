//! TCP echo server as an event loop that calls handlers.

fn main() {}
