//! Checks of the broadcast receiver and the broadcast sender.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use common::tr;
use harness::{
    Failure, Machine, Program, Source, Transcript, UdpPeer, enter_network_namespace, patience,
};

use crate::catalog::{Check, Level};
use crate::needs::Need;
use crate::scene::{Finished, Scene, Server, datagram_of, finish, says, wait_until_bound};
use crate::server_contract::{expect, one_clear_error, refused};

/// Loopback's own broadcast address.
const EVERYBODY: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

pub(crate) const RECEIVER: &[Check] = &[
    Check::new(
        "broadcast/shows",
        Level::Must,
        shows,
        "it shows the message of a datagram",
        "показывает сообщение из датаграммы",
    )
    .task("1")
    .hint(
        "bind a datagram socket to the port on all addresses, recvfrom, decode, print, flush",
        "привяжите сокет датаграмм к порту на всех адресах; recvfrom, decode, print, сброс буфера",
    ),
    Check::new(
        "broadcast/goes-on",
        Level::Must,
        goes_on,
        "it shows one message after the other, each on its own",
        "показывает сообщения одно за другим, каждое отдельно",
    )
    .task("1")
    .after("broadcast/shows")
    .hint("put recvfrom into a loop", "поместите recvfrom в цикл"),
    Check::new(
        "broadcast/buffer",
        Level::Must,
        buffer,
        "a message of 128 bytes is shown whole",
        "сообщение в 128 байт показано целиком",
    )
    .task("1")
    .after("broadcast/shows")
    .hint("recvfrom(128)", "recvfrom(128)"),
    Check::new(
        "broadcast/shares-port",
        Level::Must,
        shares_port,
        "two receivers share the port, and both show a broadcast",
        "два получателя делят порт, и оба показывают широковещательное сообщение",
    )
    .task("1")
    .after("broadcast/shows")
    .needs(&[Need::Linux])
    .hint(
        "set SO_REUSEADDR before bind; bind to all addresses, not to one",
        "установите SO_REUSEADDR до bind; привязывайте ко всем адресам, а не к одному",
    ),
    Check::new(
        "broadcast/cyrillic",
        Level::Should,
        cyrillic,
        "a message in Russian is shown as it is",
        "сообщение на русском языке показано как есть",
    )
    .after("broadcast/shows")
    .hint(
        "decode the datagram as UTF-8",
        "декодируйте датаграмму как UTF-8",
    ),
    Check::new(
        "broadcast/not-utf8",
        Level::Should,
        not_utf8,
        "a datagram that is not UTF-8 does not end it",
        "датаграмма не в UTF-8 не завершает получателя",
    )
    .after("broadcast/goes-on")
    .hint(
        "decode raises UnicodeDecodeError: catch it, or decode with errors=\"replace\"",
        "decode вызывает UnicodeDecodeError: перехватите её или укажите errors=\"replace\"",
    ),
    Check::new(
        "broadcast/long",
        Level::Should,
        long,
        "a datagram longer than the buffer does not end it",
        "датаграмма длиннее буфера не завершает получателя",
    )
    .after("broadcast/goes-on")
    .hint(
        "the buffer may end inside a letter: decode with errors=\"replace\"",
        "буфер может закончиться внутри буквы: декодируйте с errors=\"replace\"",
    ),
    Check::new(
        "broadcast/empty",
        Level::Should,
        empty,
        "an empty datagram does not end it",
        "пустая датаграмма не завершает получателя",
    )
    .after("broadcast/goes-on")
    .hint(
        "an empty datagram is no end of a stream: datagrams have none",
        "пустая датаграмма — не конец потока: у датаграмм его нет",
    ),
    Check::new(
        "broadcast/exact",
        Level::Should,
        exact,
        "it prints who sent what, how long it is, and where it was cut",
        "печатает, кто и что прислал, какой длины и где обрезано",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast/unicast",
        Level::Should,
        unicast,
        "of two receivers, a unicast reaches one and a broadcast both",
        "из двух получателей обычная датаграмма доходит до одного, широковещательная — до обоих",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "broadcast/one-address",
        Level::Should,
        one_address,
        "bound to one address it says that broadcasts will not come",
        "привязанный к одному адресу сообщает, что широковещательные не придут",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast/default-port",
        Level::Should,
        default_port,
        "without arguments it receives on port 8888 of all addresses",
        "без аргументов принимает на порту 8888 на всех адресах",
    )
    .needs(&[Need::Reference, Need::Namespace]),
    Check::new(
        "broadcast/stdout-closed",
        Level::Should,
        stdout_closed,
        "a closed stdout ends it quietly",
        "закрытый stdout завершает его без шума",
    )
    .needs(&[Need::Reference, Need::Unix]),
];

