//! The page of a submission: points, all checks, and every failure with its exchange.

use checks::{Check, CheckResult, Difference, Level, Verdict};
use common::{escape, tr};
use harness::Entry;
use maud::{Markup, html};

use super::columns::{anchor, place};
use super::diagram::diagram;
use super::shell::{self, badge};
use super::text::{again, points, task_title, visible, whose};
use crate::results::{Class, Graded, Judged, Score};

/// Most lines of a transcript on a page; `class.json` has all.
const MOST_LINES: usize = 2000;

/// How many bytes around the first difference are shown.
const AROUND: usize = 40;

/// The page.
pub(super) fn page(class: &Class, graded: &Graded) -> String {
    let title = whose(graded);
    let body = html! {
        main.narrow {
            nav { a href="../index.html" { "← " (tr!("the whole class", "вся группа")) } }
            h1 { (title) }
            (shell::run(class))
            @if let Some(problem) = &graded.problem { p.what.problem { (visible(problem)) } }
            (score(&graded.score))
            (failures(class, graded))
            @for judged in &graded.programs { (program(judged)) }
        }
    };
    shell::page(&title, &body)
}

fn score(score: &Score) -> Markup {
    html! {
        p.total { (tr!("Points:", "Баллы:")) " " (points(score.points)) " / " (points(score.of)) }
        p {
            (tr!("Robustness, which earns no points:", "Надёжность (баллов не даёт):")) " "
            (score.robust) " / " (score.robust_of)
        }
        div.scroll {
            table.plain {
                thead { tr {
                    th scope="col" { (tr!("task", "задание")) }
                    th scope="col" { (tr!("result", "результат")) }
                    th scope="col" { (tr!("points", "баллы")) }
                } }
                tbody {
                    @for task in &score.tasks {
                        tr {
                            td { (visible(&task_title(&task.lab, &task.task))) }
                            td { (task.text()) }
                            td.number { (points(task.points)) " / " (points(task.of)) }
                        }
                    }
                    @for bonus in &score.bonus {
                        tr {
                            td.said { (visible(&bonus.reason)) }
                            td { (tr!("given by hand", "поставлено вручную")) }
                            td.number { (points(bonus.points)) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether there is more to say of a result than a row of the list does.
fn is_told(result: &CheckResult) -> bool {
    result.verdict.is_failure() || result.verdict == Verdict::Inconclusive
}

/// Every result that there is more to say of: first what a task asks for, each in the order of the
/// programs.
fn failures(class: &Class, graded: &Graded) -> Markup {
    let mut told = Vec::new();
    for judged in &graded.programs {
        for result in judged.results.iter().filter(|result| is_told(result)) {
            told.push((judged, result, Check::named(&judged.program, &result.id)));
        }
    }
    told.sort_by_key(|(_, result, check)| {
        let is_must = check.is_none_or(|check| check.level == Level::Must);
        (!is_must, !result.verdict.is_failure())
    });
    html! {
        @if !told.is_empty() {
            h2 { (tr!("What to look at", "На что посмотреть")) " (" (told.len()) ")" }
            ul.contents {
                @for (judged, result, check) in &told {
                    li {
                        (badge(result.verdict)) " "
                        a href={ "#" (anchor(&judged.program, &result.id)) } {
                            (visible(&judged.program)) " " (visible(&result.id))
                        }
                        @if let Some(check) = check { span.soft { " · " (checks::level(check)) } }
                    }
                }
            }
            @for (judged, result, check) in &told {
                (failure(class, judged, result, check.as_ref()))
            }
        }
    }
}

/// All checks of a program, by task; what no task asks for comes last.
fn program(judged: &Judged) -> Markup {
    let n_passed = judged
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Pass)
        .count();
    let mut rows: Vec<_> = judged
        .results
        .iter()
        .map(|result| (result, Check::named(&judged.program, &result.id)))
        .collect();
    rows.sort_by_cached_key(|(result, _)| place(&judged.program, &result.id));
    html! {
        h2 {
            (tr!("All checks of", "Все проверки")) " " code { (visible(&judged.program)) } " "
            small.soft { "✓ " (n_passed) " / " (judged.results.len()) }
        }
        div.scroll {
            table.plain {
                thead { tr {
                    th scope="col" { (tr!("check", "проверка")) }
                    th scope="col" { (tr!("level", "уровень")) }
                    th scope="col" { (tr!("result", "результат")) }
                } }
                tbody { @for (result, check) in &rows { (row(judged, result, check.as_ref())) } }
            }
        }
    }
}

fn row(judged: &Judged, result: &CheckResult, check: Option<&Check>) -> Markup {
    let anchor = anchor(&judged.program, &result.id);
    let (is_told, link) = (is_told(result), format!("#{anchor}"));
    html! {
        tr id=[(!is_told).then_some(anchor)] {
            td {
                @if is_told { a href=(link) { (visible(&result.id)) } }
                @else { (visible(&result.id)) }
                @if let Some(check) = check { div.soft { (check.title.text()) } }
            }
            td { @if let Some(check) = check { (checks::level(check)) } }
            td {
                (badge(result.verdict))
                @if !is_told {
                    @for text in std::iter::once(&result.what).chain(&result.remarks) {
                        @if !text.is_empty() { div.said.soft { (visible(text)) } }
                    }
                }
            }
        }
    }
}

fn failure(class: &Class, judged: &Judged, result: &CheckResult, check: Option<&Check>) -> Markup {
    let unsure = (result.verdict == Verdict::Inconclusive).then_some("unsure");
    html! {
        section.failure.(unsure.unwrap_or_default()) id=(anchor(&judged.program, &result.id)) {
            h3 {
                (badge(result.verdict)) " " (visible(&judged.program)) " " (visible(&result.id))
                @if let Some(check) = check { " " small.soft { "(" (checks::level(check)) ")" } }
            }
            @if let Some(check) = check {
                p { (tr!("Expected behaviour:", "Ожидаемое поведение:")) " " (check.title.text()) }
            }
            p.what { (visible(&result.what)) }
            @if !result.transcript.is_empty() {
                figure tabindex="0" { (diagram(&result.transcript, &judged.program)) }
            }
            @if let Some(both) = &result.difference { (difference(both)) }
            dl {
                @if let Some(cause) = &result.cause {
                    dt { (tr!("likely cause", "вероятная причина")) }
                    dd.said { (visible(cause)) }
                }
                @for remark in &result.remarks {
                    dt { (tr!("note", "примечание")) }
                    dd.said { (visible(remark)) }
                }
                @if let Some(check) = check {
                    dt { (tr!("read on", "подробнее")) }
                    dd { code { (check.guide()) } }
                }
                dt { (tr!("the same texts again", "те же тексты ещё раз")) }
                dd { code { (again(class)) } }
            }
            (transcript(&result.transcript))
        }
    }
}

/// Both texts around the first difference, whose character is marked.
fn difference(both: &Difference) -> Markup {
    let (expected, received) = (&both.expected[..], &both.received[..]);
    let pairs = expected.iter().zip(received);
    let same = pairs.take_while(|(a, b)| a == b).count();
    let (from, split) = (whole(both, same.saturating_sub(AROUND)), whole(both, same));
    let line = |label: String, bytes: &[u8]| {
        let n_bytes = bytes.len();
        let end = n_bytes.min(same + AROUND);
        let is_next = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
        let next = (split + 1..end).find(is_next).unwrap_or(end);
        html! {
            dt { (label) ", " (tr!("{n_bytes} B", "{n_bytes} Б")) }
            dd { code {
                @if from > 0 { "…" }
                (escape(&bytes[from..split]))
                mark { @if split == end { i { (tr!("end", "конец")) } } @else { (escape(&bytes[split..next])) } }
                (escape(&bytes[next..end]))
                @if end < n_bytes { "…" }
            } }
        }
    };
    html! {
        dl {
            (line(tr!("expected", "ожидалось"), expected))
            (line(tr!("received", "получено"), received))
            dt { (tr!("first difference", "первое отличие")) }
            dd { (tr!("byte {same}", "байт {same}")) }
        }
    }
}

/// The place itself, or before it the beginning of the character that it is inside of (RFC 3629,
/// section 3: bytes 10xxxxxx never begin one).
fn whole(both: &Difference, place: usize) -> usize {
    let texts = [&both.expected, &both.received];
    let is_inner = |at: usize| {
        let bytes = texts.iter().filter_map(|text| text.get(at));
        at > 0 && bytes.into_iter().any(|byte| byte & 0xc0 == 0x80)
    };
    let near = place.saturating_sub(3)..=place;
    let found = near.rev().find(|at| !is_inner(*at));
    found.unwrap_or(place)
}

fn transcript(entries: &[Entry]) -> Markup {
    let left_out = entries.len().saturating_sub(MOST_LINES);
    let (head, rest) = entries.split_at(entries.len().min(MOST_LINES / 2));
    // Without anything left out the rest may be shorter than that.
    let tail = &rest[left_out..];
    let line = |entry: &Entry| visible(&entry.to_string()).replace('\n', " ") + "\n";
    html! {
        @if !entries.is_empty() {
            details {
                summary { (tr!("the whole exchange as text", "весь обмен текстом")) " (" (entries.len()) ")" }
                pre {
                    @for entry in head { (line(entry)) }
                    @if left_out > 0 { (tr!("... {left_out} left out ...", "... пропущено: {left_out} ...")) "\n" }
                    @for entry in tail { (line(entry)) }
                }
            }
        }
    }
}
