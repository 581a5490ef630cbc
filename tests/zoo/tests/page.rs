//! What came of the wrong programs, as a table to print and as a page of the guide.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use checks::programs;

use crate::animals::{Broken, Zoo, checks_of_submissions};
use crate::matrix::{Judged, Verdict};

/// The verdicts on one wrong program.
pub(crate) struct Row {
    pub(crate) bug: String,
    pub(crate) check: String,
    of: String,
    /// The first program that has the check.
    program: String,
    verdicts: BTreeMap<&'static str, Verdict>,
    texts: Vec<String>,
}

impl Row {
    pub(crate) fn new(broken: &Broken) -> Self {
        Self {
            bug: broken.bug.clone(),
            check: broken.check.clone(),
            of: broken.of.clone(),
            program: program_with(&broken.check).unwrap_or_default().to_owned(),
            verdicts: BTreeMap::new(),
            texts: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, program: &str, judged: Vec<Judged>) {
        for judged in judged {
            let known = self.verdicts.insert(judged.check.id, judged.verdict);
            debug_assert!(known.is_none(), "{program}: {} twice", judged.check.id);
            if matches!(judged.verdict, Verdict::Fails | Verdict::Unsure) {
                self.texts.push(judged.text);
            }
        }
    }

    fn with(&self, verdict: Verdict) -> impl Iterator<Item = &'static str> + Clone {
        let all = self.verdicts.iter();
        all.filter(move |(_, of)| **of == verdict)
            .map(|(id, _)| *id)
    }

    /// What is not as the entry and the topics say.
    pub(crate) fn agrees_with(&self, broken: &Broken, zoo: &Zoo) -> Result<(), String> {
        let failed: Vec<&str> = self.with(Verdict::Fails).collect();
        let named = self.verdicts.get(broken.check.as_str());
        let complaint = if self.with(Verdict::Unsure).next().is_some() {
            Some("some checks could not do their work".to_owned())
        } else if named != Some(&Verdict::Fails) {
            Some(format!("{} says {named:?}", broken.check))
        } else if zoo.common_topic(failed.iter().copied()).is_none() {
            Some("these have no topic in common".to_owned())
        } else if broken.alone && failed.len() > 1 {
            Some("it is not alone".to_owned())
        } else {
            None
        };
        complaint.map_or(Ok(()), |complaint| {
            let texts = self.texts.join("\n\n");
            Err(format!("{complaint}; failed: {failed:?}\n\n{texts}"))
        })
    }
}

fn program_with(check: &str) -> Option<&'static str> {
    programs().find(|program| checks::of(program).iter().any(|known| known.id == check))
}

/// The checks of a program that a submission can meet.
fn columns(program: &str) -> Vec<&'static str> {
    let all: Vec<&str> = checks_of_submissions().collect();
    let own = checks::of(program);
    own.iter()
        .map(|check| check.id)
        .filter(|id| all.contains(id))
        .collect()
}

fn sign(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Fails) => "X",
        Some(Verdict::Passes) => "·",
        Some(Verdict::Unreached) => "-",
        Some(Verdict::Unsure) => "?",
        Some(Verdict::Unasked) | None => " ",
    }
}

/// Programs by checks, for a terminal: a block for each program of the labs.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    for program in programs() {
        let columns = columns(program);
        let rows: Vec<&Row> = rows.iter().filter(|row| row.program == program).collect();
        if rows.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{program}");
        for (number, id) in columns.iter().enumerate() {
            let _ = writeln!(text, "{:>4} {id}", number + 1);
        }
        for row in rows {
            for id in &columns {
                let _ = write!(text, "{}", sign(row.verdicts.get(id)));
            }
            let _ = writeln!(text, "  {} ({})", row.bug, row.of);
        }
    }
    text
}

/// The page: for each program, the wrong ones and the checks that catch them.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::new();
    for program in programs() {
        let columns = columns(program);
        let rows: Vec<&Row> = rows.iter().filter(|row| row.program == program).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {program}\n");
        for (number, id) in columns.iter().enumerate() {
            let _ = writeln!(text, "{}. `{id}`", number + 1);
        }
        let numbers: Vec<String> = (1..=columns.len())
            .map(|number| number.to_string())
            .collect();
        let _ = writeln!(text, "\n| | {} |", numbers.join(" | "));
        let _ = writeln!(text, "|---{}|", "|---".repeat(columns.len()));
        for row in rows {
            let signs: Vec<&str> = columns
                .iter()
                .map(|id| sign(row.verdicts.get(id)))
                .collect();
            let _ = writeln!(text, "| {} | {} |", row.bug, signs.join(" | "));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The pages of the guide, where they exist, have a line for every wrong program, and for no other.
pub(crate) fn pages_list_all(zoo: &Zoo) -> Result<(), String> {
    for language in ["en", "ru"] {
        let page = format!("../../docs/{language}/src/zoo.md");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&page);
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let lines = text.lines().filter_map(|line| line.strip_prefix("| "));
        // The heads of the tables begin with an empty cell.
        let lines = lines.filter(|line| !line.starts_with('|'));
        let mut listed: Vec<&str> = lines
            .filter_map(|line| line.split_once(" | "))
            .map(|(bug, _)| bug.trim())
            .filter(|bug| !bug.is_empty())
            .collect();
        let mut bugs: Vec<&str> = zoo
            .broken
            .iter()
            .map(|broken| broken.bug.as_str())
            .collect();
        listed.sort_unstable();
        bugs.sort_unstable();
        if let Some(at) =
            (0..listed.len().max(bugs.len())).find(|&at| listed.get(at) != bugs.get(at))
        {
            let (listed, bug) = (listed.get(at), bugs.get(at));
            return Err(format!(
                "{page} is old: it has {listed:?} where the zoo has {bug:?}"
            ));
        }
    }
    Ok(())
}
