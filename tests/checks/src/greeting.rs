//! Checks of the greeting server and the greeting client.

use std::time::Duration;

use common::tr;
use harness::{Ending, Failure, Peer, Program, decoded, unread_bytes, wait_for};

use crate::catalog::{Check, Level};
use crate::client_scene::{
    accept, connected, ends_in_words, new_line, press_enter, refused_connection, shown,
    told_in_pieces, told_nothing, told_reset, told_without_end,
};
use crate::needs::Need;
use crate::scene::{Scene, Server, finish, missing_or_wrong, says};
use crate::server_contract::{expect, one_clear_error};
use crate::time::client_is_named;

pub(crate) const SERVER: &[Check] = &[
    Check::new(
        "greeting/answers",
        Level::Must,
        answers,
        "a client gets an answer in UTF-8",
        "клиент получает ответ в UTF-8",
    )
    .task("1")
    .hint(
        "after recv, send the encoded greeting",
        "после recv отправьте закодированное приветствие",
    ),
    Check::new(
        "greeting/keeps-open",
        Level::Should,
        keeps_open,
        "a client that keeps its side open gets its answer, too",
        "клиент, который не закрывает свою сторону, тоже получает ответ",
    )
    .after("greeting/answers")
    .hint(
        "do not wait for the end of the stream: a client that waits for the answer does not close before",
        "не ждите конца потока: клиент, который ждёт ответа, раньше не закроет соединение",
    ),
    Check::new(
        "greeting/slow-start",
        Level::Should,
        slow_start,
        "a client that thinks for a while before it speaks gets its answer",
        "клиент, который сначала медлит, получает ответ",
    )
    .after("greeting/answers")
    .hint("the first recv waits for as long as the client needs", "первый recv ждёт столько, сколько нужно клиенту"),
    Check::new(
        "greeting/closes",
        Level::Must,
        closes,
        "after the answer it closes the connection",
        "после ответа закрывает соединение",
    )
    .task("1")
    .after("greeting/answers")
    .hint("close the connection after send", "закройте соединение после send"),
    Check::new(
        "greeting/shows",
        Level::Must,
        shows_message,
        "it shows the message and the client's address",
        "показывает сообщение и адрес клиента",
    )
    .task("1")
    .after("greeting/answers")
    .hint(
        "print the decoded message and the address that accept returns, and flush it",
        "напечатайте декодированное сообщение и адрес, который вернул accept, и сбросьте буфер",
    ),
    Check::new(
        "greeting/cyrillic",
        Level::Must,
        cyrillic,
        "a message in Russian is shown as it is",
        "сообщение на русском языке показано как есть",
    )
    .task("1")
    .after("greeting/shows")
    .hint("decode what recv returns as UTF-8", "декодируйте полученное от recv как UTF-8"),
    Check::new(
        "greeting/serves-again",
        Level::Must,
        serves_again,
        "after one client it serves the next one",
        "после одного клиента обслуживает следующего",
    )
    .task("1")
    .after("greeting/answers")
    .hint("put accept into a loop", "поместите accept в цикл"),
    Check::new(
        "greeting/cut-in-two",
        Level::Should,
        cut_in_two,
        "a message that comes in two pieces, cut inside a letter, is shown whole",
        "сообщение, пришедшее двумя частями с разрезом внутри буквы, показано целиком",
    )
    .after("greeting/cyrillic")
    .hint(
        "one recv is not one message: recv until the client ends its half of the connection",
        "один recv — не одно сообщение: вызывайте recv, пока клиент не закроет свою половину",
    ),
    Check::new(
        "greeting/million",
        Level::Should,
        million,
        "a message of 1,000,000 bytes is answered, and shown to its end",
        "сообщение в 1 000 000 байт показано до конца, и ответ пришёл",
    )
    .after("greeting/answers")
    .hint(
        "recv(1000000) returns what has come, not all of it: go on until the end of the stream",
        "recv(1000000) возвращает то, что пришло, а не всё: продолжайте до конца потока",
    ),
    Check::new(
        "greeting/not-utf8",
        Level::Should,
        not_utf8,
        "a message that is not UTF-8 does not end the server",
        "сообщение не в UTF-8 не завершает сервер",
    )
    .after("greeting/serves-again")
    .hint(
        "decode raises UnicodeDecodeError: catch it, or decode with errors=\"replace\"",
        "decode вызывает UnicodeDecodeError: перехватите её или укажите errors=\"replace\"",
    ),
    Check::new(
        "greeting/empty",
        Level::Should,
        empty,
        "a client that sends nothing does not end the server",
        "клиент, который ничего не прислал, не завершает сервер",
    )
    .after("greeting/serves-again")
    .hint(
        "recv returns nothing if the client has closed; send may then fail",
        "recv возвращает пустоту, если клиент закрыл соединение; send тогда может не удаться",
    ),
    Check::new(
        "greeting/reset",
        Level::Should,
        reset,
        "a client that resets its connection does not end the server",
        "сброс соединения клиентом не завершает сервер",
    )
    .after("greeting/serves-again")
    .hint(
        "recv and send can raise ConnectionResetError: it ends this client only",
        "recv и send могут вызвать ConnectionResetError: это конец одного клиента, а не сервера",
    ),
    Check::new(
        "greeting/exact",
        Level::Should,
        exact,
        "it prints who sent what, how many characters and bytes, and answers in its language",
        "печатает, кто и что прислал, сколько символов и байтов, и отвечает на своём языке",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting/too-long",
        Level::Should,
        too_long,
        "of a message beyond 1,000,000 bytes the rest is dropped, and it is answered",
        "у сообщения длиннее 1 000 000 байт остаток отброшен, и ответ приходит",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting/drains",
        Level::Should,
        drains,
        "what a client says after its answer is thrown away, and resets nothing",
        "сказанное клиентом после ответа отбрасывается и не вызывает сброса",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "greeting/help",
        Level::Should,
        help,
        "--help tells the default pause",
        "--help называет паузу по умолчанию",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting/silent-others",
        Level::Should,
        silent_others,
        "clients that say nothing keep nobody waiting",
        "молчащие клиенты никого не задерживают",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting/pause",
        Level::Should,
        pause,
        "--pause 0 waits for the end of the stream, --message is the answer",
        "--pause 0 ждёт конца потока, --message задаёт ответ",
    )
    .needs(&[Need::Reference]),
];

