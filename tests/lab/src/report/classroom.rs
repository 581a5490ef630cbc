//! `classroom.json` of a submission, as the grading reporter of GitHub Classroom reads it, and
//! `classroom.output`, the line that hands it over: `cat classroom.output >> "$GITHUB_OUTPUT"`.
//!
//! The reporter computes points in two ways: its table takes the share of tests that passed, its
//! notice the sum of `score`. Both come to the same only if all tests are worth the same, so a test
//! here is one portion of points, all portions being equal: a task worth 2 points beside one worth 1
//! is two tests.

use anyhow::Result;
use base64ct::{Base64, Encoding};
use checks::{Check, Verdict};
use serde_json::{Value, json};

use super::text::{limited, points, task_title, visible};
use crate::results::{Graded, TaskScore};

/// Most tests: points that do not divide evenly are rounded to such a part of the whole.
const MOST: f64 = 200.0;

/// A portion of points.
struct Portion {
    name: String,
    message: String,
    earned: bool,
}

/// The document.
///
/// # Errors
/// If a number is not finite.
pub(super) fn result(graded: &Graded) -> Result<String> {
    let unit = unit(graded);
    let portions = portions(graded, unit);
    let all_earned = portions.iter().all(|portion| portion.earned);
    let seconds = graded.seconds / portions.len().max(1) as f64;
    let test = |portion: &Portion| -> Value {
        json!({
            "name": unobeyed(&portion.name),
            "status": if portion.earned { "pass" } else { "fail" },
            "message": unobeyed(&portion.message),
            "test_code": "",
            "filename": "",
            "line_no": 0,
            "execution_time": format!("{seconds:.3}s"),
            "score": if portion.earned { unit } else { 0.0 },
        })
    };
    let document = json!({
        "version": 1,
        "status": match &graded.problem {
            Some(_) => "error",
            None if all_earned => "pass",
            None => "fail",
        },
        "max_score": unit * portions.len() as f64,
        "tests": portions.iter().map(test).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string(&document)? + "\n")
}

/// A text that the runner does not obey: the reporter prints it, and a line that begins with `::`, or
/// has `##[` in it, is a command there (GitHub Actions, "Workflow commands").
fn unobeyed(text: &str) -> String {
    let quoted = |line: &str| match line.trim_start().starts_with("::") {
        true => format!("| {line}"),
        false => line.to_owned(),
    };
    let text = visible(text).replace("##[", "## [");
    limited(&text.lines().map(quoted).collect::<Vec<_>>().join("\n"))
}

/// The line for the file `$GITHUB_OUTPUT`: in base64, nothing in the document can begin another.
pub(super) fn output(document: &str) -> String {
    format!("result={}\n", Base64::encode_string(document.as_bytes()))
}

/// The largest portion that all points are multiples of.
fn unit(graded: &Graded) -> f64 {
    let score = &graded.score;
    let tasks = score.tasks.iter().flat_map(|task| [task.points, task.of]);
    let points = tasks.chain(score.bonus.iter().map(|bonus| bonus.points));
    let all: f64 = points.clone().map(f64::abs).sum();
    let least = (all / MOST).max(1e-3);
    let divisor = points
        .map(f64::abs)
        .fold(0.0, |a, b| divisor(a, b, least / 2.0));
    if divisor < least { least } else { divisor }
}

/// The greatest common divisor, as Euclid finds it; what is less than `least` counts as nothing.
fn divisor(a: f64, b: f64, least: f64) -> f64 {
    let (mut a, mut b) = (a, b);
    while b > least {
        let rest = a % b;
        // Binary fractions may leave almost all of b instead of nothing.
        (a, b) = (b, if b - rest < least { 0.0 } else { rest });
    }
    a
}

fn portions(graded: &Graded, unit: f64) -> Vec<Portion> {
    let score = &graded.score;
    let count = |points: f64| (points / unit).round().max(0.0) as usize;
    let mut portions = Vec::new();
    for task in &score.tasks {
        let (earned, of) = (count(task.points), count(task.of));
        let title = task_title(&task.lab, &task.task);
        let message = message(graded, task);
        for number in 0..of.max(earned) {
            portions.push(Portion {
                name: if of > 1 {
                    format!("{title} ({}/{of})", number + 1)
                } else {
                    title.clone()
                },
                message: if number < earned {
                    String::new()
                } else {
                    message.clone()
                },
                earned: number < earned,
            });
        }
    }
    for bonus in &score.bonus {
        for _ in 0..count(bonus.points) {
            let (name, message) = (bonus.reason.clone(), String::new());
            portions.push(Portion {
                name,
                message,
                earned: true,
            });
        }
    }
    balanced(portions, graded, count(score.points))
}

/// The portions with as many earned as there are points: points that were taken away take the last
/// ones.
fn balanced(mut portions: Vec<Portion>, graded: &Graded, wanted: usize) -> Vec<Portion> {
    let taken = graded.score.bonus.iter().filter(|bonus| bonus.points < 0.0);
    let reasons: Vec<String> = taken
        .map(|bonus| format!("{}: {}", bonus.reason, points(bonus.points)))
        .collect();
    let n_earned = portions.iter().filter(|portion| portion.earned).count();
    let earned = portions.iter_mut().rev().filter(|portion| portion.earned);
    for portion in earned.take(n_earned.saturating_sub(wanted)) {
        portion.earned = false;
        portion.message = reasons.join("\n");
    }
    portions
}

/// Why a task did not earn all it could: its checks that failed, or did not run, each in a line.
pub(super) fn message(graded: &Graded, task: &TaskScore) -> String {
    let programs = graded.programs.iter();
    let of_lab = programs.filter(|judged| {
        checks::Lab::of_program(&judged.program).is_some_and(|lab| lab.name == task.lab)
    });
    let mut lines = vec![task.text()];
    lines.extend(graded.problem.clone());
    for judged in of_lab {
        for result in judged
            .results
            .iter()
            .filter(|result| !matches!(result.verdict, Verdict::Pass | Verdict::NotAttempted))
        {
            let known = Check::named(&judged.program, &result.id);
            if known.is_some_and(|check| check.task == task.task) {
                let (id, what) = (&result.id, &result.what);
                lines.push(format!("{id}: {what}"));
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_of_github_obeys_no_student() {
        let text = unobeyed("a\n ::set-env name=x::y\n##[error]\n::1");
        assert_eq!(text, "a\n|  ::set-env name=x::y\n## [error]\n| ::1");
    }

    #[test]
    fn a_portion_divides_all_points() {
        assert!((divisor(2.0, 1.5, 0.001) - 0.5).abs() < 1e-9);
        assert!((divisor(0.3, 0.1, 0.001) - 0.1).abs() < 1e-9);
        assert!((divisor(0.0, 2.0, 0.001) - 2.0).abs() < 1e-9);
    }
}
