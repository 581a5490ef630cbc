//! `lab.toml`: what a submission declares.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use common::tr;
use serde::Deserialize;
use toml::{Table, Value};

use crate::catalog::programs;
use crate::labs::Lab;
use crate::subject::{Answer, EXIT, PortBy, Start, Subject};

/// The name of the file in a submission's folder.
const NAME: &str = "lab.toml";

/// The most bytes of it.
const LONGEST: u64 = 64 << 10;

/// The last port that has nine more above it, as checks of a server want them.
const LAST_PORT: u16 = 65_526;

/// What a submission says about itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    /// Whose work it is; free text.
    pub student: Option<String>,
    build: Option<Words>,
    #[serde(flatten)]
    programs: BTreeMap<String, Table>,
}

impl Manifest {
    /// Reads `folder/lab.toml`.
    ///
    /// # Errors
    /// If there is none, or it says something that nobody understands, with the reason.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(NAME);
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = read_short(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if folder.is_dir() => missing(folder),
            _ => named(&error),
        })?;
        Self::parse(&text).map_err(|error| named(&error))
    }

    /// Reads a manifest's text; whatever it says is looked at, so that a slip of the pen is found.
    ///
    /// # Errors
    /// If it says something that nobody understands, with the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for name in manifest.programs.keys() {
            if programs().all(|known| known != name) {
                let known = programs().collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "[{name}] is no program of a lab; there are {known}"
                ));
            }
            manifest.subject(name, Path::new("."))?;
        }
        Ok(manifest)
    }

    /// The programs that it declares, in the order of the labs.
    pub fn programs(&self) -> Vec<&'static str> {
        programs()
            .filter(|program| self.programs.contains_key(*program))
            .collect()
    }

    /// The program of this name in the folder `home`; `None` if it is not declared.
    ///
    /// # Errors
    /// If the manifest says something about it that nobody understands, with the reason.
    pub fn subject(&self, program: &str, home: &Path) -> Result<Option<Subject>, String> {
        let Some(table) = self.programs.get(program) else {
            return Ok(None);
        };
        let named = |error| format!("[{program}]: {error}");
        let build = self.build.clone().map(Start::of).transpose()?;
        let subject = subject(program, home, table.clone()).map_err(named)?;
        Ok(Some(Subject { build, ..subject }))
    }
}

/// All that may stand in a program's table.
const KEYS: &[&str] = &[
    "command",
    "folder",
    "environment",
    "answers",
    "port",
    "log",
    "transform",
    "stop",
    "exit",
    "host",
    "files",
    "tasks",
    "asking",
    "logging",
    "datagram",
];

fn subject(program: &str, home: &Path, mut table: Table) -> Result<Subject, String> {
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let known = KEYS.join(", ");
        return Err(format!("unknown field `{unknown}`; there are {known}"));
    }
    let variants = ["asking", "logging", "datagram"].map(|name| table.remove(name));
    let tasks: Option<Vec<String>> = take(&mut table, "tasks")?;
    let subject = Subject {
        always: Vec::new(),
        program: program.to_owned(),
        is_reference: false,
        home: home.to_owned(),
        transform: take(&mut table, "transform")?.unwrap_or_default(),
        stop: take(&mut table, "stop")?,
        exit: take(&mut table, "exit")?.unwrap_or_else(|| EXIT.to_owned()),
        host: take(&mut table, "host")?,
        files: take(&mut table, "files")?.unwrap_or_default(),
        tasks: tasks.map(|tasks| known_tasks(program, tasks)).transpose()?,
        build: None,
        running: None,
        plain: start(&table)?,
        asking: None,
        logging: None,
        datagram: None,
    };
    let [asking, logging, datagram] = variants.map(|changes| variant(&table, changes));
    let is_plain = |is: bool| is.then(|| subject.plain.clone());
    let asks = is_plain(subject.plain.asks_for_port());
    let logs = is_plain(subject.plain.log.is_some());
    for path in subject.files.keys() {
        confined(path)?;
    }
    Ok(Subject {
        asking: asking?.or(asks),
        logging: logging?.or(logs),
        datagram: datagram?,
        ..subject
    })
}

/// Another way of starting the same program: what `changes` says, the rest as in `table`.
fn variant(table: &Table, changes: Option<Value>) -> Result<Option<Start>, String> {
    match changes {
        None => Ok(None),
        Some(Value::Table(changes)) => {
            let mut all = table.clone();
            // Whoever is told its port here does not take the one in the source.
            if changes.values().any(names_port) {
                all.remove("port");
            }
            all.extend(changes);
            start(&all).map(Some)
        }
        Some(_) => Err("`asking`, `logging` and `datagram` are tables".to_owned()),
    }
}