pub(crate) const CLIENT: &[Check] = &[
    Check::new(
        "greeting-client/sends",
        Level::Must,
        sends,
        "it sends a message in UTF-8",
        "отправляет сообщение в UTF-8",
    )
    .by_wire()
    .task("2")
    .hint(
        "connect, encode the greeting, send it",
        "вызовите connect, закодируйте и отправьте приветствие",
    ),
    Check::new(
        "greeting-client/shows",
        Level::Must,
        shows,
        "it shows the answer",
        "показывает ответ",
    )
    .task("2")
    .after("greeting-client/sends")
    .hint(
        "recv, decode, print",
        "вызовите recv, декодируйте и напечатайте",
    ),
    Check::new(
        "greeting-client/counts",
        Level::Must,
        counts,
        "it shows how many bytes the answer has",
        "показывает, сколько байтов в ответе",
    )
    .task("2")
    .after("greeting-client/shows")
    .hint(
        "take the length before decoding: of bytes, not of characters",
        "берите длину до декодирования: байтов, а не символов",
    ),
    Check::new(
        "greeting-client/pieces",
        Level::Should,
        pieces,
        "an answer that comes in pieces is shown whole",
        "ответ, пришедший по частям, показан целиком",
    )
    .after("greeting-client/shows")
    .hint(
        "one recv is not one message: recv until the server closes",
        "один recv — не одно сообщение: вызывайте recv, пока сервер не закроет соединение",
    ),
    Check::new(
        "greeting-client/million",
        Level::Should,
        million_shown,
        "an answer of 1,000,000 bytes is shown whole",
        "ответ в 1 000 000 байт показан целиком",
    )
    .after("greeting-client/shows")
    .hint(
        "recv returns what has come: call it until the server closes",
        "recv возвращает то, что пришло: вызывайте его, пока сервер не закроет соединение",
    ),
    Check::new(
        "greeting-client/nothing",
        Level::Should,
        told_nothing,
        "a server that closes without a word is no crash",
        "сервер, закрывший соединение молча, не вызывает аварии",
    )
    .after("greeting-client/sends"),
    Check::new(
        "greeting-client/reset",
        Level::Should,
        told_reset,
        "a reset by the server is one clear line",
        "сброс соединения сервером — одна понятная строка",
    )
    .after("greeting-client/sends")
    .hint(
        "send and recv can raise ConnectionResetError",
        "send и recv могут вызвать ConnectionResetError",
    ),
    Check::new(
        "greeting-client/refused",
        Level::Should,
        refused_connection,
        "a server that is not there is one clear line",
        "отсутствие сервера — одна понятная строка",
    )
    .after("greeting-client/sends")
    .hint(
        "connect can raise ConnectionRefusedError",
        "connect может вызвать ConnectionRefusedError",
    ),
    Check::new(
        "greeting-client/exact",
        Level::Should,
        exact_client,
        "it greets in its language and ends its half; stdout carries the answer alone",
        "приветствует на своём языке и закрывает свою половину; в stdout только ответ",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting-client/keep-open",
        Level::Should,
        keep_open,
        "--keep-open leaves its half open",
        "--keep-open не закрывает свою половину",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting-client/stdin",
        Level::Should,
        from_stdin,
        "--message - takes the message from stdin, up to 1,000,000 bytes",
        "--message - берёт сообщение из stdin, до 1 000 000 байт",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting-client/early-answer",
        Level::Should,
        early_answer,
        "an answer is shown even if the server takes only a part of the message",
        "ответ показан, даже если сервер принял лишь часть сообщения",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "greeting-client/no-end",
        Level::Should,
        no_end,
        "a server that does not close is said to, one that talks on is given up",
        "о сервере, который не закрывает соединение, сказано; говорящий без конца прерван",
    )
    .needs(&[Need::Reference]),
];

