//! `cargo lab init` on folders of programs: with the `lab.toml` that it proposes, the checks named
//! here pass.
//!
//! Below `init` are small programs in the habits of students; the others are the zoo's right ones
//! and those of the lectures, without their `lab.toml`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use checks::{Missing, Need, trial_unless};
use libtest_mimic::{Arguments, Completion, Failed};
use tempfile::TempDir;

/// A folder, what `lab.toml` must say among other things, and the checks that pass then.
struct Case {
    folder: &'static str,
    says: &'static [&'static str],
    checks: &'static [&'static str],
}

const BOTH: &[&str] = &["echo/answers", "echo-client/sends"];
const SERVER: &[&str] = &["echo/answers"];

const fn case(
    folder: &'static str,
    says: &'static [&'static str],
    checks: &'static [&'static str],
) -> Case {
    Case {
        folder,
        says,
        checks,
    }
}

const CASES: &[Case] = &[
    case("init/fixed", &["port = 9090"], BOTH),
    case(
        "init/asks-russian",
        &["\"Введите имя хоста\" = \"{host}\""],
        BOTH,
    ),
    case("init/port-first", &["\"Server port\" = \"{port}\""], BOTH),
    case(
        "init/translit",
        &["\"Vvedite adres servera\" = \"{host}\""],
        BOTH,
    ),
    case(
        "init/enter-is-default",
        &["{ \"Port\" = \"{port}\" }"],
        BOTH,
    ),
    case(
        "init/nothing-said",
        &["exit = \"выход\"", "[\"{host}\", \"{port}\"]"],
        BOTH,
    ),
    case("init/argparse", &["--port {port}", "{host} {port}"], BOTH),
    case(
        "init/console-thread",
        &["stop = \"stop\"", "exit = \"quit\""],
        BOTH,
    ),
    case("init/asks-name", &["\"Ваше имя\" = \"student\""], BOTH),
    case("init/environment", &["{ \"PORT\" = \"{port}\" }"], SERVER),
    case(
        "init/log-folder",
        &["files = { \"logs/\" = \"\" }", "log = \"logs/server.log\""],
        SERVER,
    ),
    case("init/users-json", &["{ \"users.json\" = \"{}\" }"], SERVER),
    case("init/other-machine", &["host = \"192.168.1.50\""], BOTH),
    case("init/modules", &["port = 5000"], BOTH),
    case(
        "init/folders",
        &["folder = \"server\"", "folder = \"client\""],
        BOTH,
    ),
    case(
        "init/c-arguments",
        &["gcc ", "./client {host} {port}"],
        BOTH,
    ),
    case("init/c-scanf", &["\"IP\" = \"{host}\""], BOTH),
    case("init/c-make", &["build = \"make\"", "./srv"], SERVER),
    case("init/rust", &["cargo build", "\"Host\" = \"{host}\""], BOTH),
    case(
        "init/time-c",
        &["port = 8888"],
        &["time/tells-time", "time-client/shows"],
    ),
    case(
        "../../zoo/good/auto-port-python",
        &[],
        &["auto-port/tells-port"],
    ),
    case(
        "../../zoo/good/echo-python",
        &["log = \"{log}\""],
        &["echo/log-file", "echo-client/sends"],
    ),
    case(
        "../../zoo/good/echo-client-tells-exit",
        &[],
        &["echo-client/sends"],
    ),
    case("../../zoo/good/first-python", &[], FIRST),
    case(
        "../../interop/programs",
        &["echo_server.py {host}"],
        LECTURE,
    ),
];

const FIRST: &[&str] = &[
    "time/tells-time",
    "time-client/shows",
    "greeting/answers",
    "greeting-client/sends",
    "hello/receives",
    "hello/datagram",
    "hello-client/sends",
    "hello-client/datagram",
    "broadcast/shows",
    "broadcast-sender/sends",
];

