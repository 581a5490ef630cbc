//! The class by check: what most failed is what should be taught again.

use checks::{CheckResult, Verdict};
use common::tr;
use maud::{Markup, html};

use super::columns::Column;
use super::text::{visible, whose};
use crate::results::{Class, Graded};

/// Width of a bar that says that all have failed.
const BAR: usize = 120;

/// How many failed each check, the most failed first.
pub(super) fn summary(class: &Class, folders: &[String], columns: &[Column]) -> Markup {
    let mut rows: Vec<_> = columns
        .iter()
        .map(|column| (column, tally(class, column)))
        .collect();
    rows.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.failed.len()));
    html! {
        h2 { (tr!("By check: what failed most", "По проверкам: что чаще всего не получалось")) }
        div.scroll tabindex="0" role="region" aria-label=(tr!("by check", "по проверкам")) {
            table.sortable {
                thead { tr {
                    th.first scope="col" data-col="0" { (tr!("check", "проверка")) }
                    th scope="col" data-col="1" { (tr!("program", "программа")) }
                    th scope="col" data-col="2" { (tr!("level", "уровень")) }
                    th scope="col" data-col="3" { (tr!("failed", "не прошли")) }
                    th scope="col" data-col="4" { (tr!("passed", "прошли")) }
                    th scope="col" data-col="5" { (tr!("neither", "ни то ни другое")) }
                    th scope="col" { (tr!("who failed", "кто не прошёл")) }
                } }
                tbody { @for (column, tally) in &rows { (row(column, tally, class, folders)) } }
            }
        }
    }
}

/// How often a check came to what; of failures, the places of the submissions.
struct Tally {
    failed: Vec<usize>,
    passed: usize,
    neither: usize,
}

fn tally(class: &Class, column: &Column) -> Tally {
    let result = |graded| column.result(graded);
    let results: Vec<Option<&CheckResult>> = class.submissions.iter().map(result).collect();
    let failed = |result: &CheckResult| result.verdict.is_failure();
    let is_failed = |place: &usize| results[*place].is_some_and(failed);
    let failed: Vec<usize> = (0..results.len()).filter(is_failed).collect();
    let all = results.iter().flatten();
    let passed = all
        .clone()
        .filter(|result| result.verdict == Verdict::Pass)
        .count();
    let neither = all.count() - passed - failed.len();
    Tally {
        failed,
        passed,
        neither,
    }
}

fn row(column: &Column, tally: &Tally, class: &Class, folders: &[String]) -> Markup {
    let n_failed = tally.failed.len();
    let n_ran = (n_failed + tally.passed).max(1);
    let who = |place: usize| -> (&Graded, String) {
        let link = format!("{}/index.html#{}", folders[place], column.anchor());
        (&class.submissions[place], link)
    };
    html! {
        tr {
            th.first scope="row" {
                (visible(&column.id))
                @if let Some(check) = &column.check { div.soft { (check.title.text()) } }
            }
            td { (visible(&column.program)) }
            td { @if let Some(check) = &column.check { (checks::level(check)) } }
            td.number data-s=(n_failed) {
                (n_failed) " (" ((100 * n_failed + n_ran / 2) / n_ran) " %) "
                svg width=(BAR) height="10" aria-hidden="true" {
                    rect.bar-back width=(BAR) height="10" rx="2" {}
                    rect.bar width=(BAR * n_failed / n_ran) height="10" rx="2" {}
                }
            }
            td.number { (tally.passed) }
            td.number { (tally.neither) }
            td {
                @if n_failed > 0 {
                    details {
                        summary { (tr!("who", "кто")) }
                        ul {
                            @for (graded, link) in tally.failed.iter().map(|place| who(*place)) {
                                li { a href=(link) { (whose(graded)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
