//! What the poll tells, and what may be concluded from it.

use mio::event::Event;

/// What the poll says of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Ready {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The end of the stream waits behind what is readable.
    pub(crate) ended: bool,
}

impl Ready {
    /// For a connection that is visited because of the time.
    pub(crate) const NOT: Self = Self {
        readable: false,
        writable: false,
        ended: false,
    };

    /// For a connection of which more is to be expected.
    pub(crate) const TO_READ: Self = Self {
        readable: true,
        ..Self::NOT
    };

    pub(crate) fn of(event: &Event) -> Self {
        let ended = event.is_read_closed() || event.is_error();
        Self {
            readable: event.is_readable() || ended,
            writable: event.is_writable() || ended,
            ended,
        }
    }
}

/// Readiness is told once, at the change (epoll(7), edge-triggered). On Linux and BSD a short read
/// or write has used it up; elsewhere only `WouldBlock` says so.
pub(crate) const SHORT_IS_ALL: bool = cfg!(unix);
