//! `cargo lab check --replay`: a check's exchange as a Python script, to be repeated without the
//! grader, read and changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use checks::{CheckResult, Difference, Manifest, PortBy, Start, Subject, Transform, Verdict};
use common::{Lang, lang, tr};
use harness::{Entry, Link, What};

use crate::literal::Literals;
use crate::results::Graded;
use crate::terminal::say;

/// What every script begins with. In Russian some of its texts give way to those of [`RUSSIAN`].
const PRELUDE: &str = include_str!("replay.py");

/// What the script says to its user, in English and in Russian.
const RUSSIAN: &[(&str, &str)] = &[
    (
        "HOST and PORT from the command line, in one word or in two.",
        "HOST и PORT из командной строки, одним словом или двумя.",
    ),
    ("usage: {", "использование: {"),
    ("cannot listen at {", "не удаётся слушать {"),
    (
        "how many seconds to wait for what should come",
        "сколько секунд ждать ответа",
    ),
    (
        "# The check waits until the program has taken what it was sent, so that the next bytes meet another\n\
         # recv. Only the program's own machine knows that; here a moment has to do.",
        "# Проверка ждёт, пока программа примет посланное, чтобы следующие байты попали в другой recv.\n\
         # Отсюда этого не видно, поэтому здесь просто небольшая пауза.",
    ),
    (
        "One end of a TCP connection.",
        "Одна сторона TCP-соединения.",
    ),
    (
        "has come, and was not asked for yet",
        "пришло, но ещё не запрошено",
    ),
    ("each send leaves at once", "каждый send уходит сразу"),
    (
        "Receives only while nothing more can be sent: else both sides might wait for ever.",
        "Принимает, только когда отправлять больше некуда: иначе обе стороны могут ждать вечно.",
    ),
    ("Keeps what has come.", "Сохраняет то, что пришло."),
    (
        "Up to `most` bytes; fewer if the stream ends or stays silent.",
        "Не больше `most` байт; меньше, если поток кончился или молчит.",
    ),
    (
        "All that comes until the stream ends; how it ends.",
        "Всё до конца потока; чем он кончился.",
    ),
    (
        "Closing with SO_LINGER of 0 seconds sends RST.",
        "Закрытие с SO_LINGER в 0 секунд отправляет RST.",
    ),
    ("A UDP socket.", "UDP-сокет."),
    (
        "One datagram; nothing if none comes.",
        "Одна датаграмма; пусто, если не пришла.",
    ),
    ("(the check saw {", "(проверка видела {"),
    ("cannot connect to {", "не удаётся подключиться к {"),
    ("start the program first: ", "сначала запустите программу: "),
    (
        "The rest of a text follows soon, even if its beginning was long in coming.",
        "Остаток текста приходит скоро, даже если начала пришлось ждать.",
    ),
    ("{name} connects", "{name} подключается"),
    ("nobody connects: ", "никто не подключается: "),
    ("{name}: connected", "{name}: соединение принято"),
    (
        "Has the user do something at the program's console.",
        "Просит сделать что-то в консоли программы.",
    ),
    (
        "the same difference as in the check",
        "то же отличие, что и в проверке",
    ),
    ("not what the check saw", "не то, что видела проверка"),
];

/// Seconds that a server is waited for; for a client somebody has to type.
const PATIENCE: [u32; 2] = [4, 60];

/// Two sends that follow each other faster were not waited between.
const AT_ONCE_MICROS: u128 = 300;

/// The port of the script where the program does not insist on one.
const PORT: u16 = 9090;