/// Receives an answer: something in UTF-8.
fn expect_answer(peer: &mut Peer) -> Result<String, Failure> {
    let received = peer.receive()?;
    if received.is_empty() {
        let failure = missing_or_wrong("Привет, клиент".as_bytes(), b"");
        return Err(failure.cause(tr!(
            "the connection ended without an answer",
            "соединение завершилось без ответа"
        )));
    }
    let (rest, _) = peer.receive_to_end().unwrap_or((Vec::new(), Ending::Reset));
    String::from_utf8([received, rest].concat()).map_err(|error| {
        let what = tr!("the answer is not UTF-8", "ответ не в UTF-8");
        not_in_utf8(what, "Привет, клиент", error.as_bytes())
    })
}

/// Greets and expects an answer: a server that can do this serves.
fn still_serves(scene: &mut Scene, server: &mut Server) -> Result<(), Failure> {
    scene.step(tr!("the next client", "следующий клиент"));
    let served = scene
        .connect(server)
        .and_then(|mut peer| greet(&mut peer, "hello"));
    server.unless_ended(served)
}

fn answers(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    greet(&mut peer, &format!("Привет, {}", scene.letters(6)))
}

fn keeps_open(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.send(b"hello")?;
    expect_answer(&mut peer).map(drop)
}

