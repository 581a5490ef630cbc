//! Checks of the echo server: the lab's tasks first, then what a stream of bytes can do to it.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::tr;
use harness::{
    Ending, Failure, Outcome, Peer, Program, enter_network_namespace, patience, wait_for,
};

use crate::catalog::{Check, Level};
use crate::client_scene::uncaught;
use crate::needs::Need;
use crate::scene::{Scene, Server, missing_or_wrong, says, wait_until_listening};
use crate::server_contract::expect;
use crate::subject::{Answer, Start};

pub(crate) const CHECKS: &[Check] = &[
    Check::new("echo/answers", Level::Must, answers, "a text comes back", "текст возвращается")
        .task("1")
        .hint(
            "after accept, the server has to recv and to send back what came, without waiting for more",
            "после accept сервер должен вызвать recv и отправить полученное обратно, не ожидая продолжения",
        ),
    Check::new("echo/cyrillic", Level::Must, cyrillic, "a Cyrillic text comes back", "кириллица возвращается")
        .task("1")
        .after("echo/answers")
        .hint(
            "text is bytes on the wire: encode and decode it as UTF-8",
            "по сети идут байты: кодируйте и декодируйте текст в UTF-8",
        ),
    Check::new(
        "echo/portion-border",
        Level::Must,
        portion_border,
        "texts of 1, 1023, 1024 and 1025 bytes come back whole",
        "тексты в 1, 1023, 1024 и 1025 байт возвращаются целиком",
    )
    .task("1")
    .after("echo/answers")
    .hint(
        "one recv(1024) takes at most 1024 bytes: call it in a loop until the client ends the stream",
        "один recv(1024) берёт не больше 1024 байт: вызывайте его в цикле до конца потока",
    ),
    Check::new(
        "echo/long-text",
        Level::Must,
        long_text,
        "a text of 10,000 bytes comes back in portions",
        "текст в 10 000 байт возвращается порциями",
    )
    .task("1")
    .after("echo/glued")
    .hint(
        "one recv is not one message: call it in a loop until the client ends the stream",
        "один recv — не одно сообщение: вызывайте его в цикле до конца потока",
    ),
    Check::new(
        "echo/glued",
        Level::Must,
        glued,
        "two texts sent back to back both come back",
        "два текста, отправленные подряд, оба возвращаются",
    )
    .task("1")
    .after("echo/answers")
    .hint(
        "go on with recv after the first answer, until the client ends the stream",
        "после первого ответа продолжайте вызывать recv до конца потока",
    ),
    Check::new(
        "echo/half-close",
        Level::Should,
        half_close,
        "a client that has ended its half gets the rest, then the end",
        "клиент, закрывший свою половину, получает остаток, затем конец потока",
    )
    .after("echo/answers")
    .hint(
        "recv returns nothing at the end of the stream: send what is left, then close the connection",
        "в конце потока recv возвращает пустоту: отправьте остаток и закройте соединение",
    ),
    Check::new(
        "echo/empty",
        Level::Should,
        empty,
        "a client that sends nothing does no harm",
        "клиент, который ничего не шлёт, не мешает",
    )
    .after("echo/serves-again")
    .hint(
        "an empty result of recv is the end of the stream, not a text to wait for",
        "пустой результат recv — конец потока, а не текст, которого надо ждать",
    ),
    Check::new(
        "echo/utf8-split",
        Level::Should,
        utf8_split,
        "a text cut in two at any byte comes back the same",
        "текст, разрезанный на любом байте, возвращается тем же",
    )
    .after("echo/glued")
    .hint(
        "a recv can end inside a letter: keep the bytes of an unfinished letter for the next recv",
        "recv может закончиться внутри буквы: сохраните байты незаконченной буквы до следующего recv",
    ),
    Check::new(
        "echo/slow-client",
        Level::Should,
        slow_client,
        "a client that sends byte by byte, with a pause between, is waited for",
        "клиента, который шлёт по байту и с паузой, ждут",
    )
    .after("echo/glued")
    .hint(
        "recv waits for as long as the client needs: a time-out must be much longer than a pause in typing",
        "recv ждёт столько, сколько нужно клиенту: тайм-аут должен быть много больше паузы при наборе",
    ),
    Check::new(
        "echo/not-utf8",
        Level::Should,
        not_utf8,
        "bytes that are no text come back as they were",
        "байты, не являющиеся текстом, возвращаются без изменений",
    )
    .after("echo/half-close")
    .hint(
        "decoding fails on such bytes: catch the error, or leave them as they are",
        "декодирование таких байтов завершается ошибкой: обработайте её или не трогайте эти байты",
    ),
    Check::new(
        "echo/million-bytes",
        Level::Should,
        million_bytes,
        "a text of 1,000,000 bytes comes back whole",
        "текст в 1 000 000 байт возвращается целиком",
    )
    .after("echo/long-text")
    .hint(
        "send may take a part of the data: call sendall, or send again from where it stopped",
        "send может принять только часть данных: вызовите sendall или повторите send с места остановки",
    ),
    Check::new(
        "echo/events-start",
        Level::Must,
        events_start,
        "a line tells of the start and of listening",
        "есть сообщение о запуске и начале прослушивания",
    )
    .task("2")
    .hint("print a line when the server starts, and flush it", "напечатайте строку при запуске и сбросьте буфер"),
    Check::new(
        "echo/events-listen",
        Level::Should,
        events_listen,
        "listening has a message of its own, or the message of the start names the port",
        "о прослушивании есть отдельное сообщение, либо сообщение о запуске называет порт",
    )
    .after("echo/events-start")
    .hint("print a line after listen", "напечатайте строку после listen"),
    Check::new(
        "echo/events-connect",
        Level::Must,
        events_connect,
        "a line tells of a client that connects",
        "есть сообщение о подключении клиента",
    )
    .task("2")
    .after("echo/answers")
    .hint("print a line after accept", "напечатайте строку после accept"),
    Check::new(
        "echo/events-received",
        Level::Must,
        events_received,
        "a line tells of received data",
        "есть сообщение о получении данных",
    )
    .task("2")
    .after("echo/answers")
    .hint("print a line after recv", "напечатайте строку после recv"),
    Check::new(
        "echo/events-sent",
        Level::Must,
        events_sent,
        "another line tells of sent data",
        "есть отдельное сообщение об отправке данных",
    )
    .task("2")
    .after("echo/events-received")
    .hint("print a line after send", "напечатайте строку после send"),
    Check::new(
        "echo/events-disconnect",
        Level::Must,
        events_disconnect,
        "a line tells of a client that leaves",
        "есть сообщение об отключении клиента",
    )
    .task("2")
    .after("echo/answers")
    .hint("print a line when recv returns nothing", "напечатайте строку, когда recv вернул пустоту"),
    Check::new(
        "echo/events-stop",
        Level::Must,
        tells_of_stop,
        "a line tells of the stop",
        "есть сообщение об остановке",
    )
    .task("2")
    .needs(&[Need::Unix])
    .hint(
        "catch the interrupt (KeyboardInterrupt in Python), print a line, close the socket",
        "перехватите прерывание (в Python KeyboardInterrupt), напечатайте строку, закройте сокет",
    ),
    Check::new(
        "echo/serves-again",
        Level::Must,
        serves_again,
        "after one client has left the next one is served",
        "после ухода одного клиента обслуживается следующий",
    )
    .task("s3")
    .after("echo/answers")
    .hint("put accept into a loop", "поместите accept в цикл"),
    Check::new(
        "echo/asks",
        Level::Must,
        asks,
        "it asks for the port and uses the answer",
        "спрашивает порт и использует ответ",
    )
    .task("s4")
    .needs(&[Need::Asking]),
    Check::new(
        "echo/bad-input",
        Level::Must,
        bad_input,
        "a bad answer is asked for again, refused in words, or taken for the default",
        "на неверный ответ переспрашивает, отказывает словами или берёт значение по умолчанию",
    )
    .task("s4")
    .after("echo/asks")
    .needs(&[Need::Asking])
    .hint(
        "int() raises ValueError for `abc`, and 70000 is no port: check before use",
        "int() на `abc` вызывает ValueError, а 70000 — не порт: проверяйте до использования",
    ),
    Check::new(
        "echo/log-file",
        Level::Must,
        log_file,
        "events go to the log file",
        "служебные сообщения попадают в файл журнала",
    )
    .task("s5")
    .after("echo/answers")
    .needs(&[Need::Logging])
    .hint(
        "write the lines to the file and flush it, or close it at the end",
        "пишите строки в файл и сбрасывайте буфер либо закрывайте файл в конце",
    ),
    Check::new(
        "echo/port-busy",
        Level::Must,
        port_busy,
        "if its port is busy, it takes another one and prints it",
        "если порт занят, берёт другой и печатает его",
    )
    .task("s6")
    .needs(&[Need::Linux])
    .hint(
        "catch the error of bind (EADDRINUSE), try the next port, print the one you got",
        "перехватите ошибку bind (EADDRINUSE), попробуйте следующий порт и напечатайте полученный",
    ),
    Check::new(
        "echo/reset",
        Level::Should,
        reset,
        "a client that resets its connection does not end the server",
        "сброс соединения клиентом не завершает сервер",
    )
    .after("echo/serves-again")
    .hint(
        "recv and send can raise ConnectionResetError: it ends this client only",
        "recv и send могут вызвать ConnectionResetError: это конец одного клиента, а не сервера",
    ),
    Check::new(
        "echo/exit-word",
        Level::Should,
        exit_word,
        "a client that says `exit` ends its own connection at most",
        "клиент, сказавший exit, завершает самое большее своё соединение",
    )
    .after("echo/serves-again")
    .hint(
        "`exit` is a word for the client's user: the server goes on, whatever it is sent",
        "exit — слово для пользователя клиента: сервер продолжает работу, что бы ему ни прислали",
    ),
    Check::new(
        "echo/reset-others",
        Level::Should,
        reset_others,
        "a reset of one client leaves the others connected",
        "сброс одного соединения не затрагивает другие",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/many-clients",
        Level::Should,
        many_clients,
        "200 clients at once are served, the last one first",
        "200 одновременных клиентов обслуживаются, начиная с последнего",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/never-reads",
        Level::Should,
        never_reads,
        "a client that never reads delays nobody",
        "клиент, который не читает, никого не задерживает",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/transform",
        Level::Should,
        transform,
        "--transform chooses what is done to the text",
        "--transform выбирает преобразование текста",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/portions",
        Level::Should,
        portions,
        "no portion is larger than 1 KiB",
        "ни одна порция не больше 1 КиБ",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/write-deadline",
        Level::Should,
        write_deadline,
        "a client that never reads is given up after --idle-timeout",
        "клиента, который не читает, отключают через --idle-timeout",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "echo/events-exact",
        Level::Should,
        events_exact,
        "every event names the peer and the number of bytes, in order",
        "каждое сообщение называет клиента и число байтов, по порядку",
    )
    .needs(&[Need::Reference]),
    // The last one: it leaves a connection in TIME-WAIT behind, and a program with a fixed port waits.
    Check::new(
        "echo/restart",
        Level::Should,
        restart,
        "it can be started again at once, while old connections are in TIME-WAIT",
        "сразу запускается снова, пока старые соединения в TIME-WAIT",
    )
    .after("echo/answers")
    .needs(&[Need::Linux])
    .hint("set SO_REUSEADDR before bind", "установите SO_REUSEADDR до bind"),
];