/// Writes the script for the check whose name contains `name` to the current folder, and says so.
///
/// # Errors
/// If there is no such check, nothing to repeat, or no way to write the file.
pub fn write(folder: &Path, graded: &Graded, name: &str) -> anyhow::Result<()> {
    let results = graded.programs.iter().flat_map(|judged| {
        let results = judged.results.iter();
        results.map(|result| (judged.program.as_str(), result))
    });
    let mut found: Vec<_> = results
        .filter(|(_, result)| result.id.contains(name))
        .collect();
    // What has failed is worth more than a longer name that passed.
    found.sort_by_key(|(_, result)| (result.id != name, !result.verdict.is_failure()));
    let Some((program, result)) = found.first() else {
        bail!(
            "{}",
            tr!("no check is called {name}", "нет проверки с именем {name}")
        );
    };
    let subject = Manifest::read(folder).and_then(|manifest| manifest.subject(program, folder));
    let subject = subject
        .map_err(anyhow::Error::msg)?
        .context("not declared")?;
    let text = script(&subject, result)?;
    let path = free_name(&format!("replay-{}", result.id.replace('/', "-")));
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    let path = path.display();
    let id = &result.id;
    say!(
        "\n{}",
        tr!(
            "{path} repeats {id}; its first lines say how to run it",
            "{path} повторяет {id}; как запускать, сказано в его первых строках"
        )
    );
    Ok(())
}

/// `stem.py`, or with a number if that is there.
fn free_name(stem: &str) -> PathBuf {
    let numbered = (2..).map(|number| format!("{stem}-{number}.py"));
    let mut names = std::iter::once(format!("{stem}.py")).chain(numbered);
    let free = names.find(|name| !Path::new(name).exists());
    free.unwrap_or_default().into()
}

/// The exchange of a check of `subject` as a Python script.
///
/// # Errors
/// If nothing went over the network.
pub fn script(subject: &Subject, result: &CheckResult) -> anyhow::Result<String> {
    let mut writer = Writer::new(subject, &result.transcript);
    ensure!(
        !writer.peers.is_empty() || writer.is_client,
        tr!(
            "{}: nothing went over the network, so that there is nothing to repeat",
            "{}: по сети ничего не передавалось, повторять нечего",
            result.id
        )
    );
    let symptom = writer.symptom(result);
    writer.write(&symptom, &result.what);
    let host = subject
        .host
        .map_or_else(|| "127.0.0.1".into(), |host| host.to_string());
    let port = match subject.plain.port {
        PortBy::Fixed(port) => port,
        PortBy::Given | PortBy::Chosen => PORT,
    };
    let started = started(&subject.plain, &host, port);
    let quoted = python(&started);
    let prelude = translated(PRELUDE)
        .replace("@HOST@", &host)
        .replace("@PORT@", &port.to_string())
        .replace(
            "@PATIENCE@",
            &PATIENCE[usize::from(writer.is_client)].to_string(),
        )
        .replace("@TEXTS@", &writer.literals.definitions())
        .replace(
            "@REFUSAL@",
            if matches!(symptom, Symptom::Refused) {
                "True"
            } else {
                "False"
            },
        )
        .replace("@START@", quoted.trim_matches('"'));
    let about = about(result, &started, writer.is_client);
    Ok(format!("{about}\n{prelude}{}", writer.text))
}

fn translated(prelude: &str) -> String {
    let mut text = prelude.to_owned();
    if lang() == Lang::Ru {
        for (english, russian) in RUSSIAN {
            text = text.replace(english, russian);
        }
    }
    text
}

/// How the program is started, with what is then typed.
fn started(start: &Start, host: &str, port: u16) -> String {
    let fill = |text: &String| {
        let text = text
            .replace("{port}", &port.to_string())
            .replace("{host}", host);
        text.replace("{log}", "events.log")
    };
    let words: Vec<String> = start.command.iter().map(fill).collect();
    let typed: Vec<String> = start
        .answers
        .iter()
        .map(|answer| fill(&answer.text))
        .collect();
    let command = words.join(" ");
    if typed.is_empty() {
        return command;
    }
    let typed = typed
        .iter()
        .map(|line| format!("`{line}`"))
        .collect::<Vec<_>>()
        .join(", ");
    tr!(
        "{command} (then type {typed})",
        "{command} (затем введите {typed})"
    )
}

