//! Checks of the echo client: the check plays the server.

use std::time::Duration;

use common::tr;
use harness::{Failure, Peer, Program, patience, wait_for};

use crate::catalog::{Check, Level};
use crate::client_scene::{accept, connected, ends_in_words, new_line, refused_connection, shown};
use crate::needs::Need;
use crate::scene::{Scene, at_rest, events_are, finish, missing_or_wrong, says};
use crate::server_contract::{expect, one_clear_error};

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "echo-client/sends",
        Level::Must,
        sends,
        "it connects and sends the line that is typed",
        "подключается и отправляет введённую строку",
    )
    .by_wire()
    .task("3")
    .hint(
        "connect, read a line from standard input, encode it, send it at once",
        "вызовите connect, прочитайте строку, закодируйте и сразу отправьте её",
    ),
    Check::new(
        "echo-client/shows",
        Level::Should,
        shows,
        "it shows the reply",
        "показывает ответ",
    )
    .after("echo-client/sends")
    .hint("recv and print what came", "вызовите recv и напечатайте полученное"),
    Check::new(
        "echo-client/events",
        Level::Must,
        events,
        "lines tell of connecting, sending, receiving and the end",
        "есть сообщения о соединении, отправке, получении и завершении",
    )
    .task("4")
    .after("echo-client/sends")
    .hint(
        "print a line after connect, after send, after recv and after close",
        "печатайте строку после connect, send, recv и close",
    ),
    Check::new(
        "echo-client/until-exit",
        Level::Must,
        until_exit,
        "it sends line after line until `exit` is typed",
        "отправляет строку за строкой, пока не введено exit",
    )
    .by_wire()
    .task("s2")
    .after("echo-client/sends")
    .hint("put input, send and recv into a loop that `exit` ends", "поместите ввод, send и recv в цикл до exit"),
    Check::new(
        "echo-client/asks",
        Level::Must,
        asks,
        "it asks for host and port and uses the answers",
        "спрашивает хост и порт и использует ответы",
    )
    .task("s4")
    .needs(&[Need::Asking]),
    Check::new(
        "echo-client/end-of-input",
        Level::Should,
        end_of_input,
        "the end of the input ends it as `exit` does",
        "конец ввода завершает его, как exit",
    )
    .after("echo-client/sends")
    .hint("input() raises EOFError at the end of the input", "в конце ввода input() вызывает EOFError"),
    Check::new(
        "echo-client/empty-line",
        Level::Should,
        empty_line,
        "an empty line does not hang it",
        "пустая строка не приводит к зависанию",
    )
    .by_wire()
    .after("echo-client/until-exit")
    .hint(
        "sending no bytes sends nothing, so no reply comes: send the newline as well, or do not wait",
        "отправка пустой строки не отправляет ничего, и ответа не будет: шлите перевод строки или не ждите",
    ),
    Check::new(
        "echo-client/late-reply",
        Level::Should,
        late_reply,
        "a late reply is shown",
        "поздний ответ показан",
    )
    .after("echo-client/shows"),
    Check::new(
        "echo-client/split-reply",
        Level::Should,
        split_reply,
        "a reply that comes in pieces is shown whole",
        "ответ, пришедший по частям, показан целиком",
    )
    .after("echo-client/shows")
    .hint(
        "one recv is not one reply: recv until all of it has come",
        "один recv — не один ответ: вызывайте recv, пока не придёт весь",
    ),
    Check::new(
        "echo-client/glued-replies",
        Level::Should,
        glued_replies,
        "two replies that come together are both shown",
        "два ответа, пришедшие вместе, показаны оба",
    )
    .after("echo-client/shows"),
    Check::new(
        "echo-client/large-reply",
        Level::Should,
        large_reply,
        "a reply of 1 MB is shown whole",
        "ответ в 1 МБ показан целиком",
    )
    .after("echo-client/shows")
    .hint(
        "recv(1024) takes 1024 bytes at most: recv until all of the reply has come",
        "recv(1024) берёт не больше 1024 байт: вызывайте recv, пока не придёт весь ответ",
    ),
    Check::new(
        "echo-client/server-closes",
        Level::Should,
        server_closes,
        "a server that goes away is one clear line",
        "уход сервера — одна понятная строка",
    )
    .after("echo-client/sends")
    .hint("an empty result of recv means that the server has closed", "пустой результат recv значит, что сервер закрыл соединение"),
    Check::new(
        "echo-client/server-resets",
        Level::Should,
        server_resets,
        "a reset by the server is one clear line",
        "сброс соединения сервером — одна понятная строка",
    )
    .after("echo-client/sends")
    .hint("recv can raise ConnectionResetError", "recv может вызвать ConnectionResetError"),
    Check::new(
        "echo-client/refused",
        Level::Should,
        refused_connection,
        "a server that is not there is one clear line",
        "отсутствие сервера — одна понятная строка",
    )
    .after("echo-client/sends")
    .hint("connect can raise ConnectionRefusedError", "connect может вызвать ConnectionRefusedError"),
    Check::new(
        "echo-client/empty-reply",
        Level::Should,
        empty_reply,
        "a reply that is an empty line is a reply",
        "ответ из пустой строки — тоже ответ",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo-client/long-line",
        Level::Should,
        long_line,
        "a line of 8 MB in a pipe comes back whole",
        "строка в 8 МБ через конвейер возвращается целиком",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo-client/slow-reader",
        Level::Should,
        slow_reader,
        "a reader of its output that pauses is waited for, not taken for a silent server",
        "пауза читателя вывода не принимается за молчание сервера",
    )
    .needs(&[Need::Reference, Need::Unix]),
    Check::new(
        "echo-client/no-newline",
        Level::Should,
        no_newline,
        "a reply without an end of line is shown, and said to lack it",
        "ответ без конца строки показан, и об этом сказано",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo-client/events-exact",
        Level::Should,
        events_exact,
        "every event names the server and the number of bytes, in order",
        "каждое сообщение называет сервер и число байтов, по порядку",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo-client/write-deadline",
        Level::Should,
        write_deadline,
        "a server that never reads is a clear error after --timeout",
        "сервер, который не читает, — понятная ошибка через --timeout",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo-client/last-words",
        Level::Should,
        last_words,
        "what the server still sends after `exit` is shown",
        "присланное сервером после exit показано",
    )
    .needs(&[Need::Reference]),
];