pub(crate) const SENDER: &[Check] = &[
    Check::new(
        "broadcast-sender/sends",
        Level::Must,
        sends,
        "every receiver on the network hears it",
        "его слышит каждый получатель в сети",
    )
    .task("2")
    .needs(&[Need::Network])
    .hint(
        "set SO_BROADCAST, then sendto the address 255.255.255.255, in Python \"<broadcast>\"",
        "установите SO_BROADCAST, затем sendto на адрес 255.255.255.255, в Python \"<broadcast>\"",
    ),
    Check::new(
        "broadcast-sender/again",
        Level::Must,
        again,
        "it sends again and again",
        "отправляет снова и снова",
    )
    .task("2")
    .after("broadcast-sender/sends")
    .needs(&[Need::Network])
    .hint(
        "put sendto into a loop, with a pause",
        "поместите sendto в цикл с паузой",
    ),
    Check::new(
        "broadcast-sender/no-flood",
        Level::Should,
        no_flood,
        "it leaves a pause between two rounds: everybody has to hear it",
        "делает паузу между отправками: слушать приходится всем",
    )
    .after("broadcast-sender/again")
    .needs(&[Need::Network])
    .hint("time.sleep(1) in the loop", "time.sleep(1) в цикле"),
    Check::new(
        "broadcast-sender/destinations",
        Level::Should,
        destinations,
        "by default it sends to 255.255.255.255 and to the broadcast address of each network",
        "по умолчанию отправляет на 255.255.255.255 и на широковещательный адрес каждой сети",
    )
    .needs(&[Need::Reference, Need::Namespace]),
    Check::new(
        "broadcast-sender/no-network",
        Level::Should,
        no_network,
        "without any network it is a clear error",
        "без сети — понятная ошибка",
    )
    .needs(&[Need::Reference, Need::Namespace]),
    Check::new(
        "broadcast-sender/comes-back",
        Level::Should,
        comes_back,
        "a network that goes down does not end it",
        "пропажа сети не завершает его",
    )
    .needs(&[Need::Reference, Need::Namespace]),
    Check::new(
        "broadcast-sender/not-allowed",
        Level::Should,
        not_allowed,
        "without SO_BROADCAST it is EACCES, with a hint",
        "без SO_BROADCAST — EACCES, с подсказкой",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "broadcast-sender/exact",
        Level::Should,
        exact_sender,
        "--to, --count, --interval and --message do what they say",
        "--to, --count, --interval и --message делают то, что обещают",
    )
    .needs(&[Need::Reference, Need::Linux]),
    Check::new(
        "broadcast-sender/interval",
        Level::Should,
        interval,
        "a second lies between two rounds, or as much as --interval says",
        "между отправками проходит секунда или столько, сколько задано ключом --interval",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast-sender/help",
        Level::Should,
        sender_help,
        "--help answers on stdout and tells the defaults",
        "--help отвечает в stdout и называет значения по умолчанию",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast-sender/language",
        Level::Should,
        languages,
        "its message speaks the language of --lang",
        "язык сообщения берётся из --lang",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast-sender/bad-arguments",
        Level::Should,
        bad_arguments,
        "a wrong command line is refused with exit code 2",
        "неверная командная строка отвергается с кодом 2",
    )
    .needs(&[Need::Reference]),
    Check::new(
        "broadcast-sender/interrupt",
        Level::Should,
        interrupt,
        "SIGINT ends it",
        "SIGINT завершает его",
    )
    .needs(&[Need::Reference, Need::Linux]),
];

/// A receiver, and the test's own sender.
fn started(scene: &mut Scene) -> Result<(Server, UdpPeer), Failure> {
    let start = scene.subject.plain.clone();
    let server = scene.receiver_by(&start)?;
    Ok((server, sender(&scene.transcript)?))
}

fn sender(transcript: &Transcript) -> Result<UdpPeer, Failure> {
    let name = tr!("sender", "отправитель");
    UdpPeer::bind(&name, (Ipv4Addr::LOCALHOST, 0), transcript)
}

