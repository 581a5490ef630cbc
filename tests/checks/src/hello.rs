//! Checks of the hello server and the hello client, in all their kinds.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use common::tr;
use harness::{
    Failure, Fate, Program, Transcript, UdpLink, UdpPeer, enter_network_namespace, patience,
};

use crate::catalog::{Check, Level};
use crate::client_scene::{accept, connected, ends_in_words, press_enter, refused_connection};
use crate::needs::Need;
use crate::scene::STRANGER;
use crate::scene::{
    Scene, Server, datagram_of, finish, missing_or_wrong, says, wait_for_announcement,
};
use crate::server_contract::{expect, one_clear_error, refused};
use crate::subject::Start;
use crate::time::{client_is_named, names, names_otherwise};

/// What the task's client says.
const HELLO: &str = "Hello, server!";

pub(crate) const SERVER: &[Check] = &[
    Check::new(
        "hello/receives",
        Level::Must,
        receives,
        "it shows who connected and what came",
        "показывает, кто подключился и что пришло",
    )
    .task("1")
    .hint(
        "print the address that accept returns, and what recv returns; flush it",
        "напечатайте адрес, который вернул accept, и то, что вернул recv; сбросьте буфер",
    ),
    Check::new(
        "hello/answers-nothing",
        Level::Must,
        answers_nothing,
        "it answers nothing and closes the connection",
        "ничего не отвечает и закрывает соединение",
    )
    .task("1")
    .after("hello/receives")
    .hint("close the connection after recv", "закройте соединение после recv"),
    Check::new(
        "hello/ends",
        Level::Must,
        ends,
        "after its client it ends",
        "после своего клиента завершается",
    )
    .task("1")
    .after("hello/receives")
    .hint("no loop around accept", "accept без цикла"),
    Check::new(
        "hello/datagram",
        Level::Must,
        datagram,
        "over UDP it shows who sent what",
        "по UDP показывает, кто и что прислал",
    )
    .task("2")
    .needs(&[Need::Datagram])
    .hint(
        "SOCK_DGRAM: bind, then recvfrom; there is neither listen nor accept",
        "SOCK_DGRAM: bind, затем recvfrom; ни listen, ни accept здесь нет",
    ),
    Check::new(
        "hello/datagram-ends",
        Level::Must,
        datagram_ends,
        "over UDP it ends after its message",
        "по UDP завершается после своего сообщения",
    )
    .task("2")
    .after("hello/datagram")
    .needs(&[Need::Datagram])
    .hint("no loop around recvfrom", "recvfrom без цикла"),
    Check::new(
        "hello/cyrillic",
        Level::Should,
        cyrillic,
        "a message in Russian is shown as it is",
        "сообщение на русском языке показано как есть",
    )
    .after("hello/receives")
    .hint("decode what recv returns as UTF-8", "декодируйте полученное от recv как UTF-8"),
    Check::new(
        "hello/kinds",
        Level::Should,
        kinds,
        "over IPv4 and IPv6, stream and datagram, it shows the sender, the length and the text",
        "по IPv4 и IPv6, потоком и датаграммами показывает отправителя, длину и текст",
    )
    .needs(&[Need::Reference, Need::Ipv6]),
    Check::new(
        "hello/both-families",
        Level::Should,
        both_families,
        "with --address :: IPv4 clients come, too, and are shown as such",
        "с --address :: приходят и клиенты IPv4 и показаны как есть",
    )
    .needs(&[Need::Reference, Need::Ipv6]),
    Check::new(
        "hello/localhost",
        Level::Should,
        localhost,
        "by default it can be reached from its own machine alone",
        "по умолчанию доступен только со своей машины",
    )
    .needs(&[Need::Reference, Need::Namespace, Need::Ipv6]),
    Check::new(
        "hello/keep",
        Level::Should,
        keep,
        "--keep serves on, and without it one that failed does not count",
        "--keep обслуживает дальше, а без него клиент со сбоем не в счёт",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "hello/keeps-open",
        Level::Should,
        keeps_open,
        "a client that keeps its side open is not waited for",
        "клиента, который не закрывает свою сторону, не ждут",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "hello/long",
        Level::Should,
        long,
        "a message of 65,536 bytes is shown whole, a longer one said to be cut",
        "сообщение в 65 536 байт показано целиком, о более длинном сказано, что оно обрезано",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "hello/silent",
        Level::Should,
        silent,
        "a client that says nothing is given up after --idle-timeout",
        "молчащего клиента отключают через --idle-timeout",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "hello/network",
        Level::Should,
        network,
        "datagrams that are lost, repeated or late are shown as they arrive",
        "потерянные, повторённые и запоздавшие датаграммы показаны так, как пришли",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "hello/conflicts",
        Level::Should,
        conflicts,
        "a family, a type and an address that do not fit are refused with exit code 2",
        "несовместимые семейство, тип и адрес отвергаются с кодом 2",
    )
    .needs(&[Need::Reference, Need::Unix]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-kinds",
        Level::Should,
        unix::kinds,
        "over Unix sockets of all three types it shows the message, and removes its file",
        "по Unix-сокетам всех трёх типов показывает сообщение и удаляет свой файл",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-refused",
        Level::Should,
        unix::refused,
        "a file that a server is bound to is refused, whatever the types, and that server not disturbed",
        "файл работающего сервера не отдаётся при любых типах, и тому серверу это не мешает",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-stale",
        Level::Should,
        unix::stale,
        "a stale file is taken over, by one of many that want it",
        "брошенный файл занимает один из многих желающих",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-file",
        Level::Should,
        unix::file,
        "it leaves a file alone that is no socket, or not its own any more",
        "не трогает файл, который не сокет или уже не его",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-messages",
        Level::Should,
        unix::messages,
        "messages of 65,536 bytes are shown whole, longer ones cut, and named senders named",
        "сообщения в 65 536 байт показаны целиком, более длинные обрезаны, отправители с именем названы",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello/unix-stops",
        Level::Should,
        unix::stops,
        "SIGINT and SIGTERM remove the file",
        "SIGINT и SIGTERM удаляют файл",
    )
    .needs(&[Need::Reference, Need::Linux]),
];

