//! Checks of what all servers of the suite share: arguments, output, exit codes, the stop.
//!
//! They are about the suite's own command line, so they are meant for the reference alone.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use common::tr;
use harness::{
    Ending, Failure, PortBlock, Program, Source, enter_network_namespace, patience, unread_bytes,
    wait_for,
};

use crate::catalog::{Check, Level, default_port};
use crate::echo_server::occupy;
use crate::needs::{Need, without_privilege};
use crate::scene::{Finished, Scene, announced, finish, says, wait_for_announcement};

const LOCAL: [&str; 4] = ["--address", "127.0.0.1", "--port", "0"];

/// Checks of the suite's own command line: nothing that a submission is asked for.
macro_rules! contract {
    ($name:ident: $($id:literal, $run:ident, $en:literal, $ru:literal $(, $need:ident)*;)*) => {
        pub(crate) const $name: &[Check] = &[
            $(Check::new($id, Level::Should, $run, $en, $ru).needs(&[Need::Reference $(, Need::$need)*]),)*
        ];
    };
}
pub(crate) use contract;

contract! {
    ALL:
    "server/help", help, "--help and --version answer on stdout", "--help и --version отвечают в stdout";
    "server/defaults", defaults, "the defaults are the suite's", "значения по умолчанию — общие для всех";
    "server/bad-arguments", bad_arguments,
        "a wrong command line is refused with exit code 2", "неверная командная строка отвергается с кодом 2";
    "server/port-0", port_0, "port 0 takes any free one and prints it", "порт 0 — любой свободный, и он напечатан";
    "server/port-80", port_80,
        "port 80 without privilege is a clear error", "порт 80 без прав — понятная ошибка", Unprivileged;
    "server/port-65535", port_65535,
        "after port 65535 there is no other to try", "после порта 65535 пробовать нечего", Namespace;
    "server/foreign-address", foreign_address,
        "an address of another machine is a clear error", "чужой адрес — понятная ошибка";
    "server/exact-port", exact_port, "--exact-port does not move", "--exact-port не меняет порт";
    "server/next-port", next_port, "a busy port makes it move up and say so",
        "при занятом порте переходит на следующий и сообщает об этом";
    "server/no-port-left", no_port_left,
        "ten busy ports are a clear error", "десять занятых портов — понятная ошибка";
    "server/ask", ask, "--ask takes answers and defaults, and asks again",
        "--ask принимает ответы и значения по умолчанию и переспрашивает";
    "server/log-file", log_file,
        "--log-file appends the events, and only the console loses them",
        "--log-file дописывает события в файл вместо консоли";
    "server/log-file-fails", log_file_fails,
        "a log file that cannot be opened is a clear error", "недоступный файл журнала — понятная ошибка";
    "server/log-file-full", log_file_full,
        "a log file that cannot be written is said once", "о невозможности записи в журнал сказано один раз", Linux;
    "server/stops-at-prompt", stops_at_prompt,
        "SIGINT at a prompt ends it in good order", "SIGINT у приглашения завершает его как положено", Unix;
    "server/local-time", local_time, "events carry local time", "в событиях местное время", Unix;
    "server/language", language, "events speak the language of --lang or the locale",
        "язык событий берётся из --lang или локали";
    "server/quiet", quiet, "-q leaves out the events of single messages", "-q убирает события отдельных сообщений";
    "server/stdout-closed", stdout_closed,
        "a closed stdout does not end it", "закрытый stdout не завершает сервер", Unix;
    "server/ends", ends, "SIGINT and SIGTERM end it with code 0",
        "SIGINT и SIGTERM завершают с кодом 0", Unix;
    "server/restart", restart,
        "it can be started again on its port at once", "сразу запускается снова на своём порту", Linux;
    "server/escapes", escapes,
        "a client can neither forge a line of the log nor send control codes to the console",
        "клиент не может подделать строку журнала и послать консоли управляющие коды";
}