/// Sends `message` and waits until a new line shows it.
fn is_shown(server: &mut Server, sender: &UdpPeer, message: &str) -> Result<(), Failure> {
    let before = server.events().len();
    sender.send_to(message.as_bytes(), server.address)?;
    shows_after(server, before, message)
}

fn shows_after(server: &mut Server, before: usize, message: &str) -> Result<(), Failure> {
    let shown = server.shows(before, message);
    server.unless_ended(shown)
}

fn shows(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    is_shown(&mut server, &sender, &scene.letters(12))
}

fn goes_on(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    let messages: Vec<String> = (0..5).map(|_| scene.letters(12)).collect();
    let before = server.events().len();
    for message in &messages {
        sender.send_to(message.as_bytes(), server.address)?;
    }
    for message in &messages {
        shows_after(&mut server, before, message)?;
    }
    Ok(())
}

fn buffer(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    is_shown(&mut server, &sender, &scene.letters(128))
}

fn shares_port(scene: &mut Scene) -> Result<(), Failure> {
    let (mut first, sender) = started(scene)?;
    let port = first.address.port();
    scene.step(tr!("a second receiver", "второй получатель"));
    let start = scene.subject.plain.clone();
    let (program, log) = scene.start(&start, port)?;
    let (address, ports) = (first.address, None);
    let mut second = Server {
        program,
        address,
        log,
        ports,
    };
    wait_until_bound(&mut second.program, Some(port))?;
    let message = scene.letters(12);
    let (before, before_second) = (first.events().len(), second.events().len());
    let everybody = (EVERYBODY, port).into();
    sender.send_to(message.as_bytes(), everybody)?;
    shows_after(&mut first, before, &message)?;
    shows_after(&mut second, before_second, &message)
}

fn cyrillic(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    let message = format!("Привет, {}", scene.cyrillic(8));
    is_shown(&mut server, &sender, &message)
}

fn not_utf8(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    for bytes in [&b"\xff\xfe"[..], b"ab\xd0", b"\x1b[2J\n\x80"] {
        sender.send_to(bytes, server.address)?;
    }
    is_shown(&mut server, &sender, &scene.letters(12))?;
    if scene.subject.is_reference {
        return says(&mut server.program, r"6 bytes, not UTF-8: \u{1b}[2J\n\x80");
    }
    Ok(())
}

fn long(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    let message = format!("a{}", scene.cyrillic(300));
    sender.send_to(message.as_bytes(), server.address)?;
    is_shown(&mut server, &sender, &scene.letters(12))
}

fn empty(scene: &mut Scene) -> Result<(), Failure> {
    let (mut server, sender) = started(scene)?;
    sender.send_to(b"", server.address)?;
    is_shown(&mut server, &sender, &scene.letters(12))
}

fn exact(scene: &mut Scene) -> Result<(), Failure> {
    let arguments = ["-a", "127.0.0.1", "-p", "0", "--buffer", "10"];
    let (mut program, address) = scene.listening(&arguments)?;
    let sender = sender(&scene.transcript)?;
    let from = sender.address()?;
    for message in ["Привет!", "hello", "1234567890", "12345678901", "", "a\nb"] {
        sender.send_to(message.as_bytes(), address)?;
    }
    says(&mut program, r"a\nb")?;
    let wanted = [
        format!("{from}, cut after 10 bytes: Приве…"),
        format!("{from}, 5 characters, 5 bytes: hello"),
        format!("{from}, 10 characters, 10 bytes: 1234567890"),
        format!("{from}, cut after 10 bytes: 1234567890…"),
        format!("{from}, 0 characters, 0 bytes: "),
        format!(r"{from}, 3 characters, 3 bytes: a\nb"),
    ];
    let stdout = String::from_utf8_lossy(&program.stdout()).into_owned();
    let lines: Vec<&str> = stdout.lines().skip(1).collect();
    expect(lines == wanted, || stdout.clone())?;
    scene.step("the default is 128 bytes");
    let (mut program, address) = scene.listening(&["-a", "127.0.0.1", "-p", "0"])?;
    sender.send_to(&[b'x'; 128], address)?;
    sender.send_to(&[b'y'; 129], address)?;
    says(&mut program, "128 characters, 128 bytes: xx")?;
    says(&mut program, "cut after 128 bytes: yy")
}

