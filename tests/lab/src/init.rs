//! `cargo lab init`: proposes a `lab.toml` for a folder of programs, from their sources and from
//! trying them out.

mod folder;
mod source;
mod token;
mod ways;
mod which;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use checks::{Check, Lab, Level, Need, Verdict, of};
use common::tr;
use harness::{Link, What};

use crate::grader::{Order, name_of};
use crate::job::Job;
use crate::place::Place;
use crate::points::Points;
use folder::{Folder, Found};
use ways::{Keys, toml};
use which::Which;

/// How long one way of starting a program may be tried, with its build.
const LIMIT: Duration = Duration::from_secs(90);

/// What a user asks for.
#[derive(clap::Args, Clone, Debug)]
// The command has a group of this name already.
#[group(skip)]
pub struct Init {
    /// Folder with the programs
    folder: PathBuf,
    /// The lab that they are for, if their sources do not show it: time, greeting, hello, broadcast or echo
    #[arg(long, value_name = "NAME")]
    lab: Option<String>,
    /// Write over a lab.toml that is there
    #[arg(long)]
    force: bool,
    /// Run the programs without a sandbox: they can do what you can do
    #[arg(long)]
    no_sandbox: bool,
}

/// Proposes, tries, writes and shows; exit code 1 if something could not be found out.
///
/// # Errors
/// If there is a `lab.toml` already, or no program.
pub fn run(init: &Init) -> anyhow::Result<ExitCode> {
    let path = init.folder.join("lab.toml");
    if path.exists() && !init.force {
        let path = path.display();
        bail!(
            "{}",
            tr!(
                "{path} is there already; --force writes over it",
                "{path} уже есть; --force заменяет его"
            )
        );
    }
    let root = init.folder.canonicalize();
    let root = root.with_context(|| format!("{}", init.folder.display()))?;
    let lab = init
        .lab
        .as_deref()
        .map(|name| Lab::named(name).with_context(|| format!("--lab {name}")));
    let place = crate::check::place(init.no_sandbox);
    let proposal = propose(&root, lab.transpose()?, &place)?;
    fs::write(&path, &proposal.text).with_context(|| format!("write {}", path.display()))?;
    let written = path.display();
    anstream::println!("{}\n{}", tr!("{written}:", "{written}:"), proposal.text);
    Ok(ExitCode::from(u8::from(!proposal.is_complete)))
}

/// What `lab.toml` should say.
pub struct Proposal {
    /// Its text.
    pub text: String,
    /// Whether every program was found, started and tried.
    pub is_complete: bool,
}

/// Looks at the sources in `root` and tries out what they suggest.
///
/// # Errors
/// If there is no program.
pub fn propose(root: &Path, lab: Option<&Lab>, place: &Place) -> anyhow::Result<Proposal> {
    let folder = Folder::read(root);
    if folder.programs.is_empty() {
        bail!(
            "{}",
            tr!(
                "no program with sockets in {}",
                "в {} нет программ с сокетами",
                root.display()
            )
        );
    }
    let which = which::which(&folder.programs, lab, &name_of(root));
    let mut proposer = Proposer {
        root,
        place,
        build: folder.build.as_deref(),
        tables: Vec::new(),
        unknown: Vec::new(),
    };
    // The UDP versions come last: they are parts of tables of TCP ones.
    let mut programs: Vec<_> = folder.programs.iter().zip(&which).collect();
    // Of two servers the one with the shorter name is mostly the one that counts.
    programs.sort_by_key(|(found, _)| found.source.path.as_os_str().len());
    for is_datagram in [false, true] {
        for (found, which) in &programs {
            match which {
                Some(which) if which.is_datagram == is_datagram => proposer.add(found, *which),
                None if !is_datagram => proposer.unknown.push(tr!(
                    "which program of which lab {} is (--lab may help)",
                    "какая это программа и какой лабораторной: {} (может помочь --lab)",
                    found.source.path.display()
                )),
                _ => {}
            }
        }
    }
    Ok(proposer.proposal())
}

/// What has come of a trial.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tried {
    /// It did not even come to an exchange, for this reason.
    Failed(String),
    /// The machine lets nobody try it.
    Skipped(String),
    /// It talks, but does something wrong.
    Talks(String),
    Passed,
}

