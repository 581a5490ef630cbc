//! What checks of clients have in common: the check plays the server.

use std::process::ExitStatus;

use common::tr;
use harness::{Failure, Listener, Outcome, Peer, Program, decoded, patience, wait_for};

use crate::scene::{Scene, finish, waits_for_answer, without_end};
use crate::server_contract::{expect, one_clear_error};

/// A client that has connected, and the check's end of the connection.
pub(crate) fn connected(scene: &mut Scene) -> Result<(Program, Peer, Listener), Failure> {
    let listener = scene.listener()?;
    let mut program = scene.client(&listener)?;
    let peer = accept(&listener, &mut program)?;
    Ok((program, peer, listener))
}

pub(crate) fn accept(listener: &Listener, program: &mut Program) -> Result<Peer, Failure> {
    let name = tr!("server", "сервер");
    listener
        .accept_unless(&name, patience(), || program.exit_status().is_some())
        .map_err(|failure| match program.exit_status() {
            Some(_) => program.ended_instead(&tr!("it should connect", "он должен подключиться")),
            None => failure,
        })
        .map_err(|failure| match program.must_be_here() {
            Ok(()) => failure.cause_if(waits_for_answer(program)).cause(tr!(
                "connect was not reached: start it by hand with the command shown above, and look",
                "до connect дело не дошло: запустите его вручную показанной выше командой и посмотрите"
            )),
            Err(_) => not_there(failure),
        })
}

/// Nobody has started the client, which says nothing about it.
fn not_there(failure: Failure) -> Failure {
    let failure = Failure {
        outcome: Outcome::Inconclusive,
        ..failure
    };
    failure.cause(tr!(
        "the client is not there: start it while the check waits for it",
        "клиента нет: запустите его, пока проверка ждёт"
    ))
}

/// Waits until the reply `text` is shown on stdout or stderr. The client's own messages may stand
/// between its pieces: then its characters have to come in order. The reference shows it in one piece.
pub(crate) fn shown(scene: &Scene, program: &mut Program, text: &[u8]) -> Result<(), Failure> {
    program.must_be_here()?;
    let wanted = String::from_utf8_lossy(text).trim().to_owned();
    let found = wait_for(patience(), || {
        let console = [program.stdout(), program.stderr()].concat();
        let console = decoded(&console);
        let in_order = || {
            let mut rest = console.chars();
            wanted
                .chars()
                .all(|wanted| rest.any(|shown| shown == wanted))
        };
        (console.contains(&wanted) || (!scene.subject.is_reference && in_order())).then_some(())
    });
    found.ok_or_else(|| {
        let console = program.stdout();
        let tail = &console[console.len().saturating_sub(2 * text.len())..];
        let what = tr!("the reply is not shown", "ответ не показан");
        Failure::new(what).difference(text, tail)
    })
}

/// Waits for a line after the first `before` ones; how many there are then.
pub(crate) fn new_line(
    program: &mut Program,
    before: usize,
    what: String,
    counts: impl Fn(&str) -> bool,
) -> Result<usize, Failure> {
    let found = program.wait_for_line(before, patience(), &what, |line| {
        (!line.text.trim().is_empty() && counts(&line.text)).then_some(())
    });
    found.map_err(|failure| match failure.outcome {
        Outcome::NotAttempted => failure,
        _ => {
            let cause = failure.cause.or(without_end(&program.unfinished()));
            Failure {
                outcome: Outcome::Fail,
                cause,
                ..failure
            }
        }
    })?;
    Ok(program.lines().len())
}

/// The words of an error that nobody caught, in Python, Rust, C++, Java, C#, Go and Node.
pub(crate) fn uncaught(console: &str) -> Option<&'static str> {
    const WORDS: &[&str] = &[
        "Traceback",
        "panicked at",
        "terminate called",
        "Exception in thread",
        "Unhandled exception",
        "panic: ",
        "Uncaught ",
        "node:internal",
    ];
    let mut words = WORDS.iter().copied();
    words.find(|words| console.contains(words))
}

/// Whether a program has ended by a signal that tells of a fault of its own: signal(7).
#[cfg(unix)]
fn is_fault(status: ExitStatus) -> bool {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt as _;
    let faults = [
        Signal::SEGV,
        Signal::BUS,
        Signal::FPE,
        Signal::ILL,
        Signal::ABORT,
    ];
    let mut faults = faults.into_iter().map(Signal::as_raw);
    status
        .signal()
        .is_some_and(|signal| faults.any(|fault| fault == signal))
}

#[cfg(not(unix))]
fn is_fault(_: ExitStatus) -> bool {
    false
}

/// The program ends without the traceback of an error that nobody caught; the reference with
/// `code`.
pub(crate) fn ends_in_words(
    scene: &Scene,
    program: &mut Program,
    code: i32,
) -> Result<(), Failure> {
    let ended = finish(program)?;
    let console = format!("{}{}", ended.stdout, ended.stderr);
    if let Some(uncaught) = uncaught(&console) {
        return Err(Failure::new(tr!(
            "it ends with an error that nobody caught: {uncaught}",
            "завершается необработанной ошибкой: {uncaught}"
        )));
    }
    expect(!is_fault(ended.status), || ended.status.to_string())?;
    expect(!scene.subject.is_reference || ended.code() == code, || {
        format!("exit code {} instead of {code}", ended.code())
    })
}