fn unicast(scene: &mut Scene) -> Result<(), Failure> {
    let (mut first, address) = scene.listening(&["-p", "0"])?;
    let port = address.port().to_string();
    let (mut second, _) = scene.listening(&["-p", &port])?;
    let sender = sender(&scene.transcript)?;
    let (one, all) = (scene.letters(12), scene.letters(12));
    let port = address.port();
    sender.send_to(one.as_bytes(), (Ipv4Addr::LOCALHOST, port).into())?;
    sender.send_to(all.as_bytes(), (EVERYBODY, port).into())?;
    says(&mut first, &all)?;
    says(&mut second, &all)?;
    // What was sent first would have come first.
    let heard = |program: &Program| program.lines().iter().any(|line| line.text.contains(&one));
    expect(heard(&first) != heard(&second), || {
        "a unicast reached both, or none".into()
    })
}

fn one_address(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, _) = scene.listening(&["-a", "127.0.0.1", "-p", "0"])?;
    says(
        &mut program,
        "only what is sent to this very address will arrive",
    )
}

fn default_port(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    let (_program, address) = scene.listening(&[])?;
    expect(
        address == SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8888)),
        || format!("it receives on {address}"),
    )
}

fn stdout_closed(scene: &mut Scene) -> Result<(), Failure> {
    let (log, port) = (
        scene.new_file("events.log")?,
        scene.ports_for(&scene.subject.plain)?,
    );
    let port = port.map_or(0, |ports| ports.port(1));
    let log_name = log.to_string_lossy().into_owned();
    let words = [
        "-a",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "--log-file",
        &log_name,
    ];
    let command = scene.command(words);
    let name = &scene.subject.program;
    let mut program = Program::start_unread(name, command, Source::Stdout, &scene.transcript)?;
    wait_until_bound(&mut program, None)?;
    let sender = sender(&scene.transcript)?;
    let address = (Ipv4Addr::LOCALHOST, port).into();
    // Again and again: the other end of the pipe goes only when the last process that inherited it
    // has started its own program.
    let ended = harness::wait_for(patience(), || {
        sender.send_to(b"hello", address).ok()?;
        program.exit_status()
    });
    expect(ended.is_some_and(|status| status.success()), || {
        format!("{ended:?}")
    })
}

/// The sender under check on one machine, and receivers on another one; or all of them on this
/// machine's loopback, which has a broadcast address as well.
struct Network {
    program: Program,
    receivers: Vec<UdpPeer>,
    /// They go with their last holder.
    _machines: Option<[Machine; 2]>,
}

impl Network {
    fn of_sender(scene: &mut Scene, n: usize) -> Result<Self, Failure> {
        let start = scene.subject.plain.clone();
        let transcript = scene.transcript.clone();
        let receiver = |number, port| {
            let name = tr!("receiver {number}", "получатель {number}");
            UdpPeer::bind_shared(&name, port, &transcript)
        };
        if Need::Namespace.missing_on_machine().is_some() {
            scene.host = Ipv4Addr::new(127, 255, 255, 255).into();
            let first = receiver(1, start.port.fixed().unwrap_or(0))?;
            let port = first.address()?.port();
            let others: Result<Vec<_>, _> = (2..=n).map(|number| receiver(number, port)).collect();
            let (program, _) = scene.start(&start, port)?;
            return Ok(Self {
                program,
                receivers: std::iter::once(first).chain(others?).collect(),
                _machines: None,
            });
        }
        scene.host = Ipv4Addr::BROADCAST.into();
        let port = start.port.fixed().unwrap_or(8888);
        let machines = Machine::pair()?;
        let receivers = (1..=n).map(|number| receiver(number, port));
        let receivers = machines[1].run(|| receivers.collect())?;
        let (program, _) = machines[0].run(|| scene.start(&start, port))?;
        Ok(Self {
            program,
            receivers,
            _machines: Some(machines),
        })
    }
}

fn sends(scene: &mut Scene) -> Result<(), Failure> {
    let mut network = Network::of_sender(scene, 2)?;
    for receiver in &network.receivers {
        datagram_of(&mut network.program, receiver)?;
    }
    Ok(())
}

fn again(scene: &mut Scene) -> Result<(), Failure> {
    let mut network = Network::of_sender(scene, 1)?;
    // More than one round has, wherever they are sent to.
    for _ in 0..3 {
        datagram_of(&mut network.program, &network.receivers[0])?;
    }
    Ok(())
}