/// Whether `{port}` stands in a value, however deep.
fn names_port(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{port}"),
        Value::Array(values) => values.iter().any(names_port),
        Value::Table(table) => table.values().any(names_port),
        _ => false,
    }
}

fn known_tasks(program: &str, tasks: Vec<String>) -> Result<Vec<String>, String> {
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

/// Takes what a table says under a name.
fn take<T: serde::de::DeserializeOwned>(
    table: &mut Table,
    name: &str,
) -> Result<Option<T>, String> {
    let value = table.remove(name).map(Value::try_into);
    value
        .transpose()
        .map_err(|error| format!("`{name}`: {error}"))
}

/// The text of a manifest, which is a page at most, and no pipe that never ends.
fn read_short(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut text = String::new();
    fs::File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        let most = LONGEST >> 10;
        return Err(io::Error::other(format!("longer than {most} KiB")));
    }
    Ok(text)
}

/// What is to be done where there is none.
fn missing(folder: &Path) -> String {
    let path = folder.join(NAME);
    let path = path.display();
    let reason = tr!(
        "{path} is missing, which says how the programs are started",
        "{path}: файла нет, а в нём сказано, как запускать программы"
    );
    let deeper = deeper(folder).join(", ");
    if !deeper.is_empty() {
        return tr!(
            "{reason}: the work stands one folder deeper, in {deeper}; name that folder",
            "{reason}: работа лежит на папку глубже, в {deeper}; укажите эту папку"
        );
    }
    tr!(
        "{reason}: `cargo lab init FOLDER` proposes one, `cargo lab new` makes one with a program, \
         and for a whole class there is `cargo lab grade --manifest FILE`",
        "{reason}: его предложит `cargo lab init ПАПКА` или создаст вместе с программой `cargo lab new`, \
         а для всей группы есть `cargo lab grade --manifest ФАЙЛ`"
    )
}

/// The folders in which the work may stand instead: those with a manifest, or the only thing that there
/// is.
fn deeper(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    let has_manifest = |name: &&String| folder.join(name).join(NAME).is_file();
    let with_manifest: Vec<String> = names.iter().filter(has_manifest).cloned().collect();
    let is_only = names.len() == 1 && folder.join(&names[0]).is_dir();
    if is_only { names } else { with_manifest }
}

/// A path that stays below the folder that it is seen from.
fn confined(path: &Path) -> Result<(), String> {
    let stays = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.components().all(stays) {
        return Ok(());
    }
    Err(format!(
        "`{}` leaves the folder of the submission",
        path.display()
    ))
}

fn start(table: &Table) -> Result<Start, String> {
    let table: StartTable = Value::Table(table.clone())
        .try_into()
        .map_err(|error: toml::de::Error| error.to_string())?;
    let start = Start {
        folder: table.folder.unwrap_or_default(),
        environment: table.environment,
        answers: table.answers.map_or_else(Vec::new, Answers::in_order),
        log: table.log,
        ..Start::of(table.command.ok_or("`command` is missing")?)?
    };
    confined(&start.folder)?;
    if let Some(log) = start.log.as_ref().filter(|log| *log != "{log}") {
        confined(Path::new(log))?;
    }
    let given = start.texts().any(|text| text.contains("{port}"));
    let port = match table.port {
        Some(_) if given => return Err("`port` and `{port}` exclude each other".into()),
        Some(port) if !(1..=LAST_PORT).contains(&port) => {
            return Err(format!("`port` is not from 1 to {LAST_PORT}"));
        }
        Some(port) => PortBy::Fixed(port),
        None if given => PortBy::Given,
        None => PortBy::Chosen,
    };
    Ok(Start { port, ..start })
}

impl Start {
    /// A start by a command alone.
    fn of(words: Words) -> Result<Self, String> {
        let command = match words {
            Words::Line(line) => {
                shlex::split(&line).ok_or(format!("quotes in `{line}` do not match"))?
            }
            Words::List(words) => words,
        };
        if command.is_empty() {
            return Err("`command` is missing".into());
        }
        Ok(Self::of_words(&command))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    List(Vec<String>),
}

/// Lines that are typed: in order, or each at the prompt in which its pattern stands.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    AtOnce(Vec<String>),
    ByPrompt(BTreeMap<String, String>),
}