pub(crate) fn refused_connection(scene: &mut Scene) -> Result<(), Failure> {
    let start = scene.subject.plain.clone();
    let ports = scene.ports_for(&start)?;
    let Some(port) = ports.as_ref().map(|ports| ports.port(0)) else {
        return Err(Failure::new(
            "lab.toml: the client's port is neither given nor fixed",
        ));
    };
    let (mut program, _) = scene.start(&start, port)?;
    if scene.subject.is_reference {
        let ended = finish(&mut program)?;
        one_clear_error(
            &ended,
            &format!("connect 127.0.0.1:{port}: Connection refused (os error 111)"),
        )?;
        return expect(ended.stderr.contains("\nhint: "), || {
            "a hint is missing".into()
        });
    }
    let _ = program.type_in(format!("hello\n{}\n", scene.subject.exit).as_bytes());
    program.end_input();
    ends_in_words(scene, &mut program, 1)
}

/// A server that closes without a word.
pub(crate) fn told_nothing(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, listener) = connected(scene)?;
    until_it_waits(scene, &mut program, &mut peer)?;
    peer.close();
    let server = listener.address();
    let wanted = format!("recv {server}: the server closed the connection without a word");
    ends_without_answer(scene, &mut program, &wanted)
}

/// A server that resets the connection instead of answering.
pub(crate) fn told_reset(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, listener) = connected(scene)?;
    until_it_waits(scene, &mut program, &mut peer)?;
    peer.reset()?;
    let server = listener.address();
    let wanted = format!("{server}: Connection reset by peer (os error 104)");
    ends_without_answer(scene, &mut program, &wanted)
}

/// A server whose answer comes in pieces of five bytes, each taken before the next one leaves, and
/// is to be shown whole.
pub(crate) fn told_in_pieces(
    scene: &Scene,
    program: &mut Program,
    mut peer: Peer,
    answer: &[u8],
) -> Result<(), Failure> {
    for piece in answer.chunks(5) {
        // One that has had enough of the first piece is judged by what it shows.
        if peer
            .send(piece)
            .and_then(|()| peer.wait_until_taken())
            .is_err()
        {
            break;
        }
    }
    peer.close();
    shown(scene, program, answer)
}

/// A server that answers `answer` and does not close, which the reference says and ends with 0; and
/// one that talks without end, which it calls `too_much`.
pub(crate) fn told_without_end(
    scene: &mut Scene,
    answer: &str,
    too_much: &str,
) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    scene.step("the server does not close");
    let mut program = scene.run(&["127.0.0.1", &port, "--timeout", "0.5"])?;
    let mut peer = accept(&listener, &mut program)?;
    peer.send(answer.as_bytes())?;
    let ended = finish(&mut program)?;
    let said = ended
        .stderr
        .contains("the server does not close the connection");
    expect(said && ended.code() == 0 && ended.stdout == answer, || {
        format!("{}{}", ended.stdout, ended.stderr)
    })?;
    scene.step("the server talks on");
    let mut program = scene.run(&["127.0.0.1", &port])?;
    let mut peer = accept(&listener, &mut program)?;
    let given_up = wait_for(patience(), || {
        peer.send(&[b'x'; 10_000]).is_err().then_some(())
    });
    expect(given_up.is_some(), || "it goes on receiving".into())?;
    let mut ended = finish(&mut program)?;
    ended.stdout.clear();
    one_clear_error(&ended, &format!("recv 127.0.0.1:{port}: {too_much}"))
}

/// Brings the client to where it waits for an answer: an echo client wants a line to send, a time
/// client says nothing, a greeting client sends by itself, the reference to the end of its half.
pub(crate) fn until_it_waits(
    scene: &Scene,
    program: &mut Program,
    peer: &mut Peer,
) -> Result<(), Failure> {
    match scene.subject.program.as_str() {
        "time-client" => return Ok(()),
        "greeting-client" if scene.subject.is_reference => return peer.receive_to_end().map(drop),
        "echo-client" | "event-client" => program.type_in(b"hello\n")?,
        _ => {}
    }
    peer.receive().map(drop)
}

fn ends_without_answer(scene: &Scene, program: &mut Program, wanted: &str) -> Result<(), Failure> {
    if scene.subject.is_reference {
        return one_clear_error(&finish(program)?, wanted);
    }
    press_enter(program);
    ends_in_words(scene, program, 1)
}

/// What somebody does at the console of a program that says "press Enter": many a one does, in the
/// end, so that its window stays open.
pub(crate) fn press_enter(program: &mut Program) {
    // One that asks nothing may have ended.
    let _ = program.type_in(b"\n");
    program.end_input();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::{Running, Subject};

    #[test]
    fn a_client_that_nobody_starts_is_not_to_blame() {
        let running = Running::Client(0, |_| {});
        let mut scene = Scene::new(Subject::running("echo-client", running), 1);
        harness::be_patient_for(std::time::Duration::from_millis(50));
        let failure = connected(&mut scene).unwrap_err();
        assert_eq!(failure.outcome, Outcome::Inconclusive);
        assert!(!failure.cause.unwrap().contains("command"));
    }
}
