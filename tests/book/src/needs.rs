//! What the machine must have for pages to run.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::namespace::{Namespace, TOOLS};

/// What the machine lacks.
#[derive(Debug)]
pub struct Needs {
    /// Why no page can run.
    no_page: Option<String>,
    missing_programs: BTreeSet<String>,
}

impl Needs {
    /// Tries out a namespace, and looks for `programs`.
    pub fn check(programs: &BTreeSet<String>) -> Self {
        let programs = programs.iter().map(String::as_str);
        Self {
            no_page: try_namespace().err().map(|error| format!("{error:#}")),
            missing_programs: missing_programs(programs).unwrap_or_default(),
        }
    }

    /// Why a page that uses `programs` cannot be run here.
    pub fn unmet(&self, programs: &BTreeSet<String>) -> Option<String> {
        let missing: BTreeSet<String> = &self.missing_programs & programs;
        let missing = (!missing.is_empty()).then(|| format!("no {}", join(&missing)));
        self.no_page.clone().or(missing)
    }
}

/// A trial that is ignored where its needs are not met, and says why; with `LAB_REQUIRE_ALL=1` it fails.
pub fn trial(
    name: String,
    unmet: Option<String>,
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let Some(reason) = unmet else {
        return Trial::test(name, test);
    };
    if std::env::var_os("LAB_REQUIRE_ALL").is_some_and(|value| value == "1") {
        return Trial::test(name, move || Err(reason.into()));
    }
    eprintln!("ignored: {name}: {reason}");
    let kind = reason.clone();
    let trial = Trial::test(name, move || Err(reason.into()));
    trial.with_kind(kind).with_ignored_flag(true)
}

fn try_namespace() -> Result<()> {
    let missing = missing_programs(TOOLS)?;
    ensure!(missing.is_empty(), "no {}", join(&missing));
    Namespace::new(&[])?.try_out()
}

/// Those of `programs` that are neither on the `PATH` nor known to the shell.
fn missing_programs<'p>(programs: impl IntoIterator<Item = &'p str>) -> Result<BTreeSet<String>> {
    const LOOK: &str = "for p; do command -v -- \"$p\" >/dev/null || echo \"$p\"; done";
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", LOOK, "bash"]).args(programs).output();
    let output = output.context("run bash")?;
    let missing = String::from_utf8_lossy(&output.stdout);
    Ok(missing.lines().map(str::to_owned).collect())
}

fn join(programs: &BTreeSet<String>) -> String {
    Vec::from_iter(programs.iter().map(String::as_str)).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_missing() {
        let missing = missing_programs(["bash", "echo", "no-such-program"]).unwrap();
        assert_eq!(join(&missing), "no-such-program");
    }

    #[test]
    fn a_page_needs_its_own_programs_only() {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let needs = Needs {
            no_page: None,
            missing_programs: set(&["nc"]),
        };
        assert_eq!(needs.unmet(&set(&["nc", "cargo"])).unwrap(), "no nc");
        assert_eq!(needs.unmet(&set(&["cargo"])), None);
    }
}