contract! {
    ANSWERING:
    "server/stderr-closed", stderr_closed,
        "a closed console does not end it", "закрытая консоль не завершает сервер", Unix;
}

contract! {
    ANYWHERE:
    "server/default-port", on_default_port,
        "without arguments it listens on its own port, on all addresses",
        "без аргументов слушает свой порт на всех адресах", Namespace, Ipv6;
    "server/default-port-busy", default_port_busy,
        "a second copy takes the next port", "вторая копия занимает следующий порт", Namespace, Ipv6;
    "server/no-ipv6", no_ipv6,
        "where there is no IPv6 it listens on IPv4", "где нет IPv6, слушает IPv4", Linux, Python;
    "server/ipv6-off", ipv6_off,
        "where IPv6 is switched off IPv4 clients are served",
        "где IPv6 выключен, обслуживает клиентов IPv4", Namespace;
    "server/both-families", both_families,
        "IPv4 and IPv6 clients are served, and IPv4 ones shown as such",
        "обслуживает клиентов IPv4 и IPv6 и показывает IPv4 как есть", Ipv6;
}

contract! {
    CONCURRENT:
    "server/stops", stops, "when it ends, clients see an orderly end",
        "при завершении клиенты видят обычный конец потока", Unix;
}

contract! {
    PATIENT:
    "server/few-descriptors", few_descriptors,
        "without file descriptors it waits, and serves on when there are some",
        "без свободных файловых дескрипторов ждёт, а когда они появляются, обслуживает дальше", Unix;
}

contract! {
    WITH_LASTING_CLIENTS:
    "server/max-clients", max_clients,
        "beyond --max-clients a client waits until another leaves",
        "сверх --max-clients клиент ждёт ухода другого", Linux;
    "server/backlog", backlog, "--backlog bounds how many may wait", "--backlog ограничивает очередь", Linux;
    "server/idle-timeout", idle_timeout,
        "a client without data is disconnected after --idle-timeout",
        "клиент без данных отключается через --idle-timeout";
}

contract! {
    RECEIVER:
    "receiver/help", help, "--help and --version answer on stdout", "--help и --version отвечают в stdout";
    "receiver/bad-arguments", receiver_arguments,
        "a wrong command line is refused with exit code 2", "неверная командная строка отвергается с кодом 2";
    "receiver/port-80", port_80,
        "port 80 without privilege is a clear error", "порт 80 без прав — понятная ошибка", Unprivileged;
    "receiver/foreign-address", foreign_address,
        "an address of another machine is a clear error", "чужой адрес — понятная ошибка";
    "receiver/ask", ask, "--ask takes answers and defaults, and asks again",
        "--ask принимает ответы и значения по умолчанию и переспрашивает";
    "receiver/log-file-fails", log_file_fails,
        "a log file that cannot be opened is a clear error", "недоступный файл журнала — понятная ошибка";
    "receiver/stops-at-prompt", stops_at_prompt,
        "SIGINT at a prompt ends it in good order", "SIGINT у приглашения завершает его как положено", Unix;
    "receiver/local-time", local_time, "events carry local time", "в событиях местное время", Unix;
    "receiver/language", language, "events speak the language of --lang or the locale",
        "язык событий берётся из --lang или локали";
    "receiver/ends", ends, "SIGINT and SIGTERM end it with code 0",
        "SIGINT и SIGTERM завершают с кодом 0", Unix;
}

/// One line on stderr that says `wanted`, perhaps a hint below it, nothing on stdout, exit code 1.
pub(crate) fn one_clear_error(ended: &Finished, wanted: &str) -> Result<(), Failure> {
    // Events carry a date; what is left is the error itself.
    let lines: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| !line.starts_with("20"))
        .collect();
    let (first, rest) = lines
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (*first, rest));
    if ended.code() != 1 {
        return Err(Failure::new(format!(
            "exit code {} instead of 1",
            ended.code()
        )));
    }
    if !first.contains(wanted) {
        return Err(Failure::new("another error").difference(wanted.as_bytes(), first.as_bytes()));
    }
    if rest.len() > 1 || !rest.iter().all(|line| line.starts_with("hint: ")) {
        return Err(Failure::new(format!(
            "more than one line of error: {}",
            ended.stderr
        )));
    }
    expect(ended.stdout.is_empty(), || {
        format!("stdout is not empty: {}", ended.stdout)
    })
}