pub(crate) const CLIENT: &[Check] = &[
    Check::new(
        "hello-client/sends",
        Level::Must,
        sends,
        "it connects and sends `Hello, server!`",
        "подключается и отправляет `Hello, server!`",
    )
    .by_wire()
    .task("1")
    .hint(
        "connect, then send the encoded text",
        "вызовите connect, затем send закодированного текста",
    ),
    Check::new(
        "hello-client/ends",
        Level::Must,
        client_ends,
        "then it ends",
        "затем завершается",
    )
    .task("1")
    .after("hello-client/sends")
    .hint("close the socket after send", "закройте сокет после send"),
    Check::new(
        "hello-client/datagram",
        Level::Must,
        sends_datagram,
        "over UDP it sends `Hello, server!` and ends",
        "по UDP отправляет `Hello, server!` и завершается",
    )
    .task("2")
    .needs(&[Need::Datagram])
    .hint(
        "SOCK_DGRAM: sendto, without connect",
        "SOCK_DGRAM: sendto, без connect",
    ),
    Check::new(
        "hello-client/refused",
        Level::Should,
        refused_connection,
        "a server that is not there is one clear line",
        "отсутствие сервера — одна понятная строка",
    )
    .after("hello-client/sends")
    .hint(
        "connect can raise ConnectionRefusedError",
        "connect может вызвать ConnectionRefusedError",
    ),
    Check::new(
        "hello-client/kinds",
        Level::Should,
        client_kinds,
        "over IPv4 and IPv6 it finds localhost, and --message is what it sends",
        "по IPv4 и IPv6 находит localhost и отправляет то, что задано ключом --message",
    )
    .needs(&[Need::Reference, Need::Ipv6]),
    Check::new(
        "hello-client/lost",
        Level::Should,
        lost,
        "a datagram that is lost goes unnoticed; one that is refused does not",
        "потерянная датаграмма незаметна, отвергнутая — нет",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "hello-client/conflicts",
        Level::Should,
        client_conflicts,
        "a family, a type and a path that do not fit are refused with exit code 2",
        "несовместимые семейство, тип и путь отвергаются с кодом 2",
    )
    .needs(&[Need::Reference, Need::Unix]),
    #[cfg(unix)]
    Check::new(
        "hello-client/unix",
        Level::Should,
        unix::client,
        "over Unix sockets of all three types it sends its message",
        "по Unix-сокетам всех трёх типов отправляет своё сообщение",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello-client/unix-late",
        Level::Should,
        unix::late,
        "--ask asks for the file, and --retries waits for a server that comes late",
        "--ask спрашивает файл, а --retries дожидается опоздавшего сервера",
    )
    .needs(&[Need::Reference, Need::Linux]),
    #[cfg(unix)]
    Check::new(
        "hello-client/unix-alone",
        Level::Should,
        unix::client_alone,
        "no file, a stale file and a server of another type are clear errors",
        "нет файла, файл брошен, у сервера другой тип — понятные ошибки",
    )
    .needs(&[Need::Reference, Need::Linux]),
];

