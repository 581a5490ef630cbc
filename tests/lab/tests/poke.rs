//! `cargo lab poke` against real sockets.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn poke(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .arg("poke")
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What it prints when these lines are typed, and then its input ends.
fn poked(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = poke(arguments);
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// A server for one client, which answers at the end of what that sends.
fn answers_at_the_end(answer: &'static [u8]) -> (SocketAddr, std::thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        stream.write_all(answer).unwrap();
        received
    });
    (address, server)
}

#[test]
fn the_end_of_the_input_half_closes_and_the_answer_still_comes() {
    let (address, server) = answers_at_the_end(b"bytes \xff as they came");
    let output = poked(&[&address.to_string()], b"one\ntwo\n");
    assert_eq!(server.join().unwrap(), b"one\ntwo\n");
    assert_eq!(output.stdout, b"bytes \xff as they came");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn lines_go_without_their_ends_and_bytes_are_shown() {
    let (address, server) = answers_at_the_end(b"ok\n");
    let port = address.port().to_string();
    let output = poked(&["-n", "-x", "-v", "localhost", &port], b"one\r\ntwo\n");
    assert_eq!(server.join().unwrap(), b"onetwo");
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(stdout.starts_with("000000  6f 6b 0a "), "{stdout}");
    assert!(
        stderr.contains("-> 3 bytes") && stderr.contains("<- 3 bytes"),
        "{stderr}"
    );
}

#[test]
fn nothing_there_is_one_clear_line() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let output = poked(&[&format!("127.0.0.1:{port}")], b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.starts_with(&format!("cargo lab: connect 127.0.0.1:{port}: ")),
        "{stderr}"
    );
    assert!(stderr.contains("\nhint: "), "{stderr}");
    assert_eq!(poked(&[], b"").status.code(), Some(2));
}

#[test]
fn a_silent_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output = poked(&["--keep-open", "--timeout", "0.3", &address], b"hello\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("nothing came for 0.3 s"), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
}

/// The port that it says it has.
fn port_of(child: &mut Child) -> u16 {
    let mut line = String::new();
    let stderr = child.stderr.as_mut().unwrap();
    BufReader::new(stderr).read_line(&mut line).unwrap();
    let (_, port) = line.trim().rsplit_once(':').unwrap();
    port.parse().unwrap()
}

#[test]
fn plays_the_server_once() {
    let mut child = poke(&["--listen", "0"]);
    let port = port_of(&mut child);
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"question").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    child.stdin.take().unwrap().write_all(b"answer\n").unwrap();
    let mut received = String::new();
    client.read_to_string(&mut received).unwrap();
    assert_eq!(received, "answer\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"question");
}

#[test]
fn every_line_is_a_datagram() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let address = server.local_addr().unwrap().to_string();
    let mut child = poke(&["--udp", &address]);
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"one\ntwo\n")
        .unwrap();
    let mut buffer = [0; 100];
    let (n_bytes, client) = server.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..n_bytes], b"one");
    server.send_to(b"first", client).unwrap();
    let (n_bytes, _) = server.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..n_bytes], b"two");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"first");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn answers_the_last_sender_of_a_datagram() {
    let mut child = poke(&["--udp", "--listen", "0", "--timeout", "1"]);
    let port = port_of(&mut child);
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    client.send_to(b"question", ("127.0.0.1", port)).unwrap();
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"answer\n")
        .unwrap();
    let mut buffer = [0; 100];
    let (n_bytes, _) = client.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..n_bytes], b"answer");
    assert_eq!(child.wait_with_output().unwrap().stdout, b"question");
}