fn answers(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = format!("hello {}", scene.letters(8));
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)
}

fn cyrillic(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = format!("Привет, {}!", scene.cyrillic(8));
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)
}

fn portion_border(scene: &mut Scene) -> Result<(), Failure> {
    for n_bytes in [1, 1023, 1024, 1025] {
        scene.step(common::bytes(n_bytes));
        let text = scene.letters(n_bytes);
        // A server each, since a task asks for no more than one client.
        let server = scene.server()?;
        let mut peer = scene.connect(&server)?;
        scene.exchange(&mut peer, &text)?;
    }
    Ok(())
}

fn long_text(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = scene.letters(10_000);
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)
}

fn glued(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let (first, second) = (scene.letters(8), scene.letters(8));
    let mut peer = scene.connect(&server)?;
    peer.send(first.as_bytes())?;
    peer.send(second.as_bytes())?;
    scene.expect_echo(&mut peer, &(first + &second))?;
    let third = scene.letters(8);
    scene.exchange(&mut peer, &third)
}

fn half_close(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = scene.letters(5000);
    let mut peer = scene.connect(&server)?;
    peer.send(text.as_bytes())?;
    peer.half_close();
    let (received, _) = peer.receive_to_end()?;
    scene.compare_echo(&text, &received)
}

fn empty(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    scene.step(tr!(
        "a client ends its half without a word",
        "клиент закрывает свою половину молча"
    ));
    let mut peer = scene.connect(&server)?;
    peer.half_close();
    let (received, _) = peer.receive_to_end()?;
    if !received.is_empty() {
        return Err(missing_or_wrong(b"", &received));
    }
    scene.step(tr!(
        "another one connects and leaves",
        "другой подключается и уходит"
    ));
    scene.connect(&server)?.close();
    still_serves(scene, &mut server)
}

