//! The proof that the checks tell right from wrong.
//!
//! Every right program, a folder below `good`, passes every check that applies to it. Those below
//! `plain`, and what a lecture shows in `tests/interop/programs`, pass what the tasks ask for. Every
//! wrong one, an entry of `broken.toml`, is a right one with one bug: the check that it names fails,
//! and no check of another topic (`topics.toml`) does.
//!
//! `ZOO_TABLE=1` prints who failed what, `ZOO_PAGE=file.md` writes it as a page of the guide.

mod animals;
mod matrix;
mod page;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use checks::{Check, Level, Missing, Need, Subject, trial_unless};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::animals::{Animal, Broken, Zoo, animals, folder_of};
use crate::matrix::{Verdict, judge, subjects};
use crate::page::Row;

/// How many programs are tried at once: most of the time is waiting, much more than there are
/// processors.
const AT_ONCE: usize = 8;

type Rows = Arc<Mutex<Vec<Row>>>;

fn main() -> ExitCode {
    let zoo = match Zoo::read() {
        Ok(zoo) => zoo,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let rows = Rows::default();
    let mut trials = right_programs();
    trials.extend(wrong_programs(&zoo, &rows));
    trials.extend(facts(&zoo));
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let conclusion = libtest_mimic::run(&arguments, trials);
    let rows = std::mem::take(&mut *rows.lock().unwrap_or_else(PoisonError::into_inner));
    match publish(&zoo, rows) {
        Ok(()) => conclusion.exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn right_programs() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (kind, asked) in [("good", all as Asked), ("plain", of_tasks)] {
        for animal in animals(kind) {
            let name = format!("{kind}/{}", animal.name);
            trials.push(trial_unless(missing(&animal.path), &name, "", move || {
                passes(&animal, asked)
            }));
        }
    }
    let lecture = Animal {
        name: "lecture".into(),
        path: Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/programs"),
    };
    let name = "a lecture's programs do what the tasks ask for";
    trials.push(trial_unless(missing(&lecture.path), name, "", move || {
        passes(&lecture, of_tasks)
    }));
    trials
}

fn wrong_programs(zoo: &Zoo, rows: &Rows) -> Vec<Trial> {
    let trial = |broken: &Broken| {
        let name = format!("broken/{}: {}", broken.check, broken.bug);
        let (broken, zoo, rows) = (broken.clone(), zoo.clone(), Arc::clone(rows));
        let missing = missing(&folder_of(&broken.of));
        trial_unless(missing, &name, "", move || is_caught(&broken, &zoo, &rows))
    };
    zoo.broken.iter().map(trial).collect()
}

/// What the files of the zoo say about each other, without starting anything.
fn facts(zoo: &Zoo) -> Vec<Trial> {
    let trial = |name: &str, fact: fn(&Zoo) -> Result<(), String>| {
        let zoo = zoo.clone();
        Trial::test(name, move || fact(&zoo).map_err(Failed::from))
    };
    vec![
        trial(
            "every check has a wrong program that it alone catches",
            animals::every_check_stands_alone_once,
        ),
        trial(
            "every check belongs to a topic, and every topic names checks",
            animals::topics_name_all_checks,
        ),
        trial(
            "the bugs of the zoo have names of their own",
            animals::names_are_unique,
        ),
        trial("the pages list what is in the zoo", page::pages_list_all),
    ]
}

type Asked = fn(&Check) -> bool;

fn all(_: &Check) -> bool {
    true
}

fn of_tasks(check: &Check) -> bool {
    check.level == Level::Must
}

/// What this machine lacks to run the programs of `folder`, if anything.
fn missing(folder: &Path) -> Option<Missing> {
    let python = Need::Python.missing_on_machine();
    let tool = || animals::missing_tool(folder);
    // Programs that insist on a port would wait for each other.
    let apart = || {
        let insists = animals::insists_on_a_port(folder);
        insists
            .then(|| Need::Namespace.missing_on_machine())
            .flatten()
    };
    python.or_else(tool).or_else(apart).map(Missing::Machine)
}

/// Whether the programs of a folder pass all checks that apply to them and are `asked`.
fn passes(animal: &Animal, asked: Asked) -> Result<Completion, Failed> {
    let mut n_checks = 0;
    for subject in subjects(&animal.path)? {
        for judged in judge(subject, asked) {
            match judged.verdict {
                Verdict::Passes => n_checks += 1,
                Verdict::Fails | Verdict::Unsure => return Err(judged.text.into()),
                Verdict::Unreached | Verdict::Unasked => {}
            }
        }
    }
    if n_checks == 0 {
        Err("no check applies".into())
    } else {
        Ok(Completion::Completed)
    }
}

/// Whether the check that a wrong program names fails it, and no other that has nothing to do with
/// it.
fn is_caught(broken: &Broken, zoo: &Zoo, rows: &Rows) -> Result<Completion, Failed> {
    let folder = broken.make()?;
    let concerned: Vec<Subject> = subjects(folder.path())?
        .into_iter()
        .filter(|subject| broken.concerns(subject))
        .collect();
    let mut row = Row::new(broken);
    for subject in concerned {
        row.add(&subject.program.clone(), judge(subject, all));
    }
    let judgement = row.agrees_with(broken, zoo);
    rows.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(row);
    judgement.map_err(Failed::from)?;
    Ok(Completion::Completed)
}

/// Prints the table and writes the page, if asked.
fn publish(zoo: &Zoo, mut rows: Vec<Row>) -> Result<(), String> {
    let order = |row: &Row| {
        zoo.broken
            .iter()
            .position(|broken| broken.check == row.check && broken.bug == row.bug)
    };
    rows.sort_by_key(order);
    if env::var_os("ZOO_TABLE").is_some() {
        println!("{}", page::table(&rows));
    }
    let Some(path) = env::var_os("ZOO_PAGE").map(PathBuf::from) else {
        return Ok(());
    };
    let text = page::markdown(&rows);
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
