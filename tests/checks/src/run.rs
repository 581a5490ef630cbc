//! `cargo test`: every check of a program is a test, selected by a part of its id.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use common::{Lang, tr};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::catalog::{Check, Level, of};
use crate::explain::{explain, level};
use crate::needs::Missing;
use crate::result::Verdict;
use crate::session::Session;
use crate::subject::Subject;

/// The `main` of a lab's test: checks `executable`, the lab's own program, always given some
/// arguments, or, with `SUBMISSION=folder`, the program of that name that the folder's `lab.toml`
/// declares.
///
/// What the machine lacks makes a check ignored, with the reason, and failed where
/// `LAB_REQUIRE_ALL=1`; what takes long runs there, or with `LAB_HEAVY=1`. In a submission, a failed
/// check that the task's text does not ask for is shown in full and reported as ignored, unless
/// `LAB_STRICT=1`.
pub fn run_as_tests(program: &str, executable: &str, always: &[&str]) -> ExitCode {
    common::set_lang(Lang::from_env());
    let mut arguments = Arguments::from_args();
    let subject = match subject(program, executable, always) {
        Ok(Some(subject)) => subject,
        Ok(None) => {
            let reason = tr!("lab.toml does not declare it", "в lab.toml её нет");
            eprintln!("{program}: {}: {reason}", tr!("ignored", "пропущено"));
            let lacks = |check: Check| Trial::test(check.id, || Ok(())).with_ignored_flag(true);
            let trials = of(program)
                .into_iter()
                .filter(Check::is_for_submissions)
                .map(lacks);
            return libtest_mimic::run(&arguments_without_ignored(arguments), trials.collect())
                .exit_code();
        }
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let session = Arc::new(Session::new(subject, seed()));
    if session.takes_turns() {
        arguments.test_threads = Some(1);
    }
    let trials = (0..session.checks().len())
        .map(|index| trial(&session, index))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn subject(program: &str, executable: &str, always: &[&str]) -> Result<Option<Subject>, String> {
    let Some(folder) = std::env::var_os("SUBMISSION").filter(|folder| !folder.is_empty()) else {
        return Ok(Some(Subject::reference(program, executable, always)));
    };
    // Cargo starts tests in the package's folder, but leaves $PWD, the caller's, as it was. Where
    // no shell sets it, folders count from the root of the repository.
    let root = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let from = std::env::var_os("PWD").map_or_else(root, PathBuf::from);
    Subject::submission(program, &from.join(Path::new(&folder)))
}

/// There is nothing to run even if ignored tests are asked for.
fn arguments_without_ignored(mut arguments: Arguments) -> Arguments {
    arguments.ignored = false;
    arguments.include_ignored = false;
    arguments
}

fn seed() -> u64 {
    let wanted = std::env::var("LAB_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    wanted.unwrap_or_else(|| fastrand::u64(..1_000_000))
}

/// The environment variable says yes.
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

fn trial(session: &Arc<Session>, index: usize) -> Trial {
    let (check, subject) = (session.checks()[index], session.subject());
    let kind = if subject.is_reference {
        String::new()
    } else {
        level(&check)
    };
    let session = Arc::clone(session);
    let missing = session.missing(index);
    trial_unless(missing, check.id, &kind, move || verdict(&session, index))
}

/// A test that is ignored, visibly and with the reason, if something is `missing`; failed if it is
/// the machine that lacks it and `LAB_REQUIRE_ALL=1`.
///
/// It is known when tests are listed, so that no runner takes a test that did nothing for a pass.
pub fn trial_unless(
    missing: Option<Missing>,
    name: &str,
    kind: &str,
    run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    let (reason, is_failure) = match missing {
        None => return Trial::ignorable_test(name, run).with_kind(kind),
        Some(Missing::NotMeant) => ("not meant for it".into(), false),
        Some(Missing::NotAttempted(reason)) => (reason, false),
        Some(Missing::Machine(reason)) => (reason, is_set("LAB_REQUIRE_ALL")),
    };
    if !is_failure {
        eprintln!("{name}: {}: {reason}", tr!("ignored", "пропущено"));
    }
    let kind = reason.clone();
    Trial::test(name, move || Err(Failed::from(reason)))
        .with_ignored_flag(!is_failure)
        .with_kind(kind)
}

fn verdict(session: &Session, index: usize) -> Result<Completion, Failed> {
    let (check, result) = (&session.checks()[index], session.result(index));
    let text = || explain(check, result, &format!("LAB_SEED={}", session.seed()));
    let reason = match result.verdict {
        Verdict::Pass => return Ok(Completion::Completed),
        Verdict::Skipped | Verdict::NotAttempted => {
            return ignored_unless_nextest(&result.what, &result.what);
        }
        _ if session.subject().is_reference => return Err(text().into()),
        Verdict::Inconclusive => tr!("could not be checked", "проверить не удалось"),
        _ if check.level == Level::Must || is_set("LAB_STRICT") => return Err(text().into()),
        _ => tr!(
            "failed, but no task asks for it",
            "не пройдено, но заданием не требуется"
        ),
    };
    eprintln!("\n{}", text());
    ignored_unless_nextest(&reason, &text())
}

/// nextest runs each test in a process of its own and takes every exit code 0 for a pass, so that
/// what is neither passed nor failed has to fail there.
fn ignored_unless_nextest(reason: &str, failure: &str) -> Result<Completion, Failed> {
    if is_set("NEXTEST") {
        Err(Failed::from(failure))
    } else {
        Ok(Completion::ignored_with(reason))
    }
}
