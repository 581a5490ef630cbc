//! A server on the command line.

use std::collections::HashSet;
use std::path::Path;
use std::process;
use std::str::FromStr;

use serde::Serialize;

/// The command line of a server, with a name.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Command {
    pub(crate) name: String,
    /// As it was written.
    pub(crate) line: String,
    #[serde(skip)]
    words: Vec<String>,
}

impl Command {
    /// The process to be started. It leads a process group, so that Ctrl-C in the terminal reaches
    /// only the load generator, which then ends the server and what that has started.
    pub(crate) fn process(&self) -> process::Command {
        let mut process = process::Command::new(&self.words[0]);
        process.args(&self.words[1..]);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        process
    }
}

impl FromStr for Command {
    type Err = String;

    /// `CMD`, or `NAME=CMD`; the words of `CMD` are quoted as in a shell. Without a name, that of
    /// the program's file.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, line) = match text.split_once('=') {
            Some((name, line)) if is_name(name) => (Some(name.to_owned()), line.trim()),
            _ => (None, text.trim()),
        };
        let words = shlex::split(line).ok_or("a quotation mark is missing")?;
        let program = words.first().ok_or("the command line is empty")?;
        let file = Path::new(program).file_stem().unwrap_or_default();
        Ok(Self {
            name: name.unwrap_or_else(|| common::escape(file.as_encoded_bytes())),
            line: common::escape(line.as_bytes()),
            words,
        })
    }
}

fn is_name(text: &str) -> bool {
    let in_a_name = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && text.chars().all(in_a_name)
}

/// Adds a number to each name that was there before.
pub(crate) fn make_names_unique(commands: &mut [Command]) {
    let mut names = HashSet::new();
    for command in commands {
        let name = command.name.clone();
        let mut number = 1;
        while !names.insert(command.name.clone()) {
            number += 1;
            command.name = format!("{name}-{number}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_or_that_of_the_file() {
        let parsed = |text: &str| {
            text.parse::<Command>()
                .map(|command| (command.name, command.words))
        };
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            parsed("bin/echo-server -p 0"),
            Ok(("echo-server".into(), words(&["bin/echo-server", "-p", "0"])))
        );
        assert_eq!(
            parsed("мой=bin/echo 'two words' a=b"),
            Ok(("мой".into(), words(&["bin/echo", "two words", "a=b"])))
        );
        assert_eq!(
            parsed("bin/echo a=b").map(|parsed| parsed.0),
            Ok("echo".into())
        );
        for bad in ["", "  ", "name=", "echo 'open"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_become_unique() {
        let mut commands: Vec<Command> = ["a", "a", "a-2=b", "c", "a"]
            .map(|text| text.parse().unwrap())
            .into();
        make_names_unique(&mut commands);
        let names: Vec<_> = commands
            .iter()
            .map(|command| command.name.as_str())
            .collect();
        assert_eq!(names, ["a", "a-2", "a-2-2", "c", "a-3"]);
    }
}
