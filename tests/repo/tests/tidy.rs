//! What every member and every lab of this repository has in common.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed; these stand outside #[test] only because of their own main"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use checks::{Missing, trial_unless};
use libtest_mimic::{Arguments, Completion, Trial};
use toml::{Table, Value};

/// Lines of a file that a student still reads in one sitting.
const ONE_SITTING: usize = 220;

/// Crates that a small lab may take to build.
const LIGHT: usize = 45;

/// Programs that measure or examine the others. Nobody has to write one, so there are no checks of
/// them but tests of their own, and they may take more to build than what a student builds first.
const TOOLS: &[&str] = &["load"];

/// A test, and what it lacks to run.
type Case = (&'static str, fn(), Option<Missing>);

macro_rules! case {
    ($test:ident) => {
        case!($test, None)
    };
    ($test:ident, $missing:expr) => {
        (stringify!($test), $test as fn(), $missing)
    };
}

fn main() -> ExitCode {
    let cases: Vec<Case> = vec![
        case!(every_member_inherits_package_fields_and_lints),
        case!(every_dependency_of_several_members_is_declared_once),
        case!(every_lab_runs_its_checks_and_knows_nothing_else_of_the_tests),
        case!(every_lab_has_a_row_in_the_readme_and_a_guide_in_both_languages),
        case!(no_file_of_a_lab_has_outgrown_one_sitting),
        case!(only_password_hashing_is_optimised_in_the_development_profile),
        case!(a_small_lab_is_light),
        case!(nothing_else_stands_at_the_top_level, git()),
        case!(unsafe_blocks_stand_in_one_place_and_are_explained),
    ];
    let trial = |(name, test, missing): Case| -> Trial {
        trial_unless(missing, name, "", move || {
            test();
            Ok(Completion::Completed)
        })
    };
    let trials = cases.into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The repository may have come as an archive.
fn git() -> Option<Missing> {
    top_level()
        .is_none()
        .then(|| Missing::Machine("no git, or no repository".into()))
}

fn top_level() -> Option<String> {
    let mut git = Command::new("git");
    let listed = git
        .args(["ls-tree", "--name-only", "HEAD"])
        .current_dir(root())
        .output()
        .ok()?;
    listed
        .status
        .success()
        .then(|| String::from_utf8_lossy(&listed.stdout).into_owned())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(folder: &Path) -> Table {
    read(folder.join("Cargo.toml")).parse().unwrap()
}

fn folders(parent: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(parent)).unwrap().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| Path::new(parent).join(entry.file_name()))
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "{parent} is empty");
    folders
}

fn members() -> Vec<PathBuf> {
    [
        vec![PathBuf::from("common")],
        folders("labs"),
        folders("tests"),
    ]
    .concat()
}

/// The folder and the name of every lab.
fn labs() -> Vec<(PathBuf, String)> {
    let named = |lab: PathBuf| {
        let name = lab.file_name().unwrap().to_string_lossy().into_owned();
        (lab, name)
    };
    folders("labs").into_iter().map(named).collect()
}

fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
}

/// Calls cargo; what it printed.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn every_member_inherits_package_fields_and_lints() {
    let workspace = &manifest(Path::new("."))["workspace"];
    let fields = workspace["package"].as_table().unwrap();
    for member in members() {
        let manifest = manifest(&member);
        let name = member.display();
        for field in fields.keys() {
            let inherited = manifest["package"]
                .get(field)
                .and_then(|value| value.get("workspace"));
            assert_eq!(inherited, Some(&Value::Boolean(true)), "{name}: {field}");
        }
        assert!(
            manifest["package"].get("description").is_some(),
            "{name}: description"
        );
        assert_eq!(
            manifest["lints"]["workspace"],
            Value::Boolean(true),
            "{name}: lints"
        );
    }
}

fn every_dependency_of_several_members_is_declared_once() {
    let mut own: Vec<String> = Vec::new();
    for member in members() {
        let manifest = manifest(&member);
        for section in ["dependencies", "dev-dependencies"] {
            let dependencies = manifest.get(section).and_then(Value::as_table);
            for (name, dependency) in dependencies.into_iter().flatten() {
                if dependency.get("workspace").is_none() {
                    assert!(!own.contains(name), "{}: {name} again", member.display());
                    own.push(name.clone());
                }
            }
        }
    }
    let workspace = &manifest(Path::new("."))["workspace"]["dependencies"];
    let twice: Vec<_> = own
        .iter()
        .filter(|name| workspace.get(name.as_str()).is_some())
        .collect();
    assert!(
        twice.is_empty(),
        "declared by the workspace as well: {twice:?}"
    );
}