fn no_flood(scene: &mut Scene) -> Result<(), Failure> {
    let mut network = Network::of_sender(scene, 1)?;
    let receiver = &network.receivers[0];
    datagram_of(&mut network.program, receiver)?;
    let (begun, mut n_heard) = (Instant::now(), 0);
    let second = Duration::from_secs(1);
    while begun.elapsed() < second {
        if receiver.receive_within(second / 10)?.is_some() {
            n_heard += 1;
        }
        // Two destinations, ten rounds: nobody needs to repeat himself more often.
        if n_heard > 20 {
            return Err(Failure::new(tr!(
                "more than 20 datagrams within a second",
                "больше 20 датаграмм за секунду"
            )));
        }
    }
    Ok(())
}

fn destinations(scene: &mut Scene) -> Result<(), Failure> {
    let [machine, _other] = Machine::pair()?;
    // A second network, without a broadcast address in its configuration, and with two addresses of
    // this machine; a third one on the same link, known by its neighbour's address; one of two
    // addresses, which has no broadcast; one whose link is down.
    machine.ip("link add lab0 type veth peer name lab1\n\
         link add lab2 type veth peer name lab3\n\
         address add 192.168.77.129/25 dev lab0\n\
         address add 192.168.77.130/25 dev lab0\n\
         address add 10.9.0.1 peer 10.9.0.2/24 dev lab0\n\
         address add 10.99.0.1/31 dev lab1\n\
         address add 10.6.0.1/24 dev lab2\n\
         link set lab0 up\n\
         link set lab1 up\n")?;
    let once = ["--count", "1", "-m", "x"];
    let ended = machine.run(|| scene.finished(&once))?;
    let wanted = [
        "255.255.255.255",
        "10.77.0.255",
        "192.168.77.255",
        "10.9.0.255",
    ];
    sent_to(&ended, &wanted)?;
    scene.step("without a default route");
    machine.ip("route del default\n")?;
    let ended = machine.run(|| scene.finished(&once))?;
    sent_to(&ended, &wanted[1..])?;
    let said = "sendto 255.255.255.255:8888: Network is unreachable";
    expect(ended.stderr.contains(said), || ended.stderr.clone())
}

/// The sender has sent to port 8888 of these addresses, in whatever order, and ended with 0.
fn sent_to(ended: &Finished, wanted: &[&str]) -> Result<(), Failure> {
    let events = ended.stderr.lines();
    let sent = events.filter_map(|line| line.split_once("data sent: 1 byte to "));
    let mut sent: Vec<&str> = sent.map(|(_, to)| to.trim_end_matches(":8888")).collect();
    let mut wanted = wanted.to_vec();
    sent.sort_unstable();
    wanted.sort_unstable();
    expect(sent == wanted && ended.code() == 0, || ended.stderr.clone())
}

/// A pause cannot be too short, however busy the machine is.
fn interval(scene: &mut Scene) -> Result<(), Failure> {
    let receiver = UdpPeer::bind("receiver", (Ipv4Addr::LOCALHOST, 0), &scene.transcript)?;
    let port = receiver.address()?.port().to_string();
    let to = ["--to", "127.0.0.1", "--port", &port, "--count"];
    let cases: [(&[&str], f64); 2] = [(&["2"], 1.0), (&["3", "--interval", "0.25"], 0.5)];
    for (rounds, seconds) in cases {
        let begun = Instant::now();
        scene.finished(&[&to[..], rounds].concat())?;
        let taken = begun.elapsed().as_secs_f64();
        expect(taken >= seconds, || format!("{rounds:?} took {taken} s"))?;
    }
    Ok(())
}

fn no_network(scene: &mut Scene) -> Result<(), Failure> {
    enter_network_namespace()?;
    let ended = scene.finished(&[])?;
    one_clear_error(
        &ended,
        "broadcast-sender: sendto 255.255.255.255:8888: Network is unreachable (os error 101)",
    )?;
    expect(ended.stderr.contains("\nhint: "), || ended.stderr.clone())
}

fn comes_back(scene: &mut Scene) -> Result<(), Failure> {
    let [machine, other] = Machine::pair()?;
    let receiver = other.run(|| UdpPeer::bind_shared("receiver", 8888, &scene.transcript))?;
    let mut program = machine.run(|| scene.run(&["--interval", "0.05"]))?;
    receiver.receive()?;
    scene.step("the network goes down");
    machine.ip("link set eth0 down\n")?;
    says(&mut program, "Network is unreachable")?;
    while receiver
        .receive_within(Duration::from_millis(100))?
        .is_some()
    {}
    scene.step("it comes back");
    machine.ip("link set eth0 up\nroute add default dev eth0\n")?;
    receiver.receive().map(drop)
}

