//! Checks of the time server and the time client.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{Datelike as _, Local, NaiveDateTime, Utc};
use common::tr;
use harness::{Ending, Failure, Outcome, Peer, wait_for};

use crate::catalog::{Check, Level};
use crate::client_scene::{
    connected, ends_in_words, press_enter, refused_connection, shown, told_in_pieces, told_nothing,
    told_reset, told_without_end,
};
use crate::needs::{FAKETIME, Need};
use crate::scene::{Scene, Server, events_are, finish, missing_or_wrong, says};
use crate::server_contract::expect;

/// The zone that a program is told to be in.
pub(crate) const ZONE: &str = "Asia/Kathmandu";

/// ctime(3): `Sun Nov  1 09:05:00 2026`, and a newline.
const CTIME: &str = "%a %b %e %H:%M:%S %Y\n";

pub(crate) const SERVER: &[Check] = &[
    Check::new(
        "time/tells-time",
        Level::Must,
        tells_time,
        "a client is told the time as ctime writes it, in ASCII, with a newline",
        "клиенту сообщается время в форме ctime, в ASCII, с переводом строки",
    )
    .task("1")
    .hint(
        "after accept, send time.ctime() and a newline, encoded as ASCII",
        "после accept отправьте time.ctime() и перевод строки, закодировав в ASCII",
    ),
    Check::new(
        "time/local",
        Level::Must,
        local,
        "it is the local time",
        "это местное время",
    )
    .task("1")
    .after("time/tells-time")
    .needs(&[Need::Zones])
    .hint(
        "ctime and localtime give local time, gmtime and utcnow do not",
        "местное время дают ctime и localtime, а не gmtime и utcnow",
    ),
    Check::new(
        "time/day-padded",
        Level::Must,
        day_padded,
        "a day of one digit is padded with a space",
        "день из одной цифры дополнен пробелом",
    )
    .task("1")
    .after("time/tells-time")
    .needs(&[Need::Faketime])
    .hint("`Sun Nov  1`: %e, not %d", "`Sun Nov  1`: %e, а не %d"),
    Check::new(
        "time/closes",
        Level::Must,
        closes,
        "it closes the connection, for nothing else says that the text is complete",
        "закрывает соединение: больше ничто не говорит, что текст закончен",
    )
    .task("1")
    .after("time/tells-time")
    .hint("close the connection after send", "закройте соединение после send"),
    Check::new(
        "time/names-client",
        Level::Must,
        names_client,
        "a line tells whom the request came from",
        "строка говорит, от кого пришёл запрос",
    )
    .task("1")
    .after("time/tells-time")
    .hint(
        "print the address that accept returns, and flush it",
        "напечатайте адрес, который вернул accept, и сбросьте буфер",
    ),
    Check::new(
        "time/serves-again",
        Level::Must,
        serves_again,
        "after one client it serves the next one",
        "после одного клиента обслуживает следующего",
    )
    .task("1")
    .after("time/tells-time")
    .hint("put accept into a loop", "поместите accept в цикл"),
    Check::new(
        "time/silent-client",
        Level::Should,
        silent_client,
        "a client that neither speaks nor leaves keeps nobody waiting",
        "клиент, который молчит и не уходит, никого не задерживает",
    )
    .after("time/serves-again")
    .hint(
        "do not recv from a client that has nothing to say: send and close",
        "не вызывайте recv: клиенту нечего сказать; отправьте время и закройте соединение",
    ),
    Check::new(
        "time/reset",
        Level::Should,
        reset,
        "a client that resets its connection does not end the server",
        "сброс соединения клиентом не завершает сервер",
    )
    .after("time/serves-again")
    .hint(
        "accept, recv and send can raise ConnectionResetError or BrokenPipeError: it ends this client only",
        "accept, recv и send могут вызвать ConnectionResetError или BrokenPipeError: это конец одного клиента",
    ),
    Check::new(
        "time/talkative-client",
        Level::Should,
        talkative_client,
        "what a client says is thrown away: it gets the time and an orderly end",
        "сказанное клиентом отбрасывается: он получает время и обычный конец потока",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "time/backlog",
        Level::Should,
        backlog,
        "the backlog is 5: while it does not accept, six clients are connected and the seventh is not",
        "очередь подключений — 5: пока accept не вызывается, шесть клиентов подключены, седьмой нет",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "time/events-exact",
        Level::Should,
        events_exact,
        "every event names the peer, in order",
        "каждое сообщение называет клиента, по порядку",
    )
    .needs(&[Need::Reference]),
];