fn slow_start(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.wait_until_accepted();
    // The pause is what the check is about, not a wait for something.
    let early = peer.receive_within(Duration::from_millis(1500))?;
    expect(early.is_none(), || {
        tr!(
            "it answers before it is greeted",
            "отвечает, не дождавшись приветствия"
        )
    })?;
    greet(&mut peer, "hello")
}

fn drains(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    let own = peer.local_address()?;
    peer.send(&[b'x'; 1_000_001])?;
    peer.receive_to_end()?;
    scene.step("the client goes on");
    peer.send(b"and another thing")?;
    // A socket that is closed over it is gone, with a reset.
    let taken = wait_for(Duration::from_millis(800), || {
        (unread_bytes(server.address, own)? == 0).then_some(())
    });
    expect(taken.is_some(), || {
        "it does not take what comes after the answer".into()
    })
}

fn help(scene: &mut Scene) -> Result<(), Failure> {
    let help = scene.finished(&["-h"])?;
    let pause = help.stdout.contains("[default: 0.5]");
    expect(pause, || help.stdout.clone())
}

fn closes(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.send(b"hello")?;
    peer.half_close();
    peer.receive_to_end().map(drop)
}

/// Sends `message` and waits for the answer, then for an event that shows the message.
fn is_shown(scene: &mut Scene, message: &str) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = server.events().len();
    let mut peer = scene.connect(&server)?;
    greet(&mut peer, message)?;
    server.shows(before, message)
}

/// Sends a whole message, and expects an answer.
fn greet(peer: &mut Peer, message: &str) -> Result<(), Failure> {
    peer.send(message.as_bytes())?;
    peer.half_close();
    expect_answer(peer).map(drop)
}

fn shows_message(scene: &mut Scene) -> Result<(), Failure> {
    let message = scene.letters(12);
    is_shown(scene, &message)?;
    client_is_named(scene, |_, _, peer| greet(peer, &message))
}

fn cyrillic(scene: &mut Scene) -> Result<(), Failure> {
    let message = format!("Привет, {}", scene.cyrillic(8));
    is_shown(scene, &message)
}

fn serves_again(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    for _ in 0..3 {
        still_serves(scene, &mut server)?;
    }
    Ok(())
}

fn cut_in_two(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = server.events().len();
    let message = scene.cyrillic(12);
    let mut peer = scene.connect(&server)?;
    // Inside the fifth letter.
    peer.send_cut(message.as_bytes(), 9)?;
    peer.half_close();
    expect_answer(&mut peer)?;
    server.shows(before, &message)
}

fn million(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let message = scene.letters(1_000_000);
    let mut peer = scene.connect(&server)?;
    // A server that takes a part only may close meanwhile.
    let sent = peer.send(message.as_bytes());
    peer.half_close();
    let answer = expect_answer(&mut peer);
    if sent.is_err() || answer.is_err() {
        if server.program.exit_status().is_some() {
            return Err(server.program.ended_instead("1,000,000"));
        }
        sent?;
        answer?;
    }
    if scene.subject.is_reference {
        server.shows(0, ", 1000000 characters, 1000000 bytes: ")?;
    }
    // Its end proves that all of it has come.
    server.shows(0, &message[message.len() - 12..])
}

fn not_utf8(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    for bytes in [&b"\xff\xfe"[..], b"ab\xd0", b"\x80\x80"] {
        let mut peer = scene.connect(&server)?;
        peer.send(bytes)?;
        peer.half_close();
        // With or without an answer: the lab asks for text only.
        let _ = peer.receive_to_end();
    }
    still_serves(scene, &mut server)?;
    if scene.subject.is_reference {
        return says(&mut server.program, r"3 bytes, not UTF-8: ab\xd0");
    }
    Ok(())
}

fn empty(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.half_close();
    // With or without an answer.
    let _ = peer.receive_to_end();
    scene.connect(&server)?.close();
    still_serves(scene, &mut server)
}