/// The server is alive after `scene`'s mischief and serves the next client.
fn still_serves(scene: &mut Scene, server: &mut Server) -> Result<(), Failure> {
    scene.step(tr!("the next client", "следующий клиент"));
    let served = scene.check_serves(server);
    server.unless_ended(served)
}

fn utf8_split(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let text = format!("{} ok {}", scene.cyrillic(6), scene.cyrillic(6));
    // One connection for all: whether a server takes another client is no matter of letters.
    let mut peer = scene.connect(&server)?;
    for cut in 1..text.len() {
        scene.step(tr!("cut after byte {cut}", "разрез после байта {cut}"));
        let sent = peer.send_cut(text.as_bytes(), cut);
        let attempt = sent.and_then(|()| scene.expect_echo(&mut peer, &text));
        attempt.map_err(|failure| match server.program.exit_status() {
            Some(_) => server
                .program
                .ended_instead(&tr!("cut after byte {cut}", "разрез после байта {cut}")),
            None => failure,
        })?;
    }
    Ok(())
}

fn slow_client(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let (first, second) = (scene.letters(6), scene.letters(6));
    let mut peer = scene.connect(&server)?;
    peer.send_one_by_one(first.as_bytes())?;
    peer.wait_until_taken()?;
    // The pause is what the check is about, not a wait for something.
    std::thread::sleep(Duration::from_millis(1200));
    peer.send_one_by_one(second.as_bytes())?;
    scene.expect_echo(&mut peer, &(first + &second))
}

