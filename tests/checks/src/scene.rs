//! What a check works with: the program, the network, a record, and random texts.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use common::tr;
use fastrand::Rng;
use harness::{
    Datagram, Failure, Line, Listener, Outcome, Peer, PortBlock, Program, Transcript, UdpPeer,
    bound_udp_ports, decoded, ipv4_listening_ports, listening_ports, patience, plain_environment,
    wait_for,
};

use crate::launch;
use crate::sandbox::Sandbox;
use crate::scratch::{self, Scratch};
use crate::session::enter_its_network;
use crate::subject::{Answer, PortBy, Running, Start, Subject, Transform};

/// How long a program with a fixed port waits for the other checks that use the port.
const TURN: Duration = Duration::from_secs(120);

/// An address of loopback that no program prints unless somebody comes from there.
pub(crate) const STRANGER: Ipv4Addr = if cfg!(target_os = "linux") {
    Ipv4Addr::new(127, 0, 0, 77)
} else {
    Ipv4Addr::LOCALHOST
};

/// One run of one check.
pub struct Scene {
    /// The program under check.
    pub subject: Subject,
    /// What has happened so far.
    pub transcript: Transcript,
    /// Where random texts come from; a seed makes them come again.
    pub random: Rng,
    /// What `{host}` stands for.
    pub(crate) host: IpAddr,
    /// What keeps the program from everything but the network, if anything does.
    pub(crate) sandbox: Option<Sandbox>,
    /// Starts that are known never to come to listen, and the one of this scene that did not.
    pub(crate) mute: Vec<Start>,
    pub(crate) found_mute: Option<Start>,
    folder: Option<Scratch>,
    n_files: usize,
    n_peers: usize,
}

/// A server that listens.
pub struct Server {
    /// The process.
    pub program: Program,
    /// Where it can be reached.
    pub address: SocketAddr,
    /// The file of its events, if they go to one.
    pub log: Option<PathBuf>,
    /// Its ports: the one that it was told to use, and the nine above.
    pub ports: Option<PortBlock>,
}

