//! The checks there are.

use common::Lang;
use harness::Failure;

use crate::needs::Need;
use crate::scene::Scene;
use crate::{auto_port, broadcast, echo_client, echo_server, greeting, hello, survival, time};
use crate::{client_contract as client, server_contract as server};

/// How much a check counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The text of the task asks for it: it decides whether the task is passed.
    Must,
    /// Robustness that the text does not ask for: shown and scored apart.
    Should,
    /// Advice.
    Note,
}

/// A text in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Says {
    /// English
    pub en: &'static str,
    /// Russian
    pub ru: &'static str,
}

impl Says {
    /// The text in the chosen language.
    pub fn text(self) -> &'static str {
        match common::lang() {
            Lang::En => self.en,
            Lang::Ru => self.ru,
        }
    }
}

/// One thing that a program is checked for.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Stable name, such as `echo/utf8-split`.
    pub id: &'static str,
    /// The task of the lab's text: `1`, or `s3` for the third one of self-study; empty for what no
    /// task asks for.
    pub task: &'static str,
    /// How much it counts.
    pub level: Level,
    /// What the program does if it passes.
    pub title: Says,
    /// The likely cause if it fails and the failure itself points to none.
    pub hint: Says,
    /// What it is worth within its task.
    pub points: u32,
    /// The check that must have passed before this one makes sense.
    pub after: Option<&'static str>,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// Whether a client can be judged that somebody else has started: by what comes over the wire,
    /// without a look at its console or its end.
    pub by_wire: bool,
    /// Runs it.
    pub run: fn(&mut Scene) -> Result<(), Failure>,
}

impl Check {
    pub(crate) const fn new(
        id: &'static str,
        level: Level,
        run: fn(&mut Scene) -> Result<(), Failure>,
        en: &'static str,
        ru: &'static str,
    ) -> Self {
        let title = Says { en, ru };
        let hint = Says { en: "", ru: "" };
        Self {
            id,
            task: "",
            level,
            title,
            hint,
            points: 1,
            after: None,
            needs: &[],
            by_wire: false,
            run,
        }
    }

    pub(crate) const fn task(mut self, task: &'static str) -> Self {
        self.task = task;
        self
    }

    pub(crate) const fn hint(mut self, en: &'static str, ru: &'static str) -> Self {
        self.hint = Says { en, ru };
        self
    }

    pub(crate) const fn after(mut self, id: &'static str) -> Self {
        self.after = Some(id);
        self
    }

    pub(crate) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    pub(crate) const fn by_wire(mut self) -> Self {
        self.by_wire = true;
        self
    }

    /// The check of this name among those of a program.
    pub fn named(program: &str, id: &str) -> Option<Self> {
        of(program).into_iter().find(|check| check.id == id)
    }

    /// Whether a submission can meet it: it is not about the suite's own command line.
    pub fn is_for_submissions(&self) -> bool {
        !self.needs.contains(&Need::Reference)
    }

    /// The page of the guide, as a path from the root of the repository.
    pub fn guide(&self) -> String {
        let language = match common::lang() {
            Lang::En => "en",
            Lang::Ru => "ru",
        };
        let lab = self.id.split('/').next().unwrap_or_default();
        let roles = ["-client", "-sender"];
        let stem = roles.iter().find_map(|role| lab.strip_suffix(role));
        // What all programs share is explained where it was first met.
        let page = match stem.unwrap_or(lab) {
            "server" | "client" | "receiver" => "echo",
            page => page,
        };
        format!("docs/{language}/src/{page}.md")
    }
}

/// The programs that can be handed in. An echo server is handed in as `echo-server`, a client of it
/// as `echo-client`, whatever their model: the suite's own models are not among them.
pub fn programs() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// The port that a program of the suite takes by default.
pub(crate) fn default_port(program: &str) -> u16 {
    match program.split('-').next().unwrap_or_default() {
        "time" | "broadcast" => 8888,
        "greeting" => 8007,
        "hello" => 12345,
        _ => 9090,
    }
}

/// The checks of the echo server in whatever model, and `more` that not all models meet.
macro_rules! echo_server {
    ($($more:path)?) => {
        &[
            echo_server::CHECKS,
            server::ALL,
            server::ANSWERING,
            server::ANYWHERE,
            server::CONCURRENT,
            server::WITH_LASTING_CLIENTS,
            survival::ALL,
            $($more)?
        ]
    };
}

/// What each program of a lab is checked for.
const TABLE: &[(&str, &[&[Check]])] = &[
    (
        "time-server",
        &[
            time::SERVER,
            server::ALL,
            server::ANSWERING,
            server::ANYWHERE,
        ],
    ),
    (
        "time-client",
        &[time::CLIENT, client::ALL, client::ANSWERED],
    ),
    (
        "greeting-server",
        &[
            greeting::SERVER,
            server::ALL,
            server::ANSWERING,
            server::ANYWHERE,
            server::CONCURRENT,
            server::PATIENT,
            server::WITH_LASTING_CLIENTS,
        ],
    ),
    (
        "greeting-client",
        &[greeting::CLIENT, client::ALL, client::ANSWERED],
    ),
    ("hello-server", &[hello::SERVER, server::ALL]),
    ("hello-client", &[hello::CLIENT, client::ALL]),
    (
        "broadcast-receiver",
        &[broadcast::RECEIVER, server::RECEIVER],
    ),
    ("broadcast-sender", &[broadcast::SENDER]),
    ("echo-server", echo_server![survival::SLEEPING]),
    ("echo-client", ECHO_CLIENT),
    (
        "auto-port",
        &[
            auto_port::CHECKS,
            server::ALL,
            server::ANSWERING,
            server::ANYWHERE,
            server::CONCURRENT,
            server::PATIENT,
        ],
    ),
];

/// What the suite's own models of the echo server and client are checked for.
const MODELS: &[(&str, &[&[Check]])] = &[
    // It asks again and again instead of sleeping: that is what it shows.
    ("echo-nonblocking", echo_server![]),
    ("echo-events", echo_server![survival::SLEEPING]),
    ("echo-async", echo_server![survival::SLEEPING]),
    ("event-client", ECHO_CLIENT),
];

/// The echo client, in whatever model.
const ECHO_CLIENT: &[&[Check]] = &[echo_client::CHECKS, client::ALL, client::ANSWERED];

/// The checks of a program, in the order in which they should be read.
pub fn of(program: &str) -> Vec<Check> {
    let mut all = TABLE.iter().chain(MODELS);
    let found = all.find(|(name, _)| *name == program);
    found.map_or_else(Vec::new, |(_, parts)| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_dependencies_exist() {
        for (program, parts) in TABLE.iter().chain(MODELS) {
            let checks = parts.concat();
            assert!(!checks.is_empty(), "{program}");
            let ids: HashSet<&str> = checks.iter().map(|check| check.id).collect();
            assert_eq!(ids.len(), checks.len(), "{program}");
            for check in &checks {
                assert!(
                    check.after.is_none_or(|id| ids.contains(id)),
                    "{}",
                    check.id
                );
                assert!(
                    !check.title.en.is_empty() && !check.title.ru.is_empty(),
                    "{}",
                    check.id
                );
                assert_eq!(
                    check.hint.en.is_empty(),
                    check.hint.ru.is_empty(),
                    "{}",
                    check.id
                );
                assert!(
                    check.level != Level::Must || !check.task.is_empty(),
                    "{}",
                    check.id
                );
            }
        }
    }
}