/// The script's own documentation.
fn about(result: &CheckResult, started: &str, is_client: bool) -> String {
    let id = &result.id;
    let what = if result.verdict == Verdict::Pass {
        String::new()
    } else {
        format!("\n    {}\n", result.what)
    };
    let order = if is_client {
        tr!(
            "This script is the server: start it first, if need be with HOST:PORT behind its name.\n\
             When it asks for the program, start that: {started}",
            "Этот скрипт — сервер: сначала запустите его, при необходимости указав после имени HOST:PORT.\n\
             Когда он попросит, запустите программу: {started}"
        )
    } else {
        tr!(
            "Start the program: {started}\n\
             Then this script, if need be with HOST:PORT behind its name.",
            "Запустите программу: {started}\n\
             Затем этот скрипт; при необходимости укажите HOST:PORT после его имени."
        )
    };
    let text = tr!(
        "Repeats the exchange of the check {id} without the grader.\n{what}\n{order}\n\n\
         Exit code: 1 if the same difference is seen, 0 if not, 2 if it cannot be told.",
        "Повторяет обмен проверки {id} без проверяющей программы.\n{what}\n{order}\n\n\
         Код завершения: 1 — то же отличие, 0 — отличия нет, 2 — сказать нельзя."
    );
    let safe = text.replace('\\', "\\\\").replace("\"\"\"", "'''");
    format!("#!/usr/bin/env python3\n\"\"\"{safe}\n\"\"\"\n")
}

/// One end of a connection, or a UDP socket, of the check's own.
struct Peer {
    who: String,
    variable: String,
    is_tcp: bool,
}

/// What came at one end in a row, up to the entry `at`.
struct Seen {
    at: usize,
    peer: usize,
    bytes: Vec<u8>,
    ending: Option<&'static str>,
}

/// By what the failure of a check can be known again.
enum Symptom {
    /// Something else than this came, at the end of this number.
    Bytes(usize, Difference),
    /// A connection ended so, at the end of this number.
    Ending(usize, &'static str),
    /// Nobody listens any more.
    Refused,
    /// It is on the program's console.
    Console,
    /// There is none.
    Passed,
}

struct Writer<'a> {
    program: &'a str,
    is_client: bool,
    /// The program may answer in upper case or not.
    any_case: bool,
    entries: &'a [Entry],
    peers: Vec<Peer>,
    /// The number of the peer that each entry is about.
    actors: Vec<Option<usize>>,
    seen: Vec<Seen>,
    /// What is typed at the start.
    answers: Vec<String>,
    literals: Literals,
    text: String,
}

impl<'a> Writer<'a> {
    fn new(subject: &'a Subject, entries: &'a [Entry]) -> Self {
        let program = subject.program.as_str();
        let answers = subject.plain.answers.iter();
        let any_case = program == "echo-server" && subject.transform == Transform::Any;
        let mut writer = Self {
            program,
            is_client: program.ends_with("-client") || program == "broadcast-sender",
            any_case,
            entries,
            peers: Vec::new(),
            actors: Vec::new(),
            seen: Vec::new(),
            answers: answers.map(|answer| answer.text.clone()).collect(),
            literals: Literals::default(),
            text: String::new(),
        };
        writer.find_peers();
        writer.find_seen();
        writer
    }

    /// Names may come again: a connection is a new peer each time.
    fn find_peers(&mut self) {
        for entry in self.entries {
            let begins = matches!(entry.what, What::Link(Link::Connects(_) | Link::Accepts(_)));
            let sends_datagram = matches!(entry.what, What::Link(Link::SendsTo(_)));
            let known = self.peers.iter().rposition(|peer| peer.who == entry.who);
            let is_new = begins
                || known.is_none() && (sends_datagram || matches!(entry.what, What::Received(_)));
            if is_new {
                let kind = if self.is_client { "server" } else { "client" };
                let variable = format!("{kind}_{}", self.peers.len() + 1);
                let who = entry.who.clone();
                self.peers.push(Peer {
                    who,
                    variable,
                    is_tcp: begins,
                });
            }
            self.actors.push(if is_new {
                self.peers.len().checked_sub(1)
            } else {
                known
            });
        }
    }