/// Sends `message` to the server and leaves; an event shows it.
fn is_shown(scene: &mut Scene, message: &str) -> Result<(), Failure> {
    let mut server = scene.server()?;
    let before = server.events().len();
    let mut peer = scene.connect(&server)?;
    peer.send(message.as_bytes())?;
    peer.half_close();
    server.shows(before, message)
}

/// The server ends by itself, without an error that nobody caught; the reference with code 0.
fn ends_by_itself(scene: &Scene, mut server: Server) -> Result<(), Failure> {
    press_enter(&mut server.program);
    ends_in_words(scene, &mut server.program, 0)
}

fn receives(scene: &mut Scene) -> Result<(), Failure> {
    let message = format!("Hello, {}", scene.letters(8));
    is_shown(scene, &message)?;
    client_is_named(scene, |_, server, peer| {
        let before = server.events().len();
        peer.send(message.as_bytes())?;
        peer.half_close();
        server.shows(before, &message)
    })
}

fn answers_nothing(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.send(HELLO.as_bytes())?;
    peer.half_close();
    let (received, _) = peer.receive_to_end()?;
    if received.is_empty() {
        return Ok(());
    }
    let what = tr!("it answers", "сервер отвечает");
    Err(Failure::new(what).difference(b"", &received))
}

fn ends(scene: &mut Scene) -> Result<(), Failure> {
    let server = scene.server()?;
    let mut peer = scene.connect(&server)?;
    peer.send(HELLO.as_bytes())?;
    peer.half_close();
    ends_by_itself(scene, server)
}

fn cyrillic(scene: &mut Scene) -> Result<(), Failure> {
    let message = format!("Привет, {}", scene.cyrillic(8));
    is_shown(scene, &message)
}

/// The UDP version of the program.
fn datagram_start(scene: &Scene) -> Result<Start, Failure> {
    let start = scene.subject.datagram.clone();
    start.ok_or_else(|| Failure::new("lab.toml: datagram"))
}

/// A UDP socket of the check on loopback, on any port.
fn udp_peer(name: String, transcript: &Transcript) -> Result<UdpPeer, Failure> {
    UdpPeer::bind(&name, (Ipv4Addr::LOCALHOST, 0), transcript)
}

/// A UDP server that was sent `message` from `own`; an event shows it.
fn sent_datagram(
    scene: &mut Scene,
    own: Ipv4Addr,
    message: &str,
) -> Result<(Server, SocketAddr), Failure> {
    let start = datagram_start(scene)?;
    let mut server = scene.receiver_by(&start)?;
    let before = server.events().len();
    let peer = UdpPeer::bind(&tr!("client", "клиент"), (own, 0), &scene.transcript)?;
    peer.send_to(message.as_bytes(), server.address)?;
    server.shows(before, message)?;
    Ok((server, peer.address()?))
}

fn datagram(scene: &mut Scene) -> Result<(), Failure> {
    let message = format!("Hello, {}", scene.letters(8));
    sent_datagram(scene, Ipv4Addr::LOCALHOST, &message)?;
    scene.step(tr!("another sender", "другой отправитель"));
    let named = sent_datagram(scene, STRANGER, &message)
        .and_then(|(mut server, stranger)| names(&mut server, 0, stranger));
    named.or_else(|failure| {
        let (server, client) = sent_datagram(scene, Ipv4Addr::LOCALHOST, &message)?;
        names_otherwise(&server.events(), client, server.address).ok_or(failure)
    })
}

fn datagram_ends(scene: &mut Scene) -> Result<(), Failure> {
    let (server, _) = sent_datagram(scene, Ipv4Addr::LOCALHOST, HELLO)?;
    ends_by_itself(scene, server)
}

