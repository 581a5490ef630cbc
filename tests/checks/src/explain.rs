//! A failure, explained: the steps, the wire, the difference, the likely cause, where to read on.

use std::fmt::Write as _;

use common::{escape, tr};

use crate::catalog::{Check, Level};
use crate::result::CheckResult;

/// How many bytes around the first difference are shown.
const AROUND: usize = 30;

/// The whole explanation of a check that did not pass; `again` is how to have the same random texts
/// once more.
pub fn explain(check: &Check, result: &CheckResult, again: &str) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let verdict = result.verdict.text().to_uppercase();
    let _ = writeln!(text, "{}: {verdict} ({})", check.id, level(check));
    let _ = writeln!(text, "  {}", check.title.text());
    let _ = writeln!(text, "  -> {}\n", result.what);
    let _ = write!(text, "{}", harness::shown(&result.transcript));
    if let Some(both) = &result.difference {
        let _ = write!(text, "\n{}", difference(&both.expected, &both.received));
    }
    if let Some(cause) = &result.cause {
        let label = tr!("likely cause", "вероятная причина");
        let _ = writeln!(text, "\n{label}: {cause}");
    }
    for remark in &result.remarks {
        let _ = writeln!(text, "{}: {remark}", tr!("note", "примечание"));
    }
    let _ = writeln!(text, "{}: {}", tr!("read on", "подробнее"), check.guide());
    let label = tr!("the same texts again", "те же тексты ещё раз");
    let _ = writeln!(text, "{label}: {again}");
    text
}

/// The level in words, with the task.
pub fn level(check: &Check) -> String {
    let level = match check.level {
        Level::Must => tr!("must", "обязательно"),
        Level::Should => tr!("should", "желательно"),
        Level::Note => tr!("note", "совет"),
    };
    match check.task {
        "" => level,
        task => tr!("{level}, task {task}", "{level}, задание {task}"),
    }
}

/// Expected over received, both from a little before the first difference on, and a caret below it.
pub fn difference(expected: &[u8], received: &[u8]) -> String {
    let same = expected
        .iter()
        .zip(received)
        .take_while(|(a, b)| a == b)
        .count();
    // Back to the beginning of a character.
    let mut from = same.saturating_sub(AROUND);
    while from > 0 && expected.get(from).is_some_and(|byte| byte & 0xc0 == 0x80) {
        from -= 1;
    }
    let shown = |bytes: &[u8]| {
        let end = bytes.len().min(same + AROUND);
        let tail = if end < bytes.len() { "..." } else { "" };
        format!(
            "{}{tail}  ({} B)",
            escape(&bytes[from.min(end)..end]),
            bytes.len()
        )
    };
    let head = if from > 0 { "..." } else { "" };
    let (expected_label, received_label) =
        (tr!("expected", "ожидалось"), tr!("received", "получено"));
    let width = expected_label
        .chars()
        .count()
        .max(received_label.chars().count());
    let caret = width + 2 + head.len() + escape(&expected[from..same]).chars().count();
    format!(
        "{expected_label:width$}: {head}{}\n{received_label:width$}: {head}{}\n{:caret$}^ {}\n",
        shown(expected),
        shown(received),
        "",
        tr!(
            "first difference: byte {same}",
            "первое отличие: байт {same}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_first_difference() {
        let text = difference(b"HELLO", b"HELlo");
        assert_eq!(
            text,
            "expected: HELLO  (5 B)\nreceived: HELlo  (5 B)\n             ^ first difference: byte 3\n"
        );
    }

    #[test]
    fn long_texts_are_shown_around_the_difference() {
        let expected = "я".repeat(500);
        let mut received = expected.clone().into_bytes();
        received[601] = b'?';
        let text = difference(expected.as_bytes(), &received);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("expected: ...яяя"), "{text}");
        assert!(
            lines.iter().all(|line| line.chars().count() < 120),
            "{text}"
        );
        assert!(text.contains("byte 601"), "{text}");
    }

    #[test]
    fn a_missing_end_is_a_difference_at_the_end() {
        assert!(difference(b"ABC", b"A").contains("byte 1"));
        assert!(difference(b"ABC", b"").contains("byte 0"));
        assert!(difference(b"", b"A").contains("byte 0"));
    }
}