/// Types a line and receives it; the bytes that came over the wire, with the line end if the client
/// sends one (`\n`, `\r\n`, NUL) and it comes along.
fn typed(scene: &mut Scene, program: &mut Program, peer: &mut Peer) -> Result<Vec<u8>, Failure> {
    let text = format!("{} {}", scene.letters(6), scene.cyrillic(6));
    program.type_in(format!("{text}\n").as_bytes())?;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
    let mut received = Vec::new();
    let mut ending = None;
    // The reference always sends the newline; of others it is taken if it comes along.
    let n_bytes = text.len() + usize::from(scene.subject.is_reference);
    while received.len() < n_bytes && ending.is_none() {
        let (bytes, end) = peer.receive_up_to(n_bytes - received.len())?;
        if bytes.is_empty() && end.is_none() {
            break;
        }
        received.extend(bytes);
        ending = end;
        // The end of the line before may come late.
        let late = received.iter().take_while(|byte| is_end(byte)).count();
        received.drain(..late);
    }
    let end = received
        .iter()
        .rposition(|byte| !is_end(byte))
        .map_or(0, |last| last + 1);
    if received[..end] == *text.as_bytes() {
        return Ok(received);
    }
    Err(match ending.and(program.exit_status()) {
        Some(_) => program.ended_instead(&tr!(
            "it should send the line",
            "он должен отправить строку"
        )),
        None => missing_or_wrong(text.as_bytes(), &received),
    })
}

/// Types what ends the client.
fn type_exit(scene: &Scene, program: &mut Program) -> Result<(), Failure> {
    program.type_in(format!("{}\n", scene.subject.exit).as_bytes())
}

/// The reply to a line: in upper case, so that it is not taken for the line that was typed.
fn reply_to(line: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(line).to_uppercase().into_bytes()
}

fn sends(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    typed(scene, &mut program, &mut peer).map(drop)
}

fn shows(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let line = typed(scene, &mut program, &mut peer)?;
    let reply = reply_to(&line);
    peer.send(&reply)?;
    shown(scene, &mut program, &reply)
}

