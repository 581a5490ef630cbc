//! The checks that a class was judged by.

use checks::{Check, CheckResult};

use crate::results::{Class, Graded};

/// One check of one program.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The program's name.
    pub(super) program: String,
    /// The check's name.
    pub(super) id: String,
    /// The check, if this version of the grader has it.
    pub(super) check: Option<Check>,
}

impl Column {
    /// What has come of it in a submission.
    pub(super) fn result<'a>(&self, graded: &'a Graded) -> Option<&'a CheckResult> {
        let programs = graded.programs.iter();
        let mut results = programs
            .filter(|judged| judged.program == self.program)
            .flat_map(|judged| &judged.results);
        results.find(|result| result.id == self.id)
    }

    /// The task's number, or nothing.
    pub(super) fn task(&self) -> &'static str {
        self.check.map_or("", |check| check.task)
    }

    /// Where the check is found on the page of a submission.
    pub(super) fn anchor(&self) -> String {
        anchor(&self.program, &self.id)
    }
}

/// Where a check is found on the page of a submission.
pub(super) fn anchor(program: &str, id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{program}--{id}").chars().map(plain).collect()
}

/// Every check that some submission has a result for: programs in the order of the labs, their
/// checks in the order of the tasks, what no task asks for at the end.
pub(super) fn columns(class: &Class) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let judged = class.submissions.iter().flat_map(|graded| &graded.programs);
    for judged in judged {
        for result in &judged.results {
            let same = |known: &Column| known.program == judged.program && known.id == result.id;
            if !columns.iter().any(same) {
                columns.push(Column {
                    program: judged.program.clone(),
                    id: result.id.clone(),
                    check: Check::named(&judged.program, &result.id),
                });
            }
        }
    }
    columns.sort_by_cached_key(|column| place(&column.program, &column.id));
    columns
}

/// Where a check stands: lab, program, task, and its place in the catalog.
pub(super) fn place(program: &str, id: &str) -> [usize; 4] {
    let lab = checks::Lab::of_program(program);
    let checks = checks::of(program);
    let check = checks.iter().position(|check| check.id == id);
    let number = check.map_or("", |check| checks[check].task);
    let places = [
        checks::LABS
            .iter()
            .position(|known| Some(known.name) == lab.map(|lab| lab.name)),
        checks::programs().position(|known| known == program),
        lab.and_then(|lab| lab.tasks.iter().position(|task| task.id == number)),
        check,
    ];
    places.map(|place| place.unwrap_or(usize::MAX))
}
