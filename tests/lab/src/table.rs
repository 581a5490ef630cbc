//! The class on the terminal: a line for each submission.

use std::fmt::Write as _;

use anstyle::Style;
use common::{escape, tr};

use crate::results::{Class, Graded, TaskStatus};
use crate::terminal::task_sign;

/// The longest name that is shown whole.
const NAME: usize = 28;

/// The table, and what the whole class needs.
pub fn class(class: &Class) -> String {
    let mut text = String::new();
    let names = class
        .submissions
        .iter()
        .map(|graded| shortened(&graded.name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    for graded in &class.submissions {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(graded, width));
    }
    let (seed, seconds) = (class.seed, class.seconds);
    let n_submissions = class.submissions.len();
    let _ = writeln!(
        text,
        "\n{}",
        tr!(
            "submissions: {n_submissions}, time: {seconds:.1} s, --seed {seed}",
            "работ: {n_submissions}, время: {seconds:.1} с, --seed {seed}"
        )
    );
    text
}

fn line(graded: &Graded, width: usize) -> String {
    let name = shortened(&graded.name);
    let score = &graded.score;
    let (points, of) = (score.points, score.of);
    if let Some(problem) = &graded.problem {
        let (sign, style) = task_sign(TaskStatus::Failed);
        let problem = escape(problem.as_bytes());
        return format!("{name:width$}  {points:>5} / {of:<4} {style}{sign} {problem}{style:#}");
    }
    let (robust, robust_of) = (score.robust, score.robust_of);
    let tasks: Vec<String> = score
        .tasks
        .iter()
        .filter(|task| task.status != TaskStatus::ByHand)
        .map(|task| {
            let (sign, style) = task_sign(task.status);
            format!("{style}{sign}{}{style:#}", task.task)
        })
        .collect();
    let dim = Style::new().dimmed();
    format!(
        "{name:width$}  {points:>5} / {of:<4} {dim}{robust:>3}/{robust_of:<3}{dim:#} {}",
        tasks.join(" ")
    )
}

/// A folder's name is its owner's choice: nothing of it may reach the terminal as it is.
fn shortened(name: &str) -> String {
    let name = escape(name.as_bytes());
    if name.chars().count() <= NAME {
        return name;
    }
    let head: String = name.chars().take(NAME - 1).collect();
    head + "…"
}
