//! Checks of what a server has to survive: a crowd, a full table of file descriptors, clients that
//! dawdle, that reset, that come and go by the thousand.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use common::{is_timeout, tr};
use harness::{
    Failure, Outcome, Peer, Program, enter_network_namespace, patience, times_of_threads, wait_for,
};

use crate::catalog::{Check, Level};
use crate::echo_server::send_until_full;
use crate::needs::Need;
use crate::room;
use crate::scene::{Scene, Server, finish, wait_for_announcement};
use crate::server_contract::{
    contract, expect, one_clear_error, run_with_descriptors, with_descriptors,
};

contract! {
    ALL:
    "server/descriptors-shed", descriptors_shed,
        "without file descriptors it turns clients away, serves the others, and recovers",
        "без свободных файловых дескрипторов отказывает новым клиентам, обслуживает остальных и приходит в себя",
        Linux;
    "server/too-few-descriptors", too_few_descriptors,
        "without file descriptors to start with it says so in one clear line",
        "если файловых дескрипторов не хватает для запуска, говорит об этом одной понятной строкой", Unix;
    "server/stops-for-all", stops_for_all,
        "when it ends, those who do not read and those who do not stop sending are cut off, and it says so",
        "при завершении отключает и тех, кто не читает, и тех, кто шлёт без конца, и сообщает об этом", Unix;
    "server/slowloris", slowloris,
        "clients that never finish hold up nobody, and the silent ones are disconnected",
        "клиенты, которые никогда не заканчивают, никого не задерживают, а молчащие отключаются";
    "server/reset-loop", reset_loop,
        "2,000 clients that reset leave nothing behind",
        "2000 клиентов, сбросивших соединение, ничего после себя не оставляют", Linux;
    "server/ten-thousand", ten_thousand,
        "10,000 clients at once are served", "обслуживает 10 000 клиентов сразу", Linux, Heavy, Room;
    "server/short-connections", short_connections,
        "100,000 short connections leave nothing behind",
        "100 000 коротких соединений ничего после себя не оставляют", Linux, Heavy;
}

contract! {
    SLEEPING:
    "server/full-sleeps", full_sleeps,
        "without file descriptors it does not keep the processor busy",
        "без свободных файловых дескрипторов не занимает процессор", Linux;
    "server/idle-sleeps", idle_sleeps,
        "while nobody says anything it does not keep the processor busy",
        "пока все молчат, не занимает процессор", Linux;
}

/// How many files the server may have open where they are to run out, and how many clients come.
const FEW_FILES: u64 = 20;
const TOO_MANY: usize = 30;

/// A server all of whose file descriptors are in use.
struct Full {
    server: Server,
    inside: Vec<Peer>,
    turned_away: Vec<Peer>,
}

fn descriptors_shed(scene: &mut Scene) -> Result<(), Failure> {
    let mut full = fill(scene)?;
    scene.step("those turned away see the end");
    for peer in &mut full.turned_away {
        let (received, _) = peer.receive_to_end()?;
        expect(received.is_empty(), || "an answer to nothing".into())?;
    }
    scene.step("the others are served");
    for peer in &mut full.inside {
        scene.exchange(peer, "still here\n")?;
    }
    let complaints = complaints(&full.server.program);
    expect(complaints <= full.turned_away.len(), || {
        format!("{complaints} lines tell of it")
    })?;
    scene.step("all leave, and as many come again");
    let n_inside = full.inside.len();
    full.inside.clear();
    for _ in 0..n_inside {
        // What the last ones had may not be free yet.
        let let_in = wait_for(patience(), || match arrive(scene, &mut full.server) {
            Ok((_, false)) => None,
            arrived => Some(arrived),
        });
        let came = let_in.unwrap_or_else(|| Err(Failure::new("there is no room as before")));
        let mut peer = came?.0;
        scene.exchange(&mut peer, "hello\n")?;
        full.inside.push(peer);
    }
    Ok(())
}

fn full_sleeps(scene: &mut Scene) -> Result<(), Failure> {
    let mut full = fill(scene)?;
    sleeps(scene, &full.server, &mut full.inside[0])
}

