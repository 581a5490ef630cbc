//! Waiting for something to become true, and for how long.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what should happen at once: long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

thread_local! {
    static OWN_PATIENCE: Cell<Duration> = const { Cell::new(PATIENCE) };
    static WAITED_IN_VAIN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static STARVED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// How long this thread waits for what should happen at once.
pub fn patience() -> Duration {
    OWN_PATIENCE.get()
}

/// Sets the patience of this thread, and forgets what it has waited for in vain.
pub fn be_patient_for(patience: Duration) {
    OWN_PATIENCE.set(patience);
    WAITED_IN_VAIN.set(Duration::ZERO);
    STARVED.set(Duration::ZERO);
}

/// The longest deadline of this thread that has run out since [`be_patient_for`], zero if none has:
/// a verdict may rest on it, and on the speed of the machine.
pub fn waited_in_vain() -> Duration {
    WAITED_IN_VAIN.get()
}

/// The longest time for which a program of this thread, waited for in vain, wanted to run and could
/// not: the machine was busy with others.
pub fn starved() -> Duration {
    STARVED.get()
}

/// Remembers that a deadline of this thread has run out.
pub(crate) fn waits_in_vain(deadline: Duration) {
    WAITED_IN_VAIN.set(WAITED_IN_VAIN.get().max(deadline));
}

/// Remembers that a program of this thread could not run for `delay`.
pub(crate) fn starves(delay: Duration) {
    STARVED.set(STARVED.get().max(delay));
}

/// Asks `probe` until it answers, at most for `patience`; its answer, or `None` if it never came.
///
/// For facts that nothing announces, such as an entry of /proc; whatever can be waited on directly
/// should be.
pub fn wait_for<T>(patience: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_micros(200);
    loop {
        // The deadline is read first, so that the probe has a last word after a stall of the
        // machine.
        let late = Instant::now() >= deadline;
        if let Some(answer) = probe() {
            return Some(answer);
        }
        if late {
            waits_in_vain(patience);
            return None;
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(10));
    }
}
