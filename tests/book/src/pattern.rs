//! Expected lines with placeholders.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use regex::Regex;

/// What each placeholder stands for.
const PLACEHOLDERS: [(&str, &str); 5] = [
    (
        "time",
        "(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?|\
         [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}",
    ),
    ("port", "[0-9]+"),
    ("pid", "[0-9]+"),
    ("n", "[0-9]+(?:[.,][0-9]+)?"),
    ("text", ".+"),
];

/// The texts that numbered placeholders such as `<port1>` have stood for on a page so far.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Whether `line` is what `expected` asks for; if so, its numbered placeholders are settled from now on.
    ///
    /// # Errors
    /// If the line makes no regular expression, as one of megabytes would not.
    pub(crate) fn matches(&mut self, expected: &str, line: &str) -> Result<bool> {
        let (regex, names) = self.regex(expected)?;
        let Some(groups) = regex.captures(line) else {
            return Ok(false);
        };
        let mut found = BTreeMap::new();
        for (name, group) in names.into_iter().zip(groups.iter().skip(1)) {
            let text = group.map_or("", |group| group.as_str());
            if name.ends_with(|c: char| c.is_ascii_digit())
                && found.insert(name, text).is_some_and(|other| other != text)
            {
                return Ok(false);
            }
        }
        let found = found.into_iter().map(|(k, v)| (k.into(), v.into()));
        self.0.extend(found);
        Ok(true)
    }

    /// The settled placeholders of `expected`, for a message: `<port1> is 40312`.
    pub(crate) fn explain(&self, expected: &str) -> String {
        let settled = self
            .0
            .iter()
            .map(|(name, text)| (format!("<{name}>"), text));
        settled
            .filter(|(name, _)| expected.contains(name))
            .map(|(name, text)| format!("\n    where {name} is {text}"))
            .collect()
    }

    /// The regular expression of a line, and the name of each of its groups.
    fn regex<'e>(&self, expected: &'e str) -> Result<(Regex, Vec<&'e str>)> {
        let (mut regex, mut names) = (String::from("^"), Vec::new());
        let mut rest = expected.trim_end();
        while let Some(start) = rest.find('<') {
            let (literal, from) = rest.split_at(start);
            regex += &regex::escape(literal);
            let (name, pattern) = placeholder(from).unwrap_or(("", ""));
            match (self.0.get(name), name) {
                (Some(text), _) => regex += &regex::escape(text),
                (None, "") => regex += "<",
                (None, _) => {
                    regex += &format!("({pattern})");
                    names.push(name);
                }
            }
            let length = if name.is_empty() { 1 } else { name.len() + 2 };
            rest = &from[length..];
        }
        regex += &regex::escape(rest);
        let regex = Regex::new(&(regex + "$")).context("make a pattern of the line")?;
        Ok((regex, names))
    }
}

/// The name and the pattern of the placeholder that `text` begins with.
fn placeholder(text: &str) -> Option<(&str, &'static str)> {
    let (name, _) = text.strip_prefix('<')?.split_once('>')?;
    let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let (_, pattern) = PLACEHOLDERS.iter().find(|(known, _)| *known == kind)?;
    Some((name, pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expected: &str, line: &str) -> bool {
        Names::default().matches(expected, line).unwrap()
    }

    #[test]
    fn a_line_without_placeholders_matches_itself() {
        assert!(matches("a.b (c) <d>", "a.b (c) <d>"));
        assert!(matches("ends in blanks", "ends in blanks"));
        assert!(!matches("a.b", "a-b"));
        assert!(!matches("a", "a b"));
    }

    #[test]
    fn placeholders_stand_for_what_they_say() {
        assert!(matches("<time> x", "2026-11-21 10:00:00 x"));
        assert!(matches("<time>", "10:00:00.123"));
        assert!(matches("<time>", "Sat Nov  1 10:00:00 2026"));
        assert!(!matches("<time>", "today"));
        assert!(matches("[::1]:<port>, <n> s, <pid>", "[::1]:9, 0.25 s, 17"));
        assert!(!matches("<port>", "nine"));
        assert!(matches("<text> (os error <n>)", "отказ (os error 13)"));
        assert!(!matches("a<text>", "a"));
    }

    #[test]
    fn a_numbered_placeholder_keeps_its_text() {
        let mut names = Names::default();
        assert!(!names.matches("<port1> <port1>", "1 2").unwrap());
        assert!(names.matches("<port1> <port2>", "1 2").unwrap());
        assert!(names.matches("from <port1>", "from 1").unwrap());
        assert!(!names.matches("from <port1>", "from 2").unwrap());
        assert_eq!(names.explain("<port2>"), "\n    where <port2> is 2");
    }
}
