//! What a grading run has found: the data that every report is made from.

use checks::CheckResult;
use common::tr;
use serde::{Deserialize, Serialize};

/// A class: all submissions of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// When it began, as RFC 3339 in UTC: `2026-11-21T18:00:00Z`.
    pub begun: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The number that all random texts followed from; `--seed` repeats them.
    pub seed: u64,
    /// Whether *should* counted as *must*.
    pub strict: bool,
    /// The submissions, in the order of the command line.
    pub submissions: Vec<Graded>,
}

/// What has come of one submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// The name of its folder, unique within the class.
    pub name: String,
    /// Whose work it is, as its `lab.toml` says; free text that nobody has checked.
    pub student: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Why it could not be graded at all, if so: no `lab.toml`, a link that leaves the folder.
    pub problem: Option<String>,
    /// Its programs, each with all checks that are meant for it.
    pub programs: Vec<Judged>,
    /// What it has earned.
    pub score: Score,
}

impl Graded {
    /// A submission that could not be graded.
    pub fn problem(name: &str, reason: String) -> Self {
        Self {
            name: name.to_owned(),
            student: None,
            seconds: 0.0,
            problem: Some(reason),
            programs: Vec::new(),
            score: Score::default(),
        }
    }
}

/// What has come of one program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Its name in the suite, such as `echo-server`; [`checks::of`] knows its checks.
    pub program: String,
    /// A result for each check, in the order of the catalog.
    pub results: Vec<CheckResult>,
}

/// What a submission has earned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The tasks of its labs, in the order of the texts.
    pub tasks: Vec<TaskScore>,
    /// What was given by hand.
    pub bonus: Vec<Bonus>,
    /// Points earned, those by hand included.
    pub points: f64,
    /// Points that all tasks are worth together, without a bonus.
    pub of: f64,
    /// Checks of robustness (*should*) that passed.
    pub robust: usize,
    /// Checks of robustness that ran.
    pub robust_of: usize,
}

/// What one task has earned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskScore {
    /// The lab's name, such as `echo`.
    pub lab: String,
    /// The task's number, such as `s3`.
    pub task: String,
    /// How it stands.
    pub status: TaskStatus,
    /// Points earned.
    pub points: f64,
    /// Points that it is worth.
    pub of: f64,
    /// Programs that it needs beside those that are there.
    pub missing: Vec<String>,
}

impl TaskScore {
    /// How it stands, in a word or two, and what it lacks.
    pub fn text(&self) -> String {
        let (status, missing) = (self.status.text(), self.missing.join(", "));
        if missing.is_empty() {
            return status;
        }
        tr!(
            "{status}: it needs {missing} as well",
            "{status}: нужна ещё {missing}"
        )
    }
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Every *must* check passed.
    Passed,
    /// One did not.
    Failed,
    /// `lab.toml` does not claim it, or the program for it is not there.
    NotAttempted,
    /// It could not be judged: a check was inconclusive, or the machine lacks something.
    Unknown,
    /// No check can judge it: an instructor does.
    ByHand,
}

impl TaskStatus {
    /// The status in a word or two.
    pub fn text(self) -> String {
        match self {
            Self::Passed => tr!("passed", "выполнено"),
            Self::Failed => tr!("not passed", "не выполнено"),
            Self::NotAttempted => tr!("not attempted", "не выполнялось"),
            Self::Unknown => tr!("could not be checked", "проверить не удалось"),
            Self::ByHand => tr!("by hand", "проверяется вручную"),
        }
    }
}

/// Points given by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bonus {
    /// What for.
    pub reason: String,
    /// How many; negative ones take away.
    pub points: f64,
}