pub(crate) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::new(otherwise()))
    }
}

/// `--help` and `--version`, for servers and clients alike.
pub(crate) fn help(scene: &mut Scene) -> Result<(), Failure> {
    let help = scene.finished(&["--help"])?;
    expect(help.code() == 0 && help.stderr.is_empty(), || {
        "--help is no error".into()
    })?;
    for word in ["Usage: ", "--lang", "--ask"] {
        expect(help.stdout.contains(word), || {
            format!("{word} is missing in: {}", help.stdout)
        })?;
    }
    let version = scene.finished(&["--version"])?;
    let name = &scene.subject.program;
    expect(
        version.code() == 0 && version.stdout.starts_with(name.as_str()),
        || version.stdout.clone(),
    )
}

/// Each of these command lines is refused with exit code 2, a message on stderr and nothing else.
pub(crate) fn refused(scene: &Scene, command_lines: &[&[&str]]) -> Result<(), Failure> {
    for arguments in command_lines {
        let ended = scene.finished(arguments)?;
        expect(ended.code() == 2, || {
            format!("{arguments:?}: exit code {} instead of 2", ended.code())
        })?;
        expect(ended.stdout.is_empty(), || {
            format!("{arguments:?}: {}", ended.stdout)
        })?;
        expect(ended.stderr.starts_with("error: "), || {
            format!("{arguments:?}: {}", ended.stderr)
        })?;
    }
    Ok(())
}

fn defaults(scene: &mut Scene) -> Result<(), Failure> {
    let help = scene.finished(&["--help"])?;
    let port = default_port(&scene.subject.program).to_string();
    let first_labs = ["time-server", "greeting-server"];
    let is_first = first_labs.contains(&scene.subject.program.as_str());
    let backlog = if is_first { "5" } else { "128" };
    for default in [&port, backlog, "600", "512"] {
        let shown = format!("[default: {default}]");
        expect(help.stdout.contains(&shown), || {
            format!("{shown} is missing in: {}", help.stdout)
        })?;
    }
    Ok(())
}

fn bad_arguments(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["--port", "65536"],
            &["--port", "abc"],
            &["--port", ""],
            &["--port", "-1"],
            &["--port"],
            &["--address", "300.1.1.1"],
            &["--address", ""],
            &["--backlog", "-1"],
            &["--idle-timeout", "soon"],
            &["--max-clients", "0"],
            &["--lang", "de"],
            &["--unknown"],
            &["extra"],
        ],
    )
}

fn receiver_arguments(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["--port", "65536"],
            &["--port", "abc"],
            &["--address", "300.1.1.1"],
            &["--buffer", "0"],
            &["--buffer", "65536"],
            &["--lang", "de"],
            &["--backlog", "5"],
            &["--unknown"],
            &["extra"],
        ],
    )
}

fn port_0(scene: &mut Scene) -> Result<(), Failure> {
    let (_program, address) = scene.listening(&LOCAL)?;
    expect(address.port() != 0, || "port 0 was announced".into())?;
    scene.connect_to(address).map(drop)
}

fn port_80(scene: &mut Scene) -> Result<(), Failure> {
    let command = without_privilege(scene.command(["--port", "80"]));
    let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
    program.end_input();
    let ended = finish(&mut program)?;
    one_clear_error(&ended, ":80: Permission denied (os error 13)")?;
    expect(ended.stderr.contains("\nhint: "), || {
        "a hint is missing".into()
    })
}

