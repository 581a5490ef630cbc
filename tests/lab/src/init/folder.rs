//! The programs of a folder: which files they are made of, how they are built and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::source::Source;
use super::token::Language;

/// Most files that are read, the longest one, and how deep folders are looked into.
const MOST_FILES: usize = 200;
const LONGEST: u64 = 256 << 10;
const DEEPEST: usize = 3;

/// Folders with what others wrote, or compilers.
const FOREIGN: &[&str] = &[
    ".git",
    "target",
    "venv",
    ".venv",
    "env",
    "node_modules",
    "__pycache__",
    "build",
];

/// A program that does something with sockets.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) source: Source,
    /// How it is started, but for its arguments.
    pub(crate) command: Vec<String>,
    /// Where it is started.
    pub(crate) folder: PathBuf,
    /// What builds it, a command of the shell.
    pub(crate) step: Option<String>,
}

/// The programs in the sources below `root`.
pub(crate) fn programs(root: &Path) -> Vec<Found> {
    let mut sources = Vec::new();
    collect(root, Path::new(""), 0, &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let makefiles = ["Makefile", "makefile"];
    let makefile = makefiles
        .iter()
        .find_map(|name| fs::read_to_string(root.join(name)).ok());
    let whole = with_modules(&sources).into_iter();
    let programs = whole.filter(|source| source.role().is_some());
    let found = programs.map(|source| {
        let (command, folder, step) = match source.language {
            Language::Python => python(&source.path),
            Language::C => c(&source, &sources, makefile.as_deref()),
            Language::Rust => rust(root, &source.path),
        };
        Found {
            source,
            command,
            folder,
            step,
        }
    });
    found.collect()
}

/// Prints where the files that it is given are no Python; it runs none of them.
const COMPILER: &str = r#"
import sys
for name in sys.argv[1:]:
    try:
        compile(open(name, "rb").read(), name, "exec")
    except SyntaxError as error:
        print(f"{name}:{error.lineno}: {type(error).__name__}: {error.msg}")
    except Exception:
        pass
"#;

/// What Python says of the sources below `root` that it does not understand, a line for each.
pub(crate) fn not_understood(root: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    collect(root, Path::new(""), 0, &mut sources);
    sources.retain(|source| source.language == Language::Python);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let mut python = Command::new("python3");
    python.args(["-I", "-X", "utf8", "-c", COMPILER]);
    python.args(sources.iter().map(|source| &source.path));
    let output = python.current_dir(root).stdin(Stdio::null()).output();
    // Without Python nobody can say.
    let said = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    let said = String::from_utf8_lossy(&said);
    said.lines().map(str::to_owned).collect()
}

fn collect(root: &Path, below: &Path, depth: usize, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(below))
        .into_iter()
        .flatten()
        .flatten()
    {
        let (path, name) = (below.join(entry.file_name()), entry.file_name());
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let name = name.to_string_lossy();
        if kind.is_dir() && depth < DEEPEST && !FOREIGN.contains(&name.as_ref()) {
            collect(root, &path, depth + 1, sources);
        }
        let is_short = entry.metadata().is_ok_and(|meta| meta.len() <= LONGEST);
        let Some(language) = language(&path).filter(|_| kind.is_file() && is_short) else {
            continue;
        };
        if sources.len() < MOST_FILES {
            let bytes = fs::read(root.join(&path)).unwrap_or_default();
            sources.push(Source::new(
                &path,
                &String::from_utf8_lossy(&bytes),
                language,
            ));
        }
    }
}

fn language(path: &Path) -> Option<Language> {
    match path.extension()?.to_str()? {
        "py" => Some(Language::Python),
        "c" | "cpp" | "cc" => Some(Language::C),
        "rs" => Some(Language::Rust),
        _ => None,
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The sources that are programs, each with the modules that it imports.
fn with_modules(sources: &[Source]) -> Vec<Source> {
    let is_module = |source: &&Source| {
        let name = stem(&source.path);
        source.language == Language::Python && sources.iter().any(|other| other.imports(&name))
    };
    let (modules, programs): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(is_module);
    let programs = programs
        .into_iter()
        .filter(|source| source.language == Language::Python || source.has_main());
    let whole = programs.map(|program| {
        let mut whole = program.clone();
        for module in modules
            .iter()
            .filter(|module| program.imports(&stem(&module.path)))
        {
            whole.include(module);
        }
        whole
    });
    whole.collect()
}

type Started = (Vec<String>, PathBuf, Option<String>);

/// A Python program finds its modules and files where it stands.
fn python(path: &Path) -> Started {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    (vec!["python3".into(), name], folder, None)
}

fn c(source: &Source, sources: &[Source], makefile: Option<&str>) -> Started {
    let (path, name) = (&source.path, stem(&source.path));
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let command = vec![format!("./{name}")];
    if let Some(makefile) = makefile {
        let name = made(makefile, path).unwrap_or(name);
        return (
            vec![format!("./{name}")],
            PathBuf::new(),
            Some("make".into()),
        );
    }
    let is_beside = |other: &&Source| {
        other.language == Language::C && other.path.parent() == path.parent() && !other.has_main()
    };
    let common = sources
        .iter()
        .filter(is_beside)
        .map(|other| format!(" {}", quoted(&other.path)));
    let output = folder.join(&name);
    let compiler = if path.extension().is_some_and(|extension| extension == "c") {
        "gcc"
    } else {
        "g++"
    };
    let step = format!(
        "{compiler} -pthread -o {} {}{}",
        quoted(&output),
        quoted(path),
        common.collect::<String>()
    );
    (command, folder, Some(step))
}

/// What a makefile makes of a source: what stands behind `-o` in its line, or is its target.
fn made(makefile: &str, source: &Path) -> Option<String> {
    let file = source.file_name()?.to_string_lossy();
    let output = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "-o");
        let word = words.nth(1).filter(|word| !word.contains('$'));
        word.map(str::to_owned)
    };
    let target = |line: &str| {
        line.split_once(':')
            .map(|(target, _)| target.trim().to_owned())
    };
    let is_own = |line: &&str| line.split_whitespace().any(|word| word == file);
    let own = || makefile.lines().filter(is_own);
    let own_target = || {
        own()
            .filter_map(target)
            .find(|target| !target.ends_with(".o"))
    };
    own().find_map(output).or_else(own_target)
}

fn rust(root: &Path, path: &Path) -> Started {
    let package = path
        .ancestors()
        .skip(1)
        .find(|folder| root.join(folder).join("Cargo.toml").exists());
    let Some(package) = package else {
        let name = stem(path);
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let step = format!("rustc -o {} {}", quoted(&folder.join(&name)), quoted(path));
        return (vec![format!("./{name}")], folder, Some(step));
    };
    let manifest = fs::read_to_string(root.join(package).join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let own = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str());
    let is_main = path.ends_with("src/main.rs");
    let name = own
        .filter(|_| is_main)
        .map_or_else(|| stem(path), str::to_owned);
    let at_root = package.as_os_str().is_empty();
    let step = if at_root {
        "cargo build".to_owned()
    } else {
        format!(
            "cargo build --manifest-path {}",
            quoted(&package.join("Cargo.toml"))
        )
    };
    let command = package.join("target/debug").join(name);
    (
        vec![command.to_string_lossy().into_owned()],
        PathBuf::new(),
        Some(step),
    )
}

/// A path for the shell.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    if path
        .chars()
        .all(|c| c.is_alphanumeric() || "._-/".contains(c))
    {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}
