//! What people get to read.

use std::net::TcpListener;
#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
use crate::{echo, is_positive, json, serve};
use crate::{load, right_echo, stderr};

#[test]
fn a_rate_that_cannot_be_reached_is_named() {
    let port = right_echo();
    let fixed = ["echo", "127.0.0.1", &port, "--seconds", "0.2"];
    let output = load(&[&fixed[..], &["--connections", "3", "--rate", "10000000"]].concat());
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let words = "10000000 messages per second were asked for, and not reached";
    assert!(text.contains(words), "{text}");
}

#[test]
fn another_machine_is_refused() {
    // TEST-NET-1 (RFC 5737): nobody is there, and a connect would wait for its time-out.
    for options in [&[][..], &["--beyond-loopback", "192.0.2.2"]] {
        for kind in ["echo", "time", "hold"] {
            let output = load(&[&[kind, "192.0.2.1", "9"], options].concat());
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let text = stderr(&output);
            assert!(text.starts_with("load: refused: 192.0.2.1"), "{text}");
            assert!(text.contains("--beyond-loopback 192.0.2.1"), "{text}");
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_a_clear_error() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let output = load(&["echo", "127.0.0.1", &address.port().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = stderr(&output);
    assert!(text.contains(&format!("connect {address}")), "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_wrong_command_line_is_refused() {
    for wrong in [
        "",
        "shout",
        "echo localhost 0",
        "echo --connections 0",
        "echo --connections 60001",
        "echo --size 0",
        "echo --size 16777217",
        "echo --pipeline 0",
        "echo --seconds 0",
        "echo --seconds 3601",
        "echo --rate 0",
        "echo --per-connection 0",
        "echo --pid 0",
        "time --size 64",
        "hold --rate 5",
    ] {
        let output = load(&wrong.split_whitespace().collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(2), "{wrong}: {output:?}");
    }
}

/// Everything that `load echo` prints in a language.
fn told(language: &str) -> String {
    let port = right_echo();
    let fixed = ["echo", "127.0.0.1", &port, "--seconds", "0.2", "--lang"];
    let output = load(&[&fixed[..], &[language]].concat());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stderr(&output), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn tells_people_in_their_language() {
    let english = told("en");
    for words in [
        "connections 50, message 64 bytes",
        "latency, us:",
        "errors: none",
    ] {
        assert!(english.contains(words), "{english}");
    }
    let russian = told("ru");
    for words in [
        "соединений 50, сообщение 64 байта",
        "задержка, мкс:",
        "ошибок нет",
    ] {
        assert!(russian.contains(words), "{russian}");
    }
    // The address has points, too; it stands before the first blank.
    let (_, rest) = russian.split_once(' ').unwrap();
    assert!(!rest.contains('.') && rest.contains(','), "{russian}");
}

#[test]
#[cfg(unix)]
fn when_stopped_it_says_what_it_has_measured() {
    use std::process::Stdio;
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    let (heard, begun) = mpsc::channel();
    let port = serve(move |stream| {
        echo(stream, |_| {
            let _ = heard.send(());
        });
    });
    let running = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["echo", "127.0.0.1", &port, "--seconds", "3600", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    begun.recv().unwrap();
    // The warm-up takes half a second: a message so much later is one that counts.
    let first = Instant::now();
    while first.elapsed() < Duration::from_secs(2) {
        begun.recv().unwrap();
    }
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let report = json(&running.wait_with_output().unwrap());
    assert_eq!(report["errors"], 0, "{report}");
    assert!(is_positive(&report["answers"]), "{report}");
    assert!(report["seconds"].as_f64() < Some(3600.0), "{report}");
}
