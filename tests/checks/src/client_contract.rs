//! Checks of what all clients of the suite share: arguments, prompts, time-outs, exit codes.

use std::time::Duration;

use common::tr;
use harness::{Failure, PortBlock, Program, Source, patience, wait_for};

use crate::catalog::{Check, Level, default_port};
use crate::client_scene::until_it_waits;
use crate::needs::Need;
use crate::scene::{Scene, finish, says};
use crate::server_contract::{contract, expect, help, one_clear_error, refused};

contract! {
    ALL:
    "client/help", help, "--help and --version answer on stdout", "--help и --version отвечают в stdout";
    "client/bad-arguments", bad_arguments,
        "a wrong command line is refused with exit code 2", "неверная командная строка отвергается с кодом 2";
    "client/ask", ask, "--ask takes answers and defaults, and asks again",
        "--ask принимает ответы и значения по умолчанию и переспрашивает";
    "client/unknown-host", unknown_host,
        "a name that does not resolve is a clear error", "неизвестное имя — понятная ошибка";
    "client/retries", retries, "--retries waits for a server that comes late",
        "--retries дожидается опоздавшего сервера";
    "client/retries-run-out", retries_run_out,
        "after the last retry it ends with a clear error", "после последней попытки — понятная ошибка";
    "client/language", language, "events speak the language of --lang or the locale",
        "язык событий берётся из --lang или локали";
}

contract! {
    ANSWERED:
    "client/timeout", timeout, "a server that never answers is a clear error after --timeout",
        "молчащий сервер — понятная ошибка через --timeout";
    "client/stdout-closed", stdout_closed,
        "a closed stdout ends it quietly", "закрытый stdout завершает его без шума", Unix;
    "client/stdout-full", stdout_full,
        "a stdout that cannot be written is a clear error",
        "недоступный для записи stdout — понятная ошибка", Linux;
    "client/interrupt", interrupt, "SIGINT ends it", "SIGINT завершает его", Unix;
}

fn bad_arguments(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["localhost", "65536"],
            &["localhost", "abc"],
            &["localhost", ""],
            &["localhost", "0"],
            &["localhost", "1", "2"],
            &["--timeout", "-1"],
            &["--retries", "many"],
            &["--unknown"],
        ],
    )
}

fn ask(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listen(0)?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["--ask"])?;
    program.type_in(format!("127.0.0.1\nabc\n0\n70000\n{port}\n").as_bytes())?;
    listener.accept("server", patience())?;
    says(&mut program, "connected to")?;
    let console = String::from_utf8_lossy(&program.stderr()).into_owned();
    let port_asked = format!("[{}]: ", default_port(&scene.subject.program));
    expect(
        console.contains("[localhost]: ") && console.matches(&port_asked).count() == 4,
        || console.clone(),
    )?;
    expect(program.stdout().is_empty(), || "prompts on stdout".into())?;
    scene.step("defaults");
    let mut program = scene.run(&["127.0.0.1", &port, "--ask"])?;
    program.type_in(b"\n\n")?;
    listener.accept("server", patience()).map(drop)
}

fn unknown_host(scene: &mut Scene) -> Result<(), Failure> {
    // A name with a space is refused by the resolver itself: no question leaves the machine.
    let ended = scene.finished(&["no such host"])?;
    one_clear_error(&ended, "resolve no such host: ")
}

fn timeout(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listen(0)?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["127.0.0.1", &port, "--timeout", "0.3"])?;
    let mut peer = listener.accept("server", patience())?;
    until_it_waits(scene, &mut program, &mut peer)?;
    let ended = finish(&mut program)?;
    one_clear_error(&ended, &format!("recv 127.0.0.1:{port}: no reply in time"))
}

fn retries(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let port = ports.port(0);
    let mut program = scene.run(&["127.0.0.1", &port.to_string(), "--retries", "20"])?;
    let tries = "Connection refused";
    says(&mut program, tries)?;
    scene.step(tr!("now the server starts", "теперь сервер запускается"));
    let listener = scene.listen(port)?;
    listener.accept("server", patience()).map(drop)
}

fn retries_run_out(scene: &mut Scene) -> Result<(), Failure> {
    let ports = PortBlock::reserve()?;
    let port = ports.port(0);
    let ended = scene.finished(&["127.0.0.1", &port.to_string(), "--retries", "1"])?;
    let wanted = format!("connect 127.0.0.1:{port}: Connection refused");
    one_clear_error(&ended, &wanted)?;
    let n_tries = ended.stderr.matches(&wanted).count();
    expect(n_tries == 2, || format!("{n_tries} tries instead of 2"))
}

fn stdout_closed(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listen(0)?;
    let command = scene.command(["127.0.0.1", &listener.address().port().to_string()]);
    let name = &scene.subject.program;
    let mut program = Program::start_unread(name, command, Source::Stdout, &scene.transcript)?;
    let mut peer = listener.accept("server", patience())?;
    until_it_waits(scene, &mut program, &mut peer)?;
    // Again and again: the other end of the pipe goes only when the last process that inherited it
    // has started its own program.
    let sent = wait_for(patience(), || peer.send(b"HELLO\n").is_err().then_some(()));
    expect(sent.is_some(), || "it goes on receiving".into())?;
    let ended = finish(&mut program)?;
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))?;
    expect(!ended.stderr.contains("panicked"), || ended.stderr.clone())
}

fn stdout_full(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listen(0)?;
    let mut command = std::process::Command::new("sh");
    let client = scene.command(["127.0.0.1", &listener.address().port().to_string()]);
    command
        .args(["-c", "exec \"$0\" \"$@\" >/dev/full"])
        .arg(client.get_program())
        .args(client.get_args());
    let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
    let mut peer = listener.accept("server", patience())?;
    until_it_waits(scene, &mut program, &mut peer)?;
    peer.send(b"HELLO\n")?;
    one_clear_error(
        &finish(&mut program)?,
        "write stdout: No space left on device (os error 28)",
    )
}

fn language(scene: &mut Scene) -> Result<(), Failure> {
    for (locale, arguments, wanted) in [
        ("ru_RU.UTF-8", &[][..], "соединение с"),
        ("ru_RU.UTF-8", &["--lang", "en"], "connected to"),
        ("C", &["--lang", "ru"], "соединение с"),
    ] {
        let listener = scene.listen(0)?;
        let mut command = scene.command(["127.0.0.1", &listener.address().port().to_string()]);
        command.args(arguments).env("LANG", locale);
        let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
        let _peer = listener.accept("server", patience())?;
        says(&mut program, wanted)?;
    }
    Ok(())
}

fn interrupt(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listen(0)?;
    let mut program = scene.run(&["127.0.0.1", &listener.address().port().to_string()])?;
    let mut peer = listener.accept("server", patience())?;
    program.interrupt()?;
    program.wait_for_exit(Duration::from_secs(5))?;
    peer.receive_to_end().map(drop)
}