fn not_allowed(scene: &mut Scene) -> Result<(), Failure> {
    let arguments = ["--to", "127.255.255.255", "--count", "1"];
    let ended = scene.finished(&[&arguments[..], &["--no-broadcast"]].concat())?;
    let wanted = "sendto 127.255.255.255:8888: Permission denied (os error 13)";
    one_clear_error(&ended, wanted)?;
    expect(ended.stderr.contains("SO_BROADCAST"), || {
        ended.stderr.clone()
    })
}

fn exact_sender(scene: &mut Scene) -> Result<(), Failure> {
    let receiver = UdpPeer::bind("receiver", (Ipv4Addr::UNSPECIFIED, 0), &scene.transcript)?;
    let port = receiver.address()?.port().to_string();
    let two = [
        "--to",
        "127.0.0.1",
        "--to",
        "127.255.255.255",
        "--port",
        &port,
    ];
    let rounds = ["--count", "3", "--interval", "0", "--message", "-эй-"];
    let ended = scene.finished(&[&two[..], &rounds].concat())?;
    expect(ended.code() == 0 && ended.stdout.is_empty(), || {
        ended.stderr.clone()
    })?;
    for _ in 0..6 {
        let datagram = receiver.receive()?;
        expect(datagram.bytes == "-эй-".as_bytes(), || {
            format!("{datagram:?}")
        })?;
    }
    let seventh = receiver.receive_within(Duration::from_millis(100))?;
    expect(seventh.is_none(), || "a fourth round".into())?;
    for to in ["127.0.0.1", "127.255.255.255"] {
        let event = format!("data sent: 6 bytes to {to}:{port}");
        let n_events = ended.stderr.matches(&event).count();
        expect(n_events == 3, || ended.stderr.clone())?;
    }
    Ok(())
}

fn languages(scene: &mut Scene) -> Result<(), Failure> {
    let receiver = UdpPeer::bind("receiver", (Ipv4Addr::LOCALHOST, 0), &scene.transcript)?;
    let port = receiver.address()?.port().to_string();
    for (lang, message) in [("en", "Who is there?"), ("ru", "Есть кто-нибудь?")] {
        let once = [
            "--to",
            "127.0.0.1",
            "--port",
            &port,
            "--count",
            "1",
            "--lang",
            lang,
        ];
        scene.finished(&once)?;
        let datagram = receiver.receive()?;
        expect(datagram.bytes == message.as_bytes(), || {
            format!("{datagram:?}")
        })?;
    }
    Ok(())
}

fn sender_help(scene: &mut Scene) -> Result<(), Failure> {
    let help = scene.finished(&["-h"])?;
    expect(help.code() == 0 && help.stderr.is_empty(), || {
        "--help is no error".into()
    })?;
    for (option, default) in [
        (
            "--to",
            "255.255.255.255 and the broadcast address of every network",
        ),
        ("--port", "8888"),
        ("--interval", "1"),
        ("--count", "until Ctrl-C"),
    ] {
        let default = format!("[default: {default}");
        let line = help.stdout.lines().find(|line| line.contains(option));
        expect(line.is_some_and(|line| line.contains(&default)), || {
            format!("{option} {default}] is missing in: {}", help.stdout)
        })?;
    }
    Ok(())
}

fn bad_arguments(scene: &mut Scene) -> Result<(), Failure> {
    refused(
        scene,
        &[
            &["--port", "0"],
            &["--port", "65536"],
            &["--to", "::1"],
            &["--to", "nowhere"],
            &["--count", "0"],
            &["--interval", "-1"],
            &["--interval", "0"],
            &["--interval", "0.001"],
            &["extra"],
        ],
    )
}

fn interrupt(scene: &mut Scene) -> Result<(), Failure> {
    let receiver = UdpPeer::bind("receiver", (Ipv4Addr::LOCALHOST, 0), &scene.transcript)?;
    let port = receiver.address()?.port().to_string();
    let mut program = scene.run(&["--to", "127.0.0.1", "--port", &port])?;
    receiver.receive()?;
    program.interrupt()?;
    finish(&mut program).map(drop)
}
