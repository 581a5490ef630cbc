//! `cargo lab` as its users call it: what it prints, its exit codes, and an instructor's tables.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use checks::{Missing, Need, trial_unless};
use lab::results::{Class, Graded, TaskStatus};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tempfile::TempDir;

/// Everything happens within this time, or never.
const PATIENCE: Duration = Duration::from_secs(60);

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let missing = || Need::Python.missing_on_machine().map(Missing::Machine);
    let trial = |(name, test): &(&str, Test), missing: Option<Missing>| {
        let test = *test;
        trial_unless(missing, name, "", move || {
            test().map(|()| Completion::Completed)
        })
    };
    let plain = PLAIN.iter().map(|test| trial(test, None));
    let python = PYTHON.iter().map(|test| trial(test, missing()));
    let trials: Vec<Trial> = plain.chain(python).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What Rust alone can try.
const PLAIN: &[(&str, Test)] = &[
    (
        "list_shows_labs_tasks_and_checks",
        list_shows_labs_tasks_and_checks,
    ),
    (
        "what_cannot_be_done_is_one_line_and_exit_code_2",
        what_cannot_be_done,
    ),
    (
        "a_full_disk_is_one_line_and_a_closed_pipe_none",
        a_full_disk_is_one_line,
    ),
    (
        "a_name_that_no_folder_can_have_is_told",
        a_changed_name_is_told,
    ),
    (
        "a_client_by_hand_types_until_exit",
        a_client_by_hand_types_until_exit,
    ),
    ("a_client_is_checked_by_hand", a_client_is_checked_by_hand),
];

/// What needs the right programs of the zoo, in Python.
const PYTHON: &[(&str, Test)] = &[
    (
        "exit_codes_tell_right_from_wrong",
        exit_codes_tell_right_from_wrong,
    ),
    ("parts_of_names_choose_checks", parts_of_names_choose_checks),
    (
        "messages_are_in_the_chosen_language",
        messages_are_in_the_chosen_language,
    ),
    (
        "the_same_seed_gives_the_same_texts",
        the_same_seed_gives_the_same_texts,
    ),
    ("watch_checks_again_when_a_file_changes", watch_checks_again),
    (
        "points_come_from_the_instructors_tables",
        points_come_from_the_tables,
    ),
    (
        "tasks_and_manifest_of_the_instructor_override",
        tasks_and_manifest_override,
    ),
    ("a_failing_build_is_told_once", a_failing_build_is_told_once),
    (
        "a_submission_without_a_manifest_has_the_tasks",
        a_submission_without_a_manifest_has_the_tasks,
    ),
    (
        "strict_makes_robustness_count",
        strict_makes_robustness_count,
    ),
    (
        "a_server_that_runs_already_is_checked",
        a_running_server_is_checked,
    ),
];
/// The grader, without a sandbox: these tests are about what is around it.
fn lab(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command
        .args(words)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1");
    command.env_remove("LC_ALL").env("LANG", "C.UTF-8");
    command
}

fn output(words: &[&str]) -> Result<(Output, String), Failed> {
    let output = lab(words).output()?;
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok((output, said))
}

fn ensure(is_so: bool, said: &str) -> Result<(), Failed> {
    if is_so { Ok(()) } else { Err(said.into()) }
}

fn good(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../zoo/good")
        .join(name)
}

