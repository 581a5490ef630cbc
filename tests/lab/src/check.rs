//! `cargo lab check`: for a student.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{anyhow, bail};
use checks::{Check, CheckResult, Level, Limits, Manifest, Verdict, explain, of};
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
    let manifest = Manifest::read(&request.folder).map_err(|error| anyhow!(error))?;
    let (programs, chosen) = choice(request, &manifest)?;
    let seed = request.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let order = Order {
        name: name_of(&request.folder),
        strict: request.strict,
        job: Job {
            folder: request.folder.canonicalize()?,
            programs,
            chosen,
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

/// The programs to be checked, and the parts of the names of checks. The check of a replay is run in
/// addition to what is named, or alone.
fn choice(request: &Request, manifest: &Manifest) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let (mut programs, mut chosen) = (request.programs.clone(), request.chosen.clone());
    let Some(replayed) = &request.replay else {
        return Ok((programs, chosen));
    };
    let is_it = |check: &Check| check.is_for_submissions() && check.id.contains(replayed);
    let mut of_replay = manifest.programs();
    of_replay.retain(|program| of(program).iter().any(is_it));
    if of_replay.is_empty() {
        bail!(tr!(
            "no check of a program in lab.toml is called {replayed}",
            "у программ из lab.toml нет проверки с именем {replayed}"
        ));
    }
    if !programs.is_empty() {
        let is_chosen =
            |check: &Check| chosen.is_empty() || chosen.iter().any(|part| check.id.contains(part));
        let checks = programs.iter().flat_map(|program| of(program));
        chosen = checks
            .filter(is_chosen)
            .map(|check| check.id.to_owned())
            .collect();
        programs.extend(of_replay.into_iter().map(str::to_owned));
    }
    chosen.push(replayed.clone());
    Ok((programs, chosen))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_of_a_replay_is_run_in_addition() {
        let both = "[echo-server]\ncommand = 'a'\n[echo-client]\ncommand = 'b'";
        let manifest = Manifest::parse(both).unwrap();
        let choice = |programs: &[&str], chosen: &[&str], replayed: &str| {
            let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
            let request = Request {
                folder: PathBuf::new(),
                programs: words(programs),
                chosen: words(chosen),
                seed: None,
                strict: false,
                all: false,
                open: false,
                replay: Some(replayed.to_owned()),
            };
            choice(&request, &manifest)
        };
        let sends = "echo-client/sends";
        let (programs, chosen) = choice(&[], &[], sends).unwrap();
        assert!(programs.is_empty() && chosen == [sends]);
        assert_eq!(choice(&[], &["glued"], sends).unwrap().1, ["glued", sends]);
        let (programs, chosen) = choice(&["echo-server"], &["glued"], sends).unwrap();
        assert_eq!(programs, ["echo-server", "echo-client"]);
        assert_eq!(chosen, ["echo/glued", sends]);
        assert!(choice(&["echo-server"], &[], "bogus").is_err());
    }
}
