//! `index.html`: the class as a table of submissions and checks, and what failed most. On paper the
//! table has the points alone: so many checks fit on no sheet.

use checks::{Check, Lab, Level, Verdict};
use common::tr;
use maud::{Markup, html};

use super::columns::{Column, columns};
use super::csv::{task, tasks};
use super::shell::{self, symbol};
use super::summary::summary;
use super::text::{headline, name, points, shortened, task_title, verdict_name, visible};
use crate::results::{Class, Graded, TaskScore, TaskStatus};

/// Every verdict, the worst first: so they are sorted.
const VERDICTS: [Verdict; 8] = [
    Verdict::Crashed,
    Verdict::Hung,
    Verdict::WrongPort,
    Verdict::Fail,
    Verdict::Inconclusive,
    Verdict::Skipped,
    Verdict::NotAttempted,
    Verdict::Pass,
];

/// The page; `folders` are those of the submissions, as links.
pub(super) fn page(class: &Class, folders: &[String]) -> String {
    let (columns, tasks) = (columns(class), tasks(class));
    let title = tr!("Results of the class", "Результаты группы");
    let body = html! {
        main {
            h1 { (title) }
            (shell::run(class))
            (tools())
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.matrix.sortable {
                    (head(&columns, &tasks))
                    tbody {
                        @for (graded, folder) in class.submissions.iter().zip(folders) {
                            (row(graded, folder, &columns, &tasks))
                        }
                    }
                }
            }
            (legend())
            (summary(class, folders, &columns))
        }
    };
    shell::page(&title, &body)
}

/// What the script filters by; without the script there is nothing to see.
fn tools() -> Markup {
    let names = |wanted: fn(Verdict) -> bool| {
        let names = VERDICTS.into_iter().filter(|verdict| wanted(*verdict));
        names.map(verdict_name).collect::<Vec<_>>().join(" ")
    };
    html! {
        div.tools hidden {
            label { (tr!("Student:", "Студент:")) " " input type="search" autocomplete="off"; }
            label {
                (tr!("Rows with:", "Строки, где есть:")) " "
                select autocomplete="off" {
                    option value="" { (tr!("any verdict", "любой результат")) }
                    option value=(names(Verdict::is_failure)) { (tr!("any failure", "любая неудача")) }
                    @for verdict in VERDICTS {
                        option value=(verdict_name(verdict)) { (verdict.text()) }
                    }
                }
            }
            span role="status" {}
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend {
            @for verdict in VERDICTS.into_iter().rev() { li { (shell::badge(verdict)) } }
            li { "● " (tr!("must", "обязательно")) }
            li { "○ " (tr!("should: robustness", "желательно: надёжность")) }
            li { "· " (tr!("note", "совет")) }
        }
    }
}

/// Three rows: points and programs, tasks, columns.
fn head(columns: &[Column], tasks: &[(&str, &str)]) -> Markup {
    let student = tr!("student", "студент");
    let programs: Vec<_> = columns.chunk_by(|a, b| a.program == b.program).collect();
    let groups = columns.chunk_by(|a, b| a.program == b.program && a.task() == b.task());
    html! {
        thead {
            tr {
                th.first scope="col" rowspan="3" data-col="0" { (student) }
                th.group scope="colgroup" colspan=(tasks.len() + 2) { span { (tr!("points", "баллы")) } }
                @for program in &programs {
                    th.group.check scope="colgroup" colspan=(program.len()) { span { (of_lab(&program[0].program)) } }
                }
            }
            tr {
                th {}
                @for lab in tasks.chunk_by(|a, b| a.0 == b.0) {
                    th scope="colgroup" colspan=(lab.len()) { (visible(lab[0].0)) }
                }
                th {}
                @for group in groups {
                    th.check scope="colgroup" colspan=(group.len()) {
                        @match group[0].task() {
                            "" => "·",
                            task => (tr!("task {task}", "задание {task}")),
                        }
                    }
                }
            }
            (names(columns, tasks))
        }
    }
}

/// A program, with its lab if its name does not begin with that.
fn of_lab(program: &str) -> String {
    let lab = Lab::of_program(program).filter(|lab| !program.starts_with(lab.name));
    let name = visible(program);
    lab.map_or(name.clone(), |lab| format!("{}: {name}", lab.name))
}

/// The last row of the head: what each column is, and a way to sort by it.
fn names(columns: &[Column], tasks: &[(&str, &str)]) -> Markup {
    html! {
        tr {
            (upright(1, None, &tr!("total", "всего"), &tr!("all points", "все баллы")))
            @for (index, (lab, task)) in tasks.iter().enumerate() {
                (upright(index + 2, None, &tr!("task {task}", "задание {task}"), &task_title(lab, task)))
            }
            (upright(tasks.len() + 2, None, &tr!("robustness", "надёжность"),
                &tr!("checks of robustness passed", "пройдено проверок надёжности")))
            @for (index, column) in columns.iter().enumerate() {
                (upright(tasks.len() + 3 + index, Some(column), &column.id,
                    &headline(column.check.as_ref(), &column.id)))
            }
        }
    }
}

/// The head of a narrow column: its name from bottom to top, its title where the pointer rests.
fn upright(column: usize, check: Option<&Column>, label: &str, title: &str) -> Markup {
    let class = check.map(|_| "check");
    let level = check.map(|column| mark(column.check.as_ref()));
    html! {
        th class=[class] scope="col" data-col=(column) title=(visible(title)) {
            span.up { (visible(label)) }
            @if let Some(level) = level { span.level { (level) } }
        }
    }
}

fn mark(check: Option<&Check>) -> &'static str {
    match check.map(|check| check.level) {
        Some(Level::Must) | None => "●",
        Some(Level::Should) => "○",
        Some(Level::Note) => "·",
    }
}