fn not_utf8(scene: &mut Scene) -> Result<(), Failure> {
    // No letters: whatever the transform, every one of these bytes comes back as it was.
    let fixed: &[&[u8]] = &[
        b"\xff\xfe 12",
        b"\x80\x80\x80\x80",
        b"1\xd0 2\xe2\x82 3",
        b"\xed\xa0\x80\xf5\x80",
        // Unfinished at the end of the stream.
        b"12 \xd0",
        b"\xf0\x9f\x98",
    ];
    for bytes in fixed {
        // A server each, since a task asks for no more than one client.
        let mut server = scene.server()?;
        let mut peer = scene.connect(&server)?;
        peer.send(bytes)?;
        peer.half_close();
        let (received, _) = peer.receive_to_end()?;
        if received != *bytes {
            let wrong = Err(missing_or_wrong(bytes, &received));
            return server.unless_ended(wrong);
        }
    }
    Ok(())
}

fn million_bytes(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = scene.letters(1_000_000);
    let mut peer = scene.connect(&server)?;
    let received = send_while_receiving(&mut peer, text.as_bytes())?;
    scene.compare_echo(&text, &received)
}

/// Sends everything from a thread of its own and receives meanwhile, as many bytes as were sent.
fn send_while_receiving(peer: &mut Peer, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let cloned = peer.stream().try_clone();
    let mut writer = cloned.map_err(|error| Failure::inconclusive("dup", &error))?;
    peer.tell_sent(bytes);
    std::thread::scope(|scope| {
        // A write that fails shows in what comes back.
        scope.spawn(move || drop(writer.write_all(bytes)));
        peer.receive_up_to(bytes.len())
            .map(|(received, _)| received)
    })
}

fn events_start(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    server.wait_for_event(
        0,
        &tr!("start and listening", "запуск и прослушивание"),
        |_| true,
    )
}

fn events_listen(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let n_events = events_at_rest(scene, &mut server)?;
    let port = server.address.port().to_string();
    if n_events >= 2 || server.events().iter().any(|line| line.contains(&port)) {
        return Ok(());
    }
    Err(Failure::new(tr!(
        "no line tells of listening",
        "ни одна строка не сообщает о прослушивании"
    )))
}

fn events_connect(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = events_at_rest(scene, &mut server)?;
    let _peer = scene.connect(&server)?;
    server.wait_for_event(
        before,
        &tr!("a client connected", "клиент подключился"),
        |_| true,
    )
}

fn events_received(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let (before, _peer) = exchange_after_connect(scene, &mut server)?;
    server.wait_for_event(
        before,
        &tr!("data was received", "данные получены"),
        |_| true,
    )
}

fn events_sent(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let (before, _peer) = exchange_after_connect(scene, &mut server)?;
    server.wait_for_event(
        before + 1,
        &tr!("data was sent", "данные отправлены"),
        |_| true,
    )
}

fn events_disconnect(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let (before, mut peer) = exchange_after_connect(scene, &mut server)?;
    settled(&server, before + 2);
    // One that ends the connection itself has said so already.
    let ends_it = peer.receive_within(Duration::from_millis(100)).is_err();
    let before = if ends_it {
        before + 2
    } else {
        server.events().len()
    };
    peer.close();
    server.wait_for_event(
        before,
        &tr!("a client disconnected", "клиент отключился"),
        |_| true,
    )
}

/// The number of events before anybody connects.
fn events_at_rest(scene: &Scene, server: &mut Server) -> Result<usize, Failure> {
    if scene.subject.is_reference {
        server.wait_for_event(0, "listening", |line| line.contains("waiting for clients"))?;
        return Ok(server.events().len());
    }
    settled(server, 1);
    Ok(at_rest(server))
}

/// The number of events when no more come.
fn at_rest(server: &Server) -> usize {
    crate::scene::at_rest(|| server.events().len())
}

/// Waits for what another check asks for, so that it is not taken for what this one is about: until
/// there are `n_events`, or a moment has passed in which a program would have said it.
fn settled(server: &Server, n_events: usize) {
    wait_for(Duration::from_secs(2), || {
        (server.events().len() >= n_events).then_some(())
    });
}

/// Connects, exchanges a text; the number of events before the text.
fn exchange_after_connect(
    scene: &mut Scene,
    server: &mut Server,
) -> Result<(usize, Peer), Failure> {
    let before = events_at_rest(scene, server)?;
    let mut peer = scene.connect(server)?;
    settled(server, before + 1);
    let before = at_rest(server);
    let text = scene.letters(8);
    scene.exchange(&mut peer, &text)?;
    Ok((before, peer))
}

