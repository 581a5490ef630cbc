//! How many submissions are judged at once: they mostly wait, so that a machine has time for many;
//! and one that has none left makes right programs late.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many submissions for each processor are judged at once in any case.
const LEAST: usize = 4;

/// How many there may be while the processors are idle for a part of the time.
const MOST: usize = 24;

/// How long the processors are watched before one more begins.
const LOOK: Duration = Duration::from_millis(100);

/// The part of the time, in percent, for which all processors together must be idle.
const IDLE: u64 = 20;

/// Lets submissions begin.
pub(crate) struct Pace {
    least: usize,
    most: usize,
    n_going: AtomicUsize,
    /// Held by the one that is about to begin.
    gate: Mutex<()>,
}

impl Pace {
    /// As many at once as the machine has time for.
    pub(crate) fn of_machine() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::between(LEAST * processors, MOST * processors)
    }

    /// A fixed number at once.
    pub(crate) fn fixed(number: usize) -> Self {
        Self::between(number.max(1), number.max(1))
    }

    fn between(least: usize, most: usize) -> Self {
        Self {
            least,
            most,
            n_going: AtomicUsize::new(0),
            gate: Mutex::default(),
        }
    }

    /// How many threads it takes.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Does `work` when its turn has come.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        while self.n_going.load(Ordering::Acquire) >= self.least && !is_idle() {}
        self.n_going.fetch_add(1, Ordering::AcqRel);
        drop(gate);
        let done = work();
        self.n_going.fetch_sub(1, Ordering::AcqRel);
        done
    }
}

/// Watches the processors for a moment. Where the system does not tell, they are not idle.
fn is_idle() -> bool {
    let before = ticks();
    thread::sleep(LOOK);
    before.zip(ticks()).is_some_and(|(before, after)| {
        let [idle, all] = [0, 1].map(|field| after[field].saturating_sub(before[field]));
        100 * idle >= IDLE * all && all > 0
    })
}

/// How long all processors together have been idle, and since when the machine runs, in ticks: the
/// first line of proc_stat(5).
fn ticks() -> Option<[u64; 2]> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let fields = text.lines().next()?.split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
    Some([*ticks.get(3)?, ticks.iter().take(8).sum()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_number_go_on_at_once() {
        let pace = Pace::fixed(2);
        let (going, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            most.fetch_max(going.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(5));
            going.fetch_sub(1, Ordering::SeqCst);
        };
        thread::scope(|scope| {
            for _ in 0..pace.most() {
                scope.spawn(|| (0..5).for_each(|_| pace.run(work)));
            }
        });
        assert_eq!(most.into_inner(), 2);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_ticks_of_the_machine_are_told() {
        let [idle, all] = ticks().unwrap();
        assert!(idle <= all && all > 0);
    }
}