fn row(graded: &Graded, folder: &str, columns: &[Column], tasks: &[(&str, &str)]) -> Markup {
    let score = &graded.score;
    html! {
        tr {
            th.first scope="row" {
                a href={ (folder) "/index.html" } {
                    (name(graded.student.as_deref().unwrap_or(&graded.name)))
                }
                @if graded.student.is_some() { div.soft { (name(&graded.name)) } }
                @if let Some(problem) = &graded.problem { div.problem { (shortened(&visible(problem), 120)) } }
            }
            td.number.sum data-s=(score.points) { (points(score.points)) " / " (points(score.of)) }
            @for (lab, number) in tasks { (task_cell(task(graded, lab, number))) }
            td.number data-s=(score.robust) { (score.robust) " / " (score.robust_of) }
            @for column in columns { (cell(graded, folder, column)) }
        }
    }
}

fn task_cell(score: Option<&TaskScore>) -> Markup {
    let Some(score) = score else {
        return html! { td.cell data-s="-1" {} };
    };
    let (class, symbol) = match score.status {
        TaskStatus::Passed => ("pass", "✓"),
        TaskStatus::Failed => ("fail", "✗"),
        TaskStatus::NotAttempted => ("not-attempted", "–"),
        TaskStatus::Unknown => ("inconclusive", "?"),
        TaskStatus::ByHand => ("skipped", "✎"),
    };
    let status = score.text();
    html! {
        td class={ "cell " (class) } data-s=(score.points) title=(status) {
            span {
                span aria-hidden="true" { (symbol) " " }
                (points(score.points)) "/" (points(score.of))
                span.unseen { " " (status) }
            }
        }
    }
}

fn cell(graded: &Graded, folder: &str, column: &Column) -> Markup {
    let Some(result) = column.result(graded) else {
        return html! { td.cell.check data-s=(VERDICTS.len()) {} };
    };
    let verdict = result.verdict;
    let rank = VERDICTS.iter().position(|other| *other == verdict);
    let link = format!("{folder}/index.html#{}", column.anchor());
    // Most cells are passes: their word is for those who cannot see the sign.
    let word = if verdict == Verdict::Pass {
        "unseen"
    } else {
        "word"
    };
    html! {
        td class={ "cell check " (verdict_name(verdict)) } data-s=[rank] data-v=(verdict_name(verdict)) {
            a href=(link) {
                span aria-hidden="true" { (symbol(verdict)) }
                span class=(word) { (verdict.text()) }
            }
        }
    }
}
