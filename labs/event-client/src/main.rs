//! TCP client as an event loop that calls handlers.

fn main() {}