fn reset(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    scene.connect(&server)?.reset()?;
    still_serves(scene, &mut server)?;
    let mut peer = scene.connect(&server)?;
    peer.send(b"hello")?;
    peer.reset()?;
    still_serves(scene, &mut server)
}

fn exact(scene: &mut Scene) -> Result<(), Failure> {
    let cases = [
        (
            "ru",
            "Привет, сервер",
            "14 символов, 26 байт",
            "Привет, клиент",
        ),
        ("en", "Hi\n", "3 characters, 3 bytes", "Hello, client"),
        ("ru", "и\u{306}", "2 символа, 4 байта", "Привет, клиент"),
    ];
    for (lang, message, length, answer) in cases {
        let local = ["-a", "127.0.0.1", "-p", "0", "--lang", lang];
        let (mut program, address) = scene.listening(&local)?;
        let mut peer = scene.connect_to(address)?;
        peer.send(message.as_bytes())?;
        peer.half_close();
        let (received, ending) = peer.receive_to_end()?;
        if received != answer.as_bytes() || ending == Ending::Reset {
            return Err(missing_or_wrong(answer.as_bytes(), &received));
        }
        let client = peer.local_address()?;
        let line = format!("{client}, {length}: {}", common::escape(message.as_bytes()));
        says(&mut program, &line)?;
        let stdout = String::from_utf8_lossy(&program.stdout()).into_owned();
        expect(stdout.lines().nth(1) == Some(line.as_str()), || {
            stdout.clone()
        })?;
    }
    Ok(())
}

fn too_long(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    let message = scene.letters(1_500_000);
    peer.send(message.as_bytes())?;
    peer.half_close();
    let (received, ending) = peer.receive_to_end()?;
    expect(
        received == b"Hello, client" && ending == Ending::Closed,
        || format!("{ending:?} after {}", common::excerpt(&received)),
    )?;
    says(&mut server.program, "cut after 1000000 bytes: ")
}

fn silent_others(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let mut silent = Vec::new();
    // No more than fit into the backlog, should the machine be busy.
    for _ in 0..5 {
        silent.push(scene.connect(&server)?);
    }
    still_serves(scene, &mut server)
}

fn pause(scene: &mut Scene) -> Result<(), Failure> {
    let local = ["-a", "127.0.0.1", "-p", "0", "-m", "да", "--pause", "0"];
    let (mut program, address) = scene.listening(&local)?;
    let mut peer = scene.connect_to(address)?;
    peer.send(b"one, ")?;
    // Longer than the default pause: what the check is about.
    let early = peer.receive_within(Duration::from_millis(1200))?;
    expect(early.is_none(), || {
        "it answers before the end of the stream".into()
    })?;
    peer.send(b"two")?;
    peer.half_close();
    let answer = expect_answer(&mut peer)?;
    expect(answer == "да", || answer.clone())?;
    says(&mut program, "8 characters, 8 bytes: one, two")
}

/// What the client sends: until it ends its half, or waits for the answer. Only where it is cut inside
/// a letter, more has to come.
fn greeting_of(peer: &mut Peer) -> Result<Vec<u8>, Failure> {
    let mut message = peer.receive()?;
    let is_cut = |message: &[u8]| {
        let text = std::str::from_utf8(message);
        text.is_err_and(|error| error.error_len().is_none())
    };
    while is_cut(&message) {
        match peer.receive() {
            Ok(more) if !more.is_empty() => message.extend(more),
            _ => break,
        }
    }
    Ok(message)
}

/// The failure of a text that is something like `like`, but not in UTF-8.
fn not_in_utf8(what: String, like: &str, received: &[u8]) -> Failure {
    let text = decoded(received);
    let is_read = text.chars().all(|c| c != char::REPLACEMENT_CHARACTER);
    let shown = common::excerpt(text.as_bytes());
    let cause = is_read.then(|| {
        tr!(
            "in a code page of Windows or DOS the bytes say \"{shown}\": encode the text in UTF-8",
            "в кодировке Windows или DOS эти байты читаются как «{shown}»: кодируйте текст в UTF-8"
        )
    });
    let failure = Failure::new(what).difference(like.as_bytes(), received);
    failure.cause_if(cause)
}

