//! `class.csv`: a row for each submission, for spreadsheets.
//!
//! RFC 4180 with commas, CRLF and a dot in numbers. It begins with a byte order mark, without which
//! Excel takes the file for one in the system's old encoding, for Russian names the wrong one.
//! Where the system's list separator is `;`, as in Russia, Excel opens it by Data > From Text/CSV.

use anyhow::Result;
use common::tr;

use super::columns::{Column, columns};
use super::text::{points, visible};
use crate::results::{Class, Graded, TaskScore};

/// The table.
///
/// # Errors
/// Never for lack of anything but memory.
pub(super) fn table(class: &Class) -> Result<String> {
    let (columns, tasks) = (columns(class), tasks(class));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head(&columns, &tasks))?;
    for graded in &class.submissions {
        writer.write_record(row(graded, &columns, &tasks))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The labs and tasks that some submission has a score for, in order.
pub(super) fn tasks(class: &Class) -> Vec<(&str, &str)> {
    let mut tasks = Vec::new();
    let scores = class.submissions.iter().map(|graded| &graded.score.tasks);
    for score in scores.flatten() {
        let task = (score.lab.as_str(), score.task.as_str());
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    }
    let place = |lab: &str| checks::LABS.iter().position(|known| known.name == lab);
    let number = |(lab, task): (&str, &str)| {
        let known = checks::Lab::named(lab)?;
        known.tasks.iter().position(|known| known.id == task)
    };
    tasks.sort_by_key(|task| (place(task.0), number(*task)));
    tasks
}

/// The score of a task.
pub(super) fn task<'a>(graded: &'a Graded, lab: &str, task: &str) -> Option<&'a TaskScore> {
    let mut scores = graded.score.tasks.iter();
    scores.find(|score| score.lab == lab && score.task == task)
}

fn head(columns: &[Column], tasks: &[(&str, &str)]) -> Vec<String> {
    let fixed = ["submission", "student", "problem", "points", "of"].map(String::from);
    let tasks = tasks.iter().map(|(lab, task)| format!("{lab} {task}"));
    let more = ["bonus", "robust", "robust of"].map(String::from);
    let checks = columns
        .iter()
        .map(|column| format!("{} {}", column.program, column.id));
    let head = fixed.into_iter().chain(tasks).chain(more).chain(checks);
    head.map(|name| defused(&name)).collect()
}

fn row(graded: &Graded, columns: &[Column], tasks: &[(&str, &str)]) -> Vec<String> {
    let score = &graded.score;
    let mut row = vec![
        defused(&graded.name),
        defused(graded.student.as_deref().unwrap_or_default()),
        defused(graded.problem.as_deref().unwrap_or_default()),
        points(score.points),
        points(score.of),
    ];
    let of_task = |(lab, number): &(&str, &str)| {
        let earned = task(graded, lab, number);
        earned.map_or_else(String::new, |earned| points(earned.points))
    };
    row.extend(tasks.iter().map(of_task));
    row.push(points(score.bonus.iter().map(|bonus| bonus.points).sum()));
    row.push(score.robust.to_string());
    row.push(score.robust_of.to_string());
    row.extend(columns.iter().map(|column| match column.result(graded) {
        Some(result) => result.verdict.text(),
        None => tr!("not meant", "не относится"),
    }));
    row
}

/// A text that no spreadsheet takes for a formula: `'` stands before each of `= + - @` with which
/// the cell begins, or with which it would begin if `;` or a tab separated cells (OWASP, "CSV
/// Injection"), full-width forms included.
fn defused(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut at_start = true;
    for c in visible(text).replace('\n', " ").chars() {
        let is_formula = "=+-@＝＋－＠".contains(c);
        if at_start && is_formula {
            safe.push('\'');
        }
        at_start = ";,\"\t".contains(c) || (at_start && c.is_whitespace());
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        let texts = ["=1+1", " @x", "a;=b", "a\n-b", "Анна-Мария", "\"+c\""];
        let defused = texts.map(defused);
        assert_eq!(
            defused,
            ["'=1+1", " '@x", "a;'=b", "a -b", "Анна-Мария", "\"'+c\""]
        );
    }
}