/// A program that has ended.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scene {
    /// A scene for `subject` whose random texts follow from `seed`.
    pub fn new(subject: Subject, seed: u64) -> Self {
        let (transcript, random) = (Transcript::new(), Rng::with_seed(seed));
        let host = subject.host.unwrap_or(Ipv4Addr::LOCALHOST.into());
        Self {
            subject,
            transcript,
            random,
            host,
            sandbox: None,
            mute: Vec::new(),
            found_mute: None,
            folder: None,
            n_files: 0,
            n_peers: 0,
        }
    }

    /// Gives a submission a copy of its folder for this run: what it writes there, other runs do not
    /// see, nor does its author.
    ///
    /// # Errors
    /// What `failure` makes of an error of the copy.
    pub(crate) fn copy_home(&mut self, failure: fn(&io::Error) -> Failure) -> Result<(), Failure> {
        if !self.subject.is_reference && self.subject.running.is_none() {
            let copy = self.new_file("home")?;
            let copied = launch::copy_folder(&self.subject.home, &copy);
            copied.map_err(|error| failure(&error))?;
            self.subject.home = copy;
        }
        Ok(())
    }

    /// Begins a step: a failure shows all steps so far.
    pub(crate) fn step(&self, text: impl Into<String>) {
        self.transcript.step(text);
    }

    /// Starts the server in the plain way and waits until it listens.
    pub(crate) fn server(&mut self) -> Result<Server, Failure> {
        if let Some(Running::Server(address)) = self.subject.running {
            return Ok(Server {
                program: Program::elsewhere(&self.subject.program, None, &self.transcript),
                address,
                log: None,
                ports: None,
            });
        }
        let start = self.subject.plain.clone();
        self.server_by(&start)
    }

    /// Starts the server in another way and waits until it listens.
    pub(crate) fn server_by(&mut self, start: &Start) -> Result<Server, Failure> {
        let ports = self.ports_for(start)?;
        self.server_on(start, ports)
    }

    /// The ports for a start: a free block, or the one around the port that the program insists on.
    pub(crate) fn ports_for(&self, start: &Start) -> Result<Option<PortBlock>, Failure> {
        self.must_start_it()?;
        match start.port {
            PortBy::Given => PortBlock::reserve().map(Some),
            PortBy::Fixed(port) => self.fixed_port(port).map(Some),
            PortBy::Chosen => Ok(None),
        }
    }

    /// The port that stands in a source. Where an earlier start has left a connection in TIME-WAIT, a
    /// new network is there at once, the port's turn in a minute.
    fn fixed_port(&self, port: u16) -> Result<PortBlock, Failure> {
        if let Some(block) = PortBlock::take(port) {
            return Ok(block);
        }
        enter_its_network(&self.subject)?;
        PortBlock::wait_for(port, TURN)
    }

    /// Starts the server on the first port of `ports` and waits until it listens there.
    pub(crate) fn server_on(
        &mut self,
        start: &Start,
        ports: Option<PortBlock>,
    ) -> Result<Server, Failure> {
        if self.mute.contains(start) {
            return Err(Failure::with_outcome(
                Outcome::Hung,
                tr!(
                    "it listens on no port, as before",
                    "не начинает слушать порт, как и раньше"
                ),
            )
            .cause(never_listened()));
        }
        let wanted = ports.as_ref().map(|ports| ports.port(0));
        let (mut program, log) = self.start(start, wanted.unwrap_or(0))?;
        let port = wait_until_listening(&mut program, |port| {
            wanted.is_none_or(|wanted| port == wanted)
        });
        if port
            .as_ref()
            .is_err_and(|failure| failure.outcome == Outcome::Hung)
        {
            self.found_mute = Some(start.clone());
        }
        let port = port?;
        if let Some(wanted) = wanted.filter(|&wanted| wanted != port) {
            let what = tr!(
                "it listens on port {port}, not on {wanted}",
                "слушает порт {port}, а не {wanted}"
            );
            return Err(Failure::with_outcome(Outcome::WrongPort, what));
        }
        Ok(Server {
            program,
            address: (self.own_address(), port).into(),
            log,
            ports,
        })
    }

    /// Starts a program that receives datagrams, and waits until it is bound to its port.
    pub(crate) fn receiver_by(&mut self, start: &Start) -> Result<Server, Failure> {
        // The first port of a block is the test's own mark of possession: a UDP socket, too.
        self.must_start_it()?;
        let ports = match start.port {
            PortBy::Given => Some(PortBlock::reserve()?),
            PortBy::Fixed(port) => Some(self.fixed_port(port.saturating_sub(1))?),
            PortBy::Chosen => None,
        };
        let wanted = ports.as_ref().map(|ports| ports.port(1));
        let (mut program, log) = self.start(start, wanted.unwrap_or(0))?;
        let port = wait_until_bound(&mut program, wanted)?;
        Ok(Server {
            program,
            address: (self.own_address(), port).into(),
            log,
            ports,
        })
    }

    /// Starts a program and answers its prompts; `{port}`, `{host}` and `{log}` are filled in.
    pub(crate) fn start(
        &mut self,
        start: &Start,
        port: u16,
    ) -> Result<(Program, Option<PathBuf>), Failure> {
        self.start_answering(start, port, &start.answers)
    }

    /// The same with other answers than the start's own.
    pub(crate) fn start_answering(
        &mut self,
        start: &Start,
        port: u16,
        answers: &[Answer],
    ) -> Result<(Program, Option<PathBuf>), Failure> {
        self.must_start_it()?;
        let new_log = self.new_file("events.log")?;
        let host = self.host.to_string();
        let fill = |text: &str| {
            let text = text
                .replace("{port}", &port.to_string())
                .replace("{host}", &host);
            text.replace("{log}", &new_log.to_string_lossy())
        };
        let folder = self.subject.home.join(&start.folder);
        let log = start.log.as_ref().map(|log| folder.join(fill(log)));
        if let Some(old) = log.as_ref().filter(|_| !self.subject.is_reference) {
            // What an earlier start has left in the copy says nothing of this one.
            let _ = scratch::remove_file(old);
        }
        let command = launch::command(start, &folder, fill, &self.subject, self.sandbox.as_ref());
        let wrapper = self.wrapper(&folder)?;
        let name = &self.subject.program;
        let mut program = Program::start_in(name, &wrapper, command, &self.transcript)?;
        launch::answer(&mut program, answers, fill)?;
        Ok((program, log))
    }

    /// That the program is the check's to start.
    fn must_start_it(&self) -> Result<(), Failure> {
        let Some(_) = self.subject.running else {
            return Ok(());
        };
        Program::elsewhere("", None, &self.transcript).must_be_here()
    }

    /// The words of the sandbox for a program that is started in `folder`, if there is one.
    fn wrapper(&mut self, folder: &Path) -> Result<Vec<OsString>, Failure> {
        let (Some(sandbox), Some(own)) = (&self.sandbox, &self.folder) else {
            return Ok(Vec::new());
        };
        self.n_files += 1;
        let words = sandbox.wrapper(&own.files(), folder, &own.beside(self.n_files));
        words.map_err(|error| Failure::inconclusive("sandbox", &error))
    }

    /// The reference's command with other arguments. A server that would end after its first client
    /// is told to serve on: what all servers share is about those that do.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = self.plain_command(arguments);
        if self.subject.program == "hello-server" {
            command.arg("--keep");
        }
        command
    }

    /// The reference's command with these arguments and no others.
    pub(crate) fn plain_command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(&self.subject.plain.command[0]);
        command.args(&self.subject.always).args(arguments);
        plain_environment(&mut command);
        command
    }

    /// Starts the reference with other arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Program, Failure> {
        Program::start(
            &self.subject.program,
            self.command(arguments),
            &self.transcript,
        )
    }

    /// Starts the reference server with other arguments and waits for its `listening on` line.
    pub(crate) fn listening(&self, arguments: &[&str]) -> Result<(Program, SocketAddr), Failure> {
        let mut program = self.run(arguments)?;
        let address = wait_for_announcement(&mut program)?;
        Ok((program, address))
    }

    /// Runs the reference with other arguments and an empty input to its end.
    pub(crate) fn finished(&self, arguments: &[&str]) -> Result<Finished, Failure> {
        let mut program = self.run(arguments)?;
        program.end_input();
        finish(&mut program)
    }

    /// Listens for the client under check, on the port that it will use.
    pub(crate) fn listener(&mut self) -> Result<Listener, Failure> {
        let port = self.subject.plain.port.fixed().unwrap_or(0);
        if self.subject.running.is_some() {
            // From wherever the client is.
            return Listener::bind((Ipv4Addr::UNSPECIFIED, port).into(), &self.transcript);
        }
        let bound = wait_for(TURN, || self.listen(port).ok());
        bound.map_or_else(|| self.listen(port), Ok)
    }

    /// Listens on a port, 0 meaning any free one.
    pub(crate) fn listen(&self, port: u16) -> Result<Listener, Failure> {
        Listener::bind((self.own_address(), port).into(), &self.transcript)
    }

    /// Where both sides of a connection are: loopback, or the address that stands in a source.
    fn own_address(&self) -> IpAddr {
        self.subject.host.unwrap_or(Ipv4Addr::LOCALHOST.into())
    }

    /// Starts the client under check in the plain way towards `listener`.
    pub(crate) fn client(&mut self, listener: &Listener) -> Result<Program, Failure> {
        if let Some(Running::Client(port, operator)) = self.subject.running {
            operator(&tr!(
                "start the client: it should connect to port {port} of this machine",
                "запустите клиент: он должен подключиться к порту {port} этой машины"
            ));
            let name = &self.subject.program;
            return Ok(Program::elsewhere(name, Some(operator), &self.transcript));
        }
        let start = self.subject.plain.clone();
        Ok(self.start(&start, listener.address().port())?.0)
    }

    /// Connects to the server as the next client.
    pub(crate) fn connect(&mut self, server: &Server) -> Result<Peer, Failure> {
        self.connect_to(server.address)
    }

    /// Connects to an address as the next client.
    pub(crate) fn connect_to(&mut self, address: SocketAddr) -> Result<Peer, Failure> {
        self.n_peers += 1;
        let name = tr!("client {}", "клиент {}", self.n_peers);
        let peer = Peer::connect(&name, address, &self.transcript);
        peer.map_err(|failure| match self.subject.running {
            Some(_) if failure.outcome == Outcome::Fail => Failure {
                outcome: Outcome::Inconclusive,
                cause: Some(tr!(
                    "the server is not there: start it (again)",
                    "сервера нет: запустите его (снова)"
                )),
                ..failure
            },
            _ => failure,
        })
    }

    /// Connects as a client whose address nobody would print by chance, where the system has more
    /// than one on loopback.
    pub(crate) fn connect_as_stranger(&mut self, server: &Server) -> Result<Peer, Failure> {
        if !server.address.ip().is_loopback() {
            return self.connect(server);
        }
        self.n_peers += 1;
        let name = tr!("client {}", "клиент {}", self.n_peers);
        Peer::connect_from(&name, STRANGER.into(), server.address, &self.transcript)
    }

    /// A path in the scene's own folder that does not exist yet. Its name tells nothing of the random
    /// texts to come.
    pub(crate) fn new_file(&mut self, name: &str) -> Result<PathBuf, Failure> {
        let failed = |error: std::io::Error| Failure::inconclusive("temporary folder", &error);
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => Scratch::new().map_err(failed)?,
        };
        let files = self.folder.insert(folder).files();
        std::fs::create_dir_all(&files).map_err(failed)?;
        self.n_files += 1;
        Ok(files.join(format!("{}-{name}", self.n_files)))
    }

    /// Random letters a to z.
    pub(crate) fn letters(&mut self, n_bytes: usize) -> String {
        (0..n_bytes).map(|_| self.random.lowercase()).collect()
    }

    /// Random small Cyrillic letters, two bytes each.
    pub(crate) fn cyrillic(&mut self, n_letters: usize) -> String {
        (0..n_letters)
            .map(|_| self.random.char('а'..='я'))
            .collect()
    }

    /// Receives the echo of `text`, and compares.
    pub(crate) fn expect_echo(&self, peer: &mut Peer, text: &str) -> Result<(), Failure> {
        let (received, ending) = peer.receive_up_to(text.len())?;
        self.compare_echo(text, &received)
            .map_err(|failure| match ending {
                Some(_) if received.is_empty() => Failure {
                    outcome: Outcome::Fail,
                    ..failure
                }
                .cause(tr!(
                    "the connection ended without a reply",
                    "соединение завершилось без ответа"
                )),
                _ => failure,
            })
    }

    /// Whether `received` is an echo of `text`. All echoes that the task allows are of one length,
    /// as the texts of the checks have no letters that change theirs.
    pub(crate) fn compare_echo(&self, text: &str, received: &[u8]) -> Result<(), Failure> {
        let allowed = match self.subject.transform {
            Transform::Any => vec![
                text.to_owned(),
                text.to_ascii_uppercase(),
                text.to_uppercase(),
            ],
            Transform::None => vec![text.to_owned()],
            Transform::Ascii => vec![text.to_ascii_uppercase()],
            Transform::Upper => vec![text.to_uppercase()],
        };
        if allowed.iter().any(|echo| echo.as_bytes() == received) {
            return Ok(());
        }
        // Compared with the echo that it resembles most, the difference is the program's own.
        let alike = |echo: &&String| {
            echo.bytes()
                .zip(received)
                .take_while(|(a, b)| a == *b)
                .count()
        };
        let nearest = allowed.iter().max_by_key(alike).map_or(text, |echo| echo);
        Err(missing_or_wrong(nearest.as_bytes(), received))
    }

    /// Sends `text` and expects its echo.
    pub(crate) fn exchange(&self, peer: &mut Peer, text: &str) -> Result<(), Failure> {
        peer.send(text.as_bytes())?;
        self.expect_echo(peer, text)
    }

    /// Connects, exchanges a random text and leaves: a server that can do this serves.
    pub(crate) fn check_serves(&mut self, server: &Server) -> Result<(), Failure> {
        self.check_serves_at(server.address)
    }

    /// The same at an address.
    pub(crate) fn check_serves_at(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let text = self.letters(8);
        let mut peer = self.connect_to(address)?;
        self.exchange(&mut peer, &text)
    }
}

