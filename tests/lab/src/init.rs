//! `cargo lab init`: proposes a `lab.toml` for a folder of programs, from their sources and from
//! trying them out.

mod folder;
mod source;
mod token;
mod trial;
mod ways;
mod which;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use checks::{Check, Lab, of};
use common::tr;

use crate::grader::name_of;
use crate::place::Place;
use crate::terminal::say;
use folder::Found;
use trial::{Trials, Tried, first_check};
use ways::{Keys, toml};
use which::Which;

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
    say!("{}\n{}", tr!("{written}:", "{written}:"), proposal.text);
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
    let found = folder::programs(root);
    let not_understood = folder::not_understood(root);
    if found.is_empty() {
        bail!(no_program(root, &not_understood));
    }
    let which = which::which(&found, lab, &name_of(root));
    let mut proposer = Proposer {
        trials: Trials { root, place },
        tables: Vec::new(),
        unknown: not_understood,
    };
    // The UDP versions come last: they are parts of tables of TCP ones.
    let mut programs: Vec<_> = found.iter().zip(&which).collect();
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

/// That there is nothing to propose, perhaps for a slip of the pen.
fn no_program(root: &Path, not_understood: &[String]) -> String {
    let (root, errors) = (root.display(), not_understood.join("; "));
    if errors.is_empty() {
        return tr!(
            "no program with sockets in {root}",
            "в {root} нет программ с сокетами"
        );
    }
    tr!(
        "no program with sockets in {root}: Python does not understand {errors}",
        "в {root} нет программ с сокетами: Python не понимает {errors}"
    )
}

struct Proposer<'a> {
    trials: Trials<'a>,
    tables: Vec<Table>,
    unknown: Vec<String>,
}

/// A table of the proposal.
#[derive(Clone)]
struct Table {
    name: String,
    /// What was found out by trying.
    comment: String,
    keys: Keys,
    file: PathBuf,
    /// What builds it.
    step: Option<String>,
    passes: bool,
}

