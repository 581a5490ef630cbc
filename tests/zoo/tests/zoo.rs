//! The proof that the checks tell right from wrong.
//!
//! Every right program, a folder below `good`, passes every check that applies to it; those that a
//! lecture shows, in `tests/interop/programs`, pass what the tasks ask for. Every wrong one, an
//! entry of `broken.toml`, is a right one with one bug, and fails the check that it names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use checks::{
    Check, Level, Missing, Need, Session, Subject, Verdict, explain, programs, trial_unless,
};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde::Deserialize;
use tempfile::TempDir;

/// The random texts of the checks; any number would do.
const SEED: u64 = 1;

#[derive(Deserialize)]
struct Zoo {
    broken: Vec<Broken>,
}

/// One bug.
#[derive(Clone, Deserialize)]
struct Broken {
    bug: String,
    check: String,
    of: String,
    file: PathBuf,
    old: String,
    new: String,
}

fn main() -> ExitCode {
    let zoo: Zoo = match toml::from_str(include_str!("../broken.toml")) {
        Ok(zoo) => zoo,
        Err(error) => {
            eprintln!("broken.toml: {error}");
            return ExitCode::FAILURE;
        }
    };
    let missing = || Need::Python.missing_on_machine().map(Missing::Machine);
    let mut trials = Vec::new();
    for folder in fs::read_dir(good()).into_iter().flatten().flatten() {
        let name = format!("good/{}", folder.file_name().to_string_lossy());
        trials.push(trial_unless(missing(), &name, "", move || {
            passes(&folder.path(), |_| true)
        }));
    }
    let lecture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/programs");
    trials.push(trial_unless(
        missing(),
        "a lecture's programs do what the tasks ask for",
        "",
        move || passes(&lecture, |check| check.level == Level::Must),
    ));
    for broken in zoo.broken {
        let name = format!("broken/{}: {}", broken.check, broken.bug);
        trials.push(trial_unless(missing(), &name, "", move || {
            is_caught(&broken)
        }));
    }
    trials.push(Trial::test(
        "every check of a task has a wrong program",
        every_check_can_fail,
    ));
    let mut arguments = Arguments::from_args();
    // Wrong programs are mostly waited for: more at once than there are processors.
    arguments.test_threads.get_or_insert(8);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn good() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("good")
}

/// Whether the programs of a folder pass all checks that apply to them and are `asked`.
fn passes(folder: &Path, asked: impl Fn(&Check) -> bool) -> Result<Completion, Failed> {
    let mut n_checks = 0;
    for program in programs() {
        let Some(subject) = Subject::submission(program, folder)? else {
            continue;
        };
        let session = Session::new(subject, SEED);
        for (index, check) in session.checks().iter().enumerate() {
            if asked(check) && session.missing(index).is_none() {
                let result = session.result(index);
                if result.verdict != Verdict::Pass {
                    return Err(explain(check, result, "").into());
                }
                n_checks += 1;
            }
        }
    }
    if n_checks == 0 {
        Err("no check applies".into())
    } else {
        Ok(Completion::Completed)
    }
}

fn is_caught(broken: &Broken) -> Result<Completion, Failed> {
    let folder = broken.make()?;
    let check = broken.check.as_str();
    for program in programs() {
        let Some(subject) = Subject::submission(program, folder.path())? else {
            continue;
        };
        let session = Session::new(subject, SEED);
        if let Some(index) = session.checks().iter().position(|known| known.id == check) {
            let result = session.result(index);
            return match result.verdict {
                verdict if verdict.is_failure() => Ok(Completion::Completed),
                Verdict::Pass => Err(format!("{check} passes").into()),
                _ => Err(explain(&session.checks()[index], result, "").into()),
            };
        }
    }
    Err(format!("there is no check {check}").into())
}

impl Broken {
    /// The right program with the bug, in a folder of its own.
    fn make(&self) -> Result<TempDir, Failed> {
        let copy = TempDir::new()?;
        for entry in fs::read_dir(good().join(&self.of))?.flatten() {
            fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
        }
        let path = copy.path().join(&self.file);
        let source = fs::read_to_string(&path)?;
        if source.matches(&self.old).count() != 1 {
            return Err(format!("{:?} does not stand once in {}", self.old, path.display()).into());
        }
        fs::write(&path, source.replace(&self.old, &self.new))?;
        Ok(copy)
    }
}

/// A check that no wrong program fails proves nothing.
fn every_check_can_fail() -> Result<(), Failed> {
    let zoo: Zoo = toml::from_str(include_str!("../broken.toml"))?;
    let all = programs().flat_map(checks::of);
    let unproved: Vec<&str> = all
        .filter(|check| !check.needs.contains(&Need::Reference))
        .map(|check| check.id)
        .filter(|id| !zoo.broken.iter().any(|broken| broken.check == *id))
        .collect();
    if unproved.is_empty() {
        Ok(())
    } else {
        Err(format!("no wrong program fails {unproved:?}").into())
    }
}
