//! What tasks are worth, and what a submission has earned.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use checks::{CheckResult, LABS, Lab, Level, Task, Verdict, of};
use serde::Deserialize;

use crate::results::{Bonus, Judged, Score, TaskScore, TaskStatus};

/// The points for each task, and those given by hand.
///
/// A table that an instructor writes in TOML: `[echo]`, then lines such as `s3 = 2`. What it does
/// not name keeps the points of the lab's table; `partial = true` at the top gives a task that is
/// not passed the part of its points that its *must* checks have passed.
#[derive(Clone, Debug, Default)]
pub struct Points {
    table: BTreeMap<String, BTreeMap<String, f64>>,
    partial: bool,
    /// The tasks that count; `None`: all.
    only: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Table {
    #[serde(default)]
    partial: bool,
    #[serde(flatten)]
    labs: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Points {
    /// Reads an instructor's table.
    ///
    /// # Errors
    /// If it names a lab or a task that there is not, or points below zero.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let Table { partial, labs } = toml::from_str(text)?;
        for (name, tasks) in &labs {
            let lab = Lab::named(name).with_context(|| format!("there is no lab `{name}`"))?;
            for (id, points) in tasks {
                let task = lab.task(id);
                let task = task.with_context(|| format!("{name}: there is no task `{id}`"))?;
                if task.programs.is_empty() {
                    bail!("{name}: {id} is judged by hand: its points are given by --bonus");
                }
                if !points.is_finite() || *points < 0.0 {
                    bail!("{name}: {id} = {points}: points are zero or more");
                }
            }
        }
        Ok(Self {
            table: labs,
            partial,
            only: None,
        })
    }

    /// The same with nothing for other tasks than these.
    #[must_use]
    pub fn only(self, only: Option<Vec<String>>) -> Self {
        Self { only, ..self }
    }

    /// What a task is worth.
    pub fn of(&self, lab: &Lab, task: &Task) -> f64 {
        let counts = |tasks: &Vec<String>| tasks.iter().any(|id| id == task.id);
        if !self.only.as_ref().is_none_or(counts) {
            return 0.0;
        }
        let own = self
            .table
            .get(lab.name)
            .and_then(|tasks| tasks.get(task.id));
        own.copied().unwrap_or(f64::from(task.points))
    }

    /// What the programs of a submission have earned, without what is given by hand.
    ///
    /// The tasks are those of every lab that a program belongs to. A task is passed if every *must*
    /// check of it has passed, in all programs that it needs.
    pub fn score(&self, programs: &[Judged], strict: bool) -> Score {
        let has = |lab: &&Lab| lab.programs().any(|name| program(programs, name).is_some());
        self.score_in(LABS.iter().filter(has), programs, strict)
    }

    /// The same with the tasks of these labs, whatever programs there are.
    pub fn score_in<'a>(
        &self,
        labs: impl Iterator<Item = &'a Lab>,
        programs: &[Judged],
        strict: bool,
    ) -> Score {
        let mut score = Score::default();
        for lab in labs {
            for task in lab.tasks {
                score
                    .tasks
                    .push(self.task_score(lab, task, programs, strict));
            }
        }
        // A sum of nothing would be -0.
        score.points = 0.0 + score.tasks.iter().map(|task| task.points).sum::<f64>();
        // What no check can judge is added to what is earned, and missing from nobody's.
        let judged = score
            .tasks
            .iter()
            .filter(|task| task.status != TaskStatus::ByHand);
        score.of = 0.0 + judged.map(|task| task.of).sum::<f64>();
        for (check, result) in programs.iter().flat_map(with_checks) {
            let ran = result.verdict == Verdict::Pass || result.verdict.is_failure();
            if check.level == Level::Should && ran {
                score.robust_of += 1;
                score.robust += usize::from(result.verdict == Verdict::Pass);
            }
        }
        score
    }

    fn task_score(&self, lab: &Lab, task: &Task, programs: &[Judged], strict: bool) -> TaskScore {
        // What no check can judge earns only what is given by hand.
        let of = if task.programs.is_empty() {
            0.0
        } else {
            self.of(lab, task)
        };
        let stands = task
            .programs
            .iter()
            .map(|any| any_of(any, task, programs, strict));
        let stands: Vec<Standing> = stands.collect();
        let status = status(task, &stands);
        let part = stands.iter().map(|standing| standing.part).sum::<f64>()
            / f64::max(1.0, stands.len() as f64);
        let points = match status {
            TaskStatus::Passed => of,
            TaskStatus::Failed if self.partial => of * part,
            _ => 0.0,
        };
        let with_stands = task.programs.iter().zip(&stands);
        let lacking = with_stands.filter(|(_, standing)| {
            status == TaskStatus::Failed && standing.status == TaskStatus::NotAttempted
        });
        TaskScore {
            missing: lacking.map(|(any, _)| any.join(" / ")).collect(),
            lab: lab.name.to_owned(),
            task: task.id.to_owned(),
            status,
            points,
            of,
        }
    }
}

impl Score {
    /// Adds points given by hand.
    pub fn add(&mut self, bonus: Bonus) {
        self.points += bonus.points;
        self.bonus.push(bonus);
    }
}

/// How one program stands with one task.
#[derive(Clone, Copy)]
struct Standing {
    status: TaskStatus,
    /// The part of its *must* checks that passed, from 0 to 1.
    part: f64,
}

/// How the best of some programs stands with a task.
fn any_of(names: &[&str], task: &Task, programs: &[Judged], strict: bool) -> Standing {
    let rank = |standing: &Standing| match standing.status {
        TaskStatus::Passed => 4,
        TaskStatus::Unknown => 3,
        TaskStatus::Failed => 2,
        TaskStatus::NotAttempted | TaskStatus::ByHand => 1,
    };
    let found = names.iter().filter_map(|name| program(programs, name));
    let best = found
        .map(|program| standing(program, task, strict))
        .max_by_key(rank);
    best.unwrap_or(Standing {
        status: TaskStatus::NotAttempted,
        part: 0.0,
    })
}

