//! The basic session of the labs on Windows, with Wine in the place of Windows.
//!
//! The first run builds std and the labs, which takes a minute. A machine without the cross-compiler or Wine skips all
//! of it and says what is missing; with `LAB_REQUIRE_ALL=1` that is a failure.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use harness::{Ending, Line, Peer, Program, Source, Transcript};
use libtest_mimic::{Arguments, Trial};
use windows::{PATIENCE, Windows};

type Body = fn(&Session) -> Result<()>;

const TRIALS: &[(&str, Body)] = &[
    ("a_busy_port_moves_the_server_up", busy_port),
    ("a_refused_connection_is_one_line_and_exit_code_1", refused),
    ("a_server_answers_in_upper_case", upper_case),
    ("a_wrong_command_line_is_exit_code_2", wrong_command_line),
    ("auto_port_tells_its_port", auto_port),
    ("broadcasts_reach_two_receivers_of_one_port", broadcast),
    ("ctrl_c_stops_a_server_in_good_order", ctrl_c),
    ("events_go_to_the_log_file", log_file),
    ("greetings_go_both_ways", greeting),
    ("hello_goes_over_tcp_and_udp", hello),
    ("the_time_is_told", time),
    ("there_are_no_unix_sockets", no_unix_sockets),
    ("the_client_works_in_a_pipe", client_in_a_pipe),
    ("with_exact_port_a_busy_port_is_exit_code_1", exact_port),
];

/// Shared by the trials of this process.
static WINDOWS: OnceLock<Result<Windows, String>> = OnceLock::new();

