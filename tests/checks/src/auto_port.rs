//! Checks of the port auto-increment lab.

use common::tr;
use harness::{Failure, Outcome, PortBlock};

use crate::catalog::{Check, Level};
use crate::echo_server::occupy;
use crate::needs::{Need, without_privilege};
use crate::scene::{Scene, finish, wait_until_listening};
use crate::server_contract::{expect, one_clear_error, refused};

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "auto-port/tells-port",
        Level::Must,
        tells_port,
        "every client is told the port",
        "каждому клиенту сообщается порт",
    )
    .task("s6")
    .hint(
        "ask the socket for its own address (getsockname) and send the port after accept",
        "узнайте адрес сокета (getsockname) и отправьте порт после accept",
    ),
    Check::new(
        "auto-port/moves-up",
        Level::Must,
        moves_up,
        "of a busy port it moves to another one and tells it",
        "с занятого порта переходит на другой и сообщает его",
    )
    .task("s6")
    .after("auto-port/tells-port")
    .needs(&[Need::Linux])
    .hint(
        "catch the error of bind (EADDRINUSE) and try the next port",
        "перехватите ошибку bind (EADDRINUSE) и попробуйте следующий порт",
    ),
    Check::new(
        "auto-port/silent-clients",
        Level::Should,
        silent_clients,
        "clients that stay connected keep nobody waiting",
        "клиенты, которые не отключаются, никого не задерживают",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "auto-port/range-full",
        Level::Should,
        range_full,
        "a range without a free port is a clear error",
        "диапазон без свободного порта — понятная ошибка",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "auto-port/errors",
        Level::Should,
        errors,
        "--errors shows EADDRINUSE, EACCES and EADDRNOTAVAIL",
        "--errors показывает EADDRINUSE, EACCES и EADDRNOTAVAIL",
    )
    .needs(&[Need::Reference, Need::Unprivileged]),
    Check::new(
        "auto-port/explains",
        Level::Should,
        explains,
        "the search names each error that it meets",
        "поиск называет каждую встреченную ошибку",
    )
    .needs(&[Need::Reference, Need::Unprivileged]),
];

/// The port that a new client is told: the first number of the answer.
fn told_port(scene: &mut Scene, address: std::net::SocketAddr) -> Result<(), Failure> {
    let mut peer = scene.connect_to(address)?;
    let (received, _) = peer.receive_to_end()?;
    let text = String::from_utf8_lossy(&received).into_owned();
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok());
    if numbers.any(|number: u16| number == address.port()) {
        return Ok(());
    }
    let port = address.port();
    let what = tr!(
        "the client is not told port {port}",
        "клиенту не сообщён порт {port}"
    );
    Err(Failure::new(what).difference(port.to_string().as_bytes(), &received))
}

fn tells_port(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    told_port(scene, server.address)?;
    told_port(scene, server.address)
}

fn silent_clients(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut silent = Vec::new();
    for _ in 0..30 {
        silent.push(scene.connect(&server)?);
    }
    told_port(scene, server.address)
}

fn moves_up(scene: &mut Scene) -> Result<(), Failure> {
    let start = scene.subject.plain.clone();
    let Some(ports) = scene.ports_for(&start)? else {
        return Err(Failure::with_outcome(
            Outcome::Inconclusive,
            "lab.toml: no port",
        ));
    };
    let port = ports.port(0);
    let _taken = occupy(port)?;
    let (mut program, _) = scene.start(&start, port)?;
    let found = wait_until_listening(&mut program, |listening| listening != port)?;
    told_port(scene, ([127, 0, 0, 1], found).into())
}

fn range_full(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let _taken = [occupy(ports.port(0))?, occupy(ports.port(1))?];
    let (first, last) = (ports.port(0).to_string(), ports.port(1).to_string());
    let ended = scene.finished(&["--address", "127.0.0.1", "--port", &first, "--last", &last])?;
    let wanted = format!(
        "bind 127.0.0.1:{first}: ports {first} to {last} are all busy: Address already in use"
    );
    one_clear_error(&ended, &wanted)?;
    refused(
        scene,
        &[
            &["--port", "9090", "--last", "9089"],
            &["--last", "9091", "--exact-port"],
        ],
    )
}

fn errors(scene: &mut Scene) -> Result<(), Failure> {
    let command = without_privilege(scene.command(["--errors"]));
    let mut program = harness::Program::start(&scene.subject.program, command, &scene.transcript)?;
    let ended = finish(&mut program)?;
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))?;
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let wanted = [
        (
            "bind 127.0.0.1:",
            "Address already in use (os error 98): EADDRINUSE",
        ),
        (
            "bind 127.0.0.1:1: ",
            "Permission denied (os error 13): EACCES",
        ),
        (
            "bind 203.0.113.1:0: ",
            "Cannot assign requested address (os error 99): EADDRNOTAVAIL",
        ),
    ];
    expect(lines.len() == wanted.len(), || ended.stdout.clone())?;
    for (line, (start, error)) in lines.iter().zip(wanted) {
        expect(line.starts_with(start) && line.contains(error), || {
            format!("{error} is not in: {line}")
        })?;
    }
    Ok(())
}

fn explains(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let _taken = occupy(ports.port(0))?;
    let port = ports.port(0).to_string();
    let cases: [(&[&str], &str); 3] = [
        (&["--port", &port, "--exact-port"], "EADDRINUSE"),
        (&["--port", "80"], "EACCES"),
        (&["--address", "203.0.113.1"], "EADDRNOTAVAIL"),
    ];
    for (arguments, name) in cases {
        let command = without_privilege(scene.command(arguments));
        let mut program =
            harness::Program::start(&scene.subject.program, command, &scene.transcript)?;
        let ended = finish(&mut program)?;
        one_clear_error(&ended, "bind ")?;
        expect(ended.stderr.contains(name), || {
            format!("{name} is not in: {}", ended.stderr)
        })?;
    }
    Ok(())
}