/// How many there are when no more come. Nothing tells that a program has said all: half a second
/// without a new line has to do.
pub(crate) fn at_rest(count: impl Fn() -> usize) -> usize {
    let mut last = (count(), Instant::now());
    wait_for(patience(), || {
        let now = count();
        if now != last.0 {
            last = (now, Instant::now());
        }
        (last.1.elapsed() > Duration::from_millis(500)).then_some(())
    });
    last.0
}

/// The failure of a reply that is not the one expected.
pub(crate) fn missing_or_wrong(expected: &[u8], received: &[u8]) -> Failure {
    let failure = if received.is_empty() {
        Failure::with_outcome(Outcome::Hung, tr!("nothing came", "ничего не пришло"))
    } else if expected.starts_with(received) {
        Failure::new(tr!("what came ends too early", "пришедшее обрывается"))
    } else {
        Failure::new(tr!(
            "what came differs from what is expected",
            "пришло не то, что ожидалось"
        ))
    };
    failure.difference(expected, received)
}

impl Server {
    /// The result of an attempt to be served; if it failed because the program has ended, that.
    pub(crate) fn unless_ended<T>(&mut self, served: Result<T, Failure>) -> Result<T, Failure> {
        let ended = || self.program.exit_status();
        // A program that is dying of a check's mischief may take a moment.
        if served.is_err() && wait_for(Duration::from_secs(1), ended).is_some() {
            let go_on = tr!("it should go on", "она должна продолжать работу");
            return Err(self.program.ended_instead(&go_on));
        }
        served
    }