fn port_65535(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    let last = ["--address", "127.0.0.1", "--port", "65535"];
    let (_program, address) = scene.listening(&last)?;
    expect(address.port() == 65535, || {
        format!("it listens on {address}")
    })?;
    one_clear_error(
        &scene.finished(&last)?,
        "127.0.0.1:65535: Address already in use",
    )
}

fn on_default_port(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    let port = default_port(&scene.subject.program);
    let (_program, address) = scene.listening(&[])?;
    expect(
        address == SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
        || format!("it listens on {address}"),
    )?;
    scene
        .connect_to((Ipv4Addr::LOCALHOST, port).into())
        .map(drop)
}

fn default_port_busy(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    let (_first, _) = scene.listening(&[])?;
    let (_second, second) = scene.listening(&[])?;
    let (_third, third) = scene.listening(&[])?;
    let port = default_port(&scene.subject.program);
    expect(
        (second.port(), third.port()) == (port + 1, port + 2),
        || format!("they listen on {second} and {third}"),
    )
}

fn no_ipv6(scene: &mut Scene) -> Result<(), Failure> {
    let mut command = Command::new("python3");
    let server = scene.command(["--port", "0"]);
    command
        .args(["-c", include_str!("no_ipv6.py")])
        .arg(server.get_program())
        .args(server.get_args());
    let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
    let address = wait_for_announcement(&mut program)?;
    expect(address.ip() == Ipv4Addr::UNSPECIFIED, || {
        format!("it listens on {address}")
    })?;
    scene
        .connect_to((Ipv4Addr::LOCALHOST, address.port()).into())
        .map(drop)
}

fn ipv6_off(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    // The files of /proc/sys/net are those of the calling thread's namespace.
    let switched = std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    switched.map_err(|error| Failure::inconclusive("switch IPv6 off", &error))?;
    let (_program, address) = scene.listening(&[])?;
    scene
        .connect_to((Ipv4Addr::LOCALHOST, address.port()).into())
        .map(drop)
}

fn both_families(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&["--port", "0"])?;
    for ip in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
        let peer = scene.connect_to(SocketAddr::new(ip, address.port()))?;
        let client = format!("client connected: {}", peer.local_address()?);
        says(&mut program, &client)?;
    }
    Ok(())
}

fn foreign_address(scene: &mut Scene) -> Result<(), Failure> {
    // An address of examples, nobody's own (RFC 5737); nothing is sent to it.
    let ended = scene.finished(&["--address", "203.0.113.1", "--port", "0"])?;
    one_clear_error(&ended, "bind 203.0.113.1:0: ")?;
    expect(ended.stderr.contains("\nhint: "), || {
        "a hint is missing".into()
    })
}

/// The arguments for a port on 127.0.0.1.
fn on_port(port: &str) -> [&str; 4] {
    ["--address", "127.0.0.1", "--port", port]
}

fn exact_port(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let port = ports.port(0).to_string();
    let _taken = occupy(ports.port(0))?;
    let arguments = [&on_port(&port)[..], &["--exact-port"]].concat();
    one_clear_error(
        &scene.finished(&arguments)?,
        &format!("bind 127.0.0.1:{port}: Address already in use"),
    )
}

fn next_port(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let _taken = [occupy(ports.port(0))?, occupy(ports.port(1))?];
    let (mut program, address) = scene.listening(&on_port(&ports.port(0).to_string()))?;
    let wanted = ports.port(2);
    expect(address.port() == wanted, || {
        format!("it listens on {address}, not on {wanted}")
    })?;
    for busy in [ports.port(0), ports.port(1)] {
        let names = |text: &str| text.contains(&busy.to_string());
        let events = |line: &harness::Line| {
            (line.source == Source::Stderr && names(&line.text)).then_some(())
        };
        program.wait_for_line(0, patience(), &format!("port {busy} is busy"), events)?;
    }
    scene.connect_to(address).map(drop)
}