fn tells_of_stop(scene: &mut Scene) -> Result<(), Failure> {
    events_stop(scene).map_err(|failure| stopped_by(scene.subject.stop.as_deref(), failure))
}

/// No interrupt is to be caught by a server that has a word for its end.
fn stopped_by(word: Option<&str>, failure: Failure) -> Failure {
    match (word, failure.outcome) {
        (Some(word), Outcome::Fail | Outcome::Hung) => failure.cause(tr!(
            "the line \"{word}\" was typed, the `stop` of lab.toml: read stdin while the server runs, and at \
             this line print a message and end",
            "введена строка «{word}», названная в lab.toml как `stop`: читайте stdin, пока сервер работает, \
             а получив эту строку, напечатайте сообщение и завершитесь"
        )),
        _ => failure,
    }
}

fn events_stop(scene: &mut Scene) -> Result<(), Failure> {
    let interrupted = stops_in_words(scene);
    // One that serves one client, and ends, tells of its stop when that one has left.
    let may_end_alone = !scene.subject.is_reference && scene.subject.stop.is_none();
    match interrupted {
        Err(failure) if may_end_alone => match ends_with_its_client(scene) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(failure),
        },
        interrupted => interrupted,
    }
}

/// Whether the server ends when its only client has left, with a line on that and one on its end.
fn ends_with_its_client(scene: &mut Scene) -> Result<bool, Failure> {
    scene.step(tr!(
        "perhaps it ends with its client",
        "может быть, он завершается вместе с клиентом"
    ));
    let mut server = scene.server()?;
    let (before, mut peer) = exchange_after_connect(scene, &mut server)?;
    settled(&server, before + 2);
    let before = at_rest(&server);
    peer.half_close();
    let _ = peer.receive_to_end();
    peer.close();
    settled(&server, before + 2);
    let after = at_rest(&server);
    // It may keep its window open until somebody has read it.
    let _ = server.program.type_in(b"\n");
    server.program.end_input();
    let status = server.program.wait_for_exit(patience())?;
    let events = server.events();
    let new = events.get(before..after).unwrap_or_default();
    let n_new = new.iter().filter(|line| !line.trim().is_empty()).count();
    Ok(status.success() && n_new >= 2)
}

/// Stops the server as its manifest says.
fn stop(scene: &Scene, server: &mut Server) -> Result<(), Failure> {
    match &scene.subject.stop {
        Some(line) => server.program.type_in(format!("{line}\n").as_bytes()),
        None => server.program.interrupt(),
    }
}

fn stops_in_words(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = events_at_rest(scene, &mut server)?;
    stop(scene, &mut server)?;
    server.program.wait_for_exit(patience())?;
    let events = server.events();
    let new = events.get(before..).unwrap_or_default();
    if new.iter().any(|line| line.contains("Traceback")) {
        return Err(Failure::new(tr!(
            "it ends with a traceback",
            "завершается с трассировкой ошибки"
        )));
    }
    server.wait_for_event(before, &tr!("the stop", "остановка"), |_| true)
}

fn serves_again(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    // More than a program that counts its clients on the fingers of one hand.
    for _ in 0..7 {
        still_serves(scene, &mut server)?;
    }
    Ok(())
}

fn asks(scene: &mut Scene) -> Result<(), Failure> {
    let Some(start) = scene.subject.asking.clone() else {
        return Err(Failure::new("lab.toml: asking"));
    };
    // What it does to the text is no matter of the port.
    let server = scene.server_by(&start)?;
    scene.connect(&server).map(drop)
}

fn bad_input(scene: &mut Scene) -> Result<(), Failure> {
    let Some(start) = scene.subject.asking.clone() else {
        return Err(Failure::new("lab.toml: asking"));
    };
    let mut prompts = Prompts::of(scene, &start)?;
    if Need::Namespace.missing_on_machine().is_none() {
        // The default port is free there.
        enter_network_namespace()?;
        scene.step(tr!("an empty answer", "пустой ответ"));
        prompts.default = takes_default(scene, &start, &prompts)?;
    }
    for bad in ["abc", "70000", "-1", "9090.5"] {
        scene.step(tr!("the answer `{bad}`", "ответ «{bad}»"));
        let ports = scene.ports_for(&start)?;
        let Some(port) = ports.as_ref().map(|ports| ports.port(0)) else {
            return Err(Failure::new("lab.toml: asking needs {port}"));
        };
        let place = start
            .answers
            .iter()
            .position(|answer| answer.text.contains("{port}"));
        let Some(place) = place else {
            return Err(Failure::new("lab.toml: no answer with {port}"));
        };
        let (before, after) = start.answers.split_at(place);
        let bad = [Answer {
            text: bad.to_owned(),
            ..start.answers[place].clone()
        }];
        // It may ask for the port again, or for everything from the beginning.
        let port_again = [before, &bad, after].concat();
        let all_again = [before, &bad, &start.answers].concat();
        let first = copes_with(scene, &start, port, &port_again, &prompts);
        if first
            .as_ref()
            .is_err_and(|failure| failure.outcome != Outcome::Crashed)
        {
            copes_with(scene, &start, port, &all_again, &prompts).or(first)?;
        } else {
            first?;
        }
    }
    Ok(())
}