struct Proposer<'a> {
    root: &'a Path,
    place: &'a Place,
    build: Option<&'a str>,
    tables: Vec<Table>,
    unknown: Vec<String>,
}

/// A table of the proposal.
struct Table {
    name: String,
    /// What was found out by trying.
    comment: String,
    keys: Keys,
    file: PathBuf,
    passes: bool,
}

impl Proposer<'_> {
    /// Tries the ways of starting a program until one works.
    fn add(&mut self, found: &Found, which: Which) {
        let is_part =
            which.is_datagram && self.tables.iter().any(|table| table.name == which.program);
        let name = if is_part {
            format!("{}.datagram", which.program)
        } else {
            which.program.to_owned()
        };
        let known = self.tables.iter().position(|table| table.name == name);
        let file = found.source.path.clone();
        if known.is_some_and(|known| self.tables[known].passes) {
            let path = file.display();
            return self.unknown.push(tr!(
                "what {path} is for: another file is [{name}] already",
                "для чего {path}: [{name}] — уже другой файл"
            ));
        }
        let always = found.always(self.root);
        let check = first_check(which);
        let mut best: Option<(Tried, Keys)> = None;
        for way in found.ways() {
            let keys: Keys = way.into_iter().chain(always.clone()).collect();
            let tried = self.try_out(which, is_part, &keys, check);
            let is_better = best.as_ref().is_none_or(|(known, _)| tried > *known);
            if is_better {
                best = Some((tried, keys));
            }
            if matches!(
                best,
                Some((Tried::Passed | Tried::Talks(_) | Tried::Skipped(_), _))
            ) {
                break;
            }
        }
        let Some((tried, mut keys)) = best else {
            return;
        };
        if which.is_datagram && !is_part {
            keys.push(("tasks".into(), "[\"2\"]".into()));
        }
        let table = Table {
            comment: self.comment(&name, check, &tried),
            name,
            keys,
            file,
            passes: tried == Tried::Passed,
        };
        match known {
            Some(known) if table.passes => self.tables[known] = table,
            Some(_) => {}
            None => self.tables.push(table),
        }
        if which.program == "echo-server" && matches!(tried, Tried::Passed | Tried::Talks(_)) {
            self.add_variants(found, which);
        }
    }

    fn comment(&mut self, name: &str, check: Option<&Check>, tried: &Tried) -> String {
        let check = check.map_or("", |check| check.id);
        match tried {
            Tried::Passed => tr!("tried: {check} passes", "испытано: {check} проходит"),
            Tried::Talks(what) => tr!(
                "tried: it starts and talks; {check} fails: {what}",
                "испытано: запускается и обменивается данными; {check} не проходит: {what}"
            ),
            Tried::Skipped(what) => {
                self.unknown.push(tr!(
                    "whether [{name}] works: {what}",
                    "работает ли [{name}]: {what}"
                ));
                tr!("not tried", "не испытано")
            }
            Tried::Failed(what) => {
                self.unknown.push(tr!(
                    "how [{name}] is started: {what}",
                    "как запускать [{name}]: {what}"
                ));
                tr!("tried without success", "испытано безуспешно")
            }
        }
    }

    /// The ways of starting an echo server that have tables of their own, if they work.
    fn add_variants(&mut self, found: &Found, which: Which) {
        let Some(table) = self.tables.iter().find(|table| table.name == which.program) else {
            return;
        };
        let (keys, file) = (table.keys.clone(), table.file.clone());
        let asks = |keys: &Keys| keys.iter().any(|(key, _)| key == "answers");
        let asking = if asks(&keys) {
            Vec::new()
        } else {
            found.answering(&[])
        };
        for (part, ways, check) in [
            ("asking", asking, "echo/asks"),
            ("logging", found.logs(), "echo/log-file"),
        ] {
            let check = of(which.program)
                .into_iter()
                .find(|known| known.id == check);
            let name = format!("{}.{part}", which.program);
            let tried = ways.into_iter().map(|way| {
                let text = table_text(which.program, &keys) + &table_text(&name, &way);
                (self.try_text(which.program, &text, check.as_ref()), way)
            });
            // One that talks and fails is still the one that the student means.
            let best = tried.max_by(|(one, _), (other, _)| one.cmp(other));
            if let Some((tried, keys)) = best {
                let comment = self.comment(&name, check.as_ref(), &tried);
                let (file, passes) = (file.clone(), tried == Tried::Passed);
                self.tables.push(Table {
                    name,
                    comment,
                    keys,
                    file,
                    passes,
                });
            }
        }
    }

    fn try_out(&self, which: Which, is_part: bool, keys: &Keys, check: Option<&Check>) -> Tried {
        let text = if is_part {
            let plain = self.tables.iter().find(|table| table.name == which.program);
            let plain =
                plain.map_or_else(String::new, |plain| table_text(&plain.name, &plain.keys));
            plain + &table_text(&format!("{}.datagram", which.program), keys)
        } else if which.is_datagram {
            table_text(which.program, keys)
                + &table_text(&format!("{}.datagram", which.program), &Keys::new())
        } else {
            table_text(which.program, keys)
        };
        self.try_text(which.program, &text, check)
    }

    /// Runs one check with a manifest of one program.
    fn try_text(&self, program: &str, text: &str, check: Option<&Check>) -> Tried {
        let Some(check) = check else {
            return Tried::Failed("?".into());
        };
        let order = Order {
            name: program.to_owned(),
            strict: false,
            limit: LIMIT,
            job: Job {
                folder: self.root.to_owned(),
                manifest: Some(self.build_line() + text),
                programs: vec![program.to_owned()],
                chosen: vec![check.id.to_owned()],
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
                What::Link(Link::Connects(_) | Link::Accepts(_)) | What::Received(_)
            )
        });
        match result.verdict {
            Verdict::Pass => Tried::Passed,
            Verdict::Skipped | Verdict::NotAttempted => Tried::Skipped(result.what.clone()),
            _ if has_talked => Tried::Talks(result.what.clone()),
            _ => Tried::Failed(result.what.clone()),
        }
    }

    fn build_line(&self) -> String {
        let build = self.build.map(|build| {
            if build.contains("&&") {
                format!("build = [\"sh\", \"-c\", {}]\n", toml(build))
            } else {
                format!("build = {}\n", toml(build))
            }
        });
        build.unwrap_or_default()
    }

    fn proposal(mut self) -> Proposal {
        let order = |table: &Table| {
            let program = table.name.split('.').next().unwrap_or_default().to_owned();
            checks::programs().position(|known| known == program)
        };
        self.tables.sort_by_key(order);
        let mut text = tr!(
            "# What `cargo lab init` has found out. Look it over; the keys are explained in\n\
             # docs/en/src/lab-toml.md.\n",
            "# Что выяснила команда `cargo lab init`. Просмотрите; ключи объяснены в\n\
             # docs/ru/src/lab-toml.md.\n"
        );
        text += &self.build_line();
        for table in &self.tables {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\n# {}: {}\n{}",
                table.file.display(),
                one_line(&table.comment),
                table_text(&table.name, &table.keys)
            );
        }
        if !self.unknown.is_empty() {
            text.push('\n');
        }
        if self
            .tables
            .iter()
            .any(|table| table.name.starts_with("echo-"))
        {
            text += &tr!(
                "\n# Not in the sources: whose work it is (student = \"...\"), and which tasks were done (tasks = [\"1\", \"s3\"]\n\
                 # in a table; without it, all of them).\n",
                "\n# В исходных текстах этого нет: чья это работа (student = \"...\") и какие задания выполнены\n\
                 # (tasks = [\"1\", \"s3\"] в таблице; без него считается, что все).\n"
            );
        }
        for unknown in &self.unknown {
            let _ = writeln!(
                text,
                "# {}: {}",
                tr!("could not find out", "не удалось выяснить"),
                one_line(unknown)
            );
        }
        Proposal {
            text,
            is_complete: self.unknown.is_empty() && !self.tables.is_empty(),
        }
    }
}

/// The check that shows whether a program can be started: the first one of its tasks.
fn first_check(which: Which) -> Option<&'static Check> {
    static CHECKS: std::sync::OnceLock<Vec<(&'static str, Vec<Check>)>> =
        std::sync::OnceLock::new();
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

fn table_text(name: &str, keys: &Keys) -> String {
    let mut text = format!("[{name}]\n");
    for (key, value) in keys {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key} = {value}");
    }
    text
}

fn one_line(text: &str) -> String {
    common::escape(text.as_bytes())
}
