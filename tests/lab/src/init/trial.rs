//! Trying out a way of starting a program: by a check in the sandbox, as the student will later.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use checks::{Check, Level, Need, Verdict, of};
use harness::{Link, What};

use super::which::Which;
use crate::grader::Order;
use crate::job::Job;
use crate::place::Place;
use crate::points::Points;

/// How long one way of starting a program may be tried, with its build.
const LIMIT: Duration = Duration::from_secs(90);

/// What has come of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// It did not even come to an exchange, for this reason.
    Failed(String),
    /// The machine lets nobody try it.
    Skipped(String),
    /// It talks, but does something wrong.
    Talks(String),
    Passed,
}

impl Tried {
    /// The better, the higher.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Failed(_) => 0,
            Self::Skipped(_) => 1,
            Self::Talks(_) => 2,
            Self::Passed => 3,
        }
    }
}

/// Where and how programs are tried out.
pub(super) struct Trials<'a> {
    pub(super) root: &'a Path,
    pub(super) place: &'a Place,
}

impl Trials<'_> {
    /// Runs one check with a manifest of one program.
    pub(super) fn run(&self, program: &str, text: &str, check: Option<&Check>) -> Tried {
        let Some(check) = check else {
            return Tried::Failed("?".into());
        };
        let order = Order {
            name: program.to_owned(),
            strict: false,
            job: Job {
                limit: LIMIT,
                folder: self.root.to_owned(),
                manifest: Some(text.to_owned()),
                programs: vec![program.to_owned()],
                chosen: vec![check.id.to_owned()],
                is_hasty: true,
                keep_transcripts: true,
                ..Job::new(1)
            },
        };
        let graded = self.place.judge(&order, &Points::default(), |_| {});
        let mut results = graded.programs.iter().flat_map(|judged| &judged.results);
        let Some(result) = results.find(|result| result.id == check.id) else {
            return Tried::Failed(graded.problem.unwrap_or_default());
        };
        let has_talked = result.transcript.iter().any(|entry| {
            matches!(
                entry.what,
                What::Link(Link::Connects(_) | Link::Accepts(_) | Link::SendsTo(_))
                    | What::Received(_)
            )
        });
        match result.verdict {
            Verdict::Pass => Tried::Passed,
            Verdict::Skipped | Verdict::NotAttempted => Tried::Skipped(result.what.clone()),
            _ if has_talked => Tried::Talks(result.what.clone()),
            _ => Tried::Failed(result.what.clone()),
        }
    }
}

/// The check that shows whether a program can be started: the first one of its tasks.
pub(super) fn first_check(which: Which) -> Option<&'static Check> {
    static CHECKS: OnceLock<Vec<(&'static str, Vec<Check>)>> = OnceLock::new();
    let all = CHECKS.get_or_init(|| {
        checks::programs()
            .map(|program| (program, of(program)))
            .collect()
    });
    let (_, checks) = all.iter().find(|(program, _)| *program == which.program)?;
    let fits = |check: &&Check| {
        let needs = |need| check.needs.contains(&need);
        check.level == Level::Must
            && !needs(Need::Reference)
            && !needs(Need::Asking)
            && !needs(Need::Logging)
            && needs(Need::Datagram) == which.is_datagram
    };
    checks.iter().find(fits)
}