    /// Lines of the console, or of the log file, that have appeared so far.
    pub(crate) fn events(&self) -> Vec<String> {
        match &self.log {
            None => self
                .program
                .lines()
                .into_iter()
                .map(|line| line.text)
                .collect(),
            Some(path) => {
                let bytes = scratch::read_log(path).unwrap_or_default();
                decoded(&bytes).lines().map(str::to_owned).collect()
            }
        }
    }

    /// What stands behind the last line end: no event yet, but it may show a text. Of a log file it is
    /// a line already.
    fn unfinished(&self) -> Vec<String> {
        match self.log {
            None => self.program.unfinished(),
            Some(_) => Vec::new(),
        }
    }

    /// Waits for an event after the first `before` that shows `message`.
    pub(crate) fn shows(&mut self, before: usize, message: &str) -> Result<(), Failure> {
        let what = tr!("the message {message}", "сообщение {message}");
        self.wait_for_text(before, &what, |line| line.contains(message))
    }

    /// Waits until `wanted` accepts one of the events after the first `before`, or the line that has not
    /// ended yet: what nobody prints by chance may stand there, too.
    pub(crate) fn wait_for_text(
        &mut self,
        before: usize,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let lines = |server: &Self| [server.events(), server.unfinished()].concat();
        let found = self.wait_for_any(before, lines, wanted)?;
        found.ok_or_else(|| self.says_nothing_of(what))
    }

