//! `load compare` with two real servers.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed; helpers stand outside #[test]"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// cargo builds the examples for the tests, beside the folder of the test's own executable.
fn tiny_echo() -> String {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let file = format!("tiny-echo{}", std::env::consts::EXE_SUFFIX);
    let path = profile.join("examples").join(file);
    assert!(path.exists(), "{} is not built", path.display());
    path.display().to_string()
}

/// Compares the servers `how` in a folder of its own, quickly. The folder's name in their command
/// lines tells the processes of this test from all others.
fn compare(folder: &Path, how: &[&str], options: &[&str]) -> Command {
    let (program, marker) = (tiny_echo(), folder.display());
    let commands = how.iter().map(|how| match how.split_once('=') {
        Some((name, how)) => format!("{name}='{program}' '{how}' '{marker}'"),
        None => format!("'{program}' '{how}' '{marker}'"),
    });
    let mut load = Command::new(env!("CARGO_BIN_EXE_load"));
    load.arg("compare").args(commands).args(options);
    for (option, value) in [
        ("--connections", "5,1"),
        ("--seconds", "0.2"),
        ("--lang", "en"),
    ] {
        if !options.contains(&option) {
            load.args([option, value]);
        }
    }
    load.current_dir(folder);
    load
}

/// The processes whose command line names `folder`.
fn left_over(folder: &Path) -> Vec<PathBuf> {
    let name = folder.display().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let command_lines = processes.map(|process| process.path().join("cmdline"));
    command_lines
        .filter(|path| {
            fs::read(path).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&name))
        })
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn two_servers_are_compared_and_ended() {
    let folder = TempDir::new().unwrap();
    let options = [
        "--rounds",
        "2",
        "--report",
        "page.html",
        "--svg-dir",
        "plots",
    ];
    let output = compare(folder.path(), &["one=", "two="], &options)
        .output()
        .unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    let place = |text: &str| {
        stdout
            .find(text)
            .unwrap_or_else(|| panic!("no {text}: {stdout}"))
    };
    assert!(place("connections: 1 ") < place("connections: 5 "));
    assert_eq!(stdout.matches("\none ").count(), 2, "{stdout}");
    assert_eq!(stdout.matches("\ntwo ").count(), 2, "{stdout}");
    let order: Vec<&str> = stderr
        .lines()
        .filter_map(|line| line.split_once("connections: 1, ")?.1.split(':').next())
        .collect();
    assert_eq!(order, ["one", "two", "two", "one"], "{stderr}");

    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), 3);
    for plot in ["throughput", "p99", "memory"] {
        let svg = fs::read_to_string(folder.path().join(format!("plots/{plot}.svg"))).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
    }
    assert_eq!(left_over(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_russian_page_is_russian_throughout() {
    let folder = TempDir::new().unwrap();
    let options = ["--rounds", "1", "--lang", "ru"];
    let output = compare(folder.path(), &["one="], &options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = fs::read_to_string(folder.path().join("comparison.html")).unwrap();
    let term = "пропуск запросов во время заминок (coordinated omission)";
    assert!(page.contains(term), "{page}");
    assert!(page.contains("по 0,2 с"), "{page}");
    assert!(!page.contains("closed loop"), "{page}");
}

#[test]
fn a_server_that_fails_leaves_its_reason_and_the_others_their_figures() {
    let folder = TempDir::new().unwrap();
    let output = compare(
        folder.path(),
        &["", "--die", "--deaf"],
        &["--rounds", "1", "--json"],
    )
    .output()
    .unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.ends_with("load: 4 of 6 measurements failed\n"),
        "{stderr}"
    );
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = (0..3)
        .map(|index| &json["servers"][index]["name"])
        .collect();
    assert_eq!(names, ["tiny-echo", "tiny-echo-2", "tiny-echo-3"]);
    for point in json["points"].as_array().unwrap() {
        let failure = point["failure"].as_str().unwrap_or("");
        match point["server"].as_u64() {
            Some(0) => assert!(point["report"]["answers"].as_u64() > Some(0), "{point}"),
            Some(1) => assert!(failure.contains("ended before it listened"), "{point}"),
            _ => assert!(failure.contains("ended under load"), "{point}"),
        }
    }
    assert!(folder.path().join("comparison.html").exists());
    assert_eq!(left_over(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn figures_of_some_of_the_connections_do_not_count() {
    let folder = TempDir::new().unwrap();
    let options = ["--rounds", "1", "--seconds", "1", "--json"];
    let output = compare(folder.path(), &["--one"], &options)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let (one, five) = (&json["points"][0], &json["points"][1]);
    assert!(one["report"]["answers"].as_u64() > Some(0), "{one}");
    assert_eq!(five["report"], serde_json::Value::Null, "{five}");
    let failure = five["failure"].as_str().unwrap();
    assert!(failure.starts_with("4 of 5 connections"), "{failure}");
}

#[test]
fn a_wrong_command_line_starts_nothing() {
    let folder = TempDir::new().unwrap();
    for wrong in [
        &["--pipeline", "0"][..],
        &["--size", "0"],
        &["--rounds", "101"],
        &["echo 'open"],
    ] {
        let output = compare(folder.path(), &[""], wrong).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{wrong:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
#[cfg(unix)]
fn an_interrupted_comparison_leaves_no_server() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    let folder = TempDir::new().unwrap();
    let mut load = compare(folder.path(), &["one=", "two="], &["--rounds", "100"]);
    let load = load.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut load = load.spawn().unwrap();
    let mut stderr = BufReader::new(load.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("round 1 of 100"), "{line}");

    let pid = i32::try_from(load.id()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(load.wait().unwrap().code(), Some(1), "{rest}");
    assert!(!rest.contains("round 100"), "{rest}");
    assert_eq!(left_over(folder.path()), Vec::<PathBuf>::new());
}
