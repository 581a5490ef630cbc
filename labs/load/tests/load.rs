//! The load generator against small servers, right ones and wrong ones, in this process.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;

/// A server with a thread for each connection. Returns its port.
fn serve(handle: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let handle = handle.clone();
            thread::spawn(move || handle(stream.unwrap()));
        }
    });
    port.to_string()
}

/// Answers in upper case, Latin letters only, each portion changed by `spoil`.
fn echo(mut stream: TcpStream, spoil: impl Fn(&mut Vec<u8>)) {
    let mut buffer = [0; 4096];
    while let Ok(n_bytes @ 1..) = stream.read(&mut buffer) {
        let mut portion = buffer[..n_bytes].to_ascii_uppercase();
        spoil(&mut portion);
        if stream.write_all(&portion).is_err() {
            return;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
}

fn right_echo() -> String {
    serve(|stream| echo(stream, |_| {}))
}

fn load(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_load"));
    command.args(arguments).env("LC_ALL", "C");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    match serde_json::from_slice(&output.stdout) {
        Ok(value) => value,
        Err(error) => panic!("{error}: {output:?}"),
    }
}

/// The report of `load KIND 127.0.0.1 PORT ...`, which must have gone well.
fn report(kind: &str, port: &str, options: &[&str]) -> Value {
    let fixed = [kind, "127.0.0.1", port, "--seconds", "0.2", "--json"];
    let output = load(&[&fixed, options].concat());
    assert!(output.status.success(), "{output:?}");
    let report = json(&output);
    assert_eq!(report["errors"], 0, "{report}");
    assert_eq!(report["first_error"], Value::Null, "{report}");
    report
}

/// The first error of `load KIND 127.0.0.1 PORT ...`, which must have failed.
fn first_error(kind: &str, port: &str) -> String {
    let few = ["--seconds", "0.2", "--json", "--connections", "3"];
    let output = load(&[&[kind, "127.0.0.1", port], &few[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report = json(&output);
    assert!(report["errors"].as_u64() > Some(0), "{report}");
    assert!(stderr(&output).starts_with("load: errors: "), "{output:?}");
    report["first_error"].as_str().unwrap().to_owned()
}

/// `load KIND 127.0.0.1 PORT ...` must fail, and its first error say that.
fn fails_with(kind: &str, port: &str, words: &str) {
    let error = first_error(kind, port);
    assert!(error.contains(words), "{error}");
}

fn is_positive(value: &Value) -> bool {
    value.as_f64() > Some(0.0)
}

#[test]
fn counts_right_answers() {
    let report = report("echo", &right_echo(), &[]);
    for field in [
        "answers",
        "answers_per_second",
        "megabytes_per_second",
        "load_cpu",
    ] {
        assert!(is_positive(&report[field]), "{field}: {report}");
    }
    let latency = &report["latency"];
    let all = ["p50", "p90", "p99", "p999", "max"].map(|name| latency[name].as_f64().unwrap());
    assert!(all[0] > 0.0 && all.is_sorted(), "{report}");
    let correction = latency["correction"].as_str().unwrap();
    assert!(correction.starts_with("closed loop"), "{report}");
    assert_eq!(report["server"], Value::Null);
    assert!(report["unanswered"].is_u64(), "{report}");
}

#[test]
fn any_size_and_pipeline_comes_back_whole() {
    let port = right_echo();
    for (size, pipeline) in [("1", "1"), ("1", "100"), ("1000", "7"), ("1000000", "2")] {
        let options = ["--size", size, "--pipeline", pipeline, "--connections", "2"];
        let report = report("echo", &port, &options);
        assert!(is_positive(&report["answers"]), "{report}");
        assert_eq!(report["size"].to_string(), size);
        assert_eq!(report["pipeline"].to_string(), pipeline);
    }
}

#[test]
fn knows_what_other_servers_answer() {
    let same = serve(|mut stream| {
        let mut other = stream.try_clone().unwrap();
        let _ = std::io::copy(&mut stream, &mut other);
        let _ = other.shutdown(Shutdown::Write);
    });
    report("echo", &same, &["--transform", "none"]);
    report(
        "echo",
        &right_echo(),
        &["--transform", "ascii", "--text", "cyrillic"],
    );
    fails_with("echo", &same, "wrong answer at byte 0 of the stream");
}

#[test]
fn a_single_wrong_byte_is_an_error() {
    let port = serve(|stream| {
        echo(stream, |portion| {
            if let Some(byte) = portion.get_mut(10) {
                *byte = b'?';
            }
        })
    });
    fails_with("echo", &port, "wrong answer at byte 10 of the stream: \"?");
}

#[test]
fn more_than_was_asked_for_is_an_error() {
    let port = serve(|stream| echo(stream, |portion| portion.extend_from_within(..)));
    fails_with("echo", &port, "the answer is longer than the question");
}

#[test]
fn a_server_that_closes_is_named() {
    let port = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
    });
    for kind in ["echo", "time"] {
        let error = first_error(kind, &port);
        assert!(error.starts_with(&format!("127.0.0.1:{port}: ")), "{error}");
    }
    fails_with("echo", &port, "the server closed the connection");
}

#[test]
fn short_connections_are_opened_again_and_again() {
    let port = right_echo();
    for options in [
        &["--per-connection", "1"][..],
        &["--per-connection", "3", "--pipeline", "2"],
        &["--per-connection", "2", "--rate", "500"],
    ] {
        let report = report("echo", &port, &[options, &["--connections", "5"]].concat());
        assert!(is_positive(&report["answers"]), "{report}");
        assert!(is_positive(&report["connects_per_second"]), "{report}");
    }
}

#[test]
fn a_rate_is_an_open_loop() {
    let port = right_echo();
    for spin in [&[][..], &["--spin"]] {
        let report = report("echo", &port, &[&["--rate", "2000"], spin].concat());
        assert!(is_positive(&report["answers"]), "{report}");
        // Twice what is due in the time leaves room for what was due before.
        assert!(
            report["answers_per_second"].as_f64() < Some(4000.0),
            "{report}"
        );
        let correction = report["latency"]["correction"].as_str().unwrap();
        assert!(correction.starts_with("open loop"), "{report}");
    }
}

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

/// A server with one thread, which serves one client after another: the next one waits in the
/// backlog. Returns its port.
fn serve_one_at_a_time() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            echo(stream.unwrap(), |_| {});
        }
    });
    port.to_string()
}

