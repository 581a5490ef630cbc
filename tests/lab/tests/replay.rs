//! A script of `cargo lab check --replay` sees the difference that the check saw.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use checks::{CheckResult, Missing, Need, PortBy, Session, Subject, trial_unless};
use harness::{PortBlock, wait_for};
use libtest_mimic::{Arguments, Completion, Failed};
use tempfile::TempDir;

/// A right program of the zoo with one change, and the check that fails then.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "echo/utf8-split",
        "server.py",
        "sendall(data)",
        "sendall(data.decode(errors='replace').encode())",
    ),
    (
        "echo/long-text",
        "server.py",
        "recv(1024)",
        "recv(1000)[:999]",
    ),
    (
        "echo/reset",
        "server.py",
        "    except OSError as error:\n            say(f\"Сбой: {error}\")",
        "    except ZeroDivisionError as error:\n            say(f\"Сбой: {error}\")",
    ),
    (
        "echo-client/sends",
        "client.py",
        "connection.sendall(text.encode())",
        "connection.sendall(text[:-1].encode())",
    ),
];

fn main() -> ExitCode {
    let missing = || Need::Python.missing_on_machine().map(Missing::Machine);
    let wrong = WRONG.iter().map(|&(check, file, old, new)| {
        let name = format!("sees again what {check} saw");
        trial_unless(missing(), &name, "", move || {
            let folder = copy(file, old, new)?;
            let (subject, result) = judged(folder.path(), check)?;
            if !result.verdict.is_failure() {
                return Err(format!("{check}: {:?} {}", result.verdict, result.what).into());
            }
            expect_code(1, &subject, &result)
        })
    });
    let right = trial_unless(
        missing(),
        "sees no difference in a right program",
        "",
        || {
            let folder = copy("server.py", "", "")?;
            let (subject, result) = judged(folder.path(), "echo/slow-client")?;
            expect_code(0, &subject, &result)
        },
    );
    let usage = trial_unless(
        missing(),
        "says how it is called",
        "",
        says_how_it_is_called,
    );
    let trials = wrong.chain([right, usage]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A copy of a right program with one change.
fn copy(file: &str, old: &str, new: &str) -> Result<TempDir, Failed> {
    let right = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/good/echo-python");
    let folder = TempDir::new()?;
    for entry in std::fs::read_dir(right)?.flatten() {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
    }
    let path = folder.path().join(file);
    let source = std::fs::read_to_string(&path)?;
    if !source.contains(old) {
        return Err(format!("{old:?} does not stand in {file}").into());
    }
    std::fs::write(&path, source.replacen(old, new, 1))?;
    Ok(folder)
}

fn judged(folder: &Path, check: &str) -> Result<(Subject, CheckResult), Failed> {
    let program = if check.starts_with("echo-client") {
        "echo-client"
    } else {
        "echo-server"
    };
    let subject = Subject::submission(program, folder)?.ok_or("not declared")?;
    let session = Session::new(subject.clone(), 1).keeping_transcripts(true);
    let index = session.position(check).ok_or("no such check")?;
    let result = session.result(index).clone();
    Ok((subject, result))
}

fn expect_code(wanted: i32, subject: &Subject, result: &CheckResult) -> Result<Completion, Failed> {
    let ports = PortBlock::reserve().map_err(|failure| failure.what)?;
    let port = ports.port(0);
    let text = lab::replay::script(subject, result)?;
    let script = subject.home.join("replay.py");
    std::fs::write(&script, &text)?;
    let (code, said) = if subject.program.ends_with("client") {
        replay_to_client(&script, subject, port)?
    } else {
        replay_to_server(&script, subject, port)?
    };
    if code == Some(wanted) {
        return Ok(Completion::Completed);
    }
    Err(format!("exit code {code:?}, not {wanted}:\n{said}\n{text}").into())
}

fn says_how_it_is_called() -> Result<Completion, Failed> {
    let folder = copy("server.py", "", "")?;
    let script = folder.path().join("replay.py");
    for (check, order) in [
        ("echo/answers", "Then this script"),
        ("echo-client/sends", "start it first"),
    ] {
        let (subject, result) = judged(folder.path(), check)?;
        let text = lab::replay::script(&subject, &result)?;
        std::fs::write(&script, &text)?;
        for words in [
            &["localhost"] as &[&str],
            &["a:b"],
            &["a", "70000"],
            &["a", "1", "2"],
        ] {
            let output = Command::new("python3").arg(&script).args(words).output()?;
            let said = [output.stdout.as_slice(), &output.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            let is_line = said.starts_with("usage: ") && said.lines().count() == 1;
            if !is_line || output.status.code() != Some(2) || !text.contains(order) {
                return Err(format!("{check} {words:?}: {said}\n{text}").into());
            }
        }
    }
    Ok(Completion::Completed)
}

/// The program under check, as a student starts it.
fn start(subject: &Subject, port: u16) -> Result<Child, Failed> {
    assert_eq!(subject.plain.port, PortBy::Given);
    let mut child = Command::new(&subject.plain.command[0])
        .args(&subject.plain.command[1..])
        .current_dir(&subject.home)
        .env("PYTHONUNBUFFERED", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let stdin = child.stdin.as_mut().ok_or("no stdin")?;
    for answer in &subject.plain.answers {
        let line = answer.text.replace("{port}", &port.to_string());
        writeln!(stdin, "{}", line.replace("{host}", "127.0.0.1"))?;
    }
    Ok(child)
}

fn replay(script: &PathBuf, port: u16) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(script)
        .args(["127.0.0.1", &port.to_string()])
        .env("PYTHONUNBUFFERED", "1")
        .stdin(Stdio::null());
    command
}

fn replay_to_server(
    script: &PathBuf,
    subject: &Subject,
    port: u16,
) -> Result<(Option<i32>, String), Failed> {
    let mut server = start(subject, port)?;
    let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
    wait_for(harness::PATIENCE, listens).ok_or("it does not listen")?;
    let output = replay(script, port).output()?;
    server.kill()?;
    server.wait()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((
        output.status.code(),
        said + &String::from_utf8_lossy(&output.stderr),
    ))
}

/// Starts the client and types when the script asks for it.
fn replay_to_client(
    script: &PathBuf,
    subject: &Subject,
    port: u16,
) -> Result<(Option<i32>, String), Failed> {
    let mut child = replay(script, port).stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let (mut client, mut said) = (None, String::new());
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        said = said + &line + "\n";
        if line.starts_with("** start") {
            client = Some(start(subject, port)?);
        } else if let Some(text) = line.strip_prefix("** type: ") {
            let client: &mut Child = client.as_mut().ok_or("not started")?;
            writeln!(client.stdin.as_mut().ok_or("no stdin")?, "{text}")?;
        }
    }
    let status = child.wait()?;
    if let Some(mut client) = client {
        client.kill()?;
        client.wait()?;
    }
    Ok((status.code(), said))
}