fn main() -> ExitCode {
    let missing = windows::missing();
    if let Some(missing) = &missing {
        eprintln!("no test on Windows: {missing}");
    }
    let required = std::env::var_os("LAB_REQUIRE_ALL").is_some_and(|value| value == "1");
    let trials = TRIALS.iter().map(|&(name, body)| {
        let trial = Trial::test(name, move || Ok(Session::run(body)?));
        match &missing {
            None => trial,
            Some(missing) => trial.with_kind(missing).with_ignored_flag(!required),
        }
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    if let Some(Ok(windows)) = WINDOWS.get() {
        windows.end();
    }
    conclusion.exit_code()
}

fn upper_case(session: &Session) -> Result<()> {
    let (_server, port) = session.server("echo-server", &[])?;
    let mut client = session.connect(port)?;
    client.send("hello, привет".as_bytes())?;
    client.half_close();
    let (reply, ending) = client.receive_to_end()?;
    let reply = String::from_utf8_lossy(&reply);
    ensure!(reply == "HELLO, ПРИВЕТ" && ending == Ending::Closed);
    Ok(())
}

/// The server listens on all addresses: whatever `localhost` means, the client gets through.
fn client_in_a_pipe(session: &Session) -> Result<()> {
    let mut server = session.start("echo-server", &["--port", "0"])?;
    let port = listening_port(&mut server)?.to_string();
    let mut client = session.start("echo-client", &["localhost", &port])?;
    client.type_in("hello\nпривет\n".as_bytes())?;
    client.end_input();
    ensure_exit_code(&mut client, 0)?;
    let replies = String::from_utf8(client.stdout())?;
    ensure!(replies == "HELLO\nПРИВЕТ\n");
    Ok(())
}

fn busy_port(session: &Session) -> Result<()> {
    let (_first, busy) = session.server("echo-server", &[])?;
    let arguments = ["--address", "127.0.0.1", "--port", &busy.to_string()];
    let mut second = session.start("echo-server", &arguments)?;
    let moved = listening_port(&mut second)?;
    ensure!((busy + 1..=busy + 9).contains(&moved));
    let notice = format!("port {busy} is busy, trying {}", busy + 1);
    wait_for_line(&mut second, Source::Stderr, &notice).map(drop)
}

fn exact_port(session: &Session) -> Result<()> {
    let (_first, busy) = session.server("echo-server", &[])?;
    let address = ["--address", "127.0.0.1", "--port", &busy.to_string()];
    let arguments = [&address[..], &["--exact-port"]].concat();
    let mut second = session.start("echo-server", &arguments)?;
    ensure_exit_code(&mut second, 1)?;
    let error = wait_for_line(&mut second, Source::Stderr, "echo-server: bind 127.0.0.1:")?;
    ensure!(error.ends_with("(os error 10048)")); // WSAEADDRINUSE
    Ok(())
}

fn wrong_command_line(session: &Session) -> Result<()> {
    let mut server = session.start("echo-server", &["--port", "70000"])?;
    ensure_exit_code(&mut server, 2)
}

fn refused(session: &Session) -> Result<()> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let port = free.port().to_string();
    let mut client = session.start("echo-client", &["127.0.0.1", &port])?;
    ensure_exit_code(&mut client, 1)?;
    let lines = client.lines();
    let errors: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
    // One line for the error, and a hint.
    ensure!(matches!(errors[..], [error, hint]
        if error.starts_with(&format!("echo-client: connect {free}: "))
            && error.ends_with("(os error 10061)") // WSAECONNREFUSED
            && hint.starts_with("hint: ")));
    Ok(())
}

fn auto_port(session: &Session) -> Result<()> {
    let (_server, port) = session.server("auto-port", &[])?;
    let (answer, ending) = session.connect(port)?.receive_to_end()?;
    let answer = String::from_utf8_lossy(&answer);
    ensure!(answer == format!("you are connected to port {port}\n") && ending == Ending::Closed);
    Ok(())
}

fn time(session: &Session) -> Result<()> {
    let (_server, port) = session.server("time-server", &[])?;
    let mut client = session.start("time-client", &["127.0.0.1", &port.to_string()])?;
    ensure_exit_code(&mut client, 0)?;
    // `Sat Nov 21 10:00:00 2026` and a line feed alone.
    let text = String::from_utf8(client.stdout())?;
    let colons: Vec<_> = text.match_indices(':').map(|(place, _)| place).collect();
    ensure!(
        text.len() == 25 && text.ends_with('\n') && colons == [13, 16],
        "{text:?}"
    );
    Ok(())
}

fn greeting(session: &Session) -> Result<()> {
    let (mut server, port) = session.server("greeting-server", &["--lang", "ru"])?;
    let arguments = ["127.0.0.1", &port.to_string(), "--lang", "ru"];
    let mut client = session.start("greeting-client", &arguments)?;
    ensure_exit_code(&mut client, 0)?;
    ensure!(client.stdout() == "Привет, клиент".as_bytes());
    wait_for_line(
        &mut server,
        Source::Stdout,
        "14 символов, 26 байт: Привет, сервер",
    )
    .map(drop)
}

fn hello(session: &Session) -> Result<()> {
    for kind in ["stream", "datagram"] {
        let mut server = session.start("hello-server", &["--port", "0", "--type", kind])?;
        let port = listening_port(&mut server)?.to_string();
        let mut client = session.start("hello-client", &["127.0.0.1", &port, "--type", kind])?;
        ensure_exit_code(&mut client, 0)?;
        ensure_exit_code(&mut server, 0)?;
        wait_for_line(&mut server, Source::Stdout, "14 bytes: Hello, server!")?;
    }
    Ok(())
}

fn no_unix_sockets(session: &Session) -> Result<()> {
    let mut server = session.start("hello-server", &["--family", "unix"])?;
    ensure_exit_code(&mut server, 2)
}

fn broadcast(session: &Session) -> Result<()> {
    let mut first = session.start("broadcast-receiver", &["--port", "0", "--buffer", "10"])?;
    let port = listening_port(&mut first)?.to_string();
    let mut second = session.start("broadcast-receiver", &["--port", &port])?;
    listening_port(&mut second)?;
    let to = ["--to", "127.255.255.255", "--port", &port, "--count", "1"];
    for message in ["Привет", "longer than ten bytes"] {
        let mut sender =
            session.start("broadcast-sender", &[&to[..], &["-m", message]].concat())?;
        ensure_exit_code(&mut sender, 0)?;
        wait_for_line(&mut second, Source::Stdout, &format!(": {message}"))?;
    }
    wait_for_line(&mut first, Source::Stdout, "cut after 10 bytes: Приве…")?;
    wait_for_line(
        &mut first,
        Source::Stdout,
        "?, cut after 10 bytes: longer tha…",
    )
    .map(drop)
}

fn log_file(session: &Session) -> Result<()> {
    let file = folder().join(format!("events-{}.log", std::process::id()));
    // In Wine, drive Z is the root of the Linux file system.
    let path = format!("Z:{}", file.display());
    let (mut server, port) = session.server("echo-server", &["--log-file", &path])?;
    let mut client = session.connect(port)?;
    client.send(b"hello")?;
    client.half_close();
    // The server closes its half after all of this is in the file.
    client.receive_to_end()?;
    server.kill();
    let events = fs::read_to_string(&file).context("read the log file")?;
    fs::remove_file(&file).context("remove the log file")?;
    for event in ["server started", "client connected", "data sent: 5 bytes"] {
        ensure!(events.contains(event), "no `{event}` in {events}");
    }
    ensure!(server.stderr().is_empty());
    Ok(())
}

/// Wine makes CTRL_C_EVENT of SIGINT, as Windows does of the key.
///
/// The client stays connected, which the server gives some time: a process that ends at once, while Wine is still busy
/// with the signal, now and then hangs in its exit and loses its exit code.
fn ctrl_c(session: &Session) -> Result<()> {
    let (mut server, port) = session.server("echo-server", &[])?;
    let mut client = session.connect(port)?;
    // Once a client is served, the server has long set up its handler.
    client.send(b"hello")?;
    ensure!(client.receive()? == b"HELLO");
    server.interrupt()?;
    let (rest, ending) = client.receive_to_end()?;
    ensure!(rest.is_empty() && ending == Ending::Closed);
    ensure_exit_code(&mut server, 0)?;
    wait_for_line(&mut server, Source::Stderr, "server stopped").map(drop)
}

/// What a trial starts and connects, and the record of it, which a failure prints.
struct Session {
    windows: &'static Windows,
    transcript: Transcript,
}

impl Session {
    fn run(body: Body) -> Result<(), String> {
        let prepare = || Windows::prepare(&folder()).map_err(|error| format!("{error:#}"));
        let session = Self {
            windows: WINDOWS.get_or_init(prepare).as_ref()?,
            transcript: Transcript::new(),
        };
        body(&session).map_err(|error| format!("{error:#}\n{}", session.transcript))
    }

    fn start(&self, lab: &str, arguments: &[&str]) -> Result<Program> {
        Ok(self.windows.start(lab, arguments, &self.transcript)?)
    }

    /// A server on a free port of 127.0.0.1, and the port.
    fn server(&self, lab: &str, arguments: &[&str]) -> Result<(Program, u16)> {
        let address = ["--address", "127.0.0.1", "--port", "0"];
        let mut server = self.start(lab, &[&address, arguments].concat())?;
        let port = listening_port(&mut server)?;
        Ok((server, port))
    }

    /// A client of Linux's own.
    fn connect(&self, port: u16) -> Result<Peer> {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Peer::connect("client", server, &self.transcript)?.patient_for(PATIENCE))
    }
}

fn listening_port(server: &mut Program) -> Result<u16> {
    let line = wait_for_line(server, Source::Stdout, "listening on ")?;
    let (_, port) = line
        .rsplit_once(':')
        .with_context(|| format!("no port in `{line}`"))?;
    port.parse().with_context(|| format!("no port in `{line}`"))
}

/// The line of `source` that has `part` in it.
fn wait_for_line(program: &mut Program, source: Source, part: &str) -> Result<String> {
    let wanted = |line: &Line| {
        (line.source == source && line.text.contains(part)).then(|| line.text.clone())
    };
    Ok(program.wait_for_line(0, PATIENCE, part, wanted)?)
}

fn ensure_exit_code(program: &mut Program, expected: i32) -> Result<()> {
    let status = program.wait_for_exit(PATIENCE)?;
    ensure!(
        status.code() == Some(expected),
        "{status} instead of {expected}"
    );
    Ok(())
}

/// target/windows, beside cargo's own folder for the files of tests.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("windows")
}
