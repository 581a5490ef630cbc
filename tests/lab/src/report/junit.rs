//! `junit.xml`: a suite for each program of each submission, for what CI servers show.
//!
//! A check that no task asks for (*should*, *note*) and that failed is `skipped`, with the reason,
//! as it is in `cargo test`: CI servers paint a suite red for one `failure`, and a submission that
//! does all its tasks is no failure. With `--strict` a failed *should* is a failure. What could not
//! be checked is an `error`: not the program's fault, yet no pass.

use std::time::Duration;

use anyhow::Result;
use checks::{Check, CheckResult, Verdict};
use common::tr;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::text::{counts, explained, verdict_name, visible, whose};
use crate::results::{Class, Graded, Judged};

/// The document.
///
/// # Errors
/// If the writer refuses it.
pub(super) fn xml(class: &Class) -> Result<String> {
    let mut report = Report::new("cargo lab");
    report.set_time(seconds(class.seconds));
    for graded in &class.submissions {
        if let Some(problem) = &graded.problem {
            report.add_test_suite(refused(graded, problem));
        }
        for judged in &graded.programs {
            report.add_test_suite(suite(class, graded, judged));
        }
    }
    Ok(report.to_string()?)
}

/// The duration; none if the number makes none.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// A suite with one error, for a submission that could not be graded at all.
fn refused(graded: &Graded, problem: &str) -> TestSuite {
    let name = visible(&graded.name);
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("problem").set_message(visible(problem));
    let mut case = TestCase::new("lab.toml", status);
    case.set_classname(&name);
    let mut suite = TestSuite::new(name);
    suite.add_test_case(case);
    suite
}

fn suite(class: &Class, graded: &Graded, judged: &Judged) -> TestSuite {
    let name = format!("{}/{}", visible(&graded.name), visible(&judged.program));
    let mut suite = TestSuite::new(&name);
    suite.add_property(("student", whose(graded).as_str()));
    for result in &judged.results {
        let check = Check::named(&judged.program, &result.id);
        let mut case = TestCase::new(visible(&result.id), status(class, check.as_ref(), result));
        case.set_classname(&name).set_time(seconds(result.seconds));
        suite.add_test_case(case);
    }
    let total = judged.results.iter().map(|result| result.seconds).sum();
    suite.set_time(seconds(total));
    suite
}

fn status(class: &Class, check: Option<&Check>, result: &CheckResult) -> TestCaseStatus {
    let what = visible(&result.what);
    let (mut status, message) = match result.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Skipped | Verdict::NotAttempted => (TestCaseStatus::skipped(), what),
        Verdict::Inconclusive => (TestCaseStatus::non_success(NonSuccessKind::Error), what),
        _ if counts(class, check) => (TestCaseStatus::non_success(NonSuccessKind::Failure), what),
        _ => {
            let reason = tr!(
                "failed, but no task asks for it: {what}",
                "не пройдено, но заданием не требуется: {what}"
            );
            (TestCaseStatus::skipped(), reason)
        }
    };
    status
        .set_type(verdict_name(result.verdict))
        .set_message(message)
        .set_description(explained(class, check, result));
    status
}