fn no_port_left(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let taken: Result<Vec<_>, _> = (0..10).map(|index| occupy(ports.port(index))).collect();
    let _taken = taken?;
    let (first, last) = (ports.port(0), ports.port(9));
    let ended = scene.finished(&on_port(&first.to_string()))?;
    one_clear_error(
        &ended,
        &format!("ports {first} to {last} are all busy: Address already in use"),
    )
}

fn ask(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    // Not the first one: the mark of possession is a UDP socket there.
    let port = ports.port(1).to_string();
    scene.step("nonsense, then answers");
    let mut program = scene.run(&["--ask"])?;
    program.type_in(format!("nowhere\n127.0.0.1\nabc\n70000\n \u{1b}[2J\n{port}\n").as_bytes())?;
    let address = wait_for_announcement(&mut program)?;
    expect(
        address == SocketAddr::from((Ipv4Addr::LOCALHOST, ports.port(1))),
        || address.to_string(),
    )?;
    says(&mut program, "waiting for ")?;
    let console = String::from_utf8_lossy(&program.stderr()).into_owned();
    let port_asked = format!("[{}]: ", default_port(&scene.subject.program));
    expect(
        console.contains(address_asked(scene)) && console.contains(&port_asked),
        || format!("prompts: {console}"),
    )?;
    expect(!console.contains('\u{1b}'), || {
        "control codes come back to the console".into()
    })?;
    expect(
        !String::from_utf8_lossy(&program.stdout()).contains("]:"),
        || "prompts on stdout".into(),
    )?;
    drop(program);
    scene.step("empty lines, then the end of the input");
    for input in ["\n\n", "\n", "", "abc"] {
        let mut program = scene.run(&["--ask", "--address", "127.0.0.1", "--port", &port])?;
        program.type_in(input.as_bytes())?;
        program.end_input();
        let address = wait_for_announcement(&mut program)?;
        expect(address.port() == ports.port(1), || {
            format!("{input:?}: {address}")
        })?;
    }
    Ok(())
}

/// The default that the first prompt shows.
fn address_asked(scene: &Scene) -> &'static str {
    if scene.subject.program == "hello-server" {
        "[127.0.0.1]: "
    } else {
        "[*]: "
    }
}

fn log_file(scene: &mut Scene) -> Result<(), Failure> {
    let path = scene.new_file("events.log")?;
    let name = path.to_string_lossy().into_owned();
    let arguments = [&LOCAL[..], &["--log-file", &name]].concat();
    for n_runs in 1..=2 {
        let (mut program, address) = scene.listening(&arguments)?;
        scene.connect_to(address)?.close();
        // Lines are in the file while the server runs.
        let count = || {
            std::fs::read_to_string(&path)
                .map_or(0, |text| text.matches("client disconnected").count())
        };
        let flushed = wait_for(patience(), || (count() == n_runs).then_some(()));
        expect(flushed.is_some(), || {
            "the log file lacks the client's end".into()
        })?;
        program.end_input();
        expect(program.stderr().is_empty(), || {
            "events on the console".into()
        })?;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    expect(text.matches("server started").count() == 2, || {
        "the file was not appended to".into()
    })
}

fn log_file_fails(scene: &mut Scene) -> Result<(), Failure> {
    let folder = scene.new_file("folder")?;
    let inside = folder.join("events.log").to_string_lossy().into_owned();
    let ended = scene.finished(&[&LOCAL[..], &["--log-file", &inside]].concat())?;
    one_clear_error(&ended, &format!("open log file {inside}: "))?;
    let made = std::fs::create_dir(&folder);
    made.map_err(|error| Failure::inconclusive("make a folder", &error))?;
    let folder = folder.to_string_lossy().into_owned();
    let ended = scene.finished(&[&LOCAL[..], &["--log-file", &folder]].concat())?;
    one_clear_error(&ended, &format!("open log file {folder}: "))
}

fn log_file_full(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) =
        scene.listening(&[&LOCAL[..], &["--log-file", "/dev/full"]].concat())?;
    scene.connect_to(address)?.close();
    program.interrupt()?;
    let ended = finish(&mut program)?;
    let wanted = "write log file /dev/full: No space left on device (os error 28)";
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))?;
    expect(
        ended.stderr.matches(wanted).count() == 1 && ended.stderr.lines().count() == 1,
        || ended.stderr.clone(),
    )
}