fn sends(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let message = greeting_of(&mut peer)?;
    if message.is_empty() {
        return Err(match program.exit_status() {
            Some(_) => {
                program.ended_instead(&tr!("it should send", "он должен отправить сообщение"))
            }
            None => missing_or_wrong("Привет, сервер".as_bytes(), b""),
        });
    }
    std::str::from_utf8(&message).map(drop).map_err(|_| {
        let what = tr!("the message is not UTF-8", "сообщение не в UTF-8");
        not_in_utf8(what, "Привет, сервер", &message)
    })
}

/// A client that has sent its greeting and waits for the answer.
fn greeted(scene: &mut Scene) -> Result<(Program, Peer), Failure> {
    let (program, mut peer, _listener) = connected(scene)?;
    greeting_of(&mut peer)?;
    Ok((program, peer))
}

fn shows(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer) = greeted(scene)?;
    let answer = format!("Привет, {}", scene.cyrillic(8));
    peer.send(answer.as_bytes())?;
    peer.close();
    shown(scene, &mut program, answer.as_bytes())?;
    press_enter(&mut program);
    ends_in_words(scene, &mut program, 0)
}

fn counts(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer) = greeted(scene)?;
    let before = program.lines().len();
    let n_letters = scene.random.usize(31..40);
    // The number stands nowhere else: neither among the characters, nor in the text.
    let answer = scene.cyrillic(n_letters);
    let number = answer.len().to_string();
    peer.send(answer.as_bytes())?;
    peer.close();
    press_enter(&mut program);
    let what = tr!("{number} bytes", "{number} байт");
    let has_number = |line: &str| {
        line.split(|c: char| !c.is_ascii_digit())
            .any(|word| word == number)
    };
    new_line(&mut program, before, what, has_number).map(drop)
}

fn pieces(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, peer) = greeted(scene)?;
    let answer = scene.cyrillic(10);
    // Cut inside letters.
    told_in_pieces(scene, &mut program, peer, answer.as_bytes())
}

fn million_shown(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer) = greeted(scene)?;
    let answer = scene.letters(1_000_000);
    let sent = peer.send(answer.as_bytes());
    peer.close();
    shown(scene, &mut program, answer.as_bytes())?;
    sent
}

fn exact_client(scene: &mut Scene) -> Result<(), Failure> {
    let cases = [
        (
            "ru",
            "Привет, сервер",
            "отправлено: 14 символов, 26 байт",
            "получено: 2 символа, 4 байта от",
        ),
        (
            "en",
            "Hello, server",
            "sent: 13 characters, 13 bytes",
            "received: 2 characters, 4 bytes from",
        ),
    ];
    for (lang, message, sent, received) in cases {
        let listener = scene.listener()?;
        let (server, port) = (listener.address(), listener.address().port().to_string());
        let mut program = scene.run(&["127.0.0.1", &port, "--lang", lang])?;
        let mut peer = accept(&listener, &mut program)?;
        let (greeting, ending) = peer.receive_to_end()?;
        if greeting != message.as_bytes() || ending == Ending::Reset {
            return Err(missing_or_wrong(message.as_bytes(), &greeting));
        }
        peer.send("Да".as_bytes())?;
        peer.close();
        let ended = finish(&mut program)?;
        expect(ended.stdout == "Да" && ended.code() == 0, || {
            ended.stdout.clone()
        })?;
        for wanted in [sent, received, &server.to_string()] {
            expect(ended.stderr.contains(wanted), || ended.stderr.clone())?;
        }
    }
    Ok(())
}

