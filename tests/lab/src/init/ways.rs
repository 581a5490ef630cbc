//! In which ways a program may be started, the likeliest first.

use std::path::Path;

use super::folder::Found;
use super::source::{About, Prompt, Role};

/// Keys of a table of `lab.toml` with their values, as they stand there.
pub(crate) type Keys = Vec<(String, String)>;

/// A text as TOML writes it.
pub(crate) fn toml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A table of one line.
fn table(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{} = {}", toml(key), toml(value)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

impl Found {
    /// `command`, with these arguments.
    pub(crate) fn command(&self, arguments: &[String]) -> (String, String) {
        let words = self.command.iter().chain(arguments);
        let words: Vec<String> = words.map(|word| word_of_line(word)).collect();
        ("command".into(), toml(&words.join(" ")))
    }

    fn is_client(&self) -> bool {
        matches!(self.source.role(), Some(Role::Client | Role::Sender))
    }

    /// What every way of starting it needs.
    pub(crate) fn always(&self, root: &Path) -> Keys {
        let mut keys = Keys::new();
        if !self.folder.as_os_str().is_empty() {
            keys.push(("folder".into(), toml(&self.folder.to_string_lossy())));
        }
        if let Some(host) = self.source.host() {
            keys.push(("host".into(), toml(&host.to_string())));
        }
        keys.extend(self.exit_word().map(|word| ("exit".into(), toml(&word))));
        keys.extend(self.stop_word().map(|word| ("stop".into(), toml(&word))));
        let missing = self.missing_files(root);
        if !missing.is_empty() {
            keys.push(("files".into(), table(&missing)));
        }
        keys
    }

    /// The word that ends a client, if it is another than usual.
    fn exit_word(&self) -> Option<String> {
        const USUAL: &[&str] = &[
            "quit",
            "выход",
            "q",
            "stop",
            "стоп",
            "bye",
            "/exit",
            "/quit",
            "end",
            "пока",
        ];
        let words = self.source.compared();
        let is_other =
            self.source.role() == Some(Role::Client) && !words.iter().any(|word| word == "exit");
        let word = USUAL
            .iter()
            .find(|usual| words.iter().any(|word| word == *usual));
        word.filter(|_| is_other).map(|word| (*word).to_owned())
    }

    /// The line by which an operator stops a server that reads its console meanwhile.
    fn stop_word(&self) -> Option<String> {
        const USUAL: &[&str] = &["stop", "стоп", "shutdown", "quit", "exit", "выход"];
        let source = &self.source;
        let reads = source
            .prompts()
            .iter()
            .any(|prompt| prompt.about == About::Other);
        let meanwhile = source.has(&["Thread", "pthread_create", "spawn", "select"]);
        let words = source.compared();
        let word = USUAL
            .iter()
            .find(|usual| words.iter().any(|word| word == *usual));
        let is_server = source.role() == Some(Role::Server);
        word.filter(|_| is_server && reads && meanwhile)
            .map(|word| (*word).to_owned())
    }

    /// Files that are read at once, and folders that are written to, which are not there.
    fn missing_files(&self, root: &Path) -> Keys {
        let mut missing = Keys::new();
        for (name, writes) in self.source.files() {
            let path = self.folder.join(&name);
            let parent = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty() && !root.join(parent).exists());
            let folder =
                parent.map(|parent| (format!("{}/", parent.to_string_lossy()), String::new()));
            missing.extend(folder.filter(|folder| writes && !missing.contains(folder)));
            let text = if name.ends_with(".json") { "{}" } else { "" };
            let is_missing = path.is_relative() && !writes && !root.join(&path).exists();
            if is_missing && (text == "{}" || name.ends_with(".txt") || name.ends_with(".csv")) {
                missing.push((path.to_string_lossy().into_owned(), text.into()));
            }
        }
        missing
    }

    /// All ways of starting it.
    pub(crate) fn ways(&self) -> Vec<Keys> {
        let arguments = self.source.arguments(self.is_client()).words;
        let mut ways = Vec::new();
        if arguments.iter().any(|word| word == "{port}") {
            ways.push(vec![self.command(&arguments)]);
            if arguments.len() == 2 {
                let swapped: Vec<String> = arguments.iter().rev().cloned().collect();
                ways.push(vec![self.command(&swapped)]);
            }
        }
        let words: Vec<String> = arguments
            .into_iter()
            .filter(|word| word == "{host}")
            .collect();
        ways.extend(self.answering(&words));
        ways.extend(self.by_environment());
        let hosts = self.host_answers();
        for port in self.source.ports().into_iter().take(3) {
            let mut way = vec![self.command(&words)];
            way.extend(hosts.clone());
            way.push(("port".into(), port.to_string()));
            ways.push(way);
        }
        let mut way = vec![self.command(&words)];
        way.extend(hosts);
        ways.push(way);
        ways
    }

    /// The ways in which the port is typed.
    pub(crate) fn answering(&self, words: &[String]) -> Vec<Keys> {
        let prompts = self.source.prompts();
        let asked: Vec<&Prompt> = prompts
            .iter()
            .filter(|prompt| matches!(prompt.about, About::Host | About::Port))
            .collect();
        if !asked.iter().any(|prompt| prompt.about == About::Port) {
            return Vec::new();
        }
        let hosts: &[&str] = if self.is_client() {
            &["{host}"]
        } else {
            &["{host}", ""]
        };
        let mut ways = Vec::new();
        for host in hosts {
            let answer = |prompt: &Prompt| {
                if prompt.about == About::Port {
                    "{port}"
                } else {
                    *host
                }
                .to_owned()
            };
            let by_prompt: Option<Vec<_>> = asked
                .iter()
                .map(|prompt| Some((pattern(&prompt.text)?, answer(prompt))))
                .collect();
            let by_prompt = by_prompt
                .filter(|pairs| are_different(pairs))
                .map(|pairs| table(&pairs));
            let in_order: Vec<String> = asked.iter().map(|prompt| toml(&answer(prompt))).collect();
            let in_order = format!("[{}]", in_order.join(", "));
            for answers in by_prompt.into_iter().chain([in_order]) {
                ways.push(vec![self.command(words), ("answers".into(), answers)]);
            }
            if !asked.iter().any(|prompt| prompt.about == About::Host) {
                break;
            }
        }
        ways
    }

    /// The answer to a question for the host alone.
    fn host_answers(&self) -> Keys {
        let prompts = self.source.prompts();
        let host = prompts.iter().find(|prompt| prompt.about == About::Host);
        let pair = host.and_then(|prompt| Some((pattern(&prompt.text)?, "{host}".to_owned())));
        pair.into_iter()
            .map(|pair| ("answers".into(), table(&[pair])))
            .collect()
    }

    fn by_environment(&self) -> Vec<Keys> {
        let variables = self.source.variables();
        let value = |about| {
            if about == About::Port {
                "{port}"
            } else {
                "{host}"
            }
        };
        let pairs: Keys = variables
            .iter()
            .map(|(name, about)| (name.clone(), value(*about).to_owned()))
            .collect();
        if !pairs.iter().any(|(_, value)| value == "{port}") {
            return Vec::new();
        }
        vec![vec![
            self.command(&[]),
            ("environment".into(), table(&pairs)),
        ]]
    }

    /// Where its events may go: arguments, or the name of a file in its source.
    pub(crate) fn logs(&self) -> Vec<Keys> {
        let arguments = self.source.arguments(self.is_client()).with_log;
        let mut ways = Vec::new();
        if let Some(words) = arguments {
            ways.push(vec![self.command(&words), ("log".into(), toml("{log}"))]);
        }
        let written = self
            .source
            .files()
            .into_iter()
            .filter(|(_, writes)| *writes);
        for (name, _) in
            written.filter(|(name, _)| !name.ends_with(".json") && Path::new(name).is_relative())
        {
            ways.push(vec![("log".into(), toml(&name))]);
        }
        ways
    }
}

/// What of a prompt is sure to be printed: the part without values, or a word of it.
fn pattern(prompt: &str) -> Option<String> {
    let parts = prompt.split(['{', '}', '%', '[', '(', '\n', '|']);
    let is_asking = |part: &&str| matches!(super::source::about(part), About::Host | About::Port);
    let part = parts.map(str::trim).find(is_asking)?;
    Some(part.trim_end_matches([':', '?', '>', ' ']).to_owned()).filter(|part| !part.is_empty())
}

/// Whether no pattern stands in another one, so that each finds its own prompt.
fn are_different(pairs: &[(String, String)]) -> bool {
    let lower = |text: &str| text.to_lowercase();
    pairs.iter().enumerate().all(|(index, (one, _))| {
        let others = pairs
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        others
            .into_iter()
            .all(|(_, (other, _))| !lower(other).contains(&lower(one)))
    })
}

/// A word of a command line.
fn word_of_line(word: &str) -> String {
    if word
        .chars()
        .all(|c| c.is_alphanumeric() || "._-/{}".contains(c))
    {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