fn kinds(scene: &mut Scene) -> Result<(), Failure> {
    let localhosts = [
        ("ipv4", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        ("ipv6", SocketAddr::from((Ipv6Addr::LOCALHOST, 0))),
    ];
    for (family, localhost) in localhosts {
        for kind in ["stream", "datagram"] {
            scene.step(format!("{family} {kind}"));
            let (mut program, address) =
                one_shot(scene, &["--port", "0", "--family", family, "--type", kind])?;
            let text = "Привет, сервер!\n";
            let client = if kind == "stream" {
                let mut peer = scene.connect_to(address)?;
                peer.send(text.as_bytes())?;
                peer.half_close();
                peer.local_address()?
            } else {
                let peer = UdpPeer::bind("client", localhost, &scene.transcript)?;
                peer.send_to(text.as_bytes(), address)?;
                peer.address()?
            };
            let ended = finish(&mut program)?;
            let wanted = format!(
                "listening on {address}\n{client}, 16 characters, 28 bytes: Привет, сервер!\\n\n"
            );
            expect(ended.stdout == wanted && ended.code() == 0, || {
                ended.stdout.clone()
            })?;
            expect(address.ip() == localhost.ip(), || address.to_string())?;
        }
    }
    Ok(())
}

/// Starts the reference, which ends after its first client.
fn one_shot(scene: &Scene, arguments: &[&str]) -> Result<(Program, SocketAddr), Failure> {
    let command = scene.plain_command(arguments);
    let mut program = Program::start("hello-server", command, &scene.transcript)?;
    let address = wait_for_announcement(&mut program)?;
    Ok((program, address))
}

fn both_families(scene: &mut Scene) -> Result<(), Failure> {
    for kind in ["stream", "datagram"] {
        let (mut program, address) =
            one_shot(scene, &["--address", "::", "--port", "0", "--type", kind])?;
        let localhost = (Ipv4Addr::LOCALHOST, address.port()).into();
        let client = if kind == "stream" {
            scene.connect_to(localhost)?.local_address()?
        } else {
            let peer = udp_peer("client".into(), &scene.transcript)?;
            peer.send_to(b"", localhost)?;
            peer.address()?
        };
        says(&mut program, &format!("{client}, 0 characters, 0 bytes: "))?;
    }
    Ok(())
}

fn localhost(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    for kind in ["stream", "datagram"] {
        let cases: [(&[&str], &str); 3] = [
            (&["--type", kind], "127.0.0.1:12345"),
            (&["--type", kind, "--family", "ipv6"], "[::1]:12345"),
            (&["--type", kind, "--address", "::"], "[::]:12345"),
        ];
        for (arguments, wanted) in cases {
            let (_program, address) = one_shot(scene, arguments)?;
            expect(address.to_string() == wanted, || {
                format!("{address}, not {wanted}")
            })?;
        }
    }
    Ok(())
}

fn keep(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&["--port", "0"])?;
    for text in ["one", "two", "three"] {
        let mut peer = scene.connect_to(address)?;
        peer.send(text.as_bytes())?;
        peer.close();
        says(&mut program, &format!(": {text}"))?;
    }
    scene.step("without --keep: a client that fails, then one that does not");
    let (mut program, address) = one_shot(scene, &["--port", "0"])?;
    scene.connect_to(address)?.reset()?;
    says(&mut program, "client failed: ")?;
    let mut peer = scene.connect_to(address)?;
    peer.send(b"one")?;
    peer.close();
    let ended = finish(&mut program)?;
    expect(
        ended.code() == 0 && ended.stdout.ends_with(": one\n"),
        || ended.stdout,
    )
}

fn long(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&["--port", "0"])?;
    for n_bytes in [65_536, 65_537] {
        let mut peer = scene.connect_to(address)?;
        peer.send(&vec![b'x'; n_bytes])?;
        peer.half_close();
        peer.receive_to_end()?;
    }
    says(&mut program, "65536 characters, 65536 bytes: x")?;
    says(&mut program, "cut after 65536 bytes: x")?;
    let (mut program, address) = scene.listening(&["--port", "0", "--type", "datagram"])?;
    let peer = udp_peer("client".into(), &scene.transcript)?;
    peer.send_to(&[b'x'; 65_507], address)?;
    says(&mut program, "65507 characters, 65507 bytes: x")
}

fn silent(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = scene.listening(&["--port", "0", "--idle-timeout", "0.3"])?;
    let mut silent = scene.connect_to(address)?;
    silent.receive_to_end()?;
    says(&mut program, "nothing came in time")?;
    scene.connect_to(address)?.close();
    says(&mut program, ", 0 characters, 0 bytes: ")
}

