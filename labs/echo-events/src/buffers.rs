//! What all clients share while they are served.

use crate::fast::Thrift;

/// Where portions are received and answers gathered: one place for all clients, because one of them
/// is served at a time.
pub(crate) struct Buffers {
    pub(crate) portion: Vec<u8>,
    pub(crate) answers: Vec<u8>,
    pub(crate) thrift: Thrift,
}

impl Buffers {
    pub(crate) fn new(portion: u32, thrift: Thrift) -> Self {
        Self {
            portion: vec![0; portion as usize],
            answers: Vec::new(),
            thrift,
        }
    }
}