fn stops_at_prompt(scene: &mut Scene) -> Result<(), Failure> {
    let mut program = scene.run(&["--ask"])?;
    let asked = address_asked(scene);
    let prompt = wait_for(patience(), || {
        String::from_utf8_lossy(&program.stderr())
            .contains(asked)
            .then_some(())
    });
    expect(prompt.is_some(), || "no prompt".into())?;
    program.interrupt()?;
    let ended = finish(&mut program)?;
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))?;
    expect(ended.stderr.contains("server stopped"), || {
        ended.stderr.clone()
    })
}

fn local_time(scene: &mut Scene) -> Result<(), Failure> {
    let mut minutes = Vec::new();
    for zone in ["LAB0", "LAB-5:30"] {
        let mut command = scene.command(LOCAL);
        command.env("TZ", zone);
        let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
        let line = program.wait_for_line(0, patience(), "server started", |line| {
            line.text
                .contains("server started")
                .then(|| line.text.clone())
        })?;
        let number = |range| {
            line.get(range)
                .and_then(|text: &str| text.parse::<i32>().ok())
        };
        match (number(11..13), number(14..16)) {
            (Some(hour), Some(minute)) => minutes.push(60 * hour + minute),
            _ => return Err(Failure::new(format!("no date and time: {line}"))),
        }
    }
    let apart = (minutes[1] - minutes[0]).rem_euclid(24 * 60);
    // A minute may end between the two.
    expect((330..=331).contains(&apart), || {
        format!("the times are {apart} minutes apart, not 330")
    })
}

fn language(scene: &mut Scene) -> Result<(), Failure> {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], bool);
    let cases: &[Case] = &[
        (&[("LANG", "ru_RU.UTF-8")], &[], true),
        (&[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "C")], &[], false),
        (&[("LANG", "C"), ("LC_ALL", "ru_RU.UTF-8")], &[], true),
        (&[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "")], &[], true),
        (&[("LANG", "ru_RU.UTF-8")], &["--lang", "en"], false),
        (&[("LANG", "C")], &["--lang", "ru"], true),
        (&[("LANG", "C"), ("LC_MESSAGES", "ru_RU.UTF-8")], &[], true),
        (&[], &[], false),
    ];
    for (variables, arguments, russian) in cases {
        let mut command = scene.command(LOCAL);
        command
            .args(*arguments)
            .env_remove("LANG")
            .envs(variables.iter().copied());
        let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
        // The line that programs read is never translated.
        program.wait_for_line(0, patience(), "listening on ADDR:PORT", announced)?;
        let wanted = if *russian {
            "ожидание "
        } else {
            "waiting for "
        };
        says(&mut program, wanted)?;
    }
    Ok(())
}

fn quiet(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&[&LOCAL[..], &["-q"]].concat())?;
    let mut peer = scene.connect_to(address)?;
    peer.send(b"hello\n")?;
    peer.half_close();
    peer.receive_to_end()?;
    says(&mut program, "client disconnected")?;
    let lines = program.lines();
    let is_event = |text: &str| text.contains("data ") || text.contains(" sent: ");
    let per_message = lines.iter().find(|line| is_event(&line.text));
    expect(per_message.is_none(), || "an event per message".into())?;
    expect(
        lines
            .iter()
            .any(|line| line.text.contains("client connected")),
        || "too quiet".into(),
    )
}

