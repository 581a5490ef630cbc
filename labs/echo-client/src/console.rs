//! Whose turn it is at the console: the thread that sends reports there, the one that receives
//! shows replies.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a reply waits for the report that its line was sent. Not for ever: the sender may be
/// waiting for the server, and the server for this client to receive.
const REPORT: Duration = Duration::from_secs(1);

/// The turns of the two threads.
#[derive(Default)]
pub(crate) struct Console {
    turns: Mutex<Turns>,
    changed: Condvar,
}

#[derive(Default)]
struct Turns {
    sending: bool,
    showing: bool,
}

impl Console {
    /// Does `send`, which sends the end of a line and reports it, before its reply is shown.
    pub(crate) fn while_sending<T>(&self, send: impl FnOnce() -> T) -> T {
        self.turns().sending = true;
        let result = send();
        self.turns().sending = false;
        self.changed.notify_all();
        result
    }

    /// Does `show`, which blocks for as long as nobody reads stdout.
    pub(crate) fn while_showing<T>(&self, show: impl FnOnce() -> T) -> T {
        let sending = |turns: &mut Turns| turns.sending;
        let waited = self
            .changed
            .wait_timeout_while(self.turns(), REPORT, sending);
        waited.unwrap_or_else(PoisonError::into_inner).0.showing = true;
        let result = show();
        self.turns().showing = false;
        result
    }

    /// Whether a reply is being shown: then it is not the server that is slow.
    pub(crate) fn is_showing(&self) -> bool {
        self.turns().showing
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