/// How a program stands with a task. What no task asks for counts, with `strict`, for the program's
/// first task.
fn standing(judged: &Judged, task: &Task, strict: bool) -> Standing {
    let lab = Lab::of_program(&judged.program);
    let first = lab.and_then(|lab| {
        let has = |task: &&Task| task.programs.concat().contains(&judged.program.as_str());
        lab.tasks.iter().find(has)
    });
    let is_first = first.is_some_and(|first| first.id == task.id);
    let counts = |check: &checks::Check| match check.level {
        Level::Must => check.task == task.id,
        Level::Should => strict && (check.task == task.id || (check.task.is_empty() && is_first)),
        Level::Note => false,
    };
    let verdicts: Vec<Verdict> = with_checks(judged)
        .filter(|(check, _)| counts(check))
        .map(|(check, result)| blamed(judged, &check, result))
        .collect();
    let n =
        |wanted: fn(Verdict) -> bool| verdicts.iter().filter(|&&verdict| wanted(verdict)).count();
    let passed = n(|verdict| verdict == Verdict::Pass);
    let status = if n(|verdict| verdict != Verdict::NotAttempted) == 0 {
        TaskStatus::NotAttempted
    } else if passed == verdicts.len() {
        TaskStatus::Passed
    } else if n(Verdict::is_failure) + n(|verdict| verdict == Verdict::NotAttempted) > 0 {
        TaskStatus::Failed
    } else {
        TaskStatus::Unknown
    };
    let part = passed as f64 / f64::max(1.0, verdicts.len() as f64);
    Standing { status, part }
}

/// The verdict of a check; of one that was skipped because another one fails, that one's.
pub(crate) fn blamed(judged: &Judged, check: &checks::Check, result: &CheckResult) -> Verdict {
    let before = result.because.as_deref().or(check.after);
    let before = with_checks(judged).find(|(known, _)| before == Some(known.id));
    match before {
        Some((before, told)) if result.verdict == Verdict::Skipped => {
            match blamed(judged, &before, told) {
                Verdict::Pass => result.verdict,
                other => other,
            }
        }
        _ => result.verdict,
    }
}

/// How a task stands when each program that it needs stands so.
fn status(task: &Task, stands: &[Standing]) -> TaskStatus {
    let all = |status| stands.iter().all(|standing| standing.status == status);
    let any = |status| stands.iter().any(|standing| standing.status == status);
    if task.programs.is_empty() {
        TaskStatus::ByHand
    } else if all(TaskStatus::Passed) {
        TaskStatus::Passed
    } else if all(TaskStatus::NotAttempted) {
        TaskStatus::NotAttempted
    } else if any(TaskStatus::Failed) || any(TaskStatus::NotAttempted) {
        TaskStatus::Failed
    } else {
        TaskStatus::Unknown
    }
}

fn program<'a>(programs: &'a [Judged], name: &str) -> Option<&'a Judged> {
    programs.iter().find(|judged| judged.program == name)
}

/// The checks of a program that have a result, with it.
pub(crate) fn with_checks(judged: &Judged) -> impl Iterator<Item = (checks::Check, &CheckResult)> {
    let result = |id: &str| judged.results.iter().find(|result| result.id == id);
    let checks = of(&judged.program).into_iter();
    checks.filter_map(move |check| Some((check, result(check.id)?)))
}

/// Points given by hand, a line for each: submission, points, reason; a first line with these names
/// may stand above.
///
/// # Errors
/// If a line has no number where the points belong.
pub fn parse_bonus(text: &str) -> anyhow::Result<Vec<(String, Bonus)>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut all = Vec::new();
    for (index, row) in reader.records().enumerate() {
        let row = row?;
        let field = |number| row.get(number).unwrap_or_default().to_owned();
        match field(1).parse::<f64>() {
            Ok(points) if points.is_finite() => {
                let reason = field(2);
                all.push((field(0), Bonus { reason, points }));
            }
            _ if index == 0 => {}
            _ => bail!("line {}: `{}` is no number of points", index + 1, field(1)),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_of_two_programs_names_the_one_that_is_missing() {
        let client = Judged {
            program: "hello-client".into(),
            results: checks::of("hello-client")
                .iter()
                .map(|check| CheckResult::new(check.id, Verdict::Pass, String::new()))
                .collect(),
        };
        let score = Points::default().score(&[client], false);
        let task = score.tasks.iter().find(|task| task.task == "1").unwrap();
        assert_eq!(task.status, TaskStatus::Failed);
        assert_eq!(task.missing, ["hello-server"]);
        assert!(task.text().contains("hello-server"));
    }

    #[test]
    fn the_guides_show_tables_that_work() {
        for guide in [
            include_str!("../../../docs/en/src/grading.md"),
            include_str!("../../../docs/ru/src/grading.md"),
        ] {
            let block = |fence: &str| {
                let (_, block) = guide.split_once(fence).unwrap();
                block.split_once("```").unwrap().0
            };
            let points = Points::parse(block("```toml\n")).unwrap();
            let echo = Lab::named("echo").unwrap();
            let (one, six) = (echo.task("1").unwrap(), echo.task("s6").unwrap());
            assert!(points.partial && points.of(echo, one) > 2.0 && points.of(echo, six) < 1.0);
            let bonus = parse_bonus(block("```text\nsubmission,points,reason\n")).unwrap();
            assert!(bonus[0].1.points > 0.0 && bonus[1].1.points < 0.0);
        }
    }
}