/// A copy of a right program with `old` changed to `new` in its server.
fn changed(old: &str, new: &str) -> Result<TempDir, Failed> {
    let copy = TempDir::new()?;
    for entry in fs::read_dir(good("echo-python"))?.flatten() {
        fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
    }
    let path = copy.path().join("server.py");
    let source = fs::read_to_string(&path)?;
    ensure(source.matches(old).count() == 1, "the zoo has changed")?;
    fs::write(path, source.replace(old, new))?;
    Ok(copy)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn list_shows_labs_tasks_and_checks() -> Result<(), Failed> {
    let (all, said) = output(&["list"])?;
    ensure(
        all.status.code() == Some(0) && said.contains("s3") && said.contains("time"),
        &said,
    )?;
    let (_, said) = output(&["list", "echo"])?;
    ensure(
        said.contains("echo/utf8-split") && !said.contains("time/"),
        &said,
    )?;
    let (unknown, said) = output(&["list", "eco"])?;
    ensure(
        unknown.status.code() == Some(2) && said.contains("broadcast"),
        &said,
    )
}

fn what_cannot_be_done() -> Result<(), Failed> {
    let empty = TempDir::new()?;
    let folder = shown(empty.path());
    let file = empty.path().join("file");
    fs::write(&file, "")?;
    let below = shown(&file.join("new"));
    for words in [
        &["check", folder.as_str()] as &[&str],
        &["grade", "/no/such/folder"],
        &["grade", &folder, "--tasks", "s99", "--no-sandbox"],
        &["grade", &folder, "--points", "/no/such/file"],
        &["check", "eco", "--at", "127.0.0.1:1"],
        &["check", "echo", "--at", "127.0.0.1"],
        &["new", "echo", "--lang", "c", &below],
        &["check", "echo", "--at", "127.0.0.1:1", "typo"],
    ] {
        let (output, said) = output(words)?;
        let is_line = said.starts_with("cargo lab: ") && said.trim_end().lines().count() == 1;
        ensure(
            output.status.code() == Some(2) && is_line,
            &format!("{words:?}: {said}"),
        )?;
        ensure(!said.contains(".lab-new-"), &said)?;
    }
    let (_, said) = output(&["check", "echo", "--at", "127.0.0.1"])?;
    ensure(said.contains("HOST:PORT"), &said)?;
    let (wrong, said) = output(&["check", "--bogus"])?;
    ensure(wrong.status.code() == Some(2), &said)
}

fn a_full_disk_is_one_line() -> Result<(), Failed> {
    let Ok(full) = fs::File::create("/dev/full") else {
        return Ok(());
    };
    let new = TempDir::new()?;
    let folder = shown(&new.path().join("new"));
    for words in [
        &["list"] as &[&str],
        &["list", "echo"],
        &["new", "echo", "--lang", "c", &folder],
    ] {
        let output = lab(words).stdout(full.try_clone()?).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let is_line = said.starts_with("cargo lab: write to stdout: ") && said.lines().count() == 1;
        ensure(output.status.code() == Some(2) && is_line, &said)?;
    }
    let mut child = lab(&["list", "echo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure(output.status.code() == Some(0) && said.is_empty(), &said)
}

fn exit_codes_tell_right_from_wrong() -> Result<(), Failed> {
    let right = shown(&good("echo-python"));
    let (output_of_right, said) = output(&["check", &right, "echo/answers", "echo/not-utf8"])?;
    ensure(output_of_right.status.code() == Some(0), &said)?;
    let wrong = changed("sendall(data)", "sendall(data[::-1])")?;
    let (output_of_wrong, said) = output(&["check", &shown(wrong.path()), "echo/answers"])?;
    let explained = [
        "echo/answers: FAILED",
        "expected:",
        "received:",
        "^",
        "--seed",
    ];
    let explained = explained.iter().all(|part| said.contains(part));
    ensure(output_of_wrong.status.code() == Some(1) && explained, &said)
}

fn parts_of_names_choose_checks() -> Result<(), Failed> {
    let right = shown(&good("echo-python"));
    let (_, said) = output(&["check", &right, "echo-server", "cyrillic"])?;
    ensure(
        said.contains("echo/cyrillic") && !said.contains("echo/glued"),
        &said,
    )?;
    let (none, said) = output(&["check", &right, "no-such-check"])?;
    ensure(none.status.code() == Some(2), &said)
}

fn messages_are_in_the_chosen_language() -> Result<(), Failed> {
    let wrong = changed("sendall(data)", "sendall(data[::-1])")?;
    let (_, said) = output(&[
        "check",
        &shown(wrong.path()),
        "echo/answers",
        "--lang",
        "ru",
    ])?;
    ensure(
        said.contains("ожидалось") && said.contains("docs/ru"),
        &said,
    )
}

/// Grades folders without a sandbox, with more options; the class, and the exit code.
fn graded(folders: &[&Path], options: &[&str]) -> Result<(Class, Option<i32>), Failed> {
    let report = TempDir::new()?;
    let folders: Vec<String> = folders.iter().map(|folder| shown(folder)).collect();
    let report_folder = shown(report.path());
    let mut words = vec!["grade", "--no-sandbox", "--report", &report_folder];
    words.extend(folders.iter().map(String::as_str));
    words.extend(options);
    let (output, said) = output(&words)?;
    let json = fs::read_to_string(report.path().join("class.json"));
    let json = json.map_err(|error| format!("{error}: {said}"))?;
    Ok((serde_json::from_str(&json)?, output.status.code()))
}

fn the_same_seed_gives_the_same_texts() -> Result<(), Failed> {
    let wrong = changed("sendall(data)", "sendall(data[::-1])")?;
    let sent = |seed: &str| -> Result<Vec<u8>, Failed> {
        let (class, _) = graded(&[wrong.path()], &["--seed", seed, "--tasks", "1"])?;
        let first = &class.submissions[0].programs[0].results[0];
        let difference = first.difference.clone().ok_or("no difference")?;
        Ok(difference.expected)
    };
    let (one, again, other) = (sent("7")?, sent("7")?, sent("8")?);
    ensure(
        one == again && one != other,
        &format!("{one:?} {again:?} {other:?}"),
    )
}

fn task(graded: &Graded, id: &str) -> Result<(TaskStatus, f64, f64), Failed> {
    let found = graded.score.tasks.iter().find(|task| task.task == id);
    let task = found.ok_or(format!("no task {id}"))?;
    Ok((task.status, task.points, task.of))
}

fn points_come_from_the_tables() -> Result<(), Failed> {
    let tables = TempDir::new()?;
    let (points, bonus) = (
        tables.path().join("points.toml"),
        tables.path().join("bonus.csv"),
    );
    fs::write(&points, "partial = true\n[echo]\n1 = 10\ns3 = 4.5\n")?;
    fs::write(
        &bonus,
        "submission,points,reason\necho-python,2,\"safe storage, token\"\nnobody,9,x\n",
    )?;
    let names = [
        "--points",
        &shown(&points),
        "--bonus",
        &shown(&bonus),
        "--tasks",
        "1,s3",
    ];
    let (class, code) = graded(&[&good("echo-python")], &names)?;
    let score = &class.submissions[0].score;
    ensure(
        code == Some(0) && score.of == 14.5 && score.points == 16.5,
        &format!("{score:?}"),
    )?;
    ensure(
        score.bonus[0].reason == "safe storage, token",
        &format!("{score:?}"),
    )?;
    // One of five checks of task 1 fails: four fifths of its points.
    let wrong = changed("sendall(data)", "sendall(data[:1023])")?;
    let (class, code) = graded(&[wrong.path()], &names)?;
    let (status, part, of) = task(&class.submissions[0], "1")?;
    let is_part = status == TaskStatus::Failed && part > 0.0 && part < of;
    ensure(
        code == Some(1) && is_part,
        &format!("{status:?} {part} {of}"),
    )
}

fn tasks_and_manifest_override() -> Result<(), Failed> {
    let folder = changed("sendall(data)", "sendall(data)")?;
    let own = folder.path().join("lab.toml");
    let other = TempDir::new()?;
    let manifest = other.path().join("other.toml");
    fs::copy(&own, &manifest)?;
    fs::write(&own, "[echo-server]\ncommand = 'false'\ntasks = ['s3']\n")?;
    let options = ["--manifest", &shown(&manifest), "--tasks", "s3"];
    let (class, code) = graded(&[folder.path()], &options)?;
    let graded = &class.submissions[0];
    ensure(
        code == Some(0) && task(graded, "s3")?.0 == TaskStatus::Passed,
        &format!("{graded:?}"),
    )?;
    ensure(
        task(graded, "1")? == (TaskStatus::NotAttempted, 0.0, 0.0),
        &format!("{graded:?}"),
    )
}

fn a_submission_without_a_manifest_has_the_tasks() -> Result<(), Failed> {
    let class = TempDir::new()?;
    let (none, broken) = (class.path().join("none"), class.path().join("broken"));
    for folder in [&none, &broken] {
        fs::create_dir(folder)?;
    }
    fs::write(broken.join("lab.toml"), "[echo-server")?;
    let report = shown(&class.path().join("report"));
    let folders = [shown(&good("echo-python")), shown(&none), shown(&broken)];
    let words = [
        "grade",
        "--no-sandbox",
        "--tasks",
        "1,3",
        "--report",
        &report,
    ];
    let (_, said) = output(&[&words[..], &folders.each_ref().map(String::as_str)].concat())?;
    ensure(said.contains("0 / 3    ✗ lab.toml is missing"), &said)?;
    let report = Path::new(&report);
    let class: Class = serde_json::from_str(&fs::read_to_string(report.join("class.json"))?)?;
    for graded in &class.submissions[1..] {
        let said = format!("{graded:?}");
        ensure(graded.problem.is_some() && graded.score.of == 3.0, &said)?;
        ensure(
            task(graded, "1")? == (TaskStatus::NotAttempted, 0.0, 2.0),
            &said,
        )?;
    }
    let csv = fs::read_to_string(report.join("class.csv"))?;
    ensure(csv.matches(",0,3,0,").count() == 2, &csv)?;
    for (file, text) in [
        ("none/classroom.json", "\"max_score\":3.0"),
        ("none/results.json", "\"max_score\": 2.0"),
        ("none/index.html", "0 / 3"),
        ("index.html", "0 / 3"),
    ] {
        let said = fs::read_to_string(report.join(file))?;
        ensure(said.contains(text), &format!("{file}: {said}"))?;
    }
    Ok(())
}

fn strict_makes_robustness_count() -> Result<(), Failed> {
    let fragile = changed("sendall(data)", "sendall(data.decode().encode())")?;
    let folder = shown(fragile.path());
    let words = ["check", &folder, "echo/not-utf8", "echo/answers"];
    let (lenient, said) = output(&words)?;
    ensure(
        lenient.status.code() == Some(0) && said.contains('✗'),
        &said,
    )?;
    let (strict, said) = output(&[words.as_slice(), &["--strict"]].concat())?;
    ensure(strict.status.code() == Some(1), &said)
}

fn a_failing_build_is_told_once() -> Result<(), Failed> {
    let folder = changed("sendall(data)", "sendall(data)")?;
    let manifest = folder.path().join("lab.toml");
    let text = fs::read_to_string(&manifest)?;
    let build = r#"build = ["python3", "-c", "import sys; sys.exit('no compiler')"]"#;
    fs::write(&manifest, format!("{build}\n{text}"))?;
    let folder = shown(folder.path());
    let (checked, said) = output(&["check", &folder, "echo-server", "--all"])?;
    let skipped = "not checked, because the program cannot be built";
    let once = ["build starts: python3", "build |  no compiler"];
    let is_told = once.iter().all(|part| said.matches(part).count() == 1);
    let failed = said.contains("✗ 1 ") && said.contains("✗ 2 ");
    ensure(
        is_told && failed && said.matches(skipped).count() > 9,
        &said,
    )?;
    ensure(checked.status.code() == Some(1), &said)
}

fn a_changed_name_is_told() -> Result<(), Failed> {
    let class = TempDir::new()?;
    for name in ["Иванов И. (ИУ7), #1", "=petrov"] {
        fs::create_dir(class.path().join(name))?;
        fs::write(class.path().join(name).join("lab.toml"), "student = ''")?;
    }
    let report = class.path().join("report");
    let words = ["grade", "--no-sandbox", "--report", &shown(&report)];
    let folders = ["Иванов И. (ИУ7), #1", "=petrov"].map(|name| shown(&class.path().join(name)));
    let (_, said) = output(&[&words[..], &folders.each_ref().map(String::as_str)].concat())?;
    ensure(said.matches(": =petrov -> _petrov\n").count() == 1, &said)?;
    let page = fs::read_to_string(report.join("index.html"))?;
    let is_there = report.join("Иванов И. (ИУ7), #1/index.html").exists();
    ensure(is_there && page.contains("%29%2C%20%231/index.html"), &page)
}

/// A grader that goes on, and the lines that it prints.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(words: &[&str]) -> Result<Self, Failed> {
        let mut child = lab(words).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("stdout")?;
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines })
    }

    /// Waits for a line in which `part` stands.
    fn says(&self, part: &str) -> Result<String, Failed> {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.map_err(|_| format!("`{part}` never came:\n{said}"))?;
            if line.contains(part) {
                return Ok(line);
            }
            said += &(line + "\n");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watch_checks_again() -> Result<(), Failed> {
    let wrong = changed("sendall(data)", "sendall(data[::-1])")?;
    let folder = shown(wrong.path());
    let words = [
        "check",
        &folder,
        "echo/answers",
        "echo/cyrillic",
        "--watch",
        "--no-sandbox",
    ];
    let running = Running::start(&words)?;
    running.says("✗ echo/answers")?;
    running.says("waiting for a change")?;
    let path = wrong.path().join("server.py");
    let source = fs::read_to_string(&path)?;
    fs::write(
        &path,
        source.replace("sendall(data[::-1])", "sendall(data)"),
    )?;
    running.says("✓ echo/answers")?;
    running.says("✓ echo/cyrillic").map(drop)
}

fn a_running_server_is_checked() -> Result<(), Failed> {
    let port = free_port()?;
    let mut server = Command::new("python3");
    server.arg("-u").arg(good("echo-python").join("server.py"));
    let mut server = server.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    if let Some(mut stdin) = server.stdin.take() {
        std::io::Write::write_all(&mut stdin, format!("{port}\n").as_bytes())?;
    }
    let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
    let ready = harness::wait_for(PATIENCE, listens).is_some();
    let at = format!("127.0.0.1:{port}");
    let checked = output(&[
        "check",
        "echo",
        "--at",
        &at,
        "answers",
        "not-utf8",
        "events-start",
    ]);
    server.kill()?;
    server.wait()?;
    let (output, said) = checked?;
    let expected = ["✓ echo/answers", "✓ echo/not-utf8", "– echo/events-start"];
    let all = expected.iter().all(|part| said.contains(part));
    ensure(ready && output.status.code() == Some(0) && all, &said)
}

/// A port that is free now; nothing else in this test asks for one.
fn free_port() -> Result<u16, Failed> {
    let block = harness::PortBlock::reserve().map_err(|failure| failure.what)?;
    Ok(block.port(1))
}

fn a_client_is_checked_by_hand() -> Result<(), Failed> {
    let port = free_port()?;
    let port_text = port.to_string();
    let running = Running::start(&["check", "echo-client", "--listen", &port_text, "sends"])?;
    running.says(&port_text)?;
    let connects = || TcpStream::connect(("127.0.0.1", port)).ok();
    let mut client = harness::wait_for(PATIENCE, connects).ok_or("it does not listen")?;
    let line = running.says("type: ")?;
    let (_, text) = line.split_once("type: ").ok_or("type: ")?;
    std::io::Write::write_all(&mut client, text.as_bytes())?;
    running.says("✓ echo-client/sends").map(drop)
}

/// Does what it is asked for until the checks are over; what was said before the last line.
fn a_client_by_hand_types_until_exit() -> Result<(), Failed> {
    let words = [
        "check",
        "echo",
        "--listen",
        "0",
        "echo-client/s",
        "until-exit",
    ];
    let running = Running::start(&words)?;
    let mut asked = Vec::new();
    let mut client = None;
    loop {
        let line = running.lines.recv_timeout(PATIENCE);
        let line = line.map_err(|_| format!("no end: {asked:?}"))?;
        if line.contains("start the client") {
            let (_, port) = line.split_once("port ").ok_or("no port")?;
            let port = port.split(' ').next().ok_or("no port")?.parse::<u16>()?;
            let connects = || TcpStream::connect(("127.0.0.1", port)).ok();
            client = harness::wait_for(PATIENCE, connects);
        } else if line.ends_with("type: exit") {
            client = None;
        } else if let Some((_, text)) = line.split_once("type: ") {
            let client = client.as_mut().ok_or("not started")?;
            std::io::Write::write_all(client, text.as_bytes())?;
        } else if line.contains("✓ echo-client/until-exit") {
            break;
        }
        asked.extend(line.strip_prefix("  >> ").map(str::to_owned));
    }
    let said = format!("{asked:?}");
    let mut unique = asked.clone();
    unique.sort();
    unique.dedup();
    ensure(asked.len() == 7 && unique.len() == 7, &said)?;
    Ok(())
}
