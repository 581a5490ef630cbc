//! What `cargo lab new` makes: it builds and runs at once, fails the checks, and its solution in the
//! zoo, which passes them, is the same folder with the work done.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use checks::{Lab, Level, Missing, Session, Subject, Verdict, explain, programs, trial_unless};
use common::Lang;
use lab::new::{Language, files, labs, make};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tempfile::TempDir;

const LANGUAGES: [Language; 3] = [Language::Python, Language::Rust, Language::C];

/// Any number would do.
const SEED: u64 = 1;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let mut plain = |name: &str, run: fn() -> Result<(), Failed>| {
        trials.push(Trial::test(name, run));
    };
    plain("there_is_one_for_every_lab_and_language", one_for_each);
    plain("no_mark_of_a_language_is_left", no_mark_is_left);
    plain("both_languages_say_the_same_steps", same_steps);
    plain("a_folder_that_is_not_empty_is_left_alone", not_empty);
    plain("an_empty_folder_is_filled", empty_is_filled);
    plain("an_unknown_lab_names_the_known_ones", unknown_lab);
    plain("nothing_is_made_where_nothing_can_be", nothing_half);
    for lab in labs() {
        for language in LANGUAGES {
            trials.extend(trials_of(&lab, language));
        }
    }
    let mut arguments = Arguments::from_args();
    // A client that never connects is mostly waited for: more at once than there are processors.
    arguments.test_threads.get_or_insert(8);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials_of(lab: &str, language: Language) -> Vec<Trial> {
    let name = format!("{lab}-{language}");
    let (one, two, three) = (lab.to_owned(), lab.to_owned(), lab.to_owned());
    vec![
        trial_unless(missing(language), &format!("{name}/runs"), "", move || {
            runs(&one, language)
        }),
        trial_unless(missing(language), &format!("{name}/fails"), "", move || {
            fails(&two, language)
        }),
        Trial::test(format!("{name}/is_the_start_of_its_solution"), move || {
            is_the_start_of_its_solution(&three, language)
        }),
    ]
}

/// What the machine lacks for programs in this language.
fn missing(language: Language) -> Option<Missing> {
    let tool = match language {
        Language::Python => "python3",
        Language::Rust => "cargo",
        Language::C => "cc",
    };
    let mut command = Command::new(tool);
    command.arg("--version").stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => None,
        _ => Some(Missing::Machine(format!("{tool} is missing"))),
    }
}

/// A starter in a folder of its own.
fn made(lab: &str, language: Language) -> Result<(TempDir, PathBuf), Failed> {
    let place = TempDir::new()?;
    let folder = place.path().join("my work");
    make(lab, language, &folder)?;
    Ok((place, folder))
}

/// The programs that `lab.toml` declares.
fn declared(folder: &Path) -> Result<Vec<Subject>, Failed> {
    let mut subjects = Vec::new();
    for program in programs() {
        subjects.extend(Subject::submission(program, folder)?);
    }
    Ok(subjects)
}

fn one_for_each() -> Result<(), Failed> {
    let all: BTreeSet<String> = checks::LABS.iter().map(|lab| lab.name.into()).collect();
    same("labs", &labs().into_iter().collect::<BTreeSet<_>>(), &all)?;
    for lab in labs() {
        for language in LANGUAGES {
            for lang in [Lang::En, Lang::Ru] {
                files(&lab, language, lang)?;
            }
            let (_place, folder) = made(&lab, language)?;
            let declared = declared(&folder)?;
            let declared = declared.iter().map(|subject| subject.program.as_str());
            let known = Lab::named(&lab).into_iter().flat_map(Lab::programs);
            // The port lab has a page and a program of its own; the echo server does the same.
            let known = known.filter(|program| *program != "auto-port");
            same(&lab, &declared.collect::<BTreeSet<_>>(), &known.collect())?;
        }
    }
    Ok(())
}

/// Every text of every starter, with its name.
fn texts(lang: Lang) -> Result<Vec<(String, String)>, Failed> {
    let mut texts = Vec::new();
    for lab in labs() {
        for language in LANGUAGES {
            for (path, text) in files(&lab, language, lang)? {
                texts.push((format!("{lab}/{language}/{}", path.display()), text));
            }
        }
    }
    Ok(texts)
}

fn no_mark_is_left() -> Result<(), Failed> {
    for lang in [Lang::En, Lang::Ru] {
        for (name, text) in texts(lang)? {
            if text.contains("en|") || text.contains("ru|") {
                return Err(format!("{name}: a mark is left").into());
            }
            let is_russian = |c: char| ('а'..='я').contains(&c.to_ascii_lowercase());
            let own = text
                .replace("Привет, клиент", "")
                .replace("Привет, сервер", "");
            if own.contains(is_russian) != (lang == Lang::Ru) {
                return Err(format!("{name}: {lang:?} is another language").into());
            }
        }
    }
    Ok(())
}

/// The numbers of the steps, in order of the text, and what does not depend on the language.
fn same_steps() -> Result<(), Failed> {
    let steps = |text: &str| -> Vec<String> {
        let steps = text.split("TODO ").skip(1);
        steps
            .map(|step| step.chars().take_while(char::is_ascii_digit).collect())
            .collect()
    };
    for ((name, en), (_, ru)) in texts(Lang::En)?.iter().zip(texts(Lang::Ru)?) {
        same(name, &steps(en), &steps(&ru))?;
        let is_source = !name.contains("toml") && !is_given(name);
        if is_source && steps(en).is_empty() {
            return Err(format!("{name}: nothing to do").into());
        }
    }
    Ok(())
}

/// What a starter gives whole: modules beside the programs.
fn is_given(name: &str) -> bool {
    name.contains("/src/") && !name.contains("/bin/")
}