pub(crate) const CLIENT: &[Check] = &[
    Check::new(
        "time-client/shows",
        Level::Must,
        shows,
        "it shows the time that the server tells, and ends",
        "показывает время, которое сообщил сервер, и завершается",
    )
    .task("2")
    .hint(
        "connect, recv, print",
        "вызовите connect, recv и напечатайте полученное",
    ),
    Check::new(
        "time-client/pieces",
        Level::Should,
        pieces,
        "a time that comes in pieces is shown whole",
        "время, пришедшее по частям, показано целиком",
    )
    .after("time-client/shows")
    .hint(
        "recv takes what has come, not the whole text: call it until it returns nothing",
        "recv берёт то, что пришло, а не весь текст: вызывайте его, пока он не вернёт пустоту",
    ),
    Check::new(
        "time-client/nothing",
        Level::Should,
        told_nothing,
        "a server that closes without a word is no crash",
        "сервер, закрывший соединение молча, не вызывает аварии",
    )
    .after("time-client/shows")
    .hint(
        "recv returns nothing at the end of the stream",
        "в конце потока recv возвращает пустоту",
    ),
    Check::new(
        "time-client/reset",
        Level::Should,
        told_reset,
        "a reset by the server is one clear line",
        "сброс соединения сервером — одна понятная строка",
    )
    .after("time-client/shows")
    .hint(
        "recv can raise ConnectionResetError",
        "recv может вызвать ConnectionResetError",
    ),
    Check::new(
        "time-client/refused",
        Level::Should,
        refused_connection,
        "a server that is not there is one clear line",
        "отсутствие сервера — одна понятная строка",
    )
    .after("time-client/shows")
    .hint(
        "connect can raise ConnectionRefusedError",
        "connect может вызвать ConnectionRefusedError",
    ),
    Check::new(
        "time-client/exact",
        Level::Should,
        exact,
        "stdout carries the text and nothing else, stderr every event",
        "в stdout только текст, в stderr все сообщения",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "time-client/no-end",
        Level::Should,
        no_end,
        "a server that does not close is said to, one that talks on is given up",
        "о сервере, который не закрывает соединение, сказано; говорящий без конца прерван",
    )
    .needs(&[Need::Reference]),
];

/// Connects and receives to the end: the text.
fn told(scene: &mut Scene, server: &Server) -> Result<String, Failure> {
    let mut peer = scene.connect(server)?;
    let (received, _) = peer.receive_up_to(25)?;
    as_text(&received)
}

fn as_text(received: &[u8]) -> Result<String, Failure> {
    let like = "Sun Nov  1 09:05:00 2026\n";
    if !received.is_ascii() || received.is_empty() {
        return Err(missing_or_wrong(like.as_bytes(), received));
    }
    Ok(String::from_utf8_lossy(received).into_owned())
}

/// The time that the text tells, if it is written exactly as ctime does.
fn parse(text: &str) -> Result<NaiveDateTime, Failure> {
    let now = Local::now().format(CTIME).to_string();
    let parsed = NaiveDateTime::parse_from_str(text, CTIME).ok();
    let exact = parsed.filter(|time| time.format(CTIME).to_string() == text);
    exact.ok_or_else(|| {
        let what = tr!(
            "it is not written as ctime writes a time",
            "записано не так, как это делает ctime"
        );
        Failure::new(what).difference(now.as_bytes(), text.as_bytes())
    })
}

/// Fails unless the server told a time between `before` and now.
fn is_now(
    text: &str,
    before: NaiveDateTime,
    clock: impl Fn() -> NaiveDateTime,
) -> Result<(), Failure> {
    let time = parse(text)?;
    // ctime has no fractions of a second, and time(2) tells the second of the last tick.
    let second = Duration::from_millis(1_020);
    if before - second < time && time <= clock() {
        return Ok(());
    }
    let what = tr!("that is not the time now", "это не текущее время");
    let now = clock().format(CTIME).to_string();
    Err(Failure::new(what).difference(now.as_bytes(), text.as_bytes()))
}