fn stdout_closed(scene: &mut Scene) -> Result<(), Failure> {
    let command = scene.command(LOCAL);
    let mut program = Program::start_unread(
        &scene.subject.program,
        command,
        Source::Stdout,
        &scene.transcript,
    )?;
    let port = program.wait_for_line(0, patience(), "waiting for clients", |line| {
        let (_, port) = line.text.split_once("waiting for clients on 127.0.0.1:")?;
        port.parse().ok()
    })?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    scene.connect_to(address)?.close();
    scene.connect_to(address).map(drop)
}

fn stderr_closed(scene: &mut Scene) -> Result<(), Failure> {
    let command = scene.command(LOCAL);
    let name = &scene.subject.program;
    let mut program = Program::start_unread(name, command, Source::Stderr, &scene.transcript)?;
    let address = wait_for_announcement(&mut program)?;
    for _ in 0..3 {
        let mut peer = scene.connect_to(address)?;
        peer.send(b"hello\n")?;
        peer.half_close();
        let (received, _) = peer.receive_to_end()?;
        expect(!received.is_empty(), || "no answer".into())?;
    }
    expect(program.exit_status().is_none(), || "it ended".into())
}

fn ends(scene: &mut Scene) -> Result<(), Failure> {
    for stop in [Program::interrupt, Program::terminate] {
        let (mut program, _) = scene.listening(&LOCAL)?;
        says(&mut program, "waiting for ")?;
        stop(&program)?;
        stopped(&mut program)?;
    }
    Ok(())
}

/// The program ends with code 0, and its last event says so.
fn stopped(program: &mut Program) -> Result<(), Failure> {
    let ended = finish(program)?;
    expect(ended.code() == 0, || {
        format!("exit code {} instead of 0", ended.code())
    })?;
    let last = ended.stderr.lines().last().unwrap_or_default().to_owned();
    expect(last.ends_with("server stopped"), || {
        format!("the last event is: {last}")
    })
}

fn stops(scene: &mut Scene) -> Result<(), Failure> {
    for stop in [Program::interrupt, Program::terminate] {
        let (mut program, address) = scene.listening(&LOCAL)?;
        let mut peers = [scene.connect_to(address)?, scene.connect_to(address)?];
        for peer in &peers {
            let connected = format!("client connected: {}", peer.local_address()?);
            says(&mut program, &connected)?;
        }
        // One of the clients has sent something that may not have been answered yet.
        peers[0].send(b"hello\n")?;
        stop(&program)?;
        for peer in &mut peers {
            let (_, ending) = peer.receive_to_end()?;
            expect(ending == Ending::Closed, || {
                tr!("a client sees a reset", "клиент видит сброс соединения")
            })?;
        }
        stopped(&mut program)?;
        expect(TcpStream::connect(address).is_err(), || {
            "somebody still listens".into()
        })?;
    }
    Ok(())
}

fn max_clients(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) =
        scene.listening(&[&LOCAL[..], &["--max-clients", "2"]].concat())?;
    let connected = |client: SocketAddr| format!("client connected: {client}");
    let mut peers = Vec::new();
    for _ in 0..2 {
        let peer = scene.connect_to(address)?;
        let event = connected(peer.local_address()?);
        says(&mut program, &event)?;
        peers.push(peer);
    }
    scene.step("the third client waits");
    let mut third = scene.connect_to(address)?;
    third.send(b"hello\n")?;
    let third_address = third.local_address()?;
    let arrived = wait_for(patience(), || {
        (unread_bytes(address, third_address)? == 6).then_some(())
    });
    expect(arrived.is_some(), || {
        "the third client's text was taken".into()
    })?;
    scene.step("one of the first two leaves");
    peers.pop();
    let event = connected(third_address);
    says(&mut program, &event)?;
    let lines = program.lines();
    let place = |text: &str| lines.iter().position(|line| line.text.contains(text));
    expect(place("client disconnected") < place(&event), || {
        "it was accepted before".into()
    })?;
    third.half_close();
    let (received, _) = third.receive_to_end()?;
    expect(!received.is_empty(), || {
        "the third client got no answer".into()
    })
}

