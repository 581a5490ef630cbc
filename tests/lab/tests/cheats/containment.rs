//! What cheats may not do, and what else the sandbox is for.

use std::fs;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use checks::{Missing, Need, trial_unless};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;

use crate::stage::Stage;

type Outcome = Result<Completion, Failed>;

/// A name, what may be lacking, and what happens.
type Test = (&'static str, &'static [Lack], fn() -> Outcome);

const TESTS: &[Test] = &[
    (
        "cheats are contained with control groups",
        &[sandbox, root],
        || cheats(true),
    ),
    (
        "cheats are contained by the watchdog alone",
        &[sandbox, switch],
        || cheats(false),
    ),
    ("no manifest harms the grader", &[sandbox], manifests),
    ("no folder harms the grader", &[sandbox], folders),
    (
        "nothing is forged on a terminal",
        &[sandbox, script],
        terminal,
    ),
    (
        "a good one is judged alike without a sandbox",
        &[sandbox],
        alike,
    ),
    (
        "fifty servers with one port run side by side",
        &[sandbox],
        fifty,
    ),
    (
        "with one port they take turns without namespaces",
        &[python, switch],
        turns,
    ),
    (
        "without bwrap check warns and grade refuses",
        &[python],
        no_bwrap,
    ),
    (
        "interpreters in the home of root are usable",
        &[sandbox, root],
        interpreters,
    ),
    (
        "a signal leaves nothing behind",
        &[sandbox],
        || signals(&[]),
    ),
    ("nor does it without a sandbox", &[python], || {
        signals(&["--no-sandbox"])
    }),
];

pub(crate) fn run() -> ExitCode {
    let trials = TESTS.iter().map(|&(name, lacks, run)| {
        let missing = lacks.iter().find_map(|lack| lack());
        trial_unless(missing.map(Missing::Machine), name, "", run)
    });
    let mut arguments = Arguments::from_args();
    // They take all that the machine has.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.collect::<Vec<Trial>>()).exit_code()
}

/// Why a test cannot run, if it cannot.
type Lack = fn() -> Option<String>;

fn sandbox() -> Option<String> {
    static REASON: LazyLock<Option<String>> = LazyLock::new(|| {
        let stage = Stage::new(false).ok()?;
        stage
            .submission("one", "[hello-client]\ncommand = 'true {port}'", &[])
            .ok()?;
        let ended = stage.grade(&[]).ok()?;
        (ended.status.code() == Some(2)).then_some(ended.stderr)
    });
    python().or_else(|| REASON.clone())
}

fn python() -> Option<String> {
    let lacks = !cfg!(target_os = "linux") || !Path::new("/usr/bin/python3").exists();
    lacks.then(|| "needs Linux and /usr/bin/python3".into())
}

fn root() -> Option<String> {
    (!is_root()).then(|| "needs root".into())
}

/// Another user can be had: root with setpriv, or whoever this is.
fn switch() -> Option<String> {
    is_root()
        .then(|| Need::Unprivileged.missing_on_machine())
        .flatten()
}

fn script() -> Option<String> {
    let found = Command::new("script").arg("--version").output().is_ok();
    (!found).then(|| "needs script(1)".into())
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn zoo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../zoo")
        .join(name)
}

pub(crate) fn wait(child: &mut Child, patience: Duration) -> Result<ExitStatus, Failed> {
    let ended = harness::wait_for(patience, || child.try_wait().ok().flatten());
    ended.ok_or_else(|| {
        let _ = child.kill();
        Failed::from("the grader does not end")
    })
}

pub(crate) fn ensure(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if is_so {
        Ok(())
    } else {
        Err(otherwise().into())
    }
}

fn results(submission: &Value) -> impl Iterator<Item = &Value> {
    let programs = submission["programs"].as_array().into_iter().flatten();
    programs.flat_map(|program| program["results"].as_array().into_iter().flatten())
}

fn statuses(submission: &Value) -> Vec<&str> {
    let tasks = submission["score"]["tasks"].as_array();
    tasks
        .into_iter()
        .flatten()
        .filter_map(|task| task["status"].as_str())
        .collect()
}