fn every_lab_runs_its_checks_and_knows_nothing_else_of_the_tests() {
    for (lab, name) in labs() {
        let manifest = manifest(&lab);
        assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()));
        for package in ["checks", "harness"] {
            assert!(
                manifest["dependencies"].get(package).is_none(),
                "{name} depends on {package}"
            );
        }
        let dev = manifest["dev-dependencies"].as_table().unwrap();
        if is_tool(&name) {
            assert!(
                !dev.contains_key("checks") && !dev.contains_key("harness"),
                "{name} knows the checks"
            );
            continue;
        }
        assert_eq!(dev.keys().collect::<Vec<_>>(), ["checks"], "{name}");
        assert!(
            !checks::of(&name).is_empty(),
            "there are no checks of {name}"
        );
        let test = &manifest["test"][0];
        assert_eq!(
            test["path"].as_str(),
            Some("../../tests/checks/run.rs"),
            "{name}"
        );
        assert_eq!(test["harness"], Value::Boolean(false), "{name}");
        assert_eq!(manifest["bin"][0]["test"], Value::Boolean(false), "{name}");
    }
}

fn every_lab_has_a_row_in_the_readme_and_a_guide_in_both_languages() {
    let readme = read("README.md");
    for (_, name) in labs() {
        let row = readme
            .lines()
            .find(|line| line.starts_with("| ") && line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("README.md has no row for {name}"));
        let page = guide(row).unwrap_or_else(|| panic!("the row of {name} links no guide"));
        for language in ["en", "ru"] {
            let path = format!("docs/{language}/src/{page}.md");
            assert!(
                row.contains(&format!("({path})")),
                "the row of {name} does not link {path}"
            );
            let summary = read(format!("docs/{language}/src/SUMMARY.md"));
            assert!(
                summary.contains(&format!("({page}.md)")),
                "{language}: {page} is not in the summary"
            );
            assert!(
                read(&path).contains(&format!("cargo run -q -p {name}")),
                "{path} does not run {name}"
            );
        }
    }
}

/// The page that a row of the table links; several labs may share one.
fn guide(row: &str) -> Option<&str> {
    let (_, link) = row.split_once("(docs/en/src/")?;
    link.split_once(".md)").map(|(page, _)| page)
}

fn no_file_of_a_lab_has_outgrown_one_sitting() {
    for (lab, _) in labs() {
        for path in files_below(&root().join(&lab).join("src")) {
            let n_lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(
                n_lines <= ONE_SITTING,
                "{}: {n_lines} lines",
                path.display()
            );
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = paths.map(|path| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![path]
        }
    });
    files.flatten().collect()
}

fn only_password_hashing_is_optimised_in_the_development_profile() {
    let manifest = manifest(Path::new("."));
    let profiles = manifest["profile"].as_table().unwrap();
    assert_eq!(profiles.keys().collect::<Vec<_>>(), ["dev"]);
    let profile = profiles["dev"].as_table().unwrap();
    assert_eq!(profile.keys().collect::<Vec<_>>(), ["package"]);
    let packages = profile["package"].as_table().unwrap();
    assert_eq!(packages.keys().collect::<Vec<_>>(), ["argon2", "blake2"]);
    for settings in packages.values() {
        assert_eq!(
            settings.as_table().unwrap().iter().collect::<Vec<_>>(),
            [(&"opt-level".to_owned(), &Value::Integer(3))]
        );
    }
    // cargo warns at every build of a profile for packages that it does not know.
    let lock = read("Cargo.lock");
    assert!(
        ["argon2", "blake2"]
            .iter()
            .all(|name| lock.contains(&format!("name = \"{name}\"")))
    );
}

fn a_small_lab_is_light() {
    for (_, package) in labs().into_iter().filter(|(_, name)| !is_tool(name)) {
        let tree = cargo(&[
            "tree",
            "-p",
            &package,
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--offline",
        ]);
        let mut crates: Vec<&str> = tree
            .lines()
            .map(|line| line.trim_end_matches(" (*)"))
            .collect();
        crates.sort_unstable();
        crates.dedup();
        assert!(
            crates.len() <= LIGHT,
            "{package} builds {} crates: {crates:#?}",
            crates.len()
        );
    }
}

fn nothing_else_stands_at_the_top_level() {
    let allowed = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "clippy.toml",
        "common",
        "docs",
        "labs",
        "tests",
    ];
    for name in top_level().unwrap().lines() {
        assert!(
            name.starts_with('.') || allowed.contains(&name),
            "{name} at the top level"
        );
    }
}

fn unsafe_blocks_stand_in_one_place_and_are_explained() {
    let mut places = Vec::new();
    for member in members() {
        for folder in ["src", "tests"] {
            for entry in fs::read_dir(root().join(&member).join(folder))
                .into_iter()
                .flatten()
                .flatten()
            {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                // Not the words of this very test.
                if text.contains(concat!("unsafe", "_code")) {
                    places.push(entry.file_name().to_string_lossy().into_owned());
                    assert!(text.contains("// SAFETY: "), "{}", entry.path().display());
                }
            }
        }
    }
    places.sort();
    assert_eq!(places, ["descriptors.rs", "netns.rs"]);
}
