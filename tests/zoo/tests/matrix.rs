//! Runs all checks of a program, and says what each of them made of it.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use checks::{Check, Need, Session, Subject, explain, programs};
use harness::enter_network_namespace;

/// The random texts of the checks; any number would do.
const SEED: u64 = 1;

/// How many checks of one program run at once.
const AT_ONCE: usize = 4;

/// What a check says of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passes,
    Fails,
    /// The check could not do its work.
    Unsure,
    /// The check that it comes after fails.
    Unreached,
    /// It does not apply to the program.
    Unasked,
}

/// A check, and what came of it.
pub(crate) struct Judged {
    pub(crate) check: Check,
    pub(crate) verdict: Verdict,
    /// The explanation of a failure.
    pub(crate) text: String,
}

/// The programs that a folder declares.
pub(crate) fn subjects(folder: &Path) -> Result<Vec<Subject>, String> {
    programs()
        .filter_map(|program| Subject::submission(program, folder).transpose())
        .collect()
}

/// Runs the checks of `subject` that are `asked`, some at once, in order.
///
/// The one place that knows how a session tells its results.
pub(crate) fn judge(subject: Subject, asked: fn(&Check) -> bool) -> Vec<Judged> {
    let session = Session::new(subject, SEED);
    let one = |index: usize| {
        let check = session.checks()[index];
        if !asked(&check) || session.missing(index).is_some() {
            let (verdict, text) = (Verdict::Unasked, String::new());
            return Judged {
                check,
                verdict,
                text,
            };
        }
        let result = session.result(index);
        let verdict = match result.verdict {
            checks::Verdict::Pass => Verdict::Passes,
            checks::Verdict::Skipped => Verdict::Unreached,
            verdict if verdict.is_failure() => Verdict::Fails,
            _ => Verdict::Unsure,
        };
        let text = match verdict {
            Verdict::Fails | Verdict::Unsure => explain(&check, result, ""),
            _ => String::new(),
        };
        Judged {
            check,
            verdict,
            text,
        }
    };
    let mut judged = in_threads(session.checks().len(), &one);
    judged.sort_by_key(|(index, _)| *index);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

/// Calls `one` for the numbers below `n`, in a few threads.
fn in_threads<T: Send>(n: usize, one: &(impl Fn(usize) -> T + Sync)) -> Vec<(usize, T)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                if Need::Namespace.missing_on_machine().is_none() {
                    // A network of its own is a quiet one: nobody else's ports, and few connections
                    // to look through. Without it the checks find their way as well.
                    let _ = enter_network_namespace();
                }
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n {
                        return;
                    }
                    let result = one(index);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((index, result));
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}