fn backlog(scene: &mut Scene) -> Result<(), Failure> {
    let limits = ["--max-clients", "1", "--backlog", "1"];
    let (mut program, address) = scene.listening(&[&LOCAL[..], &limits].concat())?;
    let first = scene.connect_to(address)?;
    let event = format!("client connected: {}", first.local_address()?);
    says(&mut program, &event)?;
    // Linux lets one more wait than the number says; the next one's SYN is dropped (listen(2)).
    let _waiting = [scene.connect_to(address)?, scene.connect_to(address)?];
    let refused = TcpStream::connect_timeout(&address, Duration::from_millis(500));
    expect(refused.is_err(), || {
        "a client beyond the backlog was let in".into()
    })
}

fn restart(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let port = ports.port(0).to_string();
    let arguments = [&on_port(&port)[..], &["--exact-port"]].concat();
    let (mut program, address) = scene.listening(&arguments)?;
    let mut peer = scene.connect_to(address)?;
    let event = format!("client connected: {}", peer.local_address()?);
    says(&mut program, &event)?;
    scene.step("the server ends first: its end of the connection goes to TIME-WAIT");
    program.kill();
    peer.receive_to_end()?;
    peer.close();
    let (_program, address) = scene.listening(&arguments)?;
    scene.connect_to(address).map(drop)
}

/// Starts the server with other arguments and room for so many open files, and waits until it
/// listens.
pub(crate) fn with_descriptors(
    scene: &Scene,
    n_descriptors: u64,
    arguments: &[&str],
) -> Result<(Program, SocketAddr), Failure> {
    let mut program = run_with_descriptors(scene, n_descriptors, arguments)?;
    let address = wait_for_announcement(&mut program)?;
    Ok((program, address))
}

/// The same without waiting.
pub(crate) fn run_with_descriptors(
    scene: &Scene,
    n_descriptors: u64,
    arguments: &[&str],
) -> Result<Program, Failure> {
    let server = scene.command([&LOCAL[..], arguments].concat());
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {n_descriptors}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]);
    command.arg(server.get_program()).args(server.get_args());
    Program::start(&scene.subject.program, command, &scene.transcript)
}

fn few_descriptors(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = with_descriptors(scene, 20, &["--backlog", "128"])?;
    let mut peers = Vec::new();
    for _ in 0..30 {
        peers.push(scene.connect_to(address)?);
    }
    says(&mut program, "accept failed: Too many open files")?;
    drop(peers);
    let peer = scene.connect_to(address)?;
    let event = format!("client connected: {}", peer.local_address()?);
    says(&mut program, &event)?;
    expect(program.exit_status().is_none(), || "it ended".into())
}

fn escapes(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&LOCAL)?;
    let mut peer = scene.connect_to(address)?;
    peer.send("x\n2026-01-01 00:00:00 server stopped\r\u{1b}[2J\u{202e}\u{7}".as_bytes())?;
    peer.half_close();
    peer.receive_to_end()?;
    says(&mut program, "client disconnected")?;
    let console = String::from_utf8_lossy(&program.stderr()).into_owned();
    let control = console
        .chars()
        .find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
    expect(control.is_none(), || {
        format!("{control:?} reaches the console")
    })?;
    expect(!console.contains("\n2026-01-01"), || "a forged line".into())
}

fn idle_timeout(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) =
        scene.listening(&[&LOCAL[..], &["--idle-timeout", "0.3"]].concat())?;
    let mut silent = scene.connect_to(address)?;
    let (received, _) = silent.receive_to_end()?;
    expect(received.is_empty(), || "an answer to nothing".into())?;
    let why = "nothing came in time";
    says(&mut program, why)?;
    expect(program.exit_status().is_none(), || "it ended".into())?;
    scene.connect_to(address).map(drop)
}
