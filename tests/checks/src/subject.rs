//! The program under check: the reference, or what a submission's `lab.toml` declares.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::labs::Lab;
use crate::programs as known_programs;

/// A program and all the ways of starting it that checks know.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in the suite, such as `echo-server`.
    pub program: String,
    /// Whether it is the suite's own.
    pub is_reference: bool,
    /// The folder of a submission, where its `lab.toml` is.
    pub home: PathBuf,
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
    /// The tasks that were attempted; `None` means all.
    pub tasks: Option<Vec<String>>,
    /// How its sources are built, before anything else.
    pub build: Option<Start>,
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
    /// Lines typed at its prompts, in order.
    pub answers: Vec<String>,
    /// How it comes by its port.
    pub port: PortBy,
    /// The file that events go to, from its folder; `None` is the console.
    pub log: Option<String>,
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
    /// The suite's own program.
    pub fn reference(program: &str, executable: &str) -> Self {
        let is_client = program.ends_with("client");
        let is_server = program.ends_with("server") || program == "auto-port";
        let arguments: &[&str] = if is_client {
            &["{host}", "{port}"]
        } else if program == "broadcast-sender" {
            &["--to", "{host}", "--port", "{port}"]
        } else {
            &["--port", "{port}"]
        };
        let datagram = ["--type", "datagram"];
        let datagram = Start::of_words([executable].iter().chain(arguments).chain(&datagram));
        let plain = Start::of_words([executable].iter().chain(arguments));
        let first = if is_client { "{host}" } else { "*" };
        let asking = Start {
            answers: vec![first.into(), "{port}".into()],
            ..Start::of_words(&[executable, "--ask"])
        };
        let log_words = ["--log-file", "{log}"];
        let logging = Start::of_words([executable].iter().chain(arguments).chain(&log_words));
        Self {
            program: program.to_owned(),
            is_reference: true,
            home: PathBuf::from("."),
            plain,
            asking: Some(asking),
            logging: is_server.then_some(Start {
                log: Some("{log}".into()),
                ..logging
            }),
            datagram: program.starts_with("hello").then_some(datagram),
            transform: Transform::Upper,
            stop: None,
            tasks: None,
            build: None,
        }
    }

    /// The program that `folder/lab.toml` declares under its name; `None` if it declares none.
    ///
    /// # Errors
    /// If the manifest cannot be read or says something that nobody understands, with the reason.
    pub fn submission(program: &str, folder: &Path) -> Result<Option<Self>, String> {
        let path = folder.join("lab.toml");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::from_manifest(program, folder, &text)
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    fn from_manifest(program: &str, folder: &Path, text: &str) -> Result<Option<Self>, String> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut programs = manifest.programs;
        if let Some(unknown) = programs
            .keys()
            .find(|name| known_programs().all(|known| known != name.as_str()))
        {
            let known: Vec<&str> = known_programs().collect();
            let known = known.join(", ");
            return Err(format!(
                "[{unknown}] is no program of a lab; there are {known}"
            ));
        }
        let build = manifest
            .build
            .map(|command| Start::at(StartTable::command(command)));
        let Some(mut table) = programs.remove(program) else {
            return Ok(None);
        };
        let (asking, logging) = (table.remove("asking"), table.remove("logging"));
        let datagram = table.remove("datagram");
        let transform = table.remove("transform").map(from_value).transpose()?;
        let stop = table.remove("stop").map(from_value).transpose()?;
        let tasks = table
            .remove("tasks")
            .map(|tasks| known_tasks(program, tasks))
            .transpose()?;
        let plain = Start::at(from_value(table.clone())?)?;
        let asking = variant(&table, asking)?;
        let logging = variant(&table, logging)?;
        let datagram = variant(&table, datagram)?;
        Ok(Some(Self {
            program: program.to_owned(),
            is_reference: false,
            home: folder.to_owned(),
            asking: asking.or_else(|| plain.asks_for_port().then(|| plain.clone())),
            logging: logging.or_else(|| plain.log.is_some().then(|| plain.clone())),
            plain,
            datagram,
            transform: transform.unwrap_or_default(),
            stop,
            tasks,
            build: build.transpose()?,
        }))
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

/// Another way of starting the same program: what `changes` says, the rest as in `table`.
fn variant(table: &toml::Table, changes: Option<toml::Value>) -> Result<Option<Start>, String> {
    match changes {
        None => Ok(None),
        Some(toml::Value::Table(changes)) => {
            let mut all = table.clone();
            all.extend(changes);
            Start::at(from_value(all)?).map(Some)
        }
        Some(_) => Err("`asking`, `logging` and `datagram` are tables".to_owned()),
    }
}

fn known_tasks(program: &str, value: toml::Value) -> Result<Vec<String>, String> {
    let tasks: Vec<String> = from_value(value)?;
    let lab = Lab::of_program(program).ok_or("there are no tasks")?;
    match tasks.iter().find(|task| lab.task(task).is_none()) {
        Some(unknown) => {
            let known: Vec<&str> = lab.tasks.iter().map(|task| task.id).collect();
            let known = known.join(", ");
            Err(format!("there is no task `{unknown}`; there are {known}"))
        }
        None => Ok(tasks),
    }
}

fn from_value<T: serde::de::DeserializeOwned>(value: impl Into<toml::Value>) -> Result<T, String> {
    value
        .into()
        .try_into()
        .map_err(|error: toml::de::Error| error.to_string())
}

impl Start {
    fn of_words<'a>(words: impl IntoIterator<Item = &'a &'a str>) -> Self {
        let command: Vec<String> = words.into_iter().map(ToString::to_string).collect();
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

    fn at(table: StartTable) -> Result<Self, String> {
        let command = match table.command {
            Some(Words::Line(line)) => {
                shlex::split(&line).ok_or(format!("quotes in `{line}` do not match"))?
            }
            Some(Words::List(words)) => words,
            None => Vec::new(),
        };
        if command.is_empty() {
            return Err("`command` is missing".into());
        }
        let mut texts = command
            .iter()
            .chain(&table.answers)
            .chain(table.environment.values());
        let given = texts.any(|text| text.contains("{port}"));
        let port = match table.port {
            Some(_) if given => return Err("`port` and `{port}` exclude each other".into()),
            Some(port) => PortBy::Fixed(port),
            None if given => PortBy::Given,
            None => PortBy::Chosen,
        };
        let folder = table.folder.unwrap_or_default();
        Ok(Self {
            command,
            folder,
            environment: table.environment,
            answers: table.answers,
            port,
            log: table.log,
        })
    }

    /// Whether it is told the host: the command, the answers or the environment say where.
    pub(crate) fn takes_host(&self) -> bool {
        let texts = self.command.iter().chain(&self.answers);
        let mut texts = texts.chain(self.environment.values());
        texts.any(|text| text.contains("{host}"))
    }

    fn asks_for_port(&self) -> bool {
        self.answers.iter().any(|answer| answer.contains("{port}"))
    }
}

#[derive(Deserialize)]
struct Manifest {
    /// Whose work it is; free text.
    #[serde(rename = "student")]
    _student: Option<String>,
    build: Option<Words>,
    #[serde(flatten)]
    programs: BTreeMap<String, toml::Table>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    List(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartTable {
    command: Option<Words>,
    folder: Option<PathBuf>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    answers: Vec<String>,
    port: Option<u16>,
    log: Option<String>,
}

impl StartTable {
    fn command(command: Words) -> Self {
        let (environment, answers) = (BTreeMap::new(), Vec::new());
        Self {
            command: Some(command),
            folder: None,
            environment,
            answers,
            port: None,
            log: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Result<Subject, String> {
        let subject = Subject::from_manifest("echo-server", Path::new("submission"), text)?;
        subject.ok_or_else(|| "not declared".into())
    }

    #[test]
    fn reads_the_ways_of_starting() {
        let subject = server(
            r#"
            student = "Ivanov"
            [echo-server]
            command = "python3 'my server.py' {port}"
            folder = "src"
            transform = "none"
            tasks = ["1", "2"]
            [echo-server.asking]
            command = ["python3", "ask.py"]
            answers = ["", "{port}"]
            [echo-server.logging]
            log = "server.log"
            "#,
        )
        .unwrap();
        assert_eq!(subject.plain.command, ["python3", "my server.py", "{port}"]);
        assert_eq!(subject.plain.folder, Path::new("src"));
        assert_eq!(subject.plain.port, PortBy::Given);
        assert_eq!(subject.asking.as_ref().unwrap().answers, ["", "{port}"]);
        assert_eq!(
            subject.logging.as_ref().unwrap().log.as_deref(),
            Some("server.log")
        );
        assert_eq!(subject.transform, Transform::None);
        assert!(subject.attempted("1") && !subject.attempted("s6") && subject.attempted(""));
    }

    #[test]
    fn the_guides_show_a_manifest_that_works() {
        for guide in [
            include_str!("../../../docs/en/src/check-your-program.md"),
            include_str!("../../../docs/ru/src/check-your-program.md"),
        ] {
            let (_, block) = guide.split_once("```toml\n").unwrap();
            let (manifest, _) = block.split_once("```").unwrap();
            let subject = server(manifest).unwrap();
            assert!(subject.asking.is_some() && subject.logging.is_some());
            assert_eq!(subject.plain.port, PortBy::Given);
        }
    }

    #[test]
    fn a_port_is_given_fixed_or_chosen() {
        let port = |text: &str| {
            server(&format!("[echo-server]\n{text}")).map(|subject| subject.plain.port)
        };
        assert_eq!(port("command = 'a'\nport = 9090"), Ok(PortBy::Fixed(9090)));
        assert_eq!(port("command = 'a'"), Ok(PortBy::Chosen));
        assert_eq!(
            port("command = 'a'\nenvironment = { PORT = '{port}' }"),
            Ok(PortBy::Given)
        );
        assert!(port("command = 'a {port}'\nport = 9090").is_err());
    }

    #[test]
    fn what_nobody_understands_is_an_error() {
        for (text, reason) in [
            ("[echo-server]\ncommand = ''", "`command` is missing"),
            ("[echo-server]\ncommand = \"a 'b\"", "quotes"),
            (
                "[echo-server]\ncommand = 'a'\nprot = 1",
                "unknown field `prot`",
            ),
            ("[echo-servre]\ncommand = 'a'", "no program of a lab"),
            ("[echo-server]\ncommand = 'a'\nasking = 1", "tables"),
            ("[echo-server]\ncommand = 'a'\ntransform = 'lower'", "lower"),
            ("[echo-client]\ncommand = 'a'", "not declared"),
            (
                "[echo-server]\ncommand = 'a'\ntasks = ['S3']",
                "no task `S3`",
            ),
        ] {
            let error = server(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