/// What a server says and does without a bad answer.
struct Prompts {
    /// Its console until it listens: prompts, and perhaps more.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The port that it takes for an empty answer.
    default: Option<u16>,
}

impl Prompts {
    fn of(scene: &mut Scene, start: &Start) -> Result<Self, Failure> {
        let server = scene.server_by(start)?;
        let program = &server.program;
        crate::scene::at_rest(|| program.stdout().len() + program.stderr().len());
        Ok(Self {
            stdout: program.stdout(),
            stderr: program.stderr(),
            default: None,
        })
    }

    /// A program that has refused what it was told has ended by itself, with words that are neither its
    /// prompts nor those of an error that nobody caught.
    fn unless_refused_in_words(
        &self,
        program: &mut Program,
        failure: Failure,
    ) -> Result<(), Failure> {
        let status = program.exit_status();
        let has_ended = status.is_some_and(|status| status.code().is_some());
        let (stdout, stderr) = (program.stdout(), program.stderr());
        let is_more = |said: &[u8], prompts: &[u8]| !prompts.starts_with(said.trim_ascii_end());
        let has_words = is_more(&stdout, &self.stdout) || is_more(&stderr, &self.stderr);
        let console = [stdout, stderr].concat();
        let is_uncaught = uncaught(&String::from_utf8_lossy(&console)).is_some();
        if failure.outcome != Outcome::Crashed || !has_ended || !has_words || is_uncaught {
            Err(failure)
        } else {
            Ok(())
        }
    }
}

/// After an empty answer to every question the server listens somewhere, or asks again, or refuses it
/// in words; the port that it then listens on.
fn takes_default(
    scene: &mut Scene,
    start: &Start,
    prompts: &Prompts,
) -> Result<Option<u16>, Failure> {
    let ports = scene.ports_for(start)?;
    let port = ports.map_or(0, |ports| ports.port(0));
    let empty = |answer: &Answer| Answer {
        text: String::new(),
        ..answer.clone()
    };
    let empty: Vec<Answer> = start.answers.iter().map(empty).collect();
    let answers = [empty, start.answers.clone()].concat();
    let (mut program, _) = scene.start_answering(start, port, &answers)?;
    match wait_until_listening(&mut program, |_| true) {
        Ok(listening) => Ok(Some(listening)),
        Err(failure) => prompts
            .unless_refused_in_words(&mut program, failure)
            .map(|()| None),
    }
}

/// Whether the server listens on `port` after these answers, or on its default port, or refuses them in
/// words.
fn copes_with(
    scene: &mut Scene,
    start: &Start,
    port: u16,
    answers: &[Answer],
    prompts: &Prompts,
) -> Result<(), Failure> {
    let (mut program, _) = scene.start_answering(start, port, answers)?;
    let is_right = |listening| listening == port || prompts.default == Some(listening);
    match wait_until_listening(&mut program, is_right) {
        Ok(listening) if is_right(listening) => Ok(()),
        Ok(listening) => {
            let what = tr!("it listens on port {listening}", "слушает порт {listening}");
            Err(Failure::with_outcome(Outcome::WrongPort, what))
        }
        Err(failure) => prompts.unless_refused_in_words(&mut program, failure),
    }
}

fn log_file(scene: &mut Scene) -> Result<(), Failure> {
    let Some(start) = scene.subject.logging.clone() else {
        return Err(Failure::new("lab.toml: logging"));
    };
    let mut server = scene.server_by(&start)?;
    let text = scene.letters(8);
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)?;
    peer.close();
    scene.step(tr!(
        "the log file while the server runs",
        "журнал во время работы сервера"
    ));
    let enough = |server: &Server| {
        server
            .events()
            .iter()
            .filter(|line| !line.trim().is_empty())
            .count()
            >= 3
    };
    if wait_for(Duration::from_secs(2), || enough(&server).then_some(())).is_some() {
        return Ok(());
    }
    scene.step(tr!("the log file after the end", "журнал после завершения"));
    stop(scene, &mut server)?;
    server.program.wait_for_exit(patience())?;
    if enough(&server) {
        return Ok(());
    }
    let n_lines = server.events().len();
    Err(Failure::new(tr!(
        "after a client has come and gone the log file has {n_lines} lines",
        "после прихода и ухода клиента строк в журнале: {n_lines}"
    ))
    .cause_if(server.logs_nothing()))
}

