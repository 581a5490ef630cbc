//! Load generator for the servers of the labs, and a comparison of server models.

fn main() {}