fn idle_sleeps(scene: &mut Scene) -> Result<(), Failure> {
    let local = ["--address", "127.0.0.1", "--port", "0"];
    for more in [&[][..], &["--idle-timeout", "0"]] {
        let server = server(scene.listening(&[&local[..], more].concat())?);
        let (mut peer, _silent) = (scene.connect(&server)?, scene.connect(&server)?);
        scene.exchange(&mut peer, "hello\n")?;
        sleeps(scene, &server, &mut peer)?;
    }
    Ok(())
}

/// The server has nothing to do for a second, and does nothing; then it serves on.
fn sleeps(scene: &mut Scene, server: &Server, peer: &mut Peer) -> Result<(), Failure> {
    scene.step("nobody says anything for a second");
    let (begun, before) = (Instant::now(), wanted_to_run(&server.program)?);
    peer.receive_within(Duration::from_secs(1))?;
    let wanted = wanted_to_run(&server.program)?.saturating_sub(before);
    let elapsed = begun.elapsed();
    // On a machine that is busy elsewhere, a short pause between two attempts takes much longer.
    expect(4 * wanted < 3 * elapsed, || {
        format!("it wanted to run for {wanted:?} of {elapsed:?} in which there was nothing to do")
    })?;
    scene.exchange(peer, "hello\n")
}

fn too_few_descriptors(scene: &mut Scene) -> Result<(), Failure> {
    // The loader of libraries needs four.
    for n_descriptors in 5..20 {
        scene.step(format!("ulimit -n {n_descriptors}"));
        let mut program = run_with_descriptors(scene, n_descriptors, &[])?;
        if wait_for_announcement(&mut program).is_ok() {
            return Ok(());
        }
        one_clear_error(&finish(&mut program)?, "Too many open files (os error 24)")?;
    }
    Err(Failure::new("it needs more than any other server"))
}

fn stops_for_all(scene: &mut Scene) -> Result<(), Failure> {
    let (mut program, address) =
        scene.listening(&["--address", "127.0.0.1", "--port", "0", "-q"])?;
    let silent = scene.connect_to(address)?;
    send_until_full(silent.stream())?;
    // More of them than processors, mostly: then there is always something to receive.
    let mut eager = Vec::new();
    for _ in 0..4 {
        eager.push(scene.connect_to(address)?);
    }
    scene.step("one does not read, the others do not stop sending");
    let ended = thread::scope(|threads| {
        let mut flooded = eager.iter().map(|peer| flood(threads, peer));
        let ended = flooded.try_for_each(|flows| flows).and_then(|()| {
            program.interrupt()?;
            finish(&mut program)
        });
        // It ends the threads as well.
        program.kill();
        ended
    })?;
    let mut wanted = vec!["server stopped".to_owned()];
    for peer in eager.iter().chain([&silent]) {
        wanted.push(format!("client disconnected: {}", peer.local_address()?));
    }
    // A thread that waits in `send` may get through just then.
    if scene.subject.program != "echo-server" {
        let silent = silent.local_address()?;
        wanted.push(format!("client {silent} failed: the server has stopped"));
    }
    let missing = wanted.iter().find(|line| !ended.stderr.contains(*line));
    expect(missing.is_none() && ended.code() == 0, || {
        let (code, stderr) = (ended.code(), &ended.stderr);
        format!("exit code {code}, missing: {missing:?}: {stderr}")
    })
}

/// Sends for ever, and receives all that comes back; returns when the first answers have come.
fn flood<'scope>(
    threads: &'scope thread::Scope<'scope, '_>,
    peer: &'scope Peer,
) -> Result<(), Failure> {
    const BLOCK: usize = 16 << 10;
    let (mut requests, mut answers) = (peer.stream(), peer.stream());
    threads.spawn(move || while requests.write_all(&[b'a'; BLOCK]).is_ok() {});
    answers.read_exact(&mut [0; BLOCK]).map_err(failure)?;
    threads.spawn(move || while matches!(answers.read(&mut [0; BLOCK]), Ok(1..)) {});
    Ok(())
}

/// Starts a server with few file descriptors, and has more clients connect than it can let in.
fn fill(scene: &mut Scene) -> Result<Full, Failure> {
    let started = with_descriptors(scene, FEW_FILES, &["--backlog", "128"])?;
    let mut full = Full {
        server: server(started),
        inside: Vec::new(),
        turned_away: Vec::new(),
    };
    for _ in 0..TOO_MANY {
        let arrived = arrive(scene, &mut full.server);
        let (peer, is_let_in) = full.server.unless_ended(arrived)?;
        let place = if is_let_in {
            &mut full.inside
        } else {
            &mut full.turned_away
        };
        place.push(peer);
    }
    let (inside, outside) = (full.inside.len(), full.turned_away.len());
    expect(inside >= 5 && outside >= 5, || {
        format!("{inside} clients were let in, {outside} were not")
    })?;
    Ok(full)
}

