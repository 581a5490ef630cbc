//! `cargo lab check`: for a student.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{anyhow, bail};
use checks::{Check, CheckResult, Level, Limits, Manifest, Verdict, explain};
use common::tr;

use crate::grader::{Order, name_of};
use crate::job::Job;
use crate::place::Place;
use crate::points::{Points, blamed, with_checks};
use crate::results::Graded;
use crate::terminal::{self, Live, say};

/// How often the folder is looked at: by its files' times, which works on a virtual machine's
/// shared folder as well, where nobody is notified.
const LOOK: Duration = Duration::from_millis(300);

/// What a student asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The submission.
    pub folder: PathBuf,
    /// Programs to be checked; none means all.
    pub programs: Vec<String>,
    /// Parts of the names of checks to be run; none means all.
    pub chosen: Vec<String>,
    /// The number that random texts follow from; a new one if there is none.
    pub seed: Option<u64>,
    /// Whether *should* counts.
    pub strict: bool,
    /// Whether all failures are explained, not the first ones only.
    pub all: bool,
    /// Whether to run without a sandbox.
    pub open: bool,
    /// The check whose exchange is to be written down as a script.
    pub replay: Option<String>,
}

/// How many failures are explained in full.
const EXPLAINED: usize = 2;

/// Checks once, or, to `watch`, whenever a file in the folder has changed, what has failed first,
/// until Ctrl-C.
///
/// # Errors
/// If the grader cannot do its work.
pub fn run(request: &Request, watch: bool) -> anyhow::Result<ExitCode> {
    let place = place(request.open);
    if !watch {
        let graded = once(request, &place, &[])?;
        return Ok(exit_code(&graded, request.strict));
    }
    let mut first = Vec::new();
    loop {
        let seen = times(&request.folder);
        match once(request, &place, &first) {
            Ok(graded) => first = failures(&graded),
            // A manifest that is just being written is no reason to go.
            Err(error) => anstream::eprintln!("{}", terminal::plain(&format!("{error:#}"))),
        }
        let folder = request.folder.display();
        say!(
            "\n{}",
            tr!(
                "waiting for a change in {folder}",
                "ожидание изменений в {folder}"
            )
        );
        while times(&request.folder) == seen {
            thread::sleep(LOOK);
        }
    }
}

/// A sandbox, or, with a warning, none.
pub(crate) fn place(open: bool) -> Place {
    if open {
        return Place::Open;
    }
    Place::enclosed(Limits::default()).unwrap_or_else(|error| {
        anstream::eprintln!(
            "{}",
            tr!(
                "warning: the program runs without a sandbox: {error:#}",
                "предупреждение: программа запускается без песочницы: {error:#}"
            )
        );
        Place::Open
    })
}

fn once(request: &Request, place: &Place, first: &[String]) -> anyhow::Result<Graded> {
    // A manifest with a slip of the pen is told before anything else.
    Manifest::read(&request.folder).map_err(|error| anyhow!(error))?;
    let seed = request.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let order = Order {
        name: name_of(&request.folder),
        strict: request.strict,
        job: Job {
            folder: request.folder.canonicalize()?,
            programs: request.programs.clone(),
            chosen: chosen(request),
            first: first.to_vec(),
            keep_transcripts: request.replay.is_some(),
            ..Job::new(seed)
        },
    };
    let mut live = Live::new();
    let graded = place.judge(&order, &Points::default(), |message| live.show(message));
    explain_failures(request, &graded, seed);
    if let Some(problem) = &graded.problem {
        bail!("{}", terminal::plain(problem));
    }
    if let Some(name) = &request.replay {
        crate::replay::write(&request.folder, &graded, name)?;
    } else if request.chosen.is_empty() {
        terminal::print_tasks(&graded);
    }
    Ok(graded)
}

/// The checks to be run: for a replay alone, only the one.
fn chosen(request: &Request) -> Vec<String> {
    match &request.replay {
        Some(name) if request.chosen.is_empty() => vec![name.clone()],
        _ => request.chosen.clone(),
    }
}

/// Explains the first failures, or all.
pub(crate) fn explain_failures(request: &Request, graded: &Graded, seed: u64) {
    let again = format!("--seed {seed}");
    let failed = failed(graded);
    let most = if request.all { failed.len() } else { EXPLAINED };
    for (program, result) in failed.iter().take(most) {
        if let Some(check) = Check::named(program, &result.id) {
            say!("\n{}", terminal::plain(&explain(&check, result, &again)));
        }
    }
    if failed.len() > most {
        let more = failed.len() - most;
        say!(
            "{}",
            tr!(
                "{more} more failed; --all explains them all",
                "не пройдено ещё: {more}; --all объясняет всё"
            )
        );
    }
}

/// The failures, those of tasks first.
fn failed(graded: &Graded) -> Vec<(&str, &CheckResult)> {
    let programs = graded.programs.iter();
    let results = programs.flat_map(|judged| {
        let results = judged.results.iter();
        results.map(|result| (judged.program.as_str(), result))
    });
    let mut failed: Vec<_> = results
        .filter(|(_, result)| {
            result.verdict.is_failure() || result.verdict == Verdict::Inconclusive
        })
        .collect();
    failed.sort_by_key(|(program, result)| {
        Check::named(program, &result.id).is_none_or(|check| check.level != Level::Must)
    });
    failed
}

fn failures(graded: &Graded) -> Vec<String> {
    let failed = failed(graded).into_iter();
    failed.map(|(_, result)| result.id.clone()).collect()
}

/// 0 if all passed that counts, 1 if something failed, 2 if something could not be checked.
pub fn exit_code(graded: &Graded, strict: bool) -> ExitCode {
    ExitCode::from(outcome(graded, strict))
}

/// The same as a number.
pub fn outcome(graded: &Graded, strict: bool) -> u8 {
    let verdicts = graded.programs.iter().flat_map(|judged| {
        let counting =
            with_checks(judged).filter(|(check, _)| strict || check.level == Level::Must);
        counting.map(|(check, result)| blamed(judged, &check, result))
    });
    let verdicts: Vec<Verdict> = verdicts.collect();
    if verdicts.iter().any(|verdict| verdict.is_failure()) {
        1
    } else {
        u8::from(graded.problem.is_some() || verdicts.contains(&Verdict::Inconclusive)) * 2
    }
}

/// The files of a folder with the time of their last change.
fn times(folder: &Path) -> BTreeMap<PathBuf, Option<SystemTime>> {
    let mut times = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name() != ".git" && entry.file_name() != "target" {
            times.extend(self::times(&entry.path()));
        } else if !is_folder {
            let modified = entry.metadata().and_then(|meta| meta.modified()).ok();
            times.insert(entry.path(), modified);
        }
    }
    times
}