fn port_busy(scene: &mut Scene) -> Result<(), Failure> {
    let start = scene.subject.plain.clone();
    let Some(ports) = scene.ports_for(&start)? else {
        // A program that chooses its port by itself never meets a busy one.
        return scene
            .server()
            .and_then(|server| scene.connect(&server))
            .map(drop);
    };
    let port = ports.port(0);
    let _taken = occupy(port)?;
    scene.step(tr!("port {port} is busy", "порт {port} занят"));
    let (mut program, log) = scene.start(&start, port)?;
    let found = wait_until_listening(&mut program, |listening| listening != port)?;
    let mut server = Server {
        program,
        address: ([127, 0, 0, 1], found).into(),
        log,
        ports: None,
    };
    let _peer = scene.connect(&server)?;
    let number = found.to_string();
    server.wait_for_text(0, &tr!("port {number}", "порт {number}"), |line| {
        line.contains(&number)
    })
}

/// Listens on a port on all addresses, so that nobody else can.
pub(crate) fn occupy(port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind(("::", port))
        .or_else(|_| TcpListener::bind(("0.0.0.0", port)))
        .map_err(|error| Failure::inconclusive(format!("occupy port {port}"), &error))
}

fn restart(scene: &mut Scene) -> Result<(), Failure> {
    let start = scene.subject.plain.clone();
    let mut server = scene.server_by(&start)?;
    let text = scene.letters(8);
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)?;
    scene.step(tr!(
        "the server ends first: its end of the connection goes to TIME-WAIT",
        "сервер завершается первым: его конец соединения в TIME-WAIT"
    ));
    server.program.kill();
    peer.receive_to_end()?;
    peer.close();
    let ports = server.ports.take();
    let again = scene.server_on(&start, ports).map_err(evades_time_wait)?;
    scene.check_serves(&again)
}

/// Why a server that is started again takes another port than before.
fn evades_time_wait(failure: Failure) -> Failure {
    if failure.outcome != Outcome::WrongPort {
        return failure;
    }
    failure.cause(tr!(
        "the old port is still in TIME-WAIT for it, so that it takes another: set SO_REUSEADDR before bind",
        "старый порт для неё ещё в TIME-WAIT, поэтому она берёт другой: установите SO_REUSEADDR до bind"
    ))
}

fn reset(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let text = scene.letters(8);
    scene.step(tr!("a reset after an exchange", "сброс после обмена"));
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)?;
    peer.reset()?;
    still_serves(scene, &mut server)?;
    scene.step(tr!(
        "a reset with an answer on its way",
        "сброс, когда ответ ещё в пути"
    ));
    let mut peer = scene.connect(&server)?;
    peer.send(text.as_bytes())?;
    peer.reset()?;
    still_serves(scene, &mut server)?;
    scene.step(tr!(
        "a reset while the server sends",
        "сброс, пока сервер отправляет"
    ));
    let peer = scene.connect(&server)?;
    send_until_full(peer.stream())?;
    peer.reset()?;
    still_serves(scene, &mut server)
}

fn exit_word(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    for word in ["exit", "exit\n"] {
        let mut peer = scene.connect(&server)?;
        peer.send(word.as_bytes())?;
        peer.half_close();
        // Answered or not: some servers take it for the end of the connection.
        let _ = peer.receive_to_end();
        peer.close();
        still_serves(scene, &mut server)?;
    }
    Ok(())
}

fn reset_others(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut others = [scene.connect(&server)?, scene.connect(&server)?];
    let mut resets = scene.connect(&server)?;
    for peer in others.iter_mut().chain([&mut resets]) {
        let text = scene.letters(8);
        scene.exchange(peer, &text)?;
    }
    resets.reset()?;
    for peer in &mut others {
        let text = scene.letters(8);
        scene.exchange(peer, &text)?;
    }
    scene.check_serves(&server)
}

fn many_clients(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peers = Vec::new();
    for _ in 0..200 {
        peers.push(scene.connect(&server)?);
    }
    scene.step(tr!(
        "all are connected; the last one first",
        "все подключены; начиная с последнего"
    ));
    for peer in peers.iter_mut().rev() {
        let text = scene.letters(8);
        scene.exchange(peer, &text)?;
    }
    Ok(())
}

fn never_reads(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut silent = scene.connect(&server)?;
    scene.step(tr!(
        "a client sends until nothing more fits, and reads nothing",
        "клиент шлёт, пока есть место, и ничего не читает"
    ));
    // The answers fill the buffers of both sockets, then the server waits, then the requests do.
    let n_bytes = send_until_full(silent.stream())?;
    scene.check_serves(&server)?;
    scene.step(tr!("it reads after all", "он всё же читает"));
    silent.half_close();
    let (received, _) = silent.receive_to_end()?;
    if received.len() == n_bytes && received.iter().all(|&byte| byte == b'A') {
        return Ok(());
    }
    let n_received = received.len();
    Err(Failure::new(tr!(
        "{n_received} of {n_bytes} bytes came back",
        "вернулось {n_received} байт из {n_bytes}"
    )))
}