    /// Waits until `wanted` accepts one of the `lines` after the first `before`, if it ever does.
    fn wait_for_any(
        &self,
        before: usize,
        lines: impl Fn(&Self) -> Vec<String>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<()>, Failure> {
        self.program.must_be_here()?;
        Ok(wait_for(patience(), || {
            let lines = lines(self);
            let mut new = lines.iter().skip(before);
            new.any(|line| wanted(line)).then_some(())
        }))
    }

    /// Waits until there are more than `before` events and `wanted` accepts one of the new ones.
    pub(crate) fn wait_for_event(
        &mut self,
        before: usize,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let is_wanted = |line: &str| !line.trim().is_empty() && wanted(line);
        let found = self.wait_for_any(before, Self::events, is_wanted)?;
        found.ok_or_else(|| {
            let is_new = self.events().len() > before;
            let cause = without_end(&self.unfinished()).filter(|_| !is_new);
            self.says_nothing_of(what).cause_if(cause)
        })
    }

    /// The failure of a server that does not tell what it should.
    fn says_nothing_of(&self, what: &str) -> Failure {
        let failure = Failure::new(tr!(
            "no new line tells of: {what}",
            "ни одна новая строка не сообщает: {what}"
        ));
        let is_silent = |lines: Vec<String>| lines.iter().all(|line| line.trim().is_empty());
        if !is_silent(self.events()) || !is_silent(self.unfinished()) {
            return failure;
        }
        failure.cause_if(self.logs_nothing()).cause(tr!(
            "nothing at all is printed: either there is no message, or it waits in a buffer (flush it; \
             start a C program with `stdbuf -oL`)",
            "не напечатано вообще ничего: либо сообщений нет, либо они ждут в буфере (сбрасывайте его; \
             программу на C запускайте через `stdbuf -oL`)"
        ))
    }

    /// The cause of missing events if the log file has none of the lines that the console has.
    pub(crate) fn logs_nothing(&self) -> Option<String> {
        let is_empty =
            self.log.is_some() && self.events().iter().all(|line| line.trim().is_empty());
        (is_empty && !self.program.lines().is_empty()).then(|| {
            tr!(
                "the file that `log` names is empty or not there, while the console has lines: write the \
                 events to the file, and flush each; or take `log` out of lab.toml",
                "файл, названный в `log`, пуст или отсутствует, а в консоли строки есть: пишите события \
                 в файл и сбрасывайте буфер после каждого или уберите `log` из lab.toml"
            )
        })
    }
}

/// The cause of a missing line if a text stands there that nothing has ended; a prompt is none.
pub(crate) fn without_end(unfinished: &[String]) -> Option<String> {
    let texts = unfinished.iter().map(|text| text.trim());
    let mut messages =
        texts.filter(|text| !text.is_empty() && !text.ends_with([':', '>', '?', '$']));
    let shown = common::excerpt(messages.next()?.as_bytes());
    Some(tr!(
        "what it printed has no line end, so that it is no line yet: \"{shown}\"",
        "у напечатанного нет конца строки, поэтому это ещё не строка: «{shown}»"
    ))
}

impl Finished {
    /// The exit code; -1 for the end by a signal.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }
}

/// Fails unless the events of a reference end with the texts `wanted`, one each, in order.
pub(crate) fn events_are(events: &[&str], wanted: &[String]) -> Result<(), Failure> {
    let ends = |(event, wanted): (&&str, &String)| event.ends_with(wanted.as_str());
    if events.len() == wanted.len() && events.iter().zip(wanted).all(ends) {
        return Ok(());
    }
    let (wanted, events) = (wanted.join("\n"), events.join("\n"));
    Err(Failure::new("other events").difference(wanted.as_bytes(), events.as_bytes()))
}

/// Waits for the end of a program whose input has ended.
pub(crate) fn finish(program: &mut Program) -> Result<Finished, Failure> {
    let status = program.wait_for_exit(patience())?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Finished {
        status,
        stdout: text(program.stdout()),
        stderr: text(program.stderr()),
    })
}