/// The next client, and whether the server says that it has let it in or that it has not.
fn arrive(scene: &mut Scene, server: &mut Server) -> Result<(Peer, bool), Failure> {
    let before = server.program.lines().len();
    let peer = scene.connect(server)?;
    let own = peer.local_address()?;
    let let_in = format!("client connected: {own}");
    let turned_away = format!("client {own} is turned away");
    let what = format!("{let_in} | {turned_away}");
    let is_let_in = server
        .program
        .wait_for_line(before, patience(), &what, |line| {
            let says = |text: &str| line.text.ends_with(text);
            (says(&let_in) || says(&turned_away)).then(|| says(&let_in))
        })?;
    Ok((peer, is_let_in))
}

/// How many lines tell of a client that could not be let in.
fn complaints(program: &Program) -> usize {
    let lines = program.lines().into_iter().map(|line| line.text);
    lines
        .filter(|text| text.contains("too many open files") || text.contains("accept failed"))
        .count()
}

/// How many clients send a byte now and then and never a line end, and how many say nothing.
const SLOW: usize = 100;
const SILENT: usize = 20;

fn slowloris(scene: &mut Scene) -> Result<(), Failure> {
    let local = ["--address", "127.0.0.1", "--port", "0"];
    let mut patient = server(scene.listening(&local)?);
    let (mut slow, _silent) = dawdlers(scene, patient.address)?;
    for _ in 0..5 {
        scene.step("each of the slow ones sends a byte; another client is served");
        for peer in &mut slow {
            peer.send(b"a")?;
        }
        let served = scene.check_serves(&patient);
        patient.unless_ended(served)?;
    }
    drop(patient);
    scene.step("with --idle-timeout 0.5 they are disconnected when they fall silent");
    let strict = [&local[..], &["--idle-timeout", "0.5"]].concat();
    let mut strict = server(scene.listening(&strict)?);
    let (slow, silent) = dawdlers(scene, strict.address)?;
    for mut peer in slow.into_iter().chain(silent) {
        peer.receive_to_end()?;
    }
    let arrived = arrive(scene, &mut strict);
    strict.unless_ended(arrived).map(drop)
}

/// Clients that have sent one byte, and clients that have sent nothing.
fn dawdlers(scene: &mut Scene, address: SocketAddr) -> Result<(Vec<Peer>, Vec<Peer>), Failure> {
    scene.step(format!("{SLOW} clients send a byte, {SILENT} say nothing"));
    let (mut slow, mut silent) = (Vec::new(), Vec::new());
    for _ in 0..SLOW {
        let mut peer = scene.connect_to(address)?;
        peer.send(b"a")?;
        slow.push(peer);
    }
    for _ in 0..SILENT {
        silent.push(scene.connect_to(address)?);
    }
    Ok((slow, silent))
}

/// How many clients reset, and how many of them may wait to be accepted: less than the backlog.
const RESETS: usize = 2_000;
const WAITING: usize = 50;

fn reset_loop(scene: &mut Scene) -> Result<(), Failure> {
    let arguments = ["--address", "127.0.0.1", "--port", "0", "-q"];
    let mut server = server(scene.listening(&arguments)?);
    let mut resident = scene.connect(&server)?;
    scene.exchange(&mut resident, "hello\n")?;
    let before = Belongings::of(&server.program)?;
    for _ in 0..RESETS / WAITING {
        let reset = resets(scene, &server);
        server.unless_ended(reset)?;
        let served = scene.exchange(&mut resident, "hello\n");
        server.unless_ended(served)?;
    }
    before.come_back(&server.program)?;
    scene.check_serves(&server)
}

/// Some clients connect, send and reset. The last one has an answer before: then all are accepted.
fn resets(scene: &mut Scene, server: &Server) -> Result<(), Failure> {
    for _ in 1..WAITING {
        let mut peer = scene.connect(server)?;
        peer.send(b"gone\n")?;
        peer.reset()?;
    }
    let mut last = scene.connect(server)?;
    scene.exchange(&mut last, "last\n")?;
    last.reset()
}