fn keeps_open(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) = one_shot(scene, &["--port", "0"])?;
    let mut peer = scene.connect_to(address)?;
    peer.send(b"still here")?;
    let (received, _) = peer.receive_to_end()?;
    expect(received.is_empty(), || "it answers".into())?;
    let ended = finish(&mut program)?;
    expect(ended.stdout.ends_with(": still here\n"), || ended.stdout)
}

fn network(scene: &mut Scene) -> Result<(), Failure> {
    use Fate::{Foreign, Hold, Lose, Pass, Repeat};
    let (mut program, address) = scene.listening(&["--port", "0", "--type", "datagram"])?;
    let fates = [Lose, Repeat, Hold, Pass, Foreign, Pass];
    let link = UdpLink::to(address, &fates, &[], &scene.transcript)?;
    let peer = udp_peer("client".into(), &scene.transcript)?;
    for text in ["lost", "twice", "late", "early", "forged", "last"] {
        peer.send_to(text.as_bytes(), link.address())?;
    }
    says(&mut program, ": last")?;
    let stdout = String::from_utf8_lossy(&program.stdout()).into_owned();
    let shown: Vec<(&str, &str)> = stdout
        .lines()
        .skip(1)
        .filter_map(|line| Some((line.split_once(',')?.0, line.rsplit_once(": ")?.1)))
        .collect();
    let texts: Vec<&str> = shown.iter().map(|(_, text)| *text).collect();
    expect(
        texts == ["twice", "twice", "early", "late", "forged", "last"],
        || format!("{texts:?}"),
    )?;
    let senders: Vec<&str> = shown.iter().map(|(sender, _)| *sender).collect();
    expect(senders[4] != senders[5] && senders[3] == senders[5], || {
        format!("{senders:?}")
    })
}

fn conflicts(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["--type", "seqpacket"],
            &["--family", "ipv6", "--type", "seqpacket"],
            &["--path", "x.sock"],
            &["--family", "ipv4", "--address", "::1"],
            &["--family", "ipv6", "--address", "127.0.0.1"],
            &["--family", "unix", "--address", "127.0.0.1"],
            &["--family", "unix", "--port", "5"],
            &["--family", "unix", "--exact-port"],
            &["--family", "appletalk"],
            &["--type", "raw"],
        ],
    )
}

/// Fails unless `received` is the task's text; a line end behind it does no harm, nor does the NUL of
/// a string of C.
fn is_hello(received: &[u8]) -> Result<(), Failure> {
    let text = received.strip_suffix(b"\0").unwrap_or(received);
    let text = text.trim_ascii_end();
    if text == HELLO.as_bytes() {
        return Ok(());
    }
    Err(missing_or_wrong(HELLO.as_bytes(), received))
}

fn sends(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    let (received, _) = peer.receive_up_to(HELLO.len())?;
    is_hello(&received).map_err(|failure| match program.exit_status() {
        Some(_) if received.is_empty() => {
            program.ended_instead(&tr!("it should send", "он должен отправить сообщение"))
        }
        _ => failure,
    })
}

fn client_ends(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, mut peer, _listener) = connected(scene)?;
    peer.receive_up_to(HELLO.len())?;
    peer.close();
    press_enter(&mut program);
    ends_in_words(scene, &mut program, 0)
}

fn sends_datagram(scene: &mut Scene) -> Result<(), Failure> {
    let start = datagram_start(scene)?;
    let port = start.port.fixed().unwrap_or(0);
    let name = tr!("server", "сервер");
    let bound = harness::wait_for(patience(), || {
        UdpPeer::bind(&name, (Ipv4Addr::LOCALHOST, port), &scene.transcript).ok()
    });
    let Some(peer) = bound else {
        let error = std::io::ErrorKind::AddrInUse.into();
        return Err(Failure::inconclusive(format!("bind port {port}"), &error));
    };
    let (mut program, _) = scene.start(&start, peer.address()?.port())?;
    let datagram = datagram_of(&mut program, &peer)?;
    is_hello(&datagram.bytes)?;
    press_enter(&mut program);
    ends_in_words(scene, &mut program, 0)
}