/// Waits for the datagram that `program` should send to `peer`.
pub(crate) fn datagram_of(program: &mut Program, peer: &UdpPeer) -> Result<Datagram, Failure> {
    const TICK: Duration = Duration::from_millis(100);
    let begun = Instant::now();
    loop {
        // It is asked before: what a program sends in the end arrives before it has ended.
        let ended = program.exit_status().is_some();
        match peer.receive_within(TICK)? {
            Some(datagram) => return Ok(datagram),
            None if ended => {
                let send = tr!("it should send", "она должна отправить сообщение");
                return Err(program.ended_instead(&send));
            }
            None if begun.elapsed() > patience() => return peer.receive(),
            None => {}
        }
    }
}

/// Waits for a line that contains `text`.
pub(crate) fn says(program: &mut Program, text: &str) -> Result<(), Failure> {
    program.wait_for_line(0, patience(), text, |line| {
        line.text.contains(text).then_some(())
    })
}

/// Waits for the line `listening on ADDR:PORT` on stdout.
pub(crate) fn wait_for_announcement(program: &mut Program) -> Result<SocketAddr, Failure> {
    program.wait_for_line(0, patience(), "listening on ADDR:PORT", announced)
}

/// The address that a line on stdout announces.
pub(crate) fn announced(line: &Line) -> Option<SocketAddr> {
    let address = line.text.strip_prefix("listening on ")?;
    address
        .parse()
        .ok()
        .filter(|_| line.source == harness::Source::Stdout)
}

/// Waits until the program listens on a port that `wanted` accepts; after a while another one will
/// do, for the caller to complain about. Where the system does not tell, the program's own line has
/// to.
pub(crate) fn wait_until_listening(
    program: &mut Program,
    wanted: impl Fn(u16) -> bool,
) -> Result<u16, Failure> {
    let found = wait_for_port(program, ipv4_listening_ports, &wanted);
    // One that listens over IPv6 alone is there, too: the connection will tell what it lacks.
    let over_ipv6 = |program: &Program| listening_ports(program.id(), &wanted)?.into_iter().next();
    found.or_else(|failure| over_ipv6(program).ok_or(failure))
}

/// The same for a program that receives datagrams.
pub(crate) fn wait_until_bound(program: &mut Program, wanted: Option<u16>) -> Result<u16, Failure> {
    let is_wanted = |port| wanted.is_none_or(|wanted| port == wanted);
    match wait_for_port(program, bound_udp_ports, is_wanted)? {
        port if is_wanted(port) => Ok(port),
        port => {
            let what = tr!(
                "it receives on port {port}, not on the one it was told",
                "принимает на порту {port}, а не на указанном"
            );
            Err(Failure::with_outcome(Outcome::WrongPort, what))
        }
    }
}

