//! Servers that answer wrongly, or not at all.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;

use crate::{echo, json, load, report, right_echo, serve, stderr};

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
fn a_text_that_is_no_time_is_an_error() {
    for text in ["", "22.11.2026\n", "Sun Nov 22 00:17:10 2026\nand more"] {
        let port = serve(move |mut stream| {
            let _ = stream.write_all(text.as_bytes());
        });
        fails_with("time", &port, "not a time");
    }
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
