//! Whether the machine stood still: a clock of this process that is seen to be late.

use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often the clock ticks.
const TICK: Duration = Duration::from_millis(20);

/// A tick that is late by less is not worth remembering.
const LATE: Duration = Duration::from_millis(100);

/// How many stalls are remembered.
const MOST: usize = 1000;

/// When a tick came late, and by how much.
static STALLS: LazyLock<Mutex<VecDeque<(Instant, Duration)>>> = LazyLock::new(|| {
    // Without a thread for it no stall is ever seen.
    let _ = thread::Builder::new()
        .name("stall watch".into())
        .spawn(watch);
    Mutex::default()
});

/// The longest time since `since` for which a thread of this process that wanted to run could not:
/// the machine was asleep, stopped, or busy with others. Short ones count as zero.
///
/// The first call starts the clock.
pub fn longest_stall(since: Instant) -> Duration {
    let stalls = STALLS.lock().unwrap_or_else(PoisonError::into_inner);
    let during = stalls.iter().filter(|(at, _)| *at >= since);
    during.map(|(_, late)| *late).max().unwrap_or_default()
}

fn watch() {
    loop {
        let before = Instant::now();
        thread::sleep(TICK);
        let late = before.elapsed().saturating_sub(TICK);
        if late > LATE {
            let mut stalls = STALLS.lock().unwrap_or_else(PoisonError::into_inner);
            if stalls.len() == MOST {
                stalls.pop_front();
            }
            stalls.push_back((Instant::now(), late));
        }
    }
}