fn events(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let mut program = scene.client(&listener)?;
    let mut peer = accept(&listener, &mut program)?;
    let connected = tr!("connected", "соединение установлено");
    new_line(&mut program, 0, connected, |_| true)?;
    let before = at_rest(|| program.lines().len());
    let reply = reply_to(&typed(scene, &mut program, &mut peer)?);
    let sent = tr!("data sent", "данные отправлены");
    new_line(&mut program, before, sent, |_| true)?;
    let before = at_rest(|| program.lines().len());
    peer.send(&reply)?;
    let received = tr!("data received", "данные получены");
    let after_received = new_line(&mut program, before, received, |_| true)?;
    // One that sends a single line ends by itself, and its last line may be there already.
    let ends_itself = peer.receive_within(Duration::from_millis(500)).is_err();
    let before = if ends_itself {
        before + 1
    } else {
        after_received
    };
    // A program that hangs at the end has another fault than a missing line.
    let _ = type_exit(scene, &mut program);
    program.end_input();
    // Some clients wait for the server to close, too.
    let mut peer = peer.patient_for(Duration::from_secs(1));
    let _ = peer.receive_to_end();
    peer.close();
    let disconnected = tr!("disconnected", "соединение завершено");
    // A reply that was shown without an end of line becomes a line only now, perhaps with the
    // message that is looked for behind it.
    let reply = String::from_utf8_lossy(&reply).trim().to_owned();
    new_line(&mut program, before, disconnected, |line| {
        !line.replace(&reply, "").trim().is_empty()
    })
    .map(drop)
}

fn until_exit(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    for _ in 0..3 {
        let reply = reply_to(&typed(scene, &mut program, &mut peer)?);
        peer.send(&reply)?;
        shown_if_reference(scene, &mut program, &reply)?;
    }
    type_exit(scene, &mut program)?;
    // Closed or reset: a client may leave a reply unread.
    let (mut rest, ending) = peer.receive_up_to(1)?;
    if ending.is_none() {
        // A client that tells the server may wait for the echo before it ends, or be gone by now.
        let _ = peer.send(&rest);
        rest.extend(peer.receive_to_end()?.0);
    }
    let said = String::from_utf8_lossy(&rest).trim().to_owned();
    // Some clients tell the server: both is right.
    expect(
        said.is_empty()
            || (said.trim_end_matches('\0') == scene.subject.exit && !scene.subject.is_reference),
        || {
            tr!(
                "after `exit` it still sends: {said}",
                "после exit он ещё отправляет: {said}"
            )
        },
    )?;
    drop(peer);
    if scene.subject.running.is_some() {
        return Ok(());
    }
    let ended = finish(&mut program)?;
    expect(ended.code() == 0 || !scene.subject.is_reference, || {
        format!("exit code {}", ended.code())
    })
}

fn shown_if_reference(scene: &Scene, program: &mut Program, reply: &[u8]) -> Result<(), Failure> {
    if scene.subject.is_reference {
        shown(scene, program, reply)
    } else {
        Ok(())
    }
}

fn asks(scene: &mut Scene) -> Result<(), Failure> {
    let Some(start) = scene.subject.asking.clone() else {
        return Err(Failure::new("lab.toml: asking"));
    };
    let listener = scene.listener()?;
    let (mut program, _) = scene.start(&start, listener.address().port())?;
    let mut peer = accept(&listener, &mut program)?;
    typed(scene, &mut program, &mut peer).map(drop)
}

fn end_of_input(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let line = typed(scene, &mut program, &mut peer)?;
    peer.send(&line)?;
    program.end_input();
    peer.receive_to_end()?;
    drop(peer);
    ends_in_words(scene, &mut program, 0)
}

fn empty_line(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    program.type_in(b"\n")?;
    if scene.subject.is_reference {
        peer.receive()?;
        peer.send(b"\n")?;
    }
    // Whatever it made of the empty line, the next one has to come.
    let text = scene.letters(8);
    program.type_in(format!("{text}\n").as_bytes())?;
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains(&text) {
        let bytes = peer.receive()?;
        if bytes.is_empty() {
            return Err(missing_or_wrong(text.as_bytes(), &received));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            // It sent the empty line as well: it gets its echo.
            peer.send(&bytes)?;
        }
        received.extend(bytes);
    }
    Ok(())
}