fn tells_time(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let clock = || Local::now().naive_local();
    let before = clock();
    let text = told(scene, &server)?;
    is_now(&text, before, clock)
}

fn local(scene: &mut Scene) -> Result<(), Failure> {
    // Hardly any machine's own zone: 5:45 east of Greenwich, all the year. By its name, which every
    // language knows.
    let mut start = scene.subject.plain.clone();
    start.environment.insert("TZ".into(), ZONE.into());
    let server = scene.server_by(&start)?;
    let clock = || Utc::now().naive_utc() + chrono::Duration::minutes(5 * 60 + 45);
    let before = clock();
    let text = told(scene, &server)?;
    is_now(&text, before, clock)
}

fn day_padded(scene: &mut Scene) -> Result<(), Failure> {
    let mut start = scene.subject.plain.clone();
    let library = FAKETIME.clone().unwrap_or_default();
    for (name, value) in [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME", "@2026-11-01 09:05:00"),
        // Only the date is another one: time-outs go on as they are.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ] {
        start.environment.insert(name.into(), value.into());
    }
    let cannot = |failure: Failure| Failure {
        outcome: Outcome::Inconclusive,
        ..failure
    };
    let server = scene.server_by(&start).map_err(cannot)?;
    let before = Local::now().naive_local();
    let text = told(scene, &server).map_err(cannot)?;
    parse(&text)?;
    let wanted = "Sun Nov  1 09:05:";
    if text.starts_with(wanted) {
        return Ok(());
    }
    let what = tr!("another date", "другая дата");
    let failure = Failure::new(what).difference(wanted.as_bytes(), text.as_bytes());
    if is_now(&text, before, || Local::now().naive_local()).is_err() {
        return Err(failure);
    }
    // A program without the C library, or with one of its own, sees the true date: from the first to
    // the ninth of a month, that one shows the same.
    let is_padded = |time: NaiveDateTime| text.starts_with(&time.format("%a %b %e").to_string());
    if before.day() < 10 && is_padded(before) {
        return Ok(());
    }
    Err(if before.day() < 10 { failure } else { cannot(failure) }.cause(tr!(
        "the program cannot be shown another date (is it linked statically?): from the first to the ninth \
         of a month the check looks at the true one",
        "программе не показать другую дату (она собрана статически?): с первого по девятое число проверка \
         смотрит на настоящую"
    )))
}

fn closes(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    let (received, _) = peer.receive_to_end()?;
    // A text of ctime(3) ends with a newline by itself, and may have got another one.
    let n_lines = as_text(&received)?.trim_end().lines().count();
    expect(n_lines == 1, || {
        tr!(
            "{n_lines} lines instead of one",
            "строк: {n_lines}, а не одна"
        )
    })
}

fn names_client(scene: &mut Scene) -> Result<(), Failure> {
    client_is_named(scene, |_, _, peer| peer.receive_up_to(25).map(drop))
}

/// Fails unless the server tells who a client is that does `talk`: by its address or its port.
///
/// Its address is one that nobody prints by chance; a program that stumbles over it, or prefers
/// names to addresses, gets a second chance with a client from localhost.
pub(crate) fn client_is_named(
    scene: &mut Scene,
    talk: impl Fn(&mut Scene, &mut Server, &mut Peer) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = server.events().len();
    let mut stranger = scene.connect_as_stranger(&server)?;
    let address = stranger.local_address()?;
    let named =
        talk(scene, &mut server, &mut stranger).and_then(|()| names(&mut server, before, address));
    drop((server, stranger));
    named.or_else(|failure| {
        let mut server = scene.server()?;
        let before = server.events().len();
        let mut peer = scene.connect(&server)?;
        talk(scene, &mut server, &mut peer)?;
        let address = peer.local_address()?;
        let names = || names_otherwise(server.events().get(before..)?, address, server.address);
        wait_for(Duration::from_secs(2), names).ok_or(failure)
    })
}

/// Waits for an event that names a client: by its host or its port.
pub(crate) fn names(
    server: &mut Server,
    before: usize,
    address: SocketAddr,
) -> Result<(), Failure> {
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let what = tr!("the client {address}", "клиент {address}");
    server.wait_for_text(before, &what, |line| {
        line.contains(&host) || line.contains(&port)
    })
}