/// Sends until nothing has fitted for 0.3 s; how many bytes did.
pub(crate) fn send_until_full(mut stream: &TcpStream) -> Result<usize, Failure> {
    const MOST: usize = 256 << 20;
    let portion = vec![b'a'; 64 << 10];
    let mode = |nonblocking| {
        let set = stream.set_nonblocking(nonblocking);
        set.map_err(|error| Failure::inconclusive("set mode", &error))
    };
    mode(true)?;
    let (mut n_bytes, mut progress) = (0, Instant::now());
    while progress.elapsed() < Duration::from_millis(300) {
        match stream.write(&portion) {
            Ok(n) => (n_bytes, progress) = (n_bytes + n, Instant::now()),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
        if n_bytes > MOST {
            return Err(Failure::new(tr!(
                "{n_bytes} bytes and no end: the server keeps what nobody reads",
                "{n_bytes} байт, и нет конца: сервер копит то, что никто не читает"
            )));
        }
    }
    mode(false)?;
    Ok(n_bytes)
}

fn transform(scene: &mut Scene) -> Result<(), Failure> {
    let cases = [
        ("upper", "ПРИВЕТ STRASSE ŒUVRE"),
        ("ascii", "привет STRAßE œUVRE"),
        ("none", "привет straße œuvre"),
    ];
    for (transform, expected) in cases {
        let (_program, address) =
            scene.listening(&["-a", "127.0.0.1", "-p", "0", "--transform", transform])?;
        let mut peer = scene.connect_to(address)?;
        peer.send("привет straße œuvre".as_bytes())?;
        let (received, _) = peer.receive_up_to(expected.len())?;
        if received != expected.as_bytes() {
            return Err(missing_or_wrong(expected.as_bytes(), &received));
        }
    }
    Ok(())
}

fn portions(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let text = scene.letters(5000);
    let mut peer = scene.connect(&server)?;
    scene.exchange(&mut peer, &text)?;
    for line in server
        .events()
        .iter()
        .filter(|line| line.contains("data received: "))
    {
        let number = line
            .split("data received: ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let n_bytes = number.and_then(|number| number.parse::<usize>().ok());
        expect(n_bytes.is_some_and(|n_bytes| n_bytes <= 1024), || {
            line.clone()
        })?;
    }
    Ok(())
}

fn write_deadline(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) =
        scene.listening(&["-a", "127.0.0.1", "-p", "0", "-q", "--idle-timeout", "0.5"])?;
    let silent = scene.connect_to(address)?;
    send_until_full(silent.stream())?;
    says(&mut program, "send: the client does not read")?;
    says(&mut program, "client disconnected")
}

fn events_exact(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    let client = peer.local_address()?;
    // Four bytes in, five out.
    peer.send("aŉ\n".as_bytes())?;
    peer.receive_up_to(5)?;
    peer.half_close();
    let (_, ending) = peer.receive_to_end()?;
    if ending == Ending::Reset {
        return Err(Failure::new("reset"));
    }
    server.program.interrupt()?;
    server.program.wait_for_exit(patience())?;
    let port = server.address.port();
    let expected = [
        format!("server started: {}, process ", scene.subject.program),
        format!("waiting for clients on every address of this machine, port {port}"),
        format!("client connected: {client}"),
        format!(r"data received: 4 bytes from {client}: aŉ\n"),
        format!(r"data sent: 5 bytes to {client}: AʼN\n"),
        format!("client disconnected: {client}, 4 bytes received, 5 bytes sent"),
        "server stopped".to_owned(),
    ];
    let stderr = String::from_utf8_lossy(&server.program.stderr()).into_owned();
    let events: Vec<&str> = stderr.lines().collect();
    for (wanted, event) in expected.iter().zip(&events) {
        if !event.contains(wanted.as_str()) {
            return Err(Failure::new("event").difference(wanted.as_bytes(), event.as_bytes()));
        }
    }
    expect(events.len() == expected.len(), || {
        format!("{} events", events.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_after_a_restart_is_the_doing_of_time_wait() {
        let other = Failure::with_outcome(Outcome::WrongPort, "");
        assert!(
            evades_time_wait(other)
                .cause
                .unwrap()
                .contains("SO_REUSEADDR")
        );
        assert_eq!(evades_time_wait(Failure::new("")).cause, None);
    }

    #[test]
    fn a_word_for_the_end_is_the_cause_and_not_an_interrupt() {
        let by_word = stopped_by(Some("quit"), Failure::new(""));
        assert!(by_word.cause.unwrap().contains("\"quit\" was typed"));
        assert_eq!(stopped_by(None, Failure::new("")).cause, None);
    }
}