fn client_kinds(scene: &mut Scene) -> Result<(), Failure> {
    for host in ["localhost", "127.0.0.1"] {
        let listener = scene.listener()?;
        let port = listener.address().port().to_string();
        let mut program = scene.run(&[host, &port, "--family", "ipv4", "-m", "-да-"])?;
        let mut peer = accept(&listener, &mut program)?;
        let (received, _) = peer.receive_to_end()?;
        expect(received == "-да-".as_bytes(), || format!("{received:?}"))?;
        expect(finish(&mut program)?.code() == 0, || "exit code".into())?;
    }
    let six = UdpPeer::bind("server", (Ipv6Addr::LOCALHOST, 0), &scene.transcript)?;
    let port = six.address()?.port().to_string();
    for (host, family) in [("::1", &[][..]), ("localhost", &["--family", "ipv6"])] {
        let words = [&[host, &port, "--type", "datagram"][..], family].concat();
        let ended = scene.finished(&words)?;
        is_hello(&six.receive()?.bytes)?;
        let event = format!("data sent: 14 bytes to [::1]:{port}");
        expect(ended.stderr.contains(&event), || ended.stderr.clone())?;
    }
    let ended = scene.finished(&["::1", "--family", "ipv4"])?;
    one_clear_error(&ended, "resolve ::1: no address of this family")
}

fn lost(scene: &mut Scene) -> Result<(), Failure> {
    let server = udp_peer("server".into(), &scene.transcript)?;
    let link = UdpLink::to(server.address()?, &[Fate::Lose], &[], &scene.transcript)?;
    let port = link.address().port().to_string();
    let datagram = ["127.0.0.1", &port, "--type", "datagram"];
    let ended = scene.finished(&datagram)?;
    expect(ended.code() == 0, || ended.stderr.clone())?;
    scene.finished(&datagram)?;
    is_hello(&server.receive()?.bytes)?;
    let second = server.receive_within(Duration::from_millis(100))?;
    expect(second.is_none(), || "nothing was lost".into())?;
    scene.step("nobody at the port");
    let gone = udp_peer("gone".into(), &scene.transcript)?;
    let port = gone.address()?.port().to_string();
    drop(gone);
    let ended = scene.finished(&["127.0.0.1", &port, "--type", "datagram"])?;
    let wanted = format!("recv 127.0.0.1:{port}: Connection refused (os error 111)");
    one_clear_error(&ended, &wanted)?;
    expect(ended.stderr.contains("\nhint: "), || ended.stderr.clone())
}

