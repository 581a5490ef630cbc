//! The program under check: the reference, or what a submission's `lab.toml` declares.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::manifest::Manifest;

/// What a user types to end a client, as the lab's text has it.
pub(crate) const EXIT: &str = "exit";

/// A program and all the ways of starting it that checks know.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in the suite, such as `echo-server`.
    pub program: String,
    /// Whether it is the suite's own.
    pub is_reference: bool,
    /// The folder of a submission, where its `lab.toml` is.
    pub home: PathBuf,
    /// Where it runs already; `None`: checks start it.
    pub running: Option<Running>,
    /// Arguments that the suite's own program is always given, before all others.
    pub always: Vec<String>,
    /// How it is started.
    pub plain: Start,
    /// How it is started so that it asks for its port, if it can.
    pub asking: Option<Start>,
    /// How it is started so that its events go to a file, if it can.
    pub logging: Option<Start>,
    /// How its UDP version is started, if it has one.
    pub datagram: Option<Start>,
    /// What it does to the text, if it matters and is known.
    pub transform: Transform,
    /// The line that is typed to stop it; `None` is Ctrl-C.
    pub stop: Option<String>,
    /// The line that is typed to end a client.
    pub exit: String,
    /// The address that stands in the source, if it is not this machine's own.
    pub host: Option<IpAddr>,
    /// Files that have to be there, in the submission's folder, with their text; folders end in `/`.
    pub files: BTreeMap<PathBuf, String>,
    /// The tasks that were attempted; `None` means all.
    pub tasks: Option<Vec<String>>,
    /// How its sources are built, before anything else.
    pub build: Option<Start>,
}

/// A program that somebody else has started.
#[derive(Clone, Copy, Debug)]
pub enum Running {
    /// A server that listens there.
    Server(SocketAddr),
    /// A client, started by hand for each check, that connects to this port; its operator is told
    /// what to do.
    Client(u16, fn(&str)),
}

/// One way of starting a program. In command, answers, environment and log, `{port}` and `{host}`
/// stand for the port and the host of the server, `{log}` for a new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Working directory, seen from the submission's folder.
    pub folder: PathBuf,
    /// Variables added to the environment.
    pub environment: BTreeMap<String, String>,
    /// Lines typed at its console, in order.
    pub answers: Vec<Answer>,
    /// How it comes by its port.
    pub port: PortBy,
    /// The file that events go to, from its folder; `None` is the console.
    pub log: Option<String>,
}

/// A line that is typed at a program's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What stands in the prompt that it waits for, alternatives with `|` between; `None`: it is
    /// typed at once.
    pub prompt: Option<String>,
    /// The line.
    pub text: String,
}

impl Answer {
    /// A line that waits for no prompt.
    pub(crate) fn at_once(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { prompt: None, text }
    }
}

/// How a program comes by its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortBy {
    /// It is told: `{port}` stands in its command, answers or environment.
    Given,
    /// It stands in the source.
    Fixed(u16),
    /// The program chooses; its listening socket tells.
    Chosen,
}

impl PortBy {
    /// The port that stands in the source.
    pub(crate) fn fixed(self) -> Option<u16> {
        match self {
            Self::Fixed(port) => Some(port),
            _ => None,
        }
    }
}

/// What an echo server does to the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// Any of the others: the lab's text allows all of them.
    #[default]
    Any,
    /// Letters of any script in upper case.
    Upper,
    /// Only the letters a to z in upper case.
    Ascii,
    /// The text as it came.
    None,
}

impl Subject {
    /// The suite's own program, always given some arguments.
    pub fn reference(program: &str, executable: &str, always: &[&str]) -> Self {
        let is_client = program.ends_with("client");
        let is_server = !is_client && !program.starts_with("broadcast");
        let arguments: &[&str] = match program {
            "broadcast-sender" => &["--to", "{host}", "--port", "{port}"],
            _ if is_client => &["{host}", "{port}"],
            _ => &["--port", "{port}"],
        };
        let started = |more: &[&str]| {
            let words = [&[executable], always, more].concat();
            Start::of_words(words.iter())
        };
        let with = |more: [&str; 2]| started(&[arguments, &more].concat());
        let first = if is_client { "{host}" } else { "*" };
        let asking = Start {
            answers: [first, "{port}"].map(Answer::at_once).to_vec(),
            ..started(&["--ask"])
        };
        Self {
            program: program.to_owned(),
            is_reference: true,
            home: PathBuf::from("."),
            running: None,
            always: always.iter().map(ToString::to_string).collect(),
            plain: started(arguments),
            asking: Some(asking),
            logging: is_server.then_some(Start {
                log: Some("{log}".into()),
                ..with(["--log-file", "{log}"])
            }),
            datagram: program
                .starts_with("hello")
                .then(|| with(["--type", "datagram"])),
            transform: Transform::Upper,
            stop: None,
            exit: EXIT.to_owned(),
            host: None,
            files: BTreeMap::new(),
            tasks: None,
            build: None,
        }
    }

    /// A program that somebody else has started.
    pub fn running(program: &str, running: Running) -> Self {
        let port = match running {
            Running::Server(address) => address.port(),
            Running::Client(port, _) => port,
        };
        let plain = Start {
            port: PortBy::Fixed(port),
            ..Start::of_words([program])
        };
        Self {
            is_reference: false,
            running: Some(running),
            plain,
            asking: None,
            logging: None,
            datagram: None,
            transform: Transform::Any,
            ..Self::reference(program, program, &[])
        }
    }

    /// The program that `folder/lab.toml` declares under its name; `None` if it declares none.
    ///
    /// # Errors
    /// If the manifest cannot be read or says something that nobody understands, with the reason.
    pub fn submission(program: &str, folder: &Path) -> Result<Option<Self>, String> {
        Manifest::read(folder)?.subject(program, folder)
    }

    /// Whether `task` was attempted; what no task asks for always is.
    pub fn attempted(&self, task: &str) -> bool {
        task.is_empty()
            || self
                .tasks
                .as_ref()
                .is_none_or(|tasks| tasks.iter().any(|attempted| attempted == task))
    }
}

impl Start {
    pub(crate) fn of_words<W: ToString>(words: impl IntoIterator<Item = W>) -> Self {
        let command: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
        let (folder, environment, answers) = (PathBuf::from("."), BTreeMap::new(), Vec::new());
        Self {
            command,
            folder,
            environment,
            answers,
            port: PortBy::Given,
            log: None,
        }
    }

    /// Whether it is told the host: the command, the answers or the environment say where.
    pub(crate) fn takes_host(&self) -> bool {
        self.texts().any(|text| text.contains("{host}"))
    }

    /// Whether the port is typed at its console.
    pub(crate) fn asks_for_port(&self) -> bool {
        self.answers
            .iter()
            .any(|answer| answer.text.contains("{port}"))
    }

    /// All texts in which `{port}` and its sisters may stand.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &String> {
        let answers = self.answers.iter().map(|answer| &answer.text);
        let texts = self.command.iter().chain(answers);
        texts.chain(self.environment.values())
    }
}
