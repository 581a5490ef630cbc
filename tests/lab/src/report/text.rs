//! Texts as every format shows them.

use checks::{Check, CheckResult, Level, Verdict};
use common::{escape, tr};

use crate::results::{Class, Graded};

/// Characters of the longest text in a format that has no pages.
const LONGEST: usize = 10_000;

/// `text` without what cannot be seen: control characters and those that reorder the text around
/// them become `\u{...}`, as do the two that XML forbids (XML 1.0, section 2.2). Lines stay lines.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\\' => shown.push(c),
            '\u{fffe}' | '\u{ffff}' => shown.extend(c.escape_unicode()),
            c => shown.push_str(&escape(c.encode_utf8(&mut [0; 4]).as_bytes())),
        }
    }
    shown
}

/// [`visible`] with the middle left out if it is too long.
pub(super) fn limited(text: &str) -> String {
    shortened(&visible(text), LONGEST)
}

/// `text` in at most `most` characters: of a longer one the beginning and the end.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let n_chars = text.chars().count();
    if n_chars <= most {
        return text.to_owned();
    }
    let part = most.saturating_sub(1) / 2;
    let head: String = text.chars().take(part).collect();
    let tail: String = text.chars().skip(n_chars - part).collect();
    format!("{head}…{tail}")
}

/// Points without digits that say nothing: `2`, `1.5`, `0.33`.
pub(super) fn points(points: f64) -> String {
    // Adding 0 makes -0 a 0.
    ((points * 100.0).round() / 100.0 + 0.0).to_string()
}

/// A name in one line of a length that a page can hold.
pub(super) fn name(name: &str) -> String {
    shortened(&visible(name).replace('\n', " "), 60)
}

/// Whose work it is: the student and the folder.
pub(super) fn whose(graded: &Graded) -> String {
    let folder = name(&graded.name);
    match &graded.student {
        Some(student) => format!("{} ({folder})", name(student)),
        None => folder,
    }
}

/// A check's name and title in one line; `check` is none if this version of the grader has it no
/// more.
pub(super) fn headline(check: Option<&Check>, id: &str) -> String {
    match check {
        Some(check) => format!("{id}: {} ({})", check.title.text(), checks::level(check)),
        None => id.to_owned(),
    }
}

/// All that is known of a result that is no pass.
pub(super) fn explained(class: &Class, check: Option<&Check>, result: &CheckResult) -> String {
    let text = match check {
        Some(check) if !result.transcript.is_empty() || result.verdict.is_failure() => {
            checks::explain(check, result, &again(class))
        }
        _ => result.what.clone(),
    };
    limited(&text)
}

/// The option that makes the same random texts again.
pub(super) fn again(class: &Class) -> String {
    format!("--seed {}", class.seed)
}

/// Whether a failure of the check counts against the task: *must* does, *should* if it is strict.
pub(super) fn counts(class: &Class, check: Option<&Check>) -> bool {
    match check.map(|check| check.level) {
        Some(Level::Must) | None => true,
        Some(Level::Should) => class.strict,
        Some(Level::Note) => false,
    }
}

/// The verdict's name in the formats: `wrong-port`.
pub(super) fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Crashed => "crashed",
        Verdict::Hung => "hung",
        Verdict::WrongPort => "wrong-port",
        Verdict::NotAttempted => "not-attempted",
        Verdict::Skipped => "skipped",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// The title of a task, with the lab.
pub(super) fn task_title(lab: &str, task: &str) -> String {
    let number = tr!("{lab}, task {task}", "{lab}, задание {task}");
    let known = checks::Lab::named(lab).and_then(|lab| lab.task(task));
    match known {
        Some(known) => format!("{number}: {}", known.title.text()),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        assert_eq!(
            visible("a\n\\n\0\x1b[0m\u{202e}\u{fffe}é"),
            "a\n\\n\\u{0}\\u{1b}[0m\\u{202e}\\u{fffe}é"
        );
    }

    #[test]
    fn points_have_the_digits_they_need() {
        assert_eq!(
            [0.1 + 0.2, 2.0, 1.0 / 3.0, -0.0, -1.0].map(points),
            ["0.3", "2", "0.33", "0", "-1"]
        );
    }
}