fn client_conflicts(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["--type", "seqpacket"],
            &["--path", "x.sock"],
            &["--family", "unix", "somehost"],
            &["--family", "unix", "localhost", "99"],
            &["--family", "appletalk"],
        ],
    )
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io::Read;
    use std::path::{Path, PathBuf};

    use socket2::{Domain, SockAddr, Socket, Type};

    use super::{Failure, HELLO, Program, Scene, expect, finish, is_hello, one_clear_error, says};

    const KINDS: [(&str, Type); 3] = [
        ("stream", Type::STREAM),
        ("datagram", Type::DGRAM),
        ("seqpacket", Type::SEQPACKET),
    ];

    fn start(scene: &Scene, kind: &str, path: &Path) -> Result<Program, Failure> {
        let path = path.to_string_lossy();
        let words = ["--family", "unix", "--type", kind, "--path", &path];
        Program::start(
            "hello-server",
            scene.plain_command(words),
            &scene.transcript,
        )
    }

    fn started(scene: &Scene, kind: &str, path: &Path) -> Result<Program, Failure> {
        let mut program = start(scene, kind, path)?;
        says(&mut program, &format!("listening on {}", path.display()))?;
        Ok(program)
    }

    fn address(path: &Path) -> Result<SockAddr, Failure> {
        SockAddr::unix(path).map_err(|error| Failure::inconclusive("path", &error))
    }

    fn send(path: &Path, kind: Type, text: &str) -> Result<(), Failure> {
        let address = address(path)?;
        let sent = Socket::new(Domain::UNIX, kind, None).and_then(|socket| {
            socket.connect(&address)?;
            socket.send(text.as_bytes())
        });
        sent.map(drop)
            .map_err(|error| Failure::new(format!("cannot send to {}: {error}", path.display())))
    }

    fn new_path(scene: &mut Scene) -> Result<PathBuf, Failure> {
        scene.new_file("hello.sock")
    }

    /// The server gets its message, shows it, ends with 0 and leaves no file behind.
    fn serves(program: &mut Program, path: &Path, kind: Type) -> Result<(), Failure> {
        send(path, kind, "Привет!")?;
        let ended = finish(program)?;
        let shown = ended
            .stdout
            .ends_with(", 7 characters, 13 bytes: Привет!\n");
        expect(shown && ended.code() == 0, || ended.stdout.clone())?;
        expect(!path.exists(), || "the file is left behind".into())
    }

    pub(super) fn kinds(scene: &mut Scene) -> Result<(), Failure> {
        let own = format!("process {} of user ", std::process::id());
        for (name, kind) in KINDS {
            scene.step(name);
            let path = new_path(scene)?;
            let mut program = started(scene, name, &path)?;
            serves(&mut program, &path, kind)?;
            let who = if name == "datagram" {
                "a socket without a name"
            } else {
                &own
            };
            says(&mut program, who)?;
        }
        Ok(())
    }

    pub(super) fn refused(scene: &mut Scene) -> Result<(), Failure> {
        for (first, kind) in KINDS {
            let path = new_path(scene)?;
            let mut program = started(scene, first, &path)?;
            for (second, _) in KINDS {
                scene.step(format!("{second} where {first} is"));
                let ended = finish(&mut start(scene, second, &path)?)?;
                let wanted = format!(
                    "bind {}: Address already in use (os error 98)",
                    path.display()
                );
                one_clear_error(&ended, &wanted)?;
                expect(ended.stderr.contains("\nhint: "), || ended.stderr.clone())?;
            }
            serves(&mut program, &path, kind)?;
        }
        Ok(())
    }

    pub(super) fn stale(scene: &mut Scene) -> Result<(), Failure> {
        for (name, kind) in KINDS {
            let path = new_path(scene)?;
            started(scene, name, &path)?.kill();
            expect(path.exists(), || "kill -9 removes the file".into())?;
            let mut wants = Vec::new();
            for _ in 0..8 {
                wants.push(start(scene, name, &path)?);
            }
            let mut takers = Vec::new();
            for mut program in wants {
                let decided =
                    program.wait_for_line(0, harness::patience(), "a decision", |line| {
                        let listens = line.text.starts_with("listening on ");
                        (listens || line.text.contains("Address already in use")).then_some(listens)
                    })?;
                if decided {
                    takers.push(program);
                }
            }
            expect(takers.len() == 1, || {
                format!("{} servers took it", takers.len())
            })?;
            serves(&mut takers[0], &path, kind)?;
        }
        Ok(())
    }

    pub(super) fn file(scene: &mut Scene) -> Result<(), Failure> {
        scene.step("no socket");
        let path = new_path(scene)?;
        let write = |text: &str| {
            fs::write(&path, text).map_err(|error| Failure::inconclusive("write", &error))
        };
        write("precious")?;
        let ended = finish(&mut start(scene, "stream", &path)?)?;
        one_clear_error(&ended, "Address already in use")?;
        let content = fs::read_to_string(&path).unwrap_or_default();
        expect(content == "precious", || "the file was changed".into())?;
        scene.step("no folder");
        let inside = path.join("hello.sock");
        let ended = finish(&mut start(scene, "stream", &inside)?)?;
        one_clear_error(
            &ended,
            &format!("bind {}: Not a directory", inside.display()),
        )?;
        scene.step("a path that is too long");
        let long = path.with_file_name("x".repeat(200));
        let ended = finish(&mut start(scene, "stream", &long)?)?;
        one_clear_error(&ended, &format!("bind {}: ", long.display()))?;
        scene.step("a file that somebody has put in its place");
        let path = new_path(scene)?;
        let mut program = started(scene, "stream", &path)?;
        let removed = fs::remove_file(&path);
        removed.map_err(|error| Failure::inconclusive("replace the file", &error))?;
        let _other = bound(&path, Type::STREAM)?;
        program.interrupt()?;
        finish(&mut program)?;
        expect(path.exists(), || "it removed another file".into())
    }

    pub(super) fn messages(scene: &mut Scene) -> Result<(), Failure> {
        for (name, kind) in KINDS {
            for (n_bytes, wanted) in [
                (65_536, ", 65536 characters, 65536 bytes: x"),
                (65_537, ", cut after 65536 bytes: x"),
            ] {
                let path = new_path(scene)?;
                let mut program = started(scene, name, &path)?;
                send(&path, kind, &"x".repeat(n_bytes))?;
                says(&mut program, wanted)?;
            }
        }
        scene.step("a sender with a name");
        let (path, own) = (new_path(scene)?, new_path(scene)?.with_extension("a\nb"));
        let mut program = started(scene, "datagram", &path)?;
        let (server, sender) = (address(&path)?, bound(&own, Type::DGRAM)?);
        let sent = sender.send_to(b"hello", &server);
        sent.map_err(|error| Failure::inconclusive("sendto", &error))?;
        says(&mut program, r".a\nb, 5 characters, 5 bytes: hello")
    }

    pub(super) fn stops(scene: &mut Scene) -> Result<(), Failure> {
        for (name, _) in KINDS {
            for stop in [Program::interrupt, Program::terminate] {
                let path = new_path(scene)?;
                let mut program = started(scene, name, &path)?;
                stop(&program)?;
                let ended = finish(&mut program)?;
                expect(ended.code() == 0 && !path.exists(), || {
                    format!("{name}: {}", ended.stderr)
                })?;
            }
        }
        Ok(())
    }

    /// Receives what a client of the file sends.
    fn receive(socket: &Socket, kind: Type) -> std::io::Result<Vec<u8>> {
        let limit = Some(harness::patience());
        let mut buffer = vec![0; 1000];
        let n_bytes = if kind == Type::DGRAM {
            socket.set_read_timeout(limit)?;
            (&mut &*socket).read(&mut buffer)?
        } else {
            let (stream, _) = socket.accept()?;
            stream.set_read_timeout(limit)?;
            (&stream).read(&mut buffer)?
        };
        buffer.truncate(n_bytes);
        Ok(buffer)
    }

    fn bound(path: &Path, kind: Type) -> Result<Socket, Failure> {
        let address = address(path)?;
        let bound = Socket::new(Domain::UNIX, kind, None).and_then(|socket| {
            socket.bind(&address)?;
            if kind != Type::DGRAM {
                socket.listen(5)?;
            }
            Ok(socket)
        });
        bound.map_err(|error| Failure::inconclusive("bind", &error))
    }

    pub(super) fn client(scene: &mut Scene) -> Result<(), Failure> {
        for (name, kind) in KINDS {
            scene.step(name);
            let path = new_path(scene)?;
            let shown = path.to_string_lossy().into_owned();
            let socket = bound(&path, kind)?;
            let words = ["--family", "unix", "--type", name, "--path", &shown];
            let mut program = scene.run(&words)?;
            let received = receive(&socket, kind);
            is_hello(&received.map_err(|error| Failure::new(error.to_string()))?)?;
            let ended = finish(&mut program)?;
            let event = format!("data sent: {} bytes to {shown}", HELLO.len());
            expect(ended.code() == 0 && ended.stderr.contains(&event), || {
                ended.stderr.clone()
            })?;
        }
        Ok(())
    }

    pub(super) fn late(scene: &mut Scene) -> Result<(), Failure> {
        let path = new_path(scene)?;
        let shown = path.to_string_lossy().into_owned();
        let asking = ["--family", "unix", "--ask", "--retries", "20"];
        let mut program = scene.run(&asking)?;
        program.type_in(format!("{shown}\n").as_bytes())?;
        says(
            &mut program,
            &format!("connect {shown}: No such file or directory"),
        )?;
        scene.step("now the server starts");
        let socket = bound(&path, Type::STREAM)?;
        let received = receive(&socket, Type::STREAM);
        is_hello(&received.map_err(|error| Failure::new(error.to_string()))?)?;
        let ended = finish(&mut program)?;
        expect(ended.code() == 0, || ended.stderr)
    }

    pub(super) fn client_alone(scene: &mut Scene) -> Result<(), Failure> {
        for (name, kind) in KINDS {
            let path = new_path(scene)?;
            let shown = path.to_string_lossy().into_owned();
            let words = ["--family", "unix", "--type", name, "--path", &shown];
            let fails = |scene: &Scene, cause: &str, hint: &str| {
                scene.step(format!("{name}: {cause}"));
                let ended = scene.finished(&words)?;
                one_clear_error(&ended, &format!("connect {shown}: {cause}"))?;
                let has_hint = ended.stderr.contains(&format!("\nhint: {hint}"));
                expect(has_hint, || ended.stderr.clone())
            };
            fails(
                scene,
                "No such file or directory",
                "the server makes this file",
            )?;
            drop(bound(&path, kind)?);
            fails(scene, "Connection refused", "the file is left over")?;
            let removed = fs::remove_file(&path);
            removed.map_err(|error| Failure::inconclusive("remove", &error))?;
            let is_stream = kind == Type::STREAM;
            let _other = bound(&path, if is_stream { Type::DGRAM } else { Type::STREAM })?;
            fails(
                scene,
                "Protocol wrong type for socket",
                "if a server is there",
            )?;
        }
        Ok(())
    }
}