    /// Puts together what one end received without doing anything in between.
    fn find_seen(&mut self) {
        let mut open: Vec<Option<usize>> = self.peers.iter().map(|_| None).collect();
        for (at, (entry, actor)) in self.entries.iter().zip(&self.actors).enumerate() {
            let Some(peer) = *actor else { continue };
            let (bytes, ending): (&[u8], _) = match &entry.what {
                What::Received(bytes) => (bytes, None),
                What::Link(Link::SeesEnd) => (&[], Some("end of stream")),
                What::Link(Link::SeesReset) => (&[], Some("reset")),
                What::Note(_) => (&[], Some(self.ending_of_note(at, peer))),
                _ => {
                    open[peer] = None;
                    continue;
                }
            };
            if open[peer].is_none() || !self.peers[peer].is_tcp {
                open[peer] = Some(self.seen.len());
                self.seen.push(Seen {
                    at,
                    peer,
                    bytes: Vec::new(),
                    ending: None,
                });
            }
            if let Some(seen) = open[peer].and_then(|index| self.seen.get_mut(index)) {
                seen.at = at;
                seen.bytes.extend_from_slice(bytes);
                seen.ending = ending;
            }
        }
    }

    /// A peer's note tells of a wait in vain, or, at once after a send, of its failure.
    fn ending_of_note(&self, at: usize, peer: usize) -> &'static str {
        let before = self.actors[..at]
            .iter()
            .rposition(|actor| *actor == Some(peer));
        let entry = before.map(|before| &self.entries[before]);
        let failed = entry.is_some_and(|entry| {
            let waited = self.entries[at].at.saturating_sub(entry.at);
            matches!(entry.what, What::Sent(_)) && waited.as_millis() < 100
        });
        if failed { "reset" } else { "silence" }
    }

    fn symptom(&self, result: &CheckResult) -> Symptom {
        let last = self.seen.len().checked_sub(1);
        let could_not_connect = self.entries.iter().zip(&self.actors).any(|(entry, actor)| {
            let is_own = entry.who.is_empty() || entry.who == self.program;
            actor.is_none() && !is_own && matches!(entry.what, What::Note(_))
        });
        if result.verdict == Verdict::Pass {
            return Symptom::Passed;
        }
        if let Some(both) = &result.difference {
            let is_it = |seen: &Seen| match both.received.as_slice() {
                [] => seen.bytes.is_empty(),
                bytes => seen.bytes.ends_with(bytes),
            };
            let found = self.seen.iter().rposition(is_it);
            return found.map_or(Symptom::Console, |index| {
                Symptom::Bytes(index, both.clone())
            });
        }
        let is_gone = result.verdict == Verdict::Crashed || could_not_connect;
        if is_gone {
            return if self.is_client {
                Symptom::Console
            } else {
                Symptom::Refused
            };
        }
        let ending = last.and_then(|index| Some((index, self.seen[index].ending?)));
        ending.map_or(Symptom::Console, |(index, ending)| {
            Symptom::Ending(index, ending)
        })
    }

    fn write(&mut self, symptom: &Symptom, what: &str) {
        if self.is_client {
            self.write_servers();
        }
        let mut index = 0;
        while index < self.entries.len() {
            let seen = self.seen.iter().position(|seen| seen.at == index);
            if seen.is_some_and(|seen| self.write_seen(seen, symptom)) {
                return;
            }
            index += if seen.is_some() {
                1
            } else {
                self.write_entry(index)
            };
        }
        self.write_end(symptom, what);
    }

    /// A client under check needs somebody to talk to.
    fn write_servers(&mut self) {
        let datagram = self.peers.iter().filter(|peer| !peer.is_tcp);
        let mut lines: Vec<String> = datagram
            .map(|peer| format!("{} = UdpPeer({}, PORT)", peer.variable, python(&peer.who)))
            .collect();
        if lines.is_empty() {
            lines.push("listener = listen()".into());
        }
        let ask = tr!("start the program", "запустите программу");
        lines.push(format!("ask_for({})", python(&ask)));
        self.line(&lines.join("\n"));
    }

    /// What came at one end; true if it is the symptom, after which there is nothing more to say.
    fn write_seen(&mut self, index: usize, symptom: &Symptom) -> bool {
        let seen = &self.seen[index];
        let (variable, ending) = (self.peers[seen.peer].variable.clone(), seen.ending);
        let bytes = seen.bytes.clone();
        let saw = self
            .literals
            .short(&bytes)
            .map_or_else(String::new, |saw| format!("saw={saw}"));
        match symptom {
            Symptom::Bytes(found, both) if *found == index => {
                let before = bytes.len().saturating_sub(both.received.len());
                self.write_difference(&variable, before, both);
                return true;
            }
            Symptom::Ending(found, ending) if *found == index => {
                self.comment(&tr!(
                    "the check saw this: {ending}",
                    "проверка видела: {ending}"
                ));
                self.line(&format!(
                    "finish({variable}.receive_to_end({saw}) == \"{ending}\")"
                ));
                return true;
            }
            _ => {}
        }
        match ending {
            Some("silence") => {}
            Some(ending) => self.line(&format!(
                "{variable}.receive_to_end({saw}{}ending=\"{ending}\")",
                if saw.is_empty() { "" } else { ", " }
            )),
            None => self.line(&format!(
                "{variable}.receive({}{}{saw})",
                bytes.len(),
                if saw.is_empty() { "" } else { ", " }
            )),
        }
        false
    }

    /// The end: what comes after `before` bytes is not what is expected.
    fn write_difference(&mut self, variable: &str, before: usize, both: &Difference) {
        if before > 0 {
            self.line(&format!("{variable}.receive({before})"));
        }
        self.comment(&tr!("what should have come", "что должно было прийти"));
        let (expected, n_received) = (self.literals.exact(&both.expected), both.received.len());
        self.line(&format!("expected = {expected}"));
        let most = if n_received > both.expected.len() {
            n_received.to_string()
        } else {
            "len(expected)".into()
        };
        self.line(&format!("came = {variable}.receive({most})"));
        let label = tr!("expected", "ожидалось");
        self.line(&format!("print(f\"{label}: {{shown(expected)}}\")"));
        if self.any_case {
            self.comment(&tr!(
                "upper case or not: the task allows both",
                "регистр букв не важен: задание допускает любой"
            ));
            self.line("finish(upper(came) != upper(expected))");
        } else {
            self.line("finish(came != expected)");
        }
    }

    /// One entry, or several of one kind; how many they are.
    fn write_entry(&mut self, index: usize) -> usize {
        let entry = &self.entries[index];
        let Some(peer) = self.actors[index] else {
            self.write_of_program(entry);
            return 1;
        };
        let Peer {
            who,
            variable,
            is_tcp,
        } = &self.peers[peer];
        let (variable, who) = (variable.clone(), python(who));
        let line = match &entry.what {
            What::Sent(_) => return self.write_sent(index, &variable),
            What::Link(Link::Connects(_)) => format!("{variable} = connect({who})"),
            What::Link(Link::Accepts(_)) => format!("{variable} = accept({who})"),
            What::Link(Link::EndsHalf) => format!("{variable}.end()"),
            What::Link(Link::Resets) => format!("{variable}.reset()"),
            What::Link(Link::Closes) => format!("{variable}.close()"),
            What::Link(Link::SendsTo(_)) if !is_tcp && !self.is_client && self.is_first(index) => {
                format!("{variable} = UdpPeer({who}, 0)")
            }
            _ => return 1,
        };
        self.line(&line);
        1
    }

    /// Whether nothing was heard of the entry's peer before.
    fn is_first(&self, index: usize) -> bool {
        !self.actors[..index].contains(&self.actors[index])
    }

    /// A send; several in a row of a byte each are a loop.
    fn write_sent(&mut self, index: usize, variable: &str) -> usize {
        let sent: Vec<&Vec<u8>> = self.entries[index..]
            .iter()
            .zip(&self.actors[index..])
            .map_while(|(entry, actor)| match &entry.what {
                What::Sent(bytes) if *actor == self.actors[index] => Some(bytes),
                _ => None,
            })
            .collect();
        let n_single = sent.iter().take_while(|bytes| bytes.len() == 1).count();
        if n_single > 3 {
            let all: Vec<u8> = sent[..n_single]
                .iter()
                .flat_map(|bytes| bytes.iter().copied())
                .collect();
            let all = self.literals.exact(&all);
            self.line(&format!(
                "for byte in {all}:\n    {variable}.send(bytes([byte]))"
            ));
            return n_single;
        }
        let gap = sent.get(1).map(|_| {
            self.entries[index + 1]
                .at
                .saturating_sub(self.entries[index].at)
        });
        let at_once = gap.is_some_and(|gap| gap.as_micros() < AT_ONCE_MICROS);
        let pause = if at_once { ", pause=0" } else { "" };
        let bytes = self.literals.sent(sent[0]);
        self.line(&format!("{variable}.send({bytes}{pause})"));
        1
    }

    /// What the check did at the program's console, and what stood there.
    fn write_of_program(&mut self, entry: &Entry) {
        match &entry.what {
            What::Step(text) => self.comment(&format!("--- {text}")),
            What::Line(text) => {
                let said = common::excerpt(text.as_bytes());
                self.comment(&format!("{} |  {said}", entry.who));
            }
            What::Typed(bytes) if !self.is_answer(bytes) => {
                let typed = common::escape(bytes.strip_suffix(b"\n").unwrap_or(bytes));
                let ask = tr!("type: {typed}", "введите: {typed}");
                self.line(&format!("ask_for({})", python(&ask)));
            }
            What::Note(text) if entry.who == self.program => self.write_note(text),
            _ => {}
        }
    }

    fn write_note(&mut self, text: &str) {
        let is_start = text.starts_with(&tr!("starts: ", "запуск: "));
        let has_begun = self.text.contains("connect(") || self.text.contains("accept(");
        if !is_start {
            let ask = tr!("the program: {text}", "программа: {text}");
            self.line(&format!("ask_for({})", python(&ask)));
        } else if has_begun {
            let ask = tr!(
                "stop the program and start it again",
                "остановите программу и запустите снова"
            );
            self.line(&format!("wait_for_user({})", python(&ask)));
        }
    }

    /// Whether a typed line is one of those that every start needs.
    fn is_answer(&self, typed: &[u8]) -> bool {
        let typed = String::from_utf8_lossy(typed);
        let typed = typed.trim_end_matches('\n');
        let is_it = |answer: &String| match answer.as_str() {
            "{port}" => typed.parse::<u16>().is_ok(),
            "{host}" => typed.parse::<std::net::IpAddr>().is_ok(),
            text => text == typed,
        };
        self.answers.iter().any(is_it)
    }

    fn write_end(&mut self, symptom: &Symptom, what: &str) {
        match symptom {
            Symptom::Passed => {
                let label = tr!("differences", "отличий");
                self.line(&format!("print(f\"{label}: {{differences}}\")"));
                self.line("sys.exit(1 if differences else 0)");
            }
            Symptom::Refused => {
                self.comment(&tr!(
                    "the check could not connect any more",
                    "проверка больше не смогла подключиться"
                ));
                self.line("finish(is_refused())");
            }
            _ => {
                let look = tr!(
                    "only the program's own console can show whether it is the same: {what}",
                    "то же ли это, видно только в консоли программы: {what}"
                );
                self.line(&format!("print({})", python(&look)));
                self.line("sys.exit(2)");
            }
        }
    }

    fn comment(&mut self, text: &str) {
        let text = text.replace('\n', " ");
        self.line(&format!("# {text}"));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A text as a Python literal.
fn python(text: &str) -> String {
    crate::literal::text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_is_translated_is_there() {
        for (english, _) in RUSSIAN {
            assert!(PRELUDE.contains(english), "{english}");
        }
    }
}