fn keep_open(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["127.0.0.1", &port, "--keep-open"])?;
    let mut peer = accept(&listener, &mut program)?;
    let (message, ending) = peer.receive_up_to("Hello, server".len())?;
    expect(message == b"Hello, server" && ending.is_none(), || {
        format!("{ending:?} after {}", common::excerpt(&message))
    })?;
    let more = peer.receive_within(Duration::from_millis(300))?;
    expect(more.is_none(), || "it sends more".into())?;
    peer.send(b"hi")?;
    peer.close();
    let ended = finish(&mut program)?;
    expect(ended.code() == 0 && ended.stdout == "hi", || ended.stderr)
}

fn from_stdin(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let from_stdin = ["127.0.0.1", &port, "--message", "-"];
    let mut program = scene.run(&from_stdin)?;
    let message = scene.letters(1_000_000);
    program.type_in_background(message.clone().into_bytes())?;
    let mut peer = accept(&listener, &mut program)?;
    let (received, _) = peer.receive_to_end()?;
    expect(received == message.as_bytes(), || {
        format!("{} bytes instead of 1000000", received.len())
    })?;
    peer.send(b"thanks")?;
    peer.close();
    let ended = finish(&mut program)?;
    expect(ended.stdout == "thanks", || ended.stderr.clone())?;
    scene.step("one byte more");
    let mut program = scene.run(&from_stdin)?;
    program.type_in_background(vec![b'a'; 1_000_001])?;
    one_clear_error(
        &finish(&mut program)?,
        "the message is longer than 1000000 bytes",
    )
}

fn early_answer(scene: &mut Scene) -> Result<(), Failure> {
    let listener = scene.listener()?;
    let port = listener.address().port().to_string();
    let mut program = scene.run(&["127.0.0.1", &port, "--message", "-"])?;
    program.type_in_background(vec![b'a'; 1_000_000])?;
    let mut peer = accept(&listener, &mut program)?;
    peer.receive()?;
    peer.send(b"enough")?;
    // With most of the message unread: the close is a reset.
    peer.close();
    let ended = finish(&mut program)?;
    expect(ended.stdout == "enough" && ended.code() == 0, || {
        ended.stderr.clone()
    })
}

fn no_end(scene: &mut Scene) -> Result<(), Failure> {
    told_without_end(scene, "hi", "the answer is longer than 1000000 bytes")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpStream;

    use harness::{Listener, PATIENCE, Transcript};

    use super::*;

    /// What a client is taken to have sent that sends these pieces and waits.
    fn greeting_in(pieces: &[&[u8]]) -> Vec<u8> {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), &Transcript::new()).unwrap();
        let mut client = TcpStream::connect(listener.address()).unwrap();
        client.set_nodelay(true).unwrap();
        let mut peer = listener.accept("server", PATIENCE).unwrap();
        let (first, rest) = pieces.split_first().unwrap();
        client.write_all(first).unwrap();
        std::thread::scope(|scope| {
            let greeting = scope.spawn(|| greeting_of(&mut peer).unwrap());
            std::thread::sleep(Duration::from_millis(50));
            rest.iter()
                .for_each(|piece| client.write_all(piece).unwrap());
            greeting.join().unwrap()
        })
    }

    #[test]
    fn a_greeting_in_a_code_page_is_received_and_named() {
        let bytes = b"\xcf\xf0\xe8\xe2\xe5\xf2";
        assert_eq!(greeting_in(&[bytes]), bytes);
        let failure = not_in_utf8("no".into(), "Привет", bytes);
        assert!(failure.cause.unwrap().contains("Привет"));
        assert_eq!(not_in_utf8("no".into(), "Привет", b"\x81").cause, None);
    }

    #[test]
    fn a_greeting_that_is_cut_inside_a_letter_is_received_whole() {
        assert_eq!(greeting_in(&[b"\xd0\x9f\xd1", b"\x80"]), "Пр".as_bytes());
    }
}