fn late_reply(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let line = typed(scene, &mut program, &mut peer)?;
    // Late is not a deadline of the check: it is what the check is about.
    std::thread::sleep(Duration::from_millis(1500));
    let reply = reply_to(&line);
    peer.send(&reply)?;
    shown(scene, &mut program, &reply)
}

fn split_reply(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let line = typed(scene, &mut program, &mut peer)?;
    let reply = reply_to(&line);
    // Piece by piece, cut inside letters, each taken before the next one leaves.
    for piece in reply.chunks(3) {
        peer.send(piece)?;
        peer.wait_until_taken()?;
    }
    shown(scene, &mut program, &reply)
}

fn glued_replies(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    typed(scene, &mut program, &mut peer)?;
    let replies = [scene.letters(8), scene.letters(8)];
    peer.send(format!("{}\n{}\n", replies[0], replies[1]).as_bytes())?;
    shown(scene, &mut program, replies[0].as_bytes())?;
    shown(scene, &mut program, replies[1].as_bytes())
}

fn large_reply(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    typed(scene, &mut program, &mut peer)?;
    let reply = scene.letters(1_000_000) + "\n";
    peer.send(reply.as_bytes())?;
    shown(scene, &mut program, reply.as_bytes())
}

fn server_closes(scene: &mut Scene) -> Result<(), Failure> {
    for middle in [false, true] {
        let (mut program, mut peer, _listener) = connected(scene)?;
        let line = typed(scene, &mut program, &mut peer)?;
        peer.send(if middle { &line[..4] } else { &line })?;
        peer.close();
        goes_away(scene, &mut program, "the server closed the connection")?;
    }
    Ok(())
}

fn server_resets(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let line = typed(scene, &mut program, &mut peer)?;
    peer.send(&line[..4])?;
    peer.wait_until_taken()?;
    peer.reset()?;
    goes_away(scene, &mut program, "Connection reset by peer")
}

/// The client ends by itself, or at its next line, with a clear message.
fn goes_away(scene: &Scene, program: &mut Program, wanted: &str) -> Result<(), Failure> {
    if scene.subject.is_reference {
        let status = program.wait_for_exit(patience())?;
        let stderr = String::from_utf8_lossy(&program.stderr()).into_owned();
        let ended = crate::scene::Finished {
            status,
            stdout: String::new(),
            stderr,
        };
        return one_clear_error(&ended, wanted);
    }
    // One that receives on a thread of its own notices at once, or as soon as the machine lets it.
    wait_for(Duration::from_secs(2), || program.exit_status());
    // One that waits for its next line cannot know yet; it may end or fail while it is typed to.
    for _ in 0..2 {
        let _ = program.type_in(b"hello\n");
    }
    let _ = type_exit(scene, program);
    program.end_input();
    ends_in_words(scene, program, 1)
}

fn empty_reply(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    typed(scene, &mut program, &mut peer)?;
    peer.send(b"\n")?;
    let reply = reply_to(&typed(scene, &mut program, &mut peer)?);
    peer.send(&reply)?;
    shown(scene, &mut program, &reply)
}

fn long_line(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, peer, _listener) = connected(scene)?;
    let line = scene.letters(8_000_000) + "\n";
    program.type_in_background(line.clone().into_bytes())?;
    // An echo with small buffers: it blocks a client that only writes.
    let echo = std::thread::spawn(move || {
        let mut stream = peer.stream();
        std::io::copy(&mut stream, &mut peer.stream())
    });
    let ended = finish(&mut program)?;
    let n_bytes = echo.join().map_err(|_| Failure::new("the echo panicked"))?;
    let n_bytes = n_bytes.map_err(|error| Failure::new(format!("echo: {error}")))?;
    expect(n_bytes == line.len() as u64, || {
        format!("{n_bytes} bytes were echoed")
    })?;
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))?;
    expect(ended.stdout == line, || {
        format!("{} of {} bytes shown", ended.stdout.len(), line.len())
    })
}

