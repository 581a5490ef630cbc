//! Waiting for something to become true.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what should happen at once: long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

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
            return None;
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(10));
    }
}