/// How many clients there are in a crowd, and on how many threads they come.
const CROWD: usize = 10_000;
const OPENERS: usize = 2;

fn ten_thousand(scene: &mut Scene) -> Result<(), Failure> {
    room::raise_descriptor_limit()?;
    keep_apart()?;
    let crowd = CROWD.to_string();
    let mut arguments = vec!["--max-clients", &crowd, "--backlog", "4096"];
    arguments.extend(["-q", "--log-file", "/dev/null"]);
    let mut server = server(with_descriptors(scene, room::ENOUGH, &arguments)?);
    scene.step("10,000 clients connect");
    let address = server.address;
    let part = |opener| {
        let numbers = (0..CROWD / OPENERS).map(|n| opener + OPENERS * n);
        numbers
            .map(|n| member(address, n))
            .collect::<io::Result<_>>()
    };
    let came = side_by_side(OPENERS, part);
    let parts: Vec<Vec<TcpStream>> = server.unless_ended(came)?;
    let crowd: Vec<TcpStream> = parts.into_iter().flatten().collect();
    scene.step("200 of them exchange a text, and so do the first and the last");
    let sample = crowd.iter().step_by(CROWD / 200);
    let sample = sample.chain(crowd.first()).chain(crowd.last());
    let served = sample
        .enumerate()
        .try_for_each(|(n, stream)| exchange(stream, n));
    server.unless_ended(served.map_err(failure))?;
    scene.step("all leave, and another one comes");
    drop(crowd);
    let served = connect(address).and_then(|stream| exchange(&stream, CROWD));
    server.unless_ended(served.map_err(failure))
}

/// Client number `n` of a crowd. Some do not come before the server has accepted the ones before
/// them: that bounds its backlog.
fn member(server: SocketAddr, n: usize) -> io::Result<TcpStream> {
    let stream = connect(server)?;
    if n / OPENERS % WAITING == WAITING - 1 {
        exchange(&stream, n)?;
    }
    Ok(stream)
}

/// How many short connections there are before the first look at the server's memory, how many in
/// all, and on how many threads.
const FIRST_VISITS: usize = 20_000;
const VISITS: usize = 100_000;
const VISITORS: usize = 4;

/// How much memory in KiB may have gone meanwhile.
const MEMORY: u64 = 20 << 10;

fn short_connections(scene: &mut Scene) -> Result<(), Failure> {
    keep_apart()?;
    let mut arguments = vec!["--address", "0.0.0.0", "--port", "0"];
    arguments.extend(["-q", "--log-file", "/dev/null"]);
    let mut server = server(scene.listening(&arguments)?);
    let port = server.address.port();
    server.address = (Ipv4Addr::LOCALHOST, port).into();
    let mut resident = scene.connect(&server)?;
    scene.exchange(&mut resident, "hello\n")?;
    let before = Belongings::of(&server.program)?;
    let visits = |numbers: std::ops::Range<usize>| {
        side_by_side(VISITORS, |visitor| {
            let mut own = numbers.clone().skip(visitor).step_by(VISITORS);
            own.try_for_each(|n| visit(port, n))
        })
    };
    scene.step(format!("{FIRST_VISITS} short connections"));
    server.unless_ended(visits(0..FIRST_VISITS))?;
    before.come_back(&server.program)?;
    let first = memory(&server.program)?;
    scene.step(format!("and more, up to {VISITS}"));
    server.unless_ended(visits(FIRST_VISITS..VISITS))?;
    before.come_back(&server.program)?;
    let last = memory(&server.program)?;
    expect(last < first + MEMORY, || {
        format!("its memory has grown from {first} to {last} KiB")
    })?;
    scene.exchange(&mut resident, "hello\n")
}

/// Short connection number `n`: a text, the end of this half, the answer to its end.
///
/// All end in TIME-WAIT at this side for a minute, and an address has less than 30,000 ports to be
/// called from: so they call the server at several addresses.
fn visit(port: u16, n: usize) -> io::Result<()> {
    let host = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + u32::try_from(n % 8).unwrap_or(0));
    let mut stream = connect((host, port).into())?;
    let text = format!("visit {n}\n");
    stream.write_all(text.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    is_echo(&text, &answer)
}

