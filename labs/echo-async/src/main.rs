//! TCP echo server with asynchronous tasks.

fn main() {}
