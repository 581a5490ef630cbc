//! The load generator against small servers, right ones and wrong ones, in this process.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod faults;
mod people;

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
fn holds_connections() {
    let report = report("hold", &right_echo(), &["--connections", "200"]);
    assert_eq!(report["connections"], 200);
    assert_eq!(report["latency"], Value::Null);
}

#[test]
#[cfg(target_os = "linux")]
fn reads_what_the_server_uses() {
    let pid = std::process::id().to_string();
    let report = report("echo", &right_echo(), &["--pid", &pid]);
    assert!(is_positive(&report["server"]["memory_kib"]), "{report}");
    assert!(is_positive(&report["server"]["threads"]), "{report}");
}