/// Takes the check into a network of its own, where there are any: thousands of ports that are in use,
/// or in TIME-WAIT, would be in the way of others.
fn keep_apart() -> Result<(), Failure> {
    match Need::Namespace.missing_on_machine() {
        None => enter_network_namespace(),
        Some(_) => Ok(()),
    }
}

/// How long one of many clients waits for anything.
const LONGEST: Duration = Duration::from_secs(60);

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, LONGEST)?;
    stream.set_read_timeout(Some(LONGEST))?;
    Ok(stream)
}

/// Sends a text that tells of `n`, and receives its echo.
fn exchange(mut stream: &TcpStream, n: usize) -> io::Result<()> {
    let text = format!("exchange {n}\n");
    stream.write_all(text.as_bytes())?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer)?;
    is_echo(&text, &String::from_utf8_lossy(&answer))
}

fn is_echo(text: &str, answer: &str) -> io::Result<()> {
    if answer == text.to_uppercase() {
        return Ok(());
    }
    let what = format!("{answer:?} comes back for {text:?}");
    Err(io::Error::new(ErrorKind::InvalidData, what))
}

/// Does `work` on so many threads, each of which gets its number; what came of it.
fn side_by_side<T: Send>(
    n_threads: usize,
    work: impl Fn(usize) -> io::Result<T> + Sync,
) -> Result<Vec<T>, Failure> {
    let work = &work;
    thread::scope(|scope| {
        let start = |number| thread::Builder::new().spawn_scoped(scope, move || work(number));
        let started: io::Result<Vec<_>> = (0..n_threads).map(start).collect();
        let threads = started.map_err(|error| Failure::inconclusive("no thread", &error))?;
        let results = threads.into_iter().map(|thread| {
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(io::Error::other("the check panicked")))
        });
        results.map(|result| result.map_err(failure)).collect()
    })
}

/// What went wrong with one of many clients.
fn failure(error: io::Error) -> Failure {
    if is_timeout(&error) {
        let seconds = LONGEST.as_secs();
        let what = tr!(
            "nothing came for {seconds} s",
            "за {seconds} с ничего не пришло"
        );
        return Failure::with_outcome(Outcome::Hung, what);
    }
    Failure::new(tr!(
        "one of the clients failed: {error}",
        "сбой у одного из клиентов: {error}"
    ))
}

fn server((program, address): (Program, SocketAddr)) -> Server {
    Server {
        program,
        address,
        log: None,
        ports: None,
    }
}

/// What a process holds for its clients.
#[derive(Clone, Copy, Debug)]
struct Belongings {
    descriptors: usize,
    threads: usize,
}

impl Belongings {
    fn of(program: &Program) -> Result<Self, Failure> {
        let count = |folder| {
            let entries = std::fs::read_dir(format!("/proc/{}/{folder}", program.id()));
            let entries = entries.map_err(|error| Failure::inconclusive(folder, &error))?;
            Ok(entries.count())
        };
        Ok(Self {
            descriptors: count("fd")?,
            threads: count("task")?,
        })
    }

    /// Waits until a server whose clients have left holds no more than these.
    fn come_back(self, program: &Program) -> Result<(), Failure> {
        let has_no_more = || {
            let now = Self::of(program).ok()?;
            let is_back = now.descriptors <= self.descriptors && now.threads <= self.threads;
            is_back.then_some(())
        };
        let come = wait_for(patience(), has_no_more);
        come.ok_or_else(|| {
            let now =
                Self::of(program).map_or_else(|failure| failure.what, |now| format!("{now:?}"));
            Failure::new(format!("the clients have left: {self:?} before, {now} now"))
        })
    }
}

/// The memory that a process has in use, in KiB: VmRSS of proc_pid_status(5).
fn memory(program: &Program) -> Result<u64, Failure> {
    let number = room::number(&format!("/proc/{}/status", program.id()), "VmRSS:");
    number.ok_or_else(|| Failure::with_outcome(Outcome::Inconclusive, "VmRSS"))
}

/// How long the threads of a process have run or waited for a processor. It is the same on an idle
/// machine and on a busy one for a program that spins, and for one that sleeps.
fn wanted_to_run(program: &Program) -> Result<Duration, Failure> {
    let times = times_of_threads(program.id());
    let times = times.map(|(ran, waited)| ran + waited);
    times.ok_or_else(|| Failure::with_outcome(Outcome::Inconclusive, "schedstat"))
}