impl Proposer<'_> {
    /// Adds the table of a program, as far as it can be found out.
    fn add(&mut self, found: &Found, which: Which) {
        let name = self.name_of(which);
        let known = self.tables.iter().position(|table| table.name == name);
        if known.is_some_and(|known| self.tables[known].passes) {
            let path = found.source.path.display();
            return self.unknown.push(tr!(
                "what {path} is for: another file is [{name}] already",
                "для чего {path}: [{name}] — уже другой файл"
            ));
        }
        let Some((tried, mut table)) = self.best_way(found, which, &name) else {
            return;
        };
        if which.is_datagram && name == which.program {
            table.keys.push(("tasks".into(), "[\"2\"]".into()));
        }
        table.comment = self.comment(&name, first_check(which), &tried);
        match known {
            Some(known) if table.passes => self.tables[known] = table,
            Some(_) => {}
            None => self.tables.push(table),
        }
        if which.program == "echo-server" && matches!(tried, Tried::Passed | Tried::Talks(_)) {
            self.add_variants(found, which);
        }
    }

    /// What the table is called: the UDP version is a part of the TCP one's, if there is one.
    fn name_of(&self, which: Which) -> String {
        let program = which.program;
        let has_plain = self.tables.iter().any(|table| table.name == program);
        if which.is_datagram && has_plain {
            format!("{program}.datagram")
        } else {
            program.to_owned()
        }
    }

    /// Tries the ways of starting a program until one works.
    fn best_way(&self, found: &Found, which: Which, name: &str) -> Option<(Tried, Table)> {
        let always = found.always(self.trials.root);
        let mut best: Option<(Tried, Table)> = None;
        let mut n_talking = 0;
        for way in found.ways() {
            let table = Table {
                name: name.to_owned(),
                comment: String::new(),
                keys: way.into_iter().chain(always.clone()).collect(),
                file: found.source.path.clone(),
                step: found.step.clone(),
                passes: false,
            };
            let tried = self.try_out(which, &table);
            // What talks and fails may need its answers in another way; nothing else can help it.
            n_talking += usize::from(matches!(tried, Tried::Talks(_)));
            let is_answered = table.keys.iter().any(|(key, _)| key == "answers");
            let is_last = n_talking > usize::from(is_answered)
                || matches!(tried, Tried::Passed | Tried::Skipped(_));
            if best
                .as_ref()
                .is_none_or(|(known, _)| tried.rank() > known.rank())
            {
                let passes = tried == Tried::Passed;
                best = Some((tried, Table { passes, ..table }));
            }
            if is_last {
                break;
            }
        }
        best
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

    /// The ways of starting an echo server that have tables of their own.
    fn add_variants(&mut self, found: &Found, which: Which) {
        let plain = self.tables.iter().find(|table| table.name == which.program);
        let Some(plain) = plain.cloned() else { return };
        let asks = plain.keys.iter().any(|(key, _)| key == "answers");
        let asking = if asks {
            Vec::new()
        } else {
            found.answering(&[])
        };
        let variants = [
            ("asking", asking, "echo/asks"),
            ("logging", found.logs(), "echo/log-file"),
        ];
        for (part, ways, id) in variants {
            let check = of(which.program).into_iter().find(|check| check.id == id);
            let tried = ways.into_iter().map(|keys| {
                let name = format!("{}.{part}", which.program);
                let table = Table {
                    name,
                    keys,
                    ..plain.clone()
                };
                let text = build_line(&[&table]) + &plain.text() + &table.text();
                (self.trials.run(which.program, &text, check.as_ref()), table)
            });
            // One that talks and fails is still the one that the student means.
            let best = tried.max_by_key(|(tried, _)| tried.rank());
            if let Some((tried, mut table)) = best {
                table.comment = self.comment(&table.name, check.as_ref(), &tried);
                self.tables.push(table);
            }
        }
    }

    fn try_out(&self, which: Which, table: &Table) -> Tried {
        let plain = self.tables.iter().find(|plain| plain.name == which.program);
        let mut tables: Vec<&Table> = plain.into_iter().chain([table]).collect();
        if table.name == which.program {
            tables = vec![table];
        }
        let mut text = build_line(&tables);
        text.extend(tables.iter().map(|table| table.text()));
        if which.is_datagram && table.name == which.program {
            text += &format!("[{}.datagram]\n", which.program);
        }
        self.trials.run(which.program, &text, first_check(which))
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
        text += &build_line(&self.tables.iter().collect::<Vec<_>>());
        for table in &self.tables {
            let (file, comment) = (table.file.display(), one_line(&table.comment));
            // Writing to a String cannot fail.
            let _ = write!(text, "\n# {file}: {comment}\n{}", table.text());
        }
        text += &tr!(
            "\n# Not in the sources: whose work it is (student = \"...\"), and which tasks were done\n\
             # (tasks = [\"1\", \"2\"] in a table; without it, all of them).\n",
            "\n# В исходных текстах этого нет: чья это работа (student = \"...\") и какие задания выполнены\n\
             # (tasks = [\"1\", \"2\"] в таблице; без него считается, что все).\n"
        );
        let label = tr!("could not find out", "не удалось выяснить");
        for unknown in &self.unknown {
            let _ = writeln!(text, "# {label}: {}", one_line(unknown));
        }
        Proposal {
            text,
            is_complete: self.unknown.is_empty() && !self.tables.is_empty(),
        }
    }
}

/// What builds the programs of all tables.
fn build_line(tables: &[&Table]) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in tables.iter().filter_map(|table| table.step.as_deref()) {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    match steps.as_slice() {
        [] => String::new(),
        [step] => format!("build = {}\n", toml(step)),
        steps => format!("build = [\"sh\", \"-c\", {}]\n", toml(&steps.join(" && "))),
    }
}

impl Table {
    fn text(&self) -> String {
        let mut text = format!("[{}]\n", self.name);
        for (key, value) in &self.keys {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{key} = {value}");
        }
        text
    }
}

fn one_line(text: &str) -> String {
    common::escape(text.as_bytes())
}