fn not_empty() -> Result<(), Failed> {
    let place = TempDir::new()?;
    fs::write(place.path().join("precious"), "work")?;
    let error = refused("echo", place.path())?;
    same("error", &error.contains("is not empty"), &true)?;
    same("files", &entries(place.path())?, &vec!["precious".into()])
}

fn empty_is_filled() -> Result<(), Failed> {
    let place = TempDir::new()?;
    make("hello", Language::C, place.path())?;
    same("files", &entries(place.path())?.len(), &5)
}

fn unknown_lab() -> Result<(), Failed> {
    let place = TempDir::new()?;
    for unknown in ["chat", "", ".", "..", "echo/python"] {
        let error = refused(unknown, &place.path().join("new"))?;
        same(unknown, &error.contains(&labs().join(", ")), &true)?;
    }
    same("files", &entries(place.path())?, &Vec::new())
}

fn nothing_half() -> Result<(), Failed> {
    let place = TempDir::new()?;
    let file = place.path().join("file");
    fs::write(&file, "")?;
    refused("echo", &file)?;
    refused("echo", &file.join("inside"))?;
    refused("echo", &place.path().join("no/such/folder"))?;
    same("files", &entries(place.path())?, &vec!["file".into()])
}

/// The error, in one line.
fn refused(lab: &str, folder: &Path) -> Result<String, Failed> {
    match make(lab, Language::Python, folder) {
        Ok(_) => Err(format!("{lab} is made in {}", folder.display()).into()),
        Err(error) => {
            let error = format!("{error:#}");
            same("lines", &error.lines().count(), &1)?;
            Ok(error)
        }
    }
}

fn entries(folder: &Path) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// It builds without a warning, and every program of it runs, names its first step and ends.
fn runs(lab: &str, language: Language) -> Result<Completion, Failed> {
    let (_place, folder) = made(lab, language)?;
    for subject in declared(&folder)? {
        if let Some(build) = &subject.build {
            let output = run(&build.command, &folder)?;
            same("the build says", &output.as_str(), &"")?;
        }
        let starts = [
            Some(&subject.plain),
            subject.asking.as_ref(),
            subject.datagram.as_ref(),
        ];
        for start in starts.into_iter().flatten() {
            let fill = |word: &String| word.replace("{host}", "127.0.0.1").replace("{port}", "1");
            let mut words: Vec<String> = start.command.iter().map(fill).collect();
            if words[0].contains('/') {
                words[0] = folder.join(&words[0]).display().to_string();
            }
            let output = run(&words, &folder)?;
            if !output.contains("TODO ") {
                return Err(format!("{}: {output}", subject.program).into());
            }
        }
    }
    Ok(Completion::Completed)
}

/// Runs it to its end, with nothing to read; stdout and stderr.
fn run(words: &[String], folder: &Path) -> Result<String, Failed> {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(folder);
    let (out, errors) = (folder.join(".stdout"), folder.join(".stderr"));
    command
        .stdin(Stdio::null())
        .stdout(fs::File::create(&out)?)
        .stderr(fs::File::create(&errors)?);
    let mut child = command.spawn()?;
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() > Duration::from_secs(120) {
            child.kill()?;
            child.wait()?;
            return Err(format!("{words:?} does not end").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let bytes = [fs::read(out)?, fs::read(errors)?].concat();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every task that it claims fails, and not because it could not be built or judged.
fn fails(lab: &str, language: Language) -> Result<Completion, Failed> {
    let (_place, folder) = made(lab, language)?;
    for subject in declared(&folder)? {
        let tasks = subject.tasks.clone();
        let tasks = tasks.ok_or("lab.toml lists no tasks")?;
        let (program, session) = (subject.program.clone(), Session::new(subject, SEED));
        for task in tasks {
            if !misses(&session, &task)? {
                return Err(format!("{program} passes task {task}").into());
            }
        }
    }
    Ok(Completion::Completed)
}

/// Whether a check that decides over the task fails, or waits for one that does.
fn misses(session: &Session, task: &str) -> Result<bool, Failed> {
    for (index, check) in session.checks().iter().enumerate() {
        if check.task == task && check.level == Level::Must {
            let result = session.result(index);
            if result.what.contains("cannot be built") {
                return Err(explain(check, result, "").into());
            }
            let waits = result.verdict == Verdict::Skipped && check.after.is_some();
            if result.verdict.is_failure() || waits {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The solution has the same files, the same `lab.toml` and what is given unchanged; of the work,
/// nothing is left to do. That it passes every check, the zoo proves.
fn is_the_start_of_its_solution(lab: &str, language: Language) -> Result<(), Failed> {
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/good");
    let solution = zoo.join(format!("solved-{lab}-{language}"));
    let starter = files(lab, language, Lang::En)?;
    let mut solved = BTreeMap::new();
    collect(&solution, &solution, &mut solved)?;
    let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
    same("files", &names(&starter), &names(&solved))?;
    for (path, text) in starter {
        let name = path.display().to_string();
        let solved = &solved[&path];
        if name.ends_with(".toml") || is_given(&format!("/{name}")) {
            same(&name, &text.as_str(), &solved.as_str())?;
        } else if solved.contains("TODO") || *solved == text {
            return Err(format!("{name}: not solved").into());
        }
    }
    Ok(())
}

fn collect(root: &Path, folder: &Path, into: &mut BTreeMap<PathBuf, String>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, into)?;
        } else {
            let name = path.strip_prefix(root)?.to_owned();
            into.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, left: &T, right: &T) -> Result<(), Failed> {
    if left == right {
        Ok(())
    } else {
        Err(format!("{what}: {left:?}\nis not {right:?}").into())
    }
}