fn slow_reader(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let client = scene.command(["127.0.0.1", &port, "--timeout", "0.3"]);
    let mut command = std::process::Command::new("sh");
    // The pause of the reader is several times the client's time-out.
    command.args(["-c", "\"$0\" \"$@\" | (sleep 1.5; cat)"]);
    command.arg(client.get_program()).args(client.get_args());
    let mut program = Program::start(&scene.subject.program, command, &scene.transcript)?;
    let peer = accept(&listener, &mut program)?;
    let lines = format!("{}\n{}\n", scene.letters(1_000_000), scene.letters(8));
    program.type_in_background(lines.clone().into_bytes())?;
    let echo = std::thread::spawn(move || {
        let mut stream = peer.stream();
        std::io::copy(&mut stream, &mut peer.stream())
    });
    let ended = finish(&mut program)?;
    let _ = echo.join();
    expect(ended.stdout == lines, || {
        let (n_shown, n_sent) = (ended.stdout.len(), lines.len());
        format!("{n_shown} of {n_sent} bytes shown; {}", ended.stderr)
    })
}

fn no_newline(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["127.0.0.1", &port, "--timeout", "0.5"])?;
    let mut peer = accept(&listener, &mut program)?;
    typed(scene, &mut program, &mut peer)?;
    peer.send(b"no end")?;
    says(&mut program, "the reply has no end of line")?;
    let reply = reply_to(&typed(scene, &mut program, &mut peer)?);
    peer.send(&reply)?;
    shown(scene, &mut program, &reply)?;
    scene.step("lines that are typed ahead, and the end of the input");
    let lines = [scene.letters(8) + "\n", scene.letters(8) + "\n"];
    program.type_in(lines.concat().as_bytes())?;
    program.end_input();
    for line in &lines {
        let (received, _) = peer.receive_up_to(line.len())?;
        if received != line.as_bytes() {
            return Err(missing_or_wrong(line.as_bytes(), &received));
        }
        peer.send(b"no end")?;
    }
    peer.receive_to_end()?;
    peer.close();
    let ended = finish(&mut program)?;
    let n_said = ended.stderr.matches("the reply has no end of line").count();
    expect(ended.code() == 0 && n_said == 3, || {
        format!("exit code {}: {}", ended.code(), ended.stderr)
    })
}

fn events_exact(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, listener) = connected(scene)?;
    let server = listener.address();
    let client = peer.stream().peer_addr();
    let client = client.map_err(|error| Failure::inconclusive("getpeername", &error))?;
    // The last line of the input has no end; what is sent has.
    program.type_in("an exit in a line\nя".as_bytes())?;
    program.end_input();
    for (line, reply) in [("an exit in a line\n", "OK\n"), ("я\n", "ok, ok\n")] {
        let (received, _) = peer.receive_up_to(line.len())?;
        if received != line.as_bytes() {
            return Err(missing_or_wrong(line.as_bytes(), &received));
        }
        peer.send(reply.as_bytes())?;
    }
    peer.receive_to_end()?;
    peer.close();
    let ended = finish(&mut program)?;
    let connected = match scene.subject.program.as_str() {
        "event-client" => format!("connected to {server} from {client}"),
        _ => format!("connected to {server}"),
    };
    let wanted = [
        connected,
        format!("data sent: 18 bytes to {server}"),
        format!("data received: 3 bytes from {server}"),
        format!("data sent: 3 bytes to {server}"),
        format!("data received: 7 bytes from {server}"),
        format!("disconnected from {server}"),
    ];
    let events: Vec<&str> = ended.stderr.lines().collect();
    events_are(&events, &wanted)?;
    expect(ended.stdout == "OK\nok, ok\n", || ended.stdout.clone())
}

fn write_deadline(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["127.0.0.1", &port, "--timeout", "0.5"])?;
    let _silent = accept(&listener, &mut program)?;
    program.type_in_background(vec![b'a'; 50_000_000])?;
    let ended = finish(&mut program)?;
    one_clear_error(
        &ended,
        &format!("send 127.0.0.1:{port}: the server does not read"),
    )
}

fn last_words(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    program.end_input();
    let (rest, _) = peer.receive_to_end()?;
    expect(rest.is_empty(), || "it sends something".into())?;
    let words = scene.letters(8);
    peer.send(format!("{words}\n").as_bytes())?;
    peer.close();
    let ended = finish(&mut program)?;
    expect(
        ended.code() == 0 && ended.stdout == format!("{words}\n"),
        || format!("shown: {}", ended.stdout),
    )
}