impl Answers {
    fn in_order(self) -> Vec<Answer> {
        match self {
            Self::AtOnce(lines) => lines.into_iter().map(Answer::at_once).collect(),
            Self::ByPrompt(lines) => lines
                .into_iter()
                .map(|(prompt, text)| Answer {
                    prompt: Some(prompt),
                    text,
                })
                .collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartTable {
    command: Option<Words>,
    folder: Option<PathBuf>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    answers: Option<Answers>,
    port: Option<u16>,
    log: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Transform;

    use crate::subject::PortBy;

    fn server(text: &str) -> Result<Subject, String> {
        let subject = Manifest::parse(text)?.subject("echo-server", Path::new("submission"))?;
        subject.ok_or_else(|| "not declared".into())
    }

    fn texts(start: Option<&Start>) -> Vec<&str> {
        let answers = start.unwrap().answers.iter();
        answers.map(|answer| answer.text.as_str()).collect()
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
        assert_eq!(texts(subject.asking.as_ref()), ["", "{port}"]);
        assert_eq!(
            subject.logging.as_ref().unwrap().log.as_deref(),
            Some("server.log")
        );
        assert_eq!(subject.transform, Transform::None);
        assert!(subject.attempted("1") && !subject.attempted("s6") && subject.attempted(""));
    }

    #[test]
    fn answers_wait_for_their_prompts() {
        let subject = server(
            r#"
            [echo-server]
            command = "./server"
            answers = { "порт|port" = "{port}", "адрес" = "" }
            exit = "quit"
            host = "192.168.1.5"
            files = { "logs/" = "", "users.json" = "{}" }
            "#,
        );
        let subject = subject.unwrap();
        let prompts = subject.plain.answers.iter();
        let prompts: Vec<_> = prompts
            .map(|answer| (answer.prompt.as_deref(), answer.text.as_str()))
            .collect();
        assert_eq!(
            prompts,
            [(Some("адрес"), ""), (Some("порт|port"), "{port}")]
        );
        assert_eq!(subject.asking, Some(subject.plain.clone()));
        assert_eq!(subject.exit, "quit");
        assert_eq!(subject.host, Some([192, 168, 1, 5].into()));
        assert_eq!(subject.files.len(), 2);
    }

    #[test]
    fn the_guides_show_manifests_that_work() {
        for guide in [
            include_str!("../../../docs/en/src/lab-toml.md"),
            include_str!("../../../docs/ru/src/lab-toml.md"),
        ] {
            let blocks = guide.split("```toml\n").skip(1);
            let manifests = blocks.map(|block| block.split_once("```").unwrap().0);
            let manifests: Vec<&str> = manifests.collect();
            for manifest in &manifests {
                assert!(!Manifest::parse(manifest).unwrap().programs().is_empty());
            }
            let all_ways = |text: &&&str| text.contains("[echo-server.asking]");
            let subject = server(manifests.iter().find(all_ways).unwrap()).unwrap();
            assert!(subject.asking.is_some() && subject.logging.is_some());
            assert_eq!(subject.plain.port, PortBy::Given);
        }
    }

    #[test]
    fn a_missing_manifest_is_said_to_be_missing() {
        let folder = tempfile::TempDir::new().unwrap();
        let read = |name: &str| Manifest::read(&folder.path().join(name)).unwrap_err();
        for name in ["empty", "one/work", "two/a", "two/b", "two/b/c"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("two/b/lab.toml"), "").unwrap();
        assert!(read("empty").contains("lab.toml is missing") && read("empty").contains("init"));
        assert!(read("one").contains("deeper, in work;"));
        assert!(read("two").contains("deeper, in b;"));
        assert!(!read("none").contains("missing"));
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
    fn a_variant_that_is_told_its_port_forgets_the_one_in_the_source() {
        let subject = server(
            "[echo-server]\ncommand = 'a'\nport = 9090\n[echo-server.asking]\nanswers = ['{port}']",
        );
        let subject = subject.unwrap();
        assert_eq!(subject.plain.port, PortBy::Fixed(9090));
        assert_eq!(subject.asking.unwrap().port, PortBy::Given);
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
            ("[echo-events]\ncommand = 'a'", "no program of a lab"),
            ("[echo-server]\ncommand = 'a'\nasking = 1", "tables"),
            ("[echo-server]\ncommand = 'a'\ntransform = 'lower'", "lower"),
            ("[echo-client]\ncommand = 'a'", "not declared"),
            ("[echo-server]\ncommand = 'a'\nfolder = '..'", "`..`"),
            ("[echo-server]\ncommand = 'a'\nlog = '/etc/x'", "`/etc/x`"),
            ("[echo-server]\ncommand = 'a'\nlog = 'a/../../x'", "leaves"),
            (
                "[echo-server]\ncommand = 'a'\nfiles = { '../x' = '' }",
                "leaves",
            ),
            ("[echo-server]\ncommand = 'a'\nhost = 'here'", "host"),
            ("[echo-server]\ncommand = 'a'\nport = 65535", "65526"),
            ("[echo-server]\ncommand = 'a'\nport = 0", "1 to"),
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