#[test]
fn connections_that_nobody_answers_make_no_measurement() {
    let port = serve_one_at_a_time();
    for rate in [&[][..], &["--rate", "500"]] {
        let fixed = ["echo", "127.0.0.1", &port, "--seconds", "1.5", "--json"];
        let output = load(&[&fixed[..], &["--connections", "3"], rate].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let report = json(&output);
        assert_eq!(report["unanswered"], 2, "{report}");
        assert_eq!(report["errors"], 0, "{report}");
        let text = stderr(&output);
        let words = "load: 2 of 3 connections had no answer while it was measured";
        assert!(text.starts_with(words), "{text}");
    }
}

#[test]
fn in_a_short_time_they_are_told_of() {
    let port = serve_one_at_a_time();
    let fixed = ["echo", "127.0.0.1", &port, "--seconds", "0.2"];
    let output = load(&[&fixed[..], &["--connections", "3"]].concat());
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("note: 2 of 3 connections had no answer"),
        "{text}"
    );
    assert!(text.contains("the latencies leave them out"), "{text}");
}

#[test]
fn reads_the_time() {
    let port = serve(|mut stream| {
        let _ = stream.write_all(b"Sun Nov 22 00:17:10 ");
        let _ = stream.write_all(b"2026\n");
    });
    let report = report("time", &port, &["--connections", "3"]);
    assert!(is_positive(&report["answers"]), "{report}");
    assert!(is_positive(&report["connects_per_second"]), "{report}");
}

#[test]
fn a_text_that_is_no_time_is_an_error() {
    for text in ["", "22.11.2026\n", "Sun Nov 22 00:17:10 2026\nand more"] {
        let port = serve(move |mut stream| {
            let _ = stream.write_all(text.as_bytes());
        });
        fails_with("time", &port, "not a time");
    }
}

#[test]
fn holds_connections() {
    let report = report("hold", &right_echo(), &["--connections", "200"]);
    assert_eq!(report["connections"], 200);
    assert_eq!(report["latency"], Value::Null);
}

#[test]
fn a_held_connection_that_is_lost_is_an_error() {
    let port = serve(drop);
    fails_with("hold", &port, "closed the connection");
    let port = serve(|mut stream| {
        let _ = stream.write_all(b"hello\n");
        let _ = stream.read(&mut [0; 1]);
    });
    fails_with("hold", &port, "unasked, the server says \"hello\\n\"");
}

#[test]
#[cfg(target_os = "linux")]
fn reads_what_the_server_uses() {
    let pid = std::process::id().to_string();
    let report = report("echo", &right_echo(), &["--pid", &pid]);
    assert!(is_positive(&report["server"]["memory_kib"]), "{report}");
    assert!(is_positive(&report["server"]["threads"]), "{report}");
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