/// The ports of a process group that are wanted.
type PortsOf = fn(u32, &dyn Fn(u16) -> bool) -> Option<Vec<u16>>;

fn wait_for_port(
    program: &mut Program,
    ports: PortsOf,
    wanted: impl Fn(u16) -> bool,
) -> Result<u16, Failure> {
    if !cfg!(target_os = "linux") {
        return program.wait_for_line(0, patience(), "a listening port", |line| {
            let numbers = line.text.split(|c: char| !c.is_ascii_digit());
            numbers
                .filter_map(|number| number.parse().ok())
                .find(|&port| port > 0 && wanted(port))
        });
    }
    let id = program.id();
    let first = |wanted: &dyn Fn(u16) -> bool| ports(id, wanted)?.into_iter().next();
    let found = wait_for(patience(), || {
        let port = first(&wanted).map(Ok);
        port.or_else(|| program.exit_status().map(Err))
    });
    let other = if found.is_none() {
        first(&|_| true)
    } else {
        None
    };
    match (found, other) {
        (Some(Ok(port)), _) | (None, Some(port)) => Ok(port),
        (Some(Err(_)), _) => {
            // Its last words are worth waiting for.
            let _ = program.wait_for_exit(Duration::from_secs(1));
            let ended = program.ended_instead(&tr!("it should listen", "она должна слушать порт"));
            Err(ended.cause(never_listened()))
        }
        (None, None) => {
            let seconds = patience().as_secs();
            let what = tr!(
                "it listens on no port after {seconds} s",
                "за {seconds} с не начала слушать порт"
            );
            let failure = Failure::with_outcome(Outcome::Hung, what);
            let asks = waits_for_answer(program);
            Err(failure.cause_if(asks).cause(never_listened()))
        }
    }
}

/// That a program which goes no further has asked something.
pub(crate) fn waits_for_answer(program: &Program) -> Option<String> {
    let unfinished = program.unfinished();
    let mut texts = unfinished.iter().map(|text| text.trim());
    let prompt = common::excerpt(texts.rfind(|text| !text.is_empty())?.as_bytes());
    Some(tr!(
        "it asks \"{prompt}\" and waits: `answers` in lab.toml has no answer left for it; and what a client is to \
         send is asked after connect",
        "она спрашивает «{prompt}» и ждёт: в `answers` файла lab.toml на это нет ответа; а о том, что отправить, \
         клиент спрашивает после connect"
    ))
}

/// What is likely if a program does not even get as far as listening.
fn never_listened() -> String {
    tr!(
        "bind and listen were not reached: start it by hand with the command shown above, and look",
        "до bind и listen дело не дошло: запустите её вручную показанной выше командой и посмотрите"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::be_patient_for;

    /// A server that prints by `script`.
    fn printing(script: &str, log: Option<PathBuf>) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Server {
            program: Program::start("server", command, &Transcript::new()).unwrap(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            log,
            ports: None,
        }
    }

    /// The cause of a missing event.
    fn cause(server: &mut Server) -> String {
        be_patient_for(Duration::from_millis(500));
        let missing = server.wait_for_event(0, "the start", |_| true);
        missing.unwrap_err().cause.unwrap_or_default()
    }

    #[test]
    #[cfg(unix)]
    fn a_question_without_an_answer_is_named() {
        let mut server = printing("printf 'hello\nport: '; read port", None);
        be_patient_for(Duration::from_secs(1));
        let missing = wait_until_listening(&mut server.program, |_| true).unwrap_err();
        assert!(missing.cause.unwrap().contains("\"port:\""));
    }

    #[test]
    #[cfg(unix)]
    fn an_unfinished_line_shows_a_text_and_is_no_event() {
        let mut server = printing("printf 'one two '; sleep 9", None);
        assert!(server.shows(0, "two").is_ok());
        assert!(cause(&mut server).contains("no line end, so that it is no line yet: \"one two\""));
        let mut prompt = printing("printf 'port: '; sleep 9", None);
        assert_eq!(cause(&mut prompt), "");
        assert!(cause(&mut printing("sleep 9", None)).contains("nothing at all"));
    }

    #[test]
    #[cfg(unix)]
    fn an_empty_log_beside_a_console_with_lines_is_the_cause() {
        let log = PathBuf::from("/nowhere/events.log");
        let mut server = printing("echo started; sleep 9", Some(log));
        assert!(cause(&mut server).contains("`log` names is empty or not there"));
    }
}