/// Whether an event names a client from localhost by its name or its port: its address may stand
/// there for something else.
pub(crate) fn names_otherwise(
    events: &[String],
    client: SocketAddr,
    server: SocketAddr,
) -> Option<()> {
    let (port, own) = (client.port().to_string(), server.port().to_string());
    // Localhost with the server's own port is the server.
    let is_host = |line: &String| line.contains("localhost") && !line.contains(&own);
    let names = |line: &String| is_host(line) || line.contains(&port);
    events.iter().any(names).then_some(())
}

fn serves_again(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    for _ in 0..3 {
        let text = told(scene, &server)?;
        parse(&text)?;
    }
    Ok(())
}

fn silent_client(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    // Of others, each may be given some time to leave; there is room for five in the backlog.
    let n_silent = if scene.subject.is_reference { 5 } else { 2 };
    let silent: Result<Vec<_>, _> = (0..n_silent).map(|_| scene.connect(&server)).collect();
    let _silent = silent?;
    let text = told(scene, &server)?;
    parse(&text).map(drop)
}

fn reset(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    for _ in 0..3 {
        scene.connect(&server)?.reset()?;
    }
    scene.step(tr!("the next client", "следующий клиент"));
    let served = told(scene, &server).and_then(|text| parse(&text));
    server.unless_ended(served).map(drop)
}

fn talkative_client(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.send(&[b'x'; 10_000])?;
    let (received, ending) = peer.receive_to_end()?;
    parse(&as_text(&received)?)?;
    expect(ending == Ending::Closed, || "a reset".into())
}

fn backlog(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    server.program.pause()?;
    let mut waiting = Vec::new();
    for _ in 0..6 {
        waiting.push(scene.connect(&server)?);
    }
    let limit = Duration::from_millis(500);
    let seventh = std::net::TcpStream::connect_timeout(&server.address, limit);
    expect(seventh.is_err(), || "a seventh client was let in".into())?;
    scene.step("the server goes on");
    server.program.resume()?;
    for peer in &mut waiting {
        let (received, _) = peer.receive_to_end()?;
        parse(&as_text(&received)?)?;
    }
    Ok(())
}

fn events_exact(scene: &mut Scene) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    let client = peer.local_address()?;
    let (received, _) = peer.receive_to_end()?;
    let text = common::escape(&received);
    peer.close();
    says(&mut server.program, "client disconnected")?;
    server.program.interrupt()?;
    let ended = finish(&mut server.program)?;
    let wanted = [
        format!("client connected: {client}"),
        format!("data sent: 25 bytes to {client}: {text}"),
        format!("client disconnected: {client}"),
        "server stopped".to_owned(),
    ];
    let events: Vec<&str> = ended.stderr.lines().skip(2).collect();
    events_are(&events, &wanted)
}

/// A date that cannot be now.
fn some_time(scene: &mut Scene) -> String {
    let (minute, second) = (scene.random.u32(10..60), scene.random.u32(10..60));
    format!("Sun Nov  1 09:{minute}:{second} 1998\n")
}

fn shows(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let text = some_time(scene);
    peer.send(text.as_bytes())?;
    peer.close();
    shown(scene, &mut program, text.as_bytes())?;
    press_enter(&mut program);
    ends_in_words(scene, &mut program, 0)
}

fn pieces(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, peer, _listener) = connected(scene)?;
    let text = some_time(scene);
    told_in_pieces(scene, &mut program, peer, text.as_bytes())
}

fn exact(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, listener) = connected(scene)?;
    let (server, text) = (listener.address(), some_time(scene));
    peer.send(text.as_bytes())?;
    peer.close();
    let ended = finish(&mut program)?;
    expect(ended.stdout == text, || ended.stdout.clone())?;
    let wanted = [
        format!("connected to {server}"),
        format!("data received: 25 bytes from {server}"),
        format!("disconnected from {server}"),
    ];
    let events: Vec<&str> = ended.stderr.lines().collect();
    events_are(&events, &wanted)?;
    expect(ended.code() == 0, || format!("exit code {}", ended.code()))
}

fn no_end(scene: &mut Scene) -> Result<(), Failure> {
    let text = some_time(scene);
    told_without_end(scene, &text, "that is no time")
}
