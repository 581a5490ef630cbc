//! Runs all checks of a program, and says what each of them made of it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use checks::{Check, Explained, Need, Session, Subject, programs};
use harness::{Outcome, enter_network_namespace};

/// The random texts of the checks; any number would do.
const SEED: u64 = 1;

/// How many checks of one program run at once.
const AT_ONCE: usize = 2;

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
    let session = Session::new(subject.clone(), SEED);
    let checks = session.checks();
    let index_of = |id: &str| checks.iter().position(|check| check.id == id);
    let one = |index: usize| {
        let check = checks[index];
        let verdict = if !asked(&check) || session.missing(index).is_some() {
            (Verdict::Unasked, String::new())
        } else if let Some(before) = failed_before(&session, index, &index_of) {
            (Verdict::Unreached, format!("{before} fails"))
        } else {
            verdict_of(&session, &subject, index)
        };
        let (verdict, text) = verdict;
        Judged {
            check,
            verdict,
            text,
        }
    };
    let mut judged = in_threads(checks.len(), &one);
    judged.sort_by_key(|(index, _)| *index);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

/// ETXTBSY: whatever another thread starts at this moment holds the copy of a compiled program open
/// for writing until its exec. That says nothing of the program.
fn could_not_start(explained: &Explained) -> bool {
    explained.text.contains("(os error 26)")
}

fn fails(session: &Session, index: usize) -> bool {
    let result = session.result(index).as_ref();
    result.is_err_and(|explained| !could_not_start(explained))
}

/// What check number `index` says, and why.
fn verdict_of(session: &Session, subject: &Subject, index: usize) -> (Verdict, String) {
    match session.result(index) {
        Ok(()) => (Verdict::Passes, String::new()),
        Err(explained) if could_not_start(explained) => {
            verdict_of(&Session::new(subject.clone(), SEED), subject, index)
        }
        Err(explained) if explained.outcome == Outcome::Inconclusive => {
            (Verdict::Unsure, explained.text.clone())
        }
        Err(explained) => (Verdict::Fails, explained.text.clone()),
    }
}

/// The check that comes before check number `index` and fails, or is not reached itself.
fn failed_before(
    session: &Session,
    index: usize,
    index_of: &impl Fn(&str) -> Option<usize>,
) -> Option<&'static str> {
    let mut seen = HashSet::new();
    let mut after = session.checks()[index].after;
    let mut failed = None;
    while let Some(id) = after.filter(|id| seen.insert(*id)) {
        let before = index_of(id)?;
        if session.missing(before).is_none() && fails(session, before) {
            failed = Some(id);
        }
        after = session.checks()[before].after;
    }
    failed
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