/// A right program passes all that is asked of it.
fn passes(submission: &Value) -> Result<(), Failed> {
    let mut n_passed = 0;
    for result in results(submission) {
        match result["verdict"].as_str() {
            Some("pass") => n_passed += 1,
            Some("not-attempted" | "skipped") => {}
            _ => return Err(format!("{}: {result:#}", submission["name"]).into()),
        }
    }
    ensure(n_passed > 0, || format!("nothing checked: {submission:#}"))
}

/// All cheats at once, beside a right program.
fn cheats(as_root: bool) -> Outcome {
    let stage = Stage::new(!as_root)?;
    let outside = stage.path("outside");
    let _temptations = tempt(&stage)?;
    stage.good("a-good-one")?;
    stage.good("the-last-good-one")?;
    let ended = stage.run(with_an_open_file(&stage)?)?;
    eprintln!("all cheats: {:.0} s", ended.seconds);
    ensure(ended.status.code() == Some(1), || {
        format!("{}: {}", ended.status, ended.stderr)
    })?;
    let said = ended.stdout + &ended.stderr;
    ensure(!said.contains(['\x1b', '\r']), || "escapes".into())?;
    ensure(!said.contains("FORGED"), || "forged".into())?;
    are_failed(&stage.class()?)?;
    let entries = fs::read_dir(&outside)?.flatten();
    let mut left: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    left.sort();
    let before = ["bwrap", "open", "precious", "secret", "socket"];
    ensure(left == before, || format!("outside: {left:?}"))?;
    let written = fs::read(outside.join("open"))?;
    ensure(written.is_empty(), || "written to an open file".into())?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// Copies the cheats, and makes what they are after; sockets as long as they are held.
fn tempt(stage: &Stage) -> Result<impl Sized + use<>, Failed> {
    let outside = stage.path("outside");
    let folder = outside.to_string_lossy().into_owned();
    fs::write(outside.join("secret"), "secret")?;
    fs::write(outside.join("precious"), "a message")?;
    let wrapper = format!("#!/bin/sh\ntouch {folder}/mark\nexec /usr/bin/bwrap \"$@\"");
    fs::write(outside.join("bwrap"), wrapper)?;
    fs::set_permissions(outside.join("bwrap"), fs::Permissions::from_mode(0o755))?;
    let listener = std::net::TcpListener::bind("0.0.0.0:0")?;
    let port = listener.local_addr()?.port().to_string();
    let name = format!("cheat-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name)?;
    let fill = [
        ("@OUTSIDE@", folder.as_str()),
        ("@PORT@", &port),
        ("@ABSTRACT@", &name),
    ];
    for entry in fs::read_dir(zoo("cheats"))?.flatten() {
        let name = entry.file_name();
        stage.copy(&entry.path(), &name.to_string_lossy(), &fill)?;
    }
    let by_path = UnixListener::bind(outside.join("socket"))?;
    Ok((listener, UnixListener::bind_addr(&address)?, by_path))
}

/// The grader as started by a script that has left a file of its own open.
fn with_an_open_file(stage: &Stage) -> Result<Command, Failed> {
    let command = stage.grade_command(&["--time-limit", "120", "--jobs", "6"]);
    fs::write(stage.path("outside/open"), "")?;
    let mut outer = Command::new("sh");
    outer.args(["-c", "exec 9>>outside/open; exec \"$@\"", "sh"]);
    outer.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        outer.envs(value.map(|value| (name, value)));
    }
    outer.current_dir(stage.folder.path()).stdin(Stdio::null());
    Ok(outer)
}

fn are_failed(class: &[Value]) -> Result<(), Failed> {
    ensure(class.len() > 20, || format!("{} cheats", class.len()))?;
    let mut wrong = Vec::new();
    for submission in class {
        let name = submission["name"].as_str().unwrap_or_default();
        let seconds = submission["seconds"].as_f64().unwrap_or_default();
        eprintln!("{name}: {}, {seconds:.0} s", statuses(submission).join(" "));
        if name.ends_with("good-one") {
            passes(submission)?;
            continue;
        }
        if statuses(submission).contains(&"passed") {
            wrong.push(format!("{name} passes: {submission:#}"));
        }
        let text = submission.to_string();
        if let Some(at) = text.find("\"GOT") {
            let said: String = text[at..].chars().take(200).collect();
            wrong.push(format!("{name}: {said}"));
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))
}

/// What every submission of these tests asks for.
const COMMAND: &str = "[hello-client]\ncommand = 'true {port}'\n";

/// Manifests that nobody would write, each with a name.
fn wrong_manifests() -> Vec<(&'static str, String)> {
    let nested = |inner: usize| format!("x = {}1{}", "[".repeat(inner), "]".repeat(inner));
    let more = |line: &str| format!("{COMMAND}{line}");
    vec![
        ("deep", nested(50_000)),
        ("tables", format!("[{}]", vec!["a"; 20_000].join("."))),
        ("long", format!("# {}", "x".repeat(50 << 20))),
        ("no text", "\u{0}\u{1b}[2J\u{feff}".into()),
        ("escapes", more("\u{1b}]0;owned\u{7} = 1")),
        ("no command", "[hello-client]\ncommand = { a = 1 }".into()),
        ("no student", format!("student = 1\n{COMMAND}")),
        ("unknown tasks", more("tasks = ['1', '99']")),
        ("unknown program", "[grader]\ncommand = 'true'".into()),
        ("points", more("points = 100")),
        ("folder above", more("folder = '../..'")),
        ("absolute folder", more("folder = '/etc'")),
        ("absolute log", more("log = '/etc/passwd'")),
        ("files above", more("files = { '../../x' = 'y' }")),
        (
            "port of no block",
            "[hello-client]\ncommand = 'true'\nport = 65535".into(),
        ),
    ]
}

/// They are refused; the right program beside them is none the worse for it.
fn manifests() -> Outcome {
    let stage = Stage::new(false)?;
    let wrong = wrong_manifests();
    for (name, manifest) in &wrong {
        stage.submission(name, manifest, &[])?;
    }
    let environment = "environment = { \"A=B\" = \"\\u0000\", \"-S\" = \"x\" }";
    stage.submission("nul", &format!("{COMMAND}{environment}"), &[])?;
    stage.submission("host", &format!("{COMMAND}host = '255.255.255.255'"), &[])?;
    stage.good("zz-good")?;
    let ended = stage.grade(&["--time-limit", "60"])?;
    ensure(ended.status.code() == Some(1), || ended.stderr.clone())?;
    ensure(!ended.stdout.contains('\x1b'), || "escapes".into())?;
    for submission in stage.class()? {
        let name = submission["name"].as_str().unwrap_or_default();
        let is_refused = submission["problem"].is_string();
        if name == "zz-good" {
            passes(&submission)?;
        } else if wrong.iter().any(|(wrong, _)| *wrong == name) {
            ensure(is_refused, || format!("no problem: {submission:#}"))?;
        } else {
            let has_passed = statuses(&submission).contains(&"passed");
            ensure(!has_passed, || format!("passes: {submission:#}"))?;
        }
    }
    let checked = stage.run(stage.lab(&["check", "class/escapes"]))?;
    let said = checked.stdout + &checked.stderr;
    ensure(!said.contains('\x1b'), || format!("escapes: {said}"))?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// Folders that are links, pipes, too many, too deep or too large.
fn folders() -> Outcome {
    let stage = Stage::new(false)?;
    let manifest = "[hello-client]\ncommand = 'true {port}'";
    let link = stage.submission("link", manifest, &[])?;
    std::os::unix::fs::symlink("/etc/passwd", link.join("notes"))?;
    let above = stage.submission("above", manifest, &[])?;
    std::os::unix::fs::symlink("../link/lab.toml", above.join("notes"))?;
    let pipe = stage.submission("pipe", manifest, &[])?;
    let made = Command::new("mkfifo").arg(pipe.join("pipe")).status()?;
    ensure(made.success(), || "mkfifo".into())?;
    let sparse = stage.submission("sparse", manifest, &[])?;
    fs::File::create(sparse.join("huge"))?.set_len(10 << 30)?;
    let deep = stage.submission("deep", manifest, &[])?;
    fs::create_dir_all(deep.join(vec!["d"; 1000].join("/")))?;
    let many = stage.submission("many", manifest, &[])?;
    for number in 0..10_100 {
        fs::write(many.join(number.to_string()), "")?;
    }
    fs::create_dir(stage.path("class/pipe for a manifest"))?;
    let name = stage.path("class/pipe for a manifest/lab.toml");
    ensure(Command::new("mkfifo").arg(name).status()?.success(), || {
        "mkfifo".into()
    })?;
    let ended = stage.grade(&[])?;
    ensure(ended.seconds < 60.0, || format!("{} s", ended.seconds))?;
    let class = stage.class()?;
    ensure(class.len() == 7, || format!("{} submissions", class.len()))?;
    for submission in class {
        ensure(submission["problem"].is_string(), || {
            format!("no problem: {submission:#}")
        })?;
    }
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// A grader that is started on a terminal keeps it to itself.
fn terminal() -> Outcome {
    let stage = Stage::new(false)?;
    let manifest = "[hello-client]\ncommand = 'python3 client.py {port}'\ntasks = ['1']";
    let forger = fs::read_to_string(zoo("cheats/forges-a-report/client.py"))?;
    stage.submission("forger", manifest, &[("client.py", &forger)])?;
    let mut command = Command::new("script");
    let line = "bin/lab grade class --report report";
    command.args(["--quiet", "--command", line, "/dev/null"]);
    command
        .current_dir(stage.folder.path())
        .env("TMPDIR", stage.path("tmp"));
    command.stdin(Stdio::null());
    let ended = stage.run(command)?;
    ensure(ended.stdout.contains("forger"), || {
        format!("no table: {}", ended.stdout)
    })?;
    ensure(!ended.stdout.contains("FORGED"), || {
        "forged on the terminal".into()
    })?;
    Ok(Completion::Completed)
}

/// The verdicts do not depend on the sandbox.
fn alike() -> Outcome {
    let stage = Stage::new(false)?;
    stage.copy(&zoo("good/echo-python"), "good", &[])?;
    let verdicts = |options: &[&str]| -> Result<Vec<(String, String)>, Failed> {
        stage.grade(options)?;
        let class = stage.class()?;
        passes(&class[0])?;
        let pair = |result: &Value| (result["id"].to_string(), result["verdict"].to_string());
        Ok(results(&class[0]).map(pair).collect())
    };
    let (inside, open) = (verdicts(&[])?, verdicts(&["--no-sandbox"])?);
    ensure(inside == open, || format!("{inside:?}\n{open:?}"))?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// Each has a network of its own.
fn fifty() -> Outcome {
    let stage = Stage::new(false)?;
    let source = fs::read_to_string(zoo("good/first-python/hello_server.py"))?;
    let source = source.replace("int(sys.argv[1])", "9090");
    let manifest =
        "[hello-server]\ncommand = '/usr/bin/python3 server.py'\nport = 9090\ntasks = ['1']";
    for number in 0..50 {
        stage.submission(&format!("{number:02}"), manifest, &[("server.py", &source)])?;
    }
    let ended = stage.grade(&["--jobs", "50"])?;
    let class = stage.class()?;
    ensure(class.len() == 50, || format!("{} servers", class.len()))?;
    class.iter().try_for_each(passes)?;
    eprintln!("fifty servers: {:.0} s", ended.seconds);
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// A user who cannot have namespaces grades programs with one port, one after another.
fn turns() -> Outcome {
    let stage = Stage::new(true)?;
    let source = fs::read_to_string(zoo("good/first-python/hello_client.py"))?;
    let source = source.replace("int(sys.argv[1])", "19090");
    let manifest = "[hello-client]\ncommand = 'python3 client.py'\nport = 19090\ntasks = ['1']";
    for name in ["one", "two", "three"] {
        stage.submission(name, manifest, &[("client.py", &source)])?;
    }
    stage.grade(&["--no-sandbox"])?;
    stage.class()?.iter().try_for_each(passes)?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// A folder of all programs but bwrap.
fn all_but_bwrap(stage: &Stage) -> Result<PathBuf, Failed> {
    let programs = stage.path("programs");
    fs::create_dir(&programs)?;
    for folder in ["/bin", "/usr/bin", "/sbin", "/usr/sbin"] {
        for entry in fs::read_dir(folder)?.flatten() {
            let link = programs.join(entry.file_name());
            if entry.file_name() != "bwrap" && !link.exists() {
                let _ = std::os::unix::fs::symlink(entry.path(), link);
            }
        }
    }
    Ok(programs)
}

fn no_bwrap() -> Outcome {
    let stage = Stage::new(false)?;
    stage.good("good")?;
    let programs = all_but_bwrap(&stage)?;
    let run = |mut command: Command| {
        command.env("PATH", &programs);
        stage.run(command)
    };
    let refused = run(stage.grade_command(&[]))?;
    let code = refused.status.code();
    ensure(code == Some(2), || format!("{code:?}"))?;
    let said = refused.stderr.trim();
    let is_clear = said.lines().count() == 1 && said.contains("--no-sandbox");
    ensure(is_clear, || said.into())?;
    let graded = stage.path("report/class.json").exists();
    ensure(!graded, || "graded".into())?;
    let warned = run(stage.lab(&["check", "class/good", "time-server"]))?;
    let has_warned = warned.status.success() && warned.stderr.contains("warning");
    ensure(has_warned, || warned.stdout + &warned.stderr)?;
    let open = run(stage.grade_command(&["--no-sandbox"]))?;
    let graded = stage.path("report/class.json").exists();
    ensure(graded, || open.stdout + &open.stderr)?;
    passes(&stage.class()?[0])?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// An interpreter where only root can look.
fn interpreters() -> Outcome {
    let stage = Stage::new(false)?;
    let home = stage.path("home");
    let tool = home.join(".tool/bin/snake");
    fs::create_dir_all(home.join(".tool/bin"))?;
    fs::write(&tool, "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n")?;
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
    let source = fs::read_to_string(zoo("good/first-python/time_server.py"))?;
    let manifest = "[time-server]\ncommand = 'snake server.py {port}'";
    stage.submission("one", manifest, &[("server.py", &source)])?;
    let mut command = stage.grade_command(&[]);
    let path = format!("{}/.tool/bin:/usr/bin:/bin:/usr/sbin", home.display());
    command.env("PATH", path).env("HOME", &home);
    stage.run(command)?;
    passes(&stage.class()?[0])?;
    Ok(Completion::Completed)
}

/// Ctrl-C, SIGTERM and SIGKILL in the middle of a run.
fn signals(options: &[&str]) -> Outcome {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let stage = Stage::new(false)?;
        let source = fs::read_to_string(zoo("cheats/ignores-signals/server.py"))?;
        let manifest = "[time-server]\ncommand = 'python3 server.py {port}'";
        stage.submission("one", manifest, &[("server.py", &source)])?;
        let mut command = stage.grade_command(options);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let serves = || {
            stage
                .processes()
                .iter()
                .any(|words| words.contains("server.py"))
                .then_some(())
        };
        let begun = harness::wait_for(Duration::from_secs(30), serves);
        kill_process(Pid::from_child(&child), signal)?;
        wait(&mut child, Duration::from_secs(20))?;
        ensure(begun.is_some(), || "it did not begin".into())?;
        if signal == Signal::KILL {
            let nothing_runs = || stage.processes().is_empty().then_some(());
            let ended = harness::wait_for(Duration::from_secs(10), nothing_runs);
            ensure(ended.is_some(), || format!("{:?}", stage.processes()))?;
            // The next grader clears away what this one could not.
            fs::remove_dir_all(stage.path("class/one"))?;
            stage.good("two")?;
            stage.run(stage.grade_command(options))?;
            stage.is_clean()?;
        } else {
            stage.is_clean()?;
        }
    }
    Ok(Completion::Completed)
}
