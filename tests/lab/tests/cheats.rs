//! Programs that cheat, folders of `tests/zoo/cheats`, are failed or contained, and nobody else
//! comes to harm: as root with control groups, and as a user with nothing but the watchdog.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use checks::{Missing, Need, trial_unless};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

type Outcome = Result<Completion, Failed>;

/// Nothing takes longer than this, whatever a program does.
const DEADLINE: Duration = Duration::from_secs(300);

/// A user that nobody is.
const USER: &str = "65432";

fn main() -> ExitCode {
    let tests: &[(&str, &[Lack], fn() -> Outcome)] = &[
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
    let trials = tests.iter().map(|&(name, lacks, run)| {
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

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A place for a run of the grader, with what it must not touch.
struct Stage {
    folder: TempDir,
    /// Whether root becomes somebody else.
    as_user: bool,
}

struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
    seconds: f64,
}

impl Stage {
    fn new(as_user: bool) -> Result<Self, Failed> {
        let folder = TempDir::with_prefix("stage-")?;
        for name in ["", "class", "tmp", "report", "outside", "bin"] {
            let path = folder.path().join(name);
            fs::create_dir_all(&path)?;
            let mode = if as_user { 0o777 } else { 0o755 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        }
        let stage = Self { folder, as_user };
        fs::copy(env!("CARGO_BIN_EXE_lab"), stage.path("bin/lab"))?;
        Ok(stage)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn submission(
        &self,
        name: &str,
        manifest: &str,
        files: &[(&str, &str)],
    ) -> Result<PathBuf, Failed> {
        let folder = self.path("class").join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("lab.toml"), manifest)?;
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
        }
        Ok(folder)
    }

    /// A copy of a folder of the zoo; `fill` says what stands for what.
    fn copy(&self, from: &Path, name: &str, fill: &[(&str, &str)]) -> Result<(), Failed> {
        let to = self.path("class").join(name);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(from)?.flatten() {
            let mut text = fs::read_to_string(entry.path())?;
            for (old, new) in fill {
                text = text.replace(old, new);
            }
            fs::write(to.join(entry.file_name()), text)?;
        }
        Ok(())
    }

    fn good(&self, name: &str) -> Result<(), Failed> {
        self.copy(&zoo("good/first-python"), name, &[])?;
        let manifest = "[time-server]\ncommand = 'python3 time_server.py {port}'\n\
                        [time-client]\ncommand = 'python3 time_client.py {host} {port}'";
        fs::write(self.path("class").join(name).join("lab.toml"), manifest)?;
        Ok(())
    }

    fn lab(&self, words: &[&str]) -> Command {
        let lab = self.path("bin/lab");
        let mut command = if self.as_user && is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
            command.arg(lab);
            command
        } else {
            Command::new(lab)
        };
        command.args(words).current_dir(self.folder.path());
        command
            .env("TMPDIR", self.path("tmp"))
            .env("LAB_SECRET", "secret");
        command.env("LANG", "C.UTF-8").env_remove("LC_ALL");
        if self.as_user || !is_root() {
            command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        }
        command.stdin(Stdio::null());
        command
    }

    /// Grades the class to its end.
    fn grade(&self, options: &[&str]) -> Result<Ended, Failed> {
        self.run(self.grade_command(options))
    }

    fn grade_command(&self, options: &[&str]) -> Command {
        let mut words = vec!["grade", "class", "--report", "report"];
        words.extend(options);
        self.lab(&words)
    }

    fn run(&self, mut command: Command) -> Result<Ended, Failed> {
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        command
            .stdout(fs::File::create(&out)?)
            .stderr(fs::File::create(&err)?);
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let status = wait(&mut child, DEADLINE)?;
        let text = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ended {
            status,
            stdout: text(out)?,
            stderr: text(err)?,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    fn class(&self) -> Result<Vec<Value>, Failed> {
        let text = fs::read_to_string(self.path("report/class.json"))?;
        let mut class: Value = serde_json::from_str(&text)?;
        match class["submissions"].take() {
            Value::Array(submissions) => Ok(submissions),
            other => Err(format!("no submissions: {other}").into()),
        }
    }

    /// Nothing runs, and nothing lies about, that the grader has started or made.
    fn is_clean(&self) -> Result<(), Failed> {
        let nothing_runs = || self.processes().is_empty().then_some(());
        if harness::wait_for(Duration::from_secs(10), nothing_runs).is_none() {
            return Err(format!("left running: {:?}", self.processes()).into());
        }
        let left: Vec<_> = fs::read_dir(self.path("tmp"))?.flatten().collect();
        ensure(left.is_empty(), || format!("left in the folder: {left:?}"))
    }

    /// The processes whose words or whose folder name this place.
    fn processes(&self) -> Vec<String> {
        let here = self.folder.path().to_string_lossy().into_owned();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let processes = entries.map(|entry| entry.path());
        let told = processes.filter_map(|process| {
            let words = fs::read(process.join("cmdline")).ok()?;
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            let folder = fs::read_link(process.join("cwd")).unwrap_or_default();
            let is_it = words.contains(&here) || folder.to_string_lossy().contains(&here);
            is_it.then(|| format!("{} {words}", process.display()))
        });
        told.collect()
    }
}

fn zoo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../zoo")
        .join(name)
}

fn wait(child: &mut Child, patience: Duration) -> Result<ExitStatus, Failed> {
    let ended = harness::wait_for(patience, || child.try_wait().ok().flatten());
    ended.ok_or_else(|| {
        let _ = child.kill();
        Failed::from("the grader does not end")
    })
}

fn ensure(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
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
    fs::write(outside.join("secret"), "secret")?;
    fs::write(outside.join("precious"), "a message")?;
    let marks = format!(
        "#!/bin/sh\ntouch {}/mark\nexec /usr/bin/bwrap \"$@\"",
        outside.display()
    );
    fs::write(outside.join("bwrap"), marks)?;
    fs::set_permissions(outside.join("bwrap"), fs::Permissions::from_mode(0o755))?;
    let listener = std::net::TcpListener::bind("0.0.0.0:0")?;
    let port = listener.local_addr()?.port().to_string();
    let abstract_name = format!("cheat-{}", std::process::id());
    let address =
        <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(&abstract_name)?;
    let _sockets = (
        UnixListener::bind_addr(&address)?,
        UnixListener::bind(outside.join("socket"))?,
    );
    let outside_name = outside.to_string_lossy().into_owned();
    let fill = [
        ("@OUTSIDE@", outside_name.as_str()),
        ("@PORT@", &port),
        ("@ABSTRACT@", &abstract_name),
    ];
    for entry in fs::read_dir(zoo("cheats"))?.flatten() {
        stage.copy(&entry.path(), &entry.file_name().to_string_lossy(), &fill)?;
    }
    stage.good("a-good-one")?;
    stage.good("the-last-good-one")?;
    // As from a script that writes its own report to a file that it has left open.
    let command = stage.grade_command(&["--time-limit", "90", "--jobs", "6"]);
    let mut outer = Command::new("sh");
    outer.args(["-c", "exec 9>>outside/open; exec \"$@\"", "sh"]);
    outer
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        outer.envs(value.map(|value| (name, value)));
    }
    outer.current_dir(stage.folder.path());
    let ended = stage.run(outer)?;
    ensure(ended.status.code() == Some(1), || {
        format!("{}: {}", ended.status, ended.stderr)
    })?;
    ensure(!ended.stdout.contains(['\x1b', '\r']), || {
        "escapes on stdout".into()
    })?;
    ensure(!(ended.stdout + &ended.stderr).contains("FORGED"), || {
        "forged on stdout".into()
    })?;
    eprintln!("all cheats: {:.0} s", ended.seconds);
    are_failed(&stage.class()?)?;
    let mut left: Vec<_> = fs::read_dir(&outside)?
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    left.sort();
    ensure(
        left == ["bwrap", "open", "precious", "secret", "socket"],
        || format!("outside: {left:?}"),
    )?;
    ensure(fs::read(outside.join("open"))?.is_empty(), || {
        "written to an open file".into()
    })?;
    stage.is_clean()?;
    Ok(Completion::Completed)
}

fn are_failed(class: &[Value]) -> Result<(), Failed> {
    ensure(class.len() > 20, || format!("{} cheats", class.len()))?;
    let mut wrong = Vec::new();
    for submission in class {
        let name = submission["name"].as_str().unwrap_or_default();
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

/// Manifests that nobody would write; the right program beside them is none the worse for it.
fn manifests() -> Outcome {
    let stage = Stage::new(false)?;
    let deep = format!("x = {}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let tables = format!("[{}]", vec!["a"; 20_000].join("."));
    let long = format!("# {}", "x".repeat(50 << 20));
    let command = "[hello-client]\ncommand = 'true {port}'\n";
    let cases: Vec<(&str, String)> = vec![
        ("deep", deep),
        ("tables", tables),
        ("long", long),
        ("no text", "\u{0}\u{1b}[2J\u{feff}".into()),
        (
            "escapes",
            "[hello-client]\ncommand = '\u{1b}]0;owned\u{7}'".into(),
        ),
        (
            "wrong types",
            "student = 1\n[hello-client]\ncommand = { a = 1 }".into(),
        ),
        ("unknown tasks", format!("{command}tasks = ['1', '99']")),
        ("unknown program", "[grader]\ncommand = 'true'".into()),
        ("points", format!("{command}points = 100")),
        ("folder above", format!("{command}folder = '../..'")),
        ("absolute folder", format!("{command}folder = '/etc'")),
        (
            "absolute log",
            "[time-server]\ncommand = 'true {port}'\nlog = '/etc/passwd'".into(),
        ),
        (
            "files above",
            format!("{command}files = {{ '../../x' = 'y' }}"),
        ),
        (
            "port of no block",
            "[hello-client]\ncommand = 'true'\nport = 65535".into(),
        ),
    ];
    for (name, manifest) in &cases {
        stage.submission(name, manifest, &[])?;
    }
    stage.submission("nul", "[hello-client]\ncommand = \"true \\u0000{port}\"\nenvironment = { \"A=B\" = \"\\u0000\", \"-S\" = \"x\" }", &[])?;
    stage.submission(
        "host",
        "[hello-client]\ncommand = 'true {port}'\nhost = '255.255.255.255'",
        &[],
    )?;
    stage.good("zz-good")?;
    let ended = stage.grade(&["--time-limit", "60"])?;
    ensure(ended.status.code() == Some(1), || ended.stderr.clone())?;
    ensure(!ended.stdout.contains('\x1b'), || {
        "escapes on stdout".into()
    })?;
    for submission in stage.class()? {
        let name = submission["name"].as_str().unwrap_or_default();
        if name == "zz-good" {
            passes(&submission)?;
        } else if cases.iter().any(|(case, _)| *case == name) {
            ensure(submission["problem"].is_string(), || {
                format!("no problem: {submission:#}")
            })?;
        } else {
            ensure(!statuses(&submission).contains(&"passed"), || {
                format!("passes: {submission:#}")
            })?;
        }
    }
    let folder = stage.path("class/escapes");
    let checked = stage.run(stage.lab(&["check", &folder.to_string_lossy()]))?;
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
    let source = fs::read_to_string(zoo("good/first-python/time_server.py"))?;
    let source = source.replace("int(sys.argv[1])", "9090");
    let manifest = "[time-server]\ncommand = '/usr/bin/python3 server.py'\nport = 9090";
    for number in 0..50 {
        stage.submission(&format!("{number:02}"), manifest, &[("server.py", &source)])?;
    }
    let ended = stage.grade(&["--jobs", "50"])?;
    for submission in stage.class()? {
        let statuses = statuses(&submission);
        ensure(statuses.contains(&"passed"), || format!("{submission:#}"))?;
    }
    eprintln!("fifty servers: {:.0} s", ended.seconds);
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// A user who cannot have namespaces grades programs with one port, one after another.
fn turns() -> Outcome {
    let stage = Stage::new(true)?;
    let source = fs::read_to_string(zoo("good/first-python/time_server.py"))?;
    let source = source.replace("int(sys.argv[1])", "19090");
    let manifest = "[time-server]\ncommand = 'python3 server.py'\nport = 19090";
    for name in ["one", "two", "three"] {
        stage.submission(name, manifest, &[("server.py", &source)])?;
    }
    stage.grade(&["--no-sandbox"])?;
    for submission in stage.class()? {
        ensure(statuses(&submission).contains(&"passed"), || {
            format!("{submission:#}")
        })?;
    }
    stage.is_clean()?;
    Ok(Completion::Completed)
}

/// Programs without bwrap among them.
fn no_bwrap() -> Outcome {
    let stage = Stage::new(false)?;
    stage.good("good")?;
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
    let with_path = |mut command: Command| {
        command.env("PATH", &programs);
        command
    };
    let refused = stage.run(with_path(stage.grade_command(&[])))?;
    ensure(refused.status.code() == Some(2), || {
        format!("{}", refused.status)
    })?;
    let said = refused.stderr.trim();
    ensure(
        said.lines().count() == 1 && said.contains("--no-sandbox"),
        || said.into(),
    )?;
    ensure(!stage.path("report/class.json").exists(), || {
        "graded".into()
    })?;
    let warned = stage.run(with_path(stage.lab(&[
        "check",
        "class/good",
        "time-server",
    ])))?;
    let both = format!("{}{}", warned.stdout, warned.stderr);
    ensure(
        warned.status.success() && warned.stderr.contains("warning"),
        || both,
    )?;
    let open = stage.run(with_path(stage.grade_command(&["--no-sandbox"])))?;
    ensure(open.status.success(), || {
        format!("{}{}", open.stdout, open.stderr)
    })?;
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
        } else {
            stage.is_clean()?;
        }
    }
    Ok(Completion::Completed)
}
