//! `results.json` of a submission, as Gradescope's autograder reads it.
//!
//! Points stand at the tasks, and by hand; a check has a status and no points, so that the sum over
//! `tests` is the score and nothing counts twice. Every format is `text`: Gradescope renders nothing
//! of what a student wrote.

use anyhow::Result;
use checks::{Check, CheckResult, Verdict};
use common::tr;
use serde_json::{Value, json};

use super::classroom::message;
use super::text::{explained, headline, limited, points, task_title};
use crate::results::{Class, Graded, TaskStatus};

/// The document.
///
/// # Errors
/// If a number is not finite.
pub(super) fn results(class: &Class, graded: &Graded) -> Result<String> {
    let score = &graded.score;
    let document = json!({
        "score": score.points,
        "execution_time": graded.seconds,
        "output": limited(&output(graded)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": { "seed": class.seed, "robust": score.robust, "robust_of": score.robust_of },
        "tests": tests(class, graded),
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn output(graded: &Graded) -> String {
    let (score, problem) = (&graded.score, graded.problem.as_deref());
    let (earned, of) = (points(score.points), points(score.of));
    let (robust, robust_of) = (score.robust, score.robust_of);
    let sum = tr!(
        "points: {earned} of {of}; robustness: {robust} of {robust_of}",
        "баллы: {earned} из {of}; надёжность: {robust} из {robust_of}"
    );
    format!("{}\n{sum}", problem.unwrap_or_default())
        .trim()
        .to_owned()
}

fn tests(class: &Class, graded: &Graded) -> Vec<Value> {
    let mut tests = scored(graded);
    for judged in &graded.programs {
        for result in &judged.results {
            let check = Check::named(&judged.program, &result.id);
            let title = headline(check.as_ref(), &result.id);
            let mut test = json!({
                "name": limited(&format!("{} {title}", judged.program)),
                "output": explained(class, check.as_ref(), result),
                "tags": [judged.program, super::text::verdict_name(result.verdict)],
                "visibility": "visible",
            });
            if let Some(status) = verdict_status(result) {
                test["status"] = status.into();
            }
            tests.push(test);
        }
    }
    for (number, test) in tests.iter_mut().enumerate() {
        test["number"] = (number + 1).to_string().into();
    }
    tests
}

/// What has points: tasks, and what was given by hand. Should the score be no sum of theirs, what is
/// missing from it stands as the last one.
fn scored(graded: &Graded) -> Vec<Value> {
    let score = &graded.score;
    let test = |name: &str, points: f64, of: f64, output: String| {
        json!({
            "name": limited(name),
            "score": points,
            "max_score": of,
            "output": output,
            "visibility": "visible",
        })
    };
    let tasks = score.tasks.iter().map(|task| {
        let title = task_title(&task.lab, &task.task);
        let output = match task.status {
            TaskStatus::Passed => task.text(),
            _ => limited(&message(graded, task)),
        };
        let mut test = test(&title, task.points, task.of, output);
        match task.status {
            TaskStatus::Passed => test["status"] = "passed".into(),
            TaskStatus::Failed => test["status"] = "failed".into(),
            _ => {}
        }
        test
    });
    let by_hand = score.bonus.iter().map(|bonus| {
        let given = tr!("given by hand", "поставлено вручную");
        test(&bonus.reason, bonus.points, bonus.points.max(0.0), given)
    });
    let mut tests: Vec<Value> = tasks.chain(by_hand).collect();
    let rest = rest(graded);
    if rest != 0.0 {
        let name = tr!("limit of the points", "граница баллов");
        tests.push(test(&name, rest, 0.0, String::new()));
    }
    tests
}

/// What the score has more, or less, than tasks and points by hand together.
fn rest(graded: &Graded) -> f64 {
    let score = &graded.score;
    let tasks: f64 = score.tasks.iter().map(|task| task.points).sum();
    let by_hand: f64 = score.bonus.iter().map(|bonus| bonus.points).sum();
    let rest = score.points - tasks - by_hand;
    // Less than this is but the rounding of binary fractions.
    if rest.abs() < 1e-6 { 0.0 } else { rest }
}

/// What did not run has no status.
fn verdict_status(result: &CheckResult) -> Option<&'static str> {
    match result.verdict {
        Verdict::Pass => Some("passed"),
        verdict if verdict.is_failure() => Some("failed"),
        _ => None,
    }
}
