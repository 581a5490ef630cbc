//! What is in the zoo: folders of right programs, and the entries of broken.toml.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use checks::{Need, PortBy, Start, Subject, programs};
use serde::Deserialize;
use tempfile::TempDir;

use crate::matrix::subjects;

/// A folder of programs.
pub(crate) struct Animal {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// The wrong programs, and what checks are about.
#[derive(Clone)]
pub(crate) struct Zoo {
    pub(crate) broken: Vec<Broken>,
    pub(crate) topics: BTreeMap<String, BTreeSet<String>>,
}

/// One bug.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Broken {
    pub(crate) bug: String,
    /// The check that must catch it.
    pub(crate) check: String,
    /// Whether no other check catches it.
    #[serde(default)]
    pub(crate) alone: bool,
    pub(crate) of: String,
    pub(crate) file: PathBuf,
    pub(crate) old: String,
    pub(crate) new: String,
}

impl Zoo {
    pub(crate) fn read() -> Result<Self, String> {
        #[derive(Deserialize)]
        struct File {
            broken: Vec<Broken>,
        }
        let file: File = toml::from_str(include_str!("../broken.toml"))
            .map_err(|error| format!("broken.toml: {error}"))?;
        let topics = toml::from_str(include_str!("../topics.toml"))
            .map_err(|error| format!("topics.toml: {error}"))?;
        Ok(Self {
            broken: file.broken,
            topics,
        })
    }

    /// A topic that all of these checks belong to.
    pub(crate) fn common_topic<'a>(
        &self,
        ids: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<&str> {
        let holds_all = |topic: &BTreeSet<String>| ids.clone().all(|id| topic.contains(id));
        let mut topics = self.topics.iter();
        let found = topics.find(|(_, topic)| holds_all(topic));
        found.map(|(name, _)| name.as_str())
    }
}

impl Broken {
    /// The right program with the bug, in a folder of its own.
    pub(crate) fn make(&self) -> Result<TempDir, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.of);
        let copy = TempDir::new().map_err(failed)?;
        for entry in fs::read_dir(folder_of(&self.of)).map_err(failed)?.flatten() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).map_err(failed)?;
        }
        let path = copy.path().join(&self.file);
        let source = fs::read_to_string(&path).map_err(failed)?;
        if source.matches(&self.old).count() != 1 {
            let (old, file) = (&self.old, self.file.display());
            return Err(format!(
                "{old:?} does not stand once in {file} of {}",
                self.of
            ));
        }
        fs::write(&path, source.replace(&self.old, &self.new)).map_err(failed)?;
        Ok(copy)
    }

    /// Whether a program is started from the changed file, or has the check that is named.
    pub(crate) fn concerns(&self, subject: &Subject) -> bool {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let starts = [
            Some(&subject.plain),
            subject.asking.as_ref(),
            subject.logging.as_ref(),
        ];
        let starts = starts
            .into_iter()
            .chain([subject.datagram.as_ref()])
            .flatten();
        let names = |start: &Start| start.command.iter().any(|word| word.contains(&*stem));
        let has_check = || {
            checks::of(&subject.program)
                .iter()
                .any(|check| check.id == self.check)
        };
        starts.into_iter().any(names) || has_check()
    }
}

/// The folders of one kind, by name.
pub(crate) fn animals(kind: &str) -> Vec<Animal> {
    let entries = fs::read_dir(zoo_folder().join(kind)).into_iter().flatten();
    let mut animals: Vec<Animal> = entries
        .flatten()
        .map(|entry| Animal {
            name: entry.file_name().to_string_lossy().into_owned(),
            path: entry.path(),
        })
        .collect();
    animals.sort_by(|a, b| a.name.cmp(&b.name));
    animals
}

/// The right program that a wrong one is made of.
pub(crate) fn folder_of(name: &str) -> PathBuf {
    zoo_folder().join("good").join(name)
}

fn zoo_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A compiler or another program that a folder needs and the machine lacks.
pub(crate) fn missing_tool(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("lab.toml")).unwrap_or_default();
    let tools = ["gcc", "rustc", "ncat", "socat", "stdbuf"];
    let mut missing = tools
        .into_iter()
        .filter(|tool| text.contains(tool) && !is_installed(tool));
    missing.next().map(|tool| format!("{tool} is missing"))
}

fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// Whether a program of the folder cannot be told its port.
pub(crate) fn insists_on_a_port(folder: &Path) -> bool {
    let subjects = subjects(folder).unwrap_or_default();
    subjects
        .iter()
        .any(|subject| subject.plain.port != PortBy::Given)
}

/// The checks that a program handed in can meet.
pub(crate) fn checks_of_submissions() -> impl Iterator<Item = &'static str> {
    let all = programs().flat_map(checks::of);
    let meant = all.filter(|check| !check.needs.contains(&Need::Reference));
    meant.map(|check| check.id)
}

/// A check that no wrong program fails proves nothing, and one that never fails alone may be another
/// one's shadow.
pub(crate) fn every_check_stands_alone_once(zoo: &Zoo) -> Result<(), String> {
    let alone = |id: &&str| {
        zoo.broken
            .iter()
            .any(|broken| broken.alone && broken.check == *id)
    };
    let unproved: Vec<&str> = checks_of_submissions().filter(|id| !alone(id)).collect();
    empty(&unproved, "no wrong program with `alone` for")
}

pub(crate) fn topics_name_all_checks(zoo: &Zoo) -> Result<(), String> {
    let named: HashSet<&str> = zoo.topics.values().flatten().map(String::as_str).collect();
    let known: HashSet<&str> = checks_of_submissions().collect();
    let difference: Vec<&&str> = named.symmetric_difference(&known).collect();
    empty(&difference, "not in a topic, or no check")
}

pub(crate) fn names_are_unique(zoo: &Zoo) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut twice = zoo.broken.clone();
    twice.retain(|broken| !seen.insert((broken.check.clone(), broken.bug.clone())));
    let twice: Vec<&str> = twice.iter().map(|broken| broken.bug.as_str()).collect();
    empty(&twice, "twice")
}

fn empty<T: std::fmt::Debug>(found: &[T], what: &str) -> Result<(), String> {
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("{what}: {found:?}"))
    }
}