const LECTURE: &[&str] = &[
    "time/tells-time",
    "time-client/shows",
    "greeting/answers",
    "greeting-client/sends",
    "hello/receives",
    "hello/datagram",
    "hello-client/sends",
    "hello-client/datagram",
    "broadcast/shows",
    "broadcast-sender/sends",
    "echo/answers",
];

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for case in CASES {
        let missing = missing(case).map(Missing::Machine);
        trials.push(trial_unless(missing, case.folder, "", move || {
            proposes(case)
        }));
    }
    let python = || Need::Python.missing_on_machine().map(Missing::Machine);
    trials.push(trial_unless(python(), "leaves a lab.toml alone", "", keeps));
    trials.push(trial_unless(
        python(),
        "says what it could not find out",
        "",
        admits,
    ));
    trials.push(trial_unless(
        python(),
        "names what Python does not understand",
        "",
        names_a_slip,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What this machine lacks for a case.
fn missing(case: &Case) -> Option<String> {
    let lacks = |program: &str| {
        let runs = Command::new(program).arg("--version").output();
        let is_there = runs.is_ok_and(|output| output.status.success());
        (!is_there).then(|| format!("no `{program}`"))
    };
    if case.folder.contains("/c-") || case.folder.contains("time-c") {
        return lacks("gcc").or_else(|| lacks("make"));
    }
    Need::Python.missing_on_machine().or_else(|| {
        let machine = case.folder.ends_with("other-machine");
        machine.then(|| Need::Namespace.missing_on_machine())?
    })
}

fn lab(words: &[&OsStr]) -> Result<Output, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(words).args(["--lang", "en"]);
    Ok(command.output()?)
}

/// A copy of a folder, under its own name, without `lab.toml`.
fn copy(folder: &str) -> Result<(TempDir, PathBuf), Failed> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let place = TempDir::new()?;
    let to = place.path().join(from.file_name().ok_or("no name")?);
    copy_folder(&from, &to)?;
    let _ = fs::remove_file(to.join("lab.toml"));
    Ok((place, to))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn proposes(case: &Case) -> Result<Completion, Failed> {
    let (_place, folder) = copy(case.folder)?;
    let output = lab(&["init".as_ref(), folder.as_os_str()])?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let manifest = fs::read_to_string(folder.join("lab.toml"))
        .map_err(|error| format!("{error}: {stderr}"))?;
    for text in case.says {
        if !manifest.contains(text) {
            return Err(format!("{text} is missing in\n{manifest}").into());
        }
    }
    for id in case.checks {
        let output = lab(&["check".as_ref(), folder.as_os_str(), id.as_ref()])?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !stdout.contains(&format!("✓ {id}:")) {
            return Err(format!("{manifest}\n{stdout}").into());
        }
    }
    Ok(Completion::Completed)
}

fn keeps() -> Result<Completion, Failed> {
    let (_place, folder) = copy("init/fixed")?;
    fs::write(folder.join("lab.toml"), "mine")?;
    let output = lab(&["init".as_ref(), folder.as_os_str()])?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let kept = fs::read_to_string(folder.join("lab.toml"))? == "mine";
    if kept && output.status.code() == Some(2) && stderr.contains("--force") {
        return Ok(Completion::Completed);
    }
    Err(format!("{:?}: {stderr}", output.status).into())
}

fn admits() -> Result<Completion, Failed> {
    let (_place, folder) = copy("init/fixed")?;
    let source = "import socket\nprint(name)\ns = socket.socket()\ns.bind(('', 9090))\ns.listen()\ns.accept()\n";
    fs::write(folder.join("server.py"), source)?;
    let output = lab(&["init".as_ref(), folder.as_os_str()])?;
    let manifest = fs::read_to_string(folder.join("lab.toml"))?;
    let admitted = manifest.contains("# could not find out: how [echo-server] is started:");
    if admitted && manifest.contains("NameError") && output.status.code() == Some(1) {
        return Ok(Completion::Completed);
    }
    Err(manifest.into())
}

fn names_a_slip() -> Result<Completion, Failed> {
    let (_place, folder) = copy("init/fixed")?;
    for entry in fs::read_dir(&folder)?.flatten() {
        fs::remove_file(entry.path())?;
    }
    let end = "\ns = socket.socket()\ns.bind(('', 9090))\ns.listen()\ns.accept()\n";
    fs::write(
        folder.join("server.py"),
        format!("import socket\nprint(\"hello){end}"),
    )?;
    let output = lab(&["init".as_ref(), folder.as_os_str()])?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_named = stderr.contains(" server.py:2: SyntaxError: ") && stderr.lines().count() == 1;
    if !is_named || output.status.code() != Some(2) {
        return Err(stderr.into());
    }
    fs::write(
        folder.join("server.py"),
        format!("import socket\nprint(1{end}"),
    )?;
    lab(&["init".as_ref(), folder.as_os_str()])?;
    let manifest = fs::read_to_string(folder.join("lab.toml"))?;
    if manifest.contains("# could not find out: server.py:") {
        return Ok(Completion::Completed);
    }
    Err(manifest.into())
}
