//! A process under test: started, watched, and ended whatever happens.

use std::ffi::OsString;
use std::io::Write;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::tr;

use crate::console::{Console, Line, Printed, Reader, Source, lock};
use crate::net_facts::group_members;
use crate::prompts::Prompts;
use crate::starting::start;
use crate::wait::{starves, waited_in_vain, waits_in_vain};
use crate::{Failure, Outcome, Transcript, What, patience, wait_for};

/// How long a wrapper may take to end after the program that it was started for.
const WRAPPER: Duration = Duration::from_secs(2);

/// The process groups of all programs that run now; `None` when no more may be started.
static RUNNING: Mutex<Option<Vec<u32>>> = Mutex::new(Some(Vec::new()));

/// Kills all programs that were started and not dropped yet, and lets no more be started: for a
/// process that ends without unwinding.
pub fn end_all_programs() {
    for group in lock(&RUNNING).take().into_iter().flatten() {
        group_members(group).into_iter().for_each(kill);
        #[cfg(unix)]
        if let Some(group) = pid(group) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Remembers a program that was just started; too late, it ends at once.
fn remember(child: &mut Child) {
    match lock(&RUNNING).as_mut() {
        Some(running) => running.push(child.id()),
        None => drop(child.kill()),
    }
}

/// A running program with its own process group. Dropping it kills the whole group.
#[derive(Debug)]
pub struct Program {
    name: String,
    /// `None`: it runs elsewhere, and only its sockets are known.
    child: Option<Child>,
    /// Who is asked to do at its console what the test cannot.
    operator: Option<fn(&str)>,
    /// The child is only what the program was started with: signals are not for it.
    is_wrapped: bool,
    stdin: Arc<Mutex<Option<ChildStdin>>>,
    console: Arc<Console>,
    transcript: Transcript,
    status: Option<ExitStatus>,
}

impl Program {
    /// Starts `command` with pipes for its console; `name` is what the transcript calls it.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn start(
        name: &str,
        mut command: Command,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::start_as(name, &command_line(&command), command, transcript)
    }

    /// A program that the test has not started: on another machine, or in a debugger. Nothing is
    /// known of its console and its end. If there is an `operator`, somebody sits there and is told
    /// what to type.
    pub fn elsewhere(name: &str, operator: Option<fn(&str)>, transcript: &Transcript) -> Self {
        Self {
            name: name.into(),
            child: None,
            operator,
            is_wrapped: false,
            stdin: Arc::default(),
            console: Arc::default(),
            transcript: transcript.clone(),
            status: None,
        }
    }

    /// That the test has started it, and sees what it prints.
    ///
    /// # Errors
    /// [`Outcome::NotAttempted`] if not.
    pub fn must_be_here(&self) -> Result<(), Failure> {
        if self.child.is_some() {
            return Ok(());
        }
        let what = tr!(
            "the check needs a program that it has started itself",
            "проверке нужна программа, которую она запустила сама"
        );
        Err(Failure::with_outcome(Outcome::NotAttempted, what))
    }

    /// The same inside another program, such as a sandbox, which is started with the words `wrapper`
    /// and then those of the command, and ends as the program does; without words it is the same.
    /// Signals go to the program alone, and its environment is no more than the command says.
    ///
    /// # Errors
    /// If the wrapper cannot be started.
    pub fn start_in(
        name: &str,
        wrapper: &[OsString],
        command: Command,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        if wrapper.is_empty() {
            return Self::start(name, command, transcript);
        }
        let mut outer = wrapped(wrapper, &command);
        outer.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Self::start_as(name, &command_line(&command), outer, transcript)?;
        program.is_wrapped = true;
        Ok(program)
    }

    /// The same with one output that nobody reads any more, as behind `| head` when it has ended.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn start_unread(
        name: &str,
        mut command: Command,
        unread: Source,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        let pipe = unread_pipe().map_err(|error| Failure::inconclusive("pipe", &error))?;
        match unread {
            Source::Stdout => command.stdout(pipe).stderr(Stdio::piped()),
            Source::Stderr => command.stdout(Stdio::piped()).stderr(pipe),
        };
        Self::start_as(name, &command_line(&command), command, transcript)
    }

    fn start_as(
        name: &str,
        shown: &str,
        mut command: Command,
        transcript: &Transcript,
    ) -> Result<Self, Failure> {
        transcript.add(name, What::Note(tr!("starts: {shown}", "запуск: {shown}")));
        command.stdin(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = start(&mut command).map_err(|error| {
            Failure::new(tr!(
                "cannot start {shown}: {error}",
                "не запускается {shown}: {error}"
            ))
        })?;
        remember(&mut child);
        let console = Arc::new(Console::default());
        let stdin = Arc::new(Mutex::new(child.stdin.take()));
        let reader = |source| Reader::new(source, name, transcript, &console);
        match child.stdout.take() {
            Some(pipe) => reader(Source::Stdout).start(pipe)?,
            None => reader(Source::Stdout).start(std::io::empty())?,
        }
        match child.stderr.take() {
            Some(pipe) => reader(Source::Stderr).start(pipe)?,
            None => reader(Source::Stderr).start(std::io::empty())?,
        }
        Ok(Self {
            name: name.into(),
            child: Some(child),
            operator: None,
            is_wrapped: false,
            stdin,
            console,
            transcript: transcript.clone(),
            status: None,
        })
    }

    /// The process id, which is also the id of its process group; 0 if it runs elsewhere.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Types `text` at the program's stdin.
    ///
    /// # Errors
    /// If the program has closed its stdin, or does not read for as long as the pipe is full.
    pub fn type_in(&mut self, text: &[u8]) -> Result<(), Failure> {
        if let Some(operator) = self.operator {
            let text = common::escape(text.trim_ascii_end());
            operator(&tr!("type: {text}", "введите: {text}"));
        } else {
            self.must_be_here()?;
        }
        self.transcript.add(&self.name, What::Typed(text.to_vec()));
        if self.child.is_none() {
            return Ok(());
        }
        write_to(&self.stdin, text)
    }

    /// Types `answers` when their prompts appear: each is a pattern, alternatives with `|` between, and what is
    /// typed with its first appearance that has no answer yet.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn answer(&self, answers: Vec<(String, String)>) -> Result<(), Failure> {
        let prompts = Prompts::new(answers);
        let (name, transcript) = (self.name.clone(), self.transcript.clone());
        let (console, stdin) = (Arc::clone(&self.console), Arc::clone(&self.stdin));
        let answer = move || {
            console.answer(prompts, |text| {
                transcript.add(&name, What::Typed(text.as_bytes().to_vec()));
                write_to(&stdin, text.as_bytes()).is_ok()
            });
        };
        let spawned = thread::Builder::new().spawn(answer);
        spawned
            .map(drop)
            .map_err(|error| Failure::inconclusive("no thread", &error))
    }

    /// Types `text` from a thread of its own, then ends the input: for more than a pipe holds.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn type_in_background(&mut self, text: Vec<u8>) -> Result<(), Failure> {
        let Some(mut stdin) = lock(&self.stdin).take() else {
            return Err(Failure::new("stdin is closed already"));
        };
        // A program that stops reading is judged by what it does, not by this write.
        let write = move || drop(stdin.write_all(&text));
        let spawned = thread::Builder::new().spawn(write);
        spawned
            .map(drop)
            .map_err(|error| Failure::inconclusive("no thread", &error))
    }

    /// Ends the program's input.
    pub fn end_input(&mut self) {
        self.transcript
            .add(&self.name, What::Note(tr!("stdin ends", "конец ввода")));
        if let Some(operator) = self.operator {
            operator(&tr!(
                "end the input: Ctrl-D, in Windows Ctrl-Z and Enter",
                "закончите ввод: Ctrl-D, в Windows Ctrl-Z и Enter"
            ));
        }
        *lock(&self.stdin) = None;
    }

    /// Sends SIGINT, what Ctrl-C sends, to the program.
    ///
    /// # Errors
    /// If the program is gone, or the machine has no signals.
    pub fn interrupt(&self) -> Result<(), Failure> {
        self.signal("SIGINT")
    }

    /// Sends SIGTERM, what `kill` sends, to the program.
    ///
    /// # Errors
    /// As [`Program::interrupt`].
    pub fn terminate(&self) -> Result<(), Failure> {
        self.signal("SIGTERM")
    }

    /// Stops the program until [`Program::resume`]: it does nothing, and the kernel goes on.
    ///
    /// A signal takes its time: until all threads are seen to be stopped, one of them may still
    /// return from a system call, such as accept.
    ///
    /// # Errors
    /// As [`Program::interrupt`], and if it does not stop.
    pub fn pause(&self) -> Result<(), Failure> {
        self.signal("SIGSTOP")?;
        let all_are = || {
            let mut processes = self.signalled().into_iter();
            processes.all(are_stopped).then_some(())
        };
        let stopped = wait_for(patience(), all_are);
        stopped.ok_or_else(|| Failure::with_outcome(Outcome::Inconclusive, "SIGSTOP"))
    }

    /// Lets a program that was stopped go on.
    ///
    /// # Errors
    /// As [`Program::interrupt`].
    pub fn resume(&self) -> Result<(), Failure> {
        self.signal("SIGCONT")
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) -> Result<(), Failure> {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        self.must_be_here()?;
        self.transcript.add(&self.name, What::Note(name.into()));
        let signal = match name {
            "SIGINT" => Signal::INT,
            "SIGSTOP" => Signal::STOP,
            "SIGCONT" => Signal::CONT,
            _ => Signal::TERM,
        };
        let sent = if self.is_wrapped {
            let processes = self.signalled().into_iter();
            let mut processes = processes.filter_map(pid);
            processes.try_for_each(|process| kill_process(process, signal))
        } else {
            let group = self.child.as_ref().map(Pid::from_child);
            group.map_or(Ok(()), |group| kill_process_group(group, signal))
        };
        sent.map_err(|error| Failure::inconclusive(name, &error.into()))
    }

    /// The processes that a signal is for: the program's, without what it was started with.
    fn signalled(&self) -> Vec<u32> {
        if !self.is_wrapped {
            return vec![self.id()];
        }
        let members = group_members(self.id()).into_iter();
        members.filter(|&member| member != self.id()).collect()
    }

    #[cfg(not(unix))]
    fn signal(&self, name: &str) -> Result<(), Failure> {
        Err(Failure::inconclusive(
            name,
            &std::io::ErrorKind::Unsupported.into(),
        ))
    }

    /// Kills the program with all its children, as `kill -9` does.
    pub fn kill(&mut self) {
        self.transcript
            .add(&self.name, What::Note("SIGKILL".into()));
        self.kill_group();
    }

    fn kill_group(&mut self) {
        if !waited_in_vain().is_zero() && self.exit_status().is_none() {
            starves(starvation(&group_members(self.id())));
        }
        let inner = self.kill_inner();
        let Some(child) = &mut self.child else { return };
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(child),
            rustix::process::Signal::KILL,
        );
        let _ = child.kill();
        self.status = child.wait().ok();
        let id = child.id();
        reap(&inner);
        if let Some(running) = lock(&RUNNING).as_mut() {
            running.retain(|&running| running != id);
        }
    }

    /// Kills what runs inside a wrapper, and waits for the wrapper's own end: it comes when the last
    /// process of its PID namespace is gone, so that nothing can touch a file any more.
    fn kill_inner(&mut self) -> Vec<u32> {
        if !self.is_wrapped {
            return Vec::new();
        }
        let inner = self.signalled();
        inner.iter().for_each(|&process| kill(process));
        let deadline = Instant::now() + WRAPPER;
        while !inner.is_empty() && self.exit_status().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        inner
    }

    /// Whether the program has ended, and how.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            let child = self.child.as_mut();
            self.status = child.and_then(|child| child.try_wait().ok().flatten());
        }
        self.status
    }

    /// Waits until the program has ended and all that it printed has been read.
    ///
    /// # Errors
    /// [`Outcome::Hung`] if it goes on for longer than `patience`.
    pub fn wait_for_exit(&mut self, patience: Duration) -> Result<ExitStatus, Failure> {
        self.must_be_here()?;
        let Some(status) = wait_for(patience, || self.exit_status()) else {
            let seconds = patience.as_secs_f32();
            let what = tr!(
                "the program does not end within {seconds} s",
                "программа не завершается за {seconds} с"
            );
            return Err(Failure::with_outcome(Outcome::Hung, what));
        };
        self.transcript.add(
            &self.name,
            What::Note(tr!("ended: {status}", "завершение: {status}")),
        );
        self.wait_for_all_output();
        Ok(status)
    }

    /// Waits until what a program that has ended has printed is read. A child of it may hold the pipes
    /// open; then what is there has to do.
    fn wait_for_all_output(&self) {
        let is_all = |printed: &Printed| (printed.closed == 2).then_some(());
        let all = self.wait_for_output(Duration::from_secs(1), is_all);
        if all.is_none() && group_members(self.id()).is_empty() {
            // Nobody holds them: it is only a matter of reading.
            self.wait_for_output(patience(), is_all);
        }
    }

    /// Everything on stdout so far.
    pub fn stdout(&self) -> Vec<u8> {
        self.console.lock().stdout.clone()
    }

    /// Everything on stderr so far.
    pub fn stderr(&self) -> Vec<u8> {
        self.console.lock().stderr.clone()
    }

    /// The complete lines printed so far, of both outputs in the order in which they were read.
    pub fn lines(&self) -> Vec<Line> {
        self.console.lock().lines.clone()
    }

    /// What each output has printed behind its last line end, if anything: a prompt, or the beginning
    /// of a line.
    pub fn unfinished(&self) -> Vec<String> {
        self.console.lock().unfinished()
    }

    /// Waits for a line number `from` or later for which `wanted` answers.
    ///
    /// # Errors
    /// [`Outcome::Crashed`] if the program ends first, [`Outcome::Hung`] after `patience`; `what`
    /// says what the line would have told.
    pub fn wait_for_line<T>(
        &mut self,
        from: usize,
        patience: Duration,
        what: &str,
        mut wanted: impl FnMut(&Line) -> Option<T>,
    ) -> Result<T, Failure> {
        self.must_be_here()?;
        let mut find = |printed: &Printed| printed.lines.iter().skip(from).find_map(&mut wanted);
        let found = self.wait_for_output(patience, |printed| match find(printed) {
            None if printed.closed == 2 => Some(None),
            None => None,
            found => Some(found),
        });
        match found {
            Some(Some(found)) => Ok(found),
            Some(None) => Err(self.ended_instead(what)),
            None => {
                let seconds = patience.as_secs_f32();
                let missing = tr!(
                    "not seen within {seconds} s: {what}",
                    "за {seconds} с не видно: {what}"
                );
                Err(Failure::with_outcome(Outcome::Hung, missing))
            }
        }
    }

    /// The failure of a program that ended before it did what it should.
    pub fn ended_instead(&mut self, what: &str) -> Failure {
        let status = wait_for(Duration::from_secs(1), || self.exit_status());
        if status.is_some() {
            self.wait_for_all_output();
        }
        let status = status.map_or_else(|| "?".into(), |status| status.to_string());
        let lines = self.lines();
        let last = lines.last().map_or("", |line| line.text.as_str());
        let last = common::excerpt(last.as_bytes());
        let text = tr!(
            "{what}: the program ended instead ({status}), its last words: \"{last}\"",
            "{what}: вместо этого программа завершилась ({status}), её последние слова: «{last}»"
        );
        Failure::with_outcome(Outcome::Crashed, text)
    }

    fn wait_for_output<T>(
        &self,
        patience: Duration,
        mut find: impl FnMut(&Printed) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut printed = self.console.lock();
        loop {
            if let Some(found) = find(&printed) {
                return Some(found);
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                waits_in_vain(patience);
                return None;
            };
            let waited = self.console.changed.wait_timeout(printed, left);
            printed = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Even if the program itself has ended, a child of it may live on in the group.
        self.kill_group();
    }
}

fn write_to(stdin: &Mutex<Option<ChildStdin>>, text: &[u8]) -> Result<(), Failure> {
    let mut stdin = lock(stdin);
    let Some(stdin) = stdin.as_mut() else {
        return Err(Failure::new("stdin is closed already"));
    };
    let written = stdin.write_all(text).and_then(|()| stdin.flush());
    written.map_err(|error| {
        Failure::new(tr!(
            "the program does not read its stdin: {error}",
            "программа не читает ввод: {error}"
        ))
    })
}

/// Makes a program speak English, without colours, and without buffering where Python would.
pub fn plain_environment(command: &mut Command) {
    command
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C.UTF-8")
        .env("PYTHONUNBUFFERED", "1")
        .env("NO_COLOR", "1");
}

/// Whether all threads of a process are stopped (proc_pid_stat(5): state T).
fn are_stopped(process: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let stats = tasks.into_iter().flatten().flatten();
    let mut states = stats.map(|task| std::fs::read_to_string(task.path().join("stat")));
    states.all(|stat| stat.is_ok_and(|stat| stat.contains(") T ")))
}

/// The longest time for which one of the processes wanted to run and could not. Whoever ran for a
/// second had time enough for all that is asked of it.
fn starvation(processes: &[u32]) -> Duration {
    let of_process = |process: &u32| {
        let (ran, waited) = times_of_threads(*process)?;
        (ran < Duration::from_secs(1)).then_some(waited)
    };
    let times = processes.iter().filter_map(of_process);
    times.max().unwrap_or_default()
}

/// For how long the threads of a process together ran, and for how long they wanted to run and could
/// not: the first two numbers of /proc/PID/task/TID/schedstat, in nanoseconds. `None` where the kernel
/// does not tell.
pub fn times_of_threads(process: u32) -> Option<(Duration, Duration)> {
    let of_thread = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path().join("schedstat")).ok()?;
        let mut numbers = text.split_whitespace().map(|number| number.parse().ok());
        let (ran, waited) = (numbers.next()??, numbers.next()??);
        Some((Duration::from_nanos(ran), Duration::from_nanos(waited)))
    };
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let times = threads.flatten().filter_map(of_thread);
    times.reduce(|sum, time| (sum.0 + time.0, sum.1 + time.1))
}

#[cfg(unix)]
fn pid(process: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(process).ok()?)
}

fn kill(process: u32) {
    #[cfg(unix)]
    if let Some(process) = pid(process) {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = process;
}

/// Takes note of the end of processes that were killed and left to this one, the first of its PID
/// namespace, by their own parent's end; others are none of its children.
fn reap(processes: &[u32]) {
    #[cfg(unix)]
    for process in processes.iter().copied().filter_map(pid) {
        let _ = rustix::process::waitpid(Some(process), rustix::process::WaitOptions::empty());
    }
    #[cfg(not(unix))]
    let _ = processes;
}

/// The writing end of a pipe whose reading end is closed.
#[cfg(unix)]
fn unread_pipe() -> std::io::Result<Stdio> {
    let (_, pipe) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    Ok(pipe.into())
}

#[cfg(not(unix))]
fn unread_pipe() -> std::io::Result<Stdio> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// `command`, started by the words of `wrapper`. Its environment is set by env(1) inside: it is the
/// program's choice what `LD_PRELOAD` or `PATH` say, and the wrapper must not heed it.
fn wrapped(wrapper: &[OsString], command: &Command) -> Command {
    let mut outer = Command::new(&wrapper[0]);
    outer.args(&wrapper[1..]).args(["env", "-i"]);
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let mut word = name.to_owned();
            word.push("=");
            word.push(value);
            outer.arg(word);
        }
    }
    outer.arg(command.get_program()).args(command.get_args());
    let path = std::env::var_os("PATH");
    outer.env_clear().envs(path.map(|path| ("PATH", path)));
    outer
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| common::escape(word.to_string_lossy().as_bytes()))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Program::start("sh", command, &Transcript::new()).unwrap()
    }

    #[test]
    fn sees_lines_and_the_exit_code() {
        let mut program = shell("echo one; echo two >&2; exit 3");
        assert_eq!(program.wait_for_exit(patience()).unwrap().code(), Some(3));
        assert_eq!(
            (program.stdout(), program.stderr()),
            (b"one\n".to_vec(), b"two\n".to_vec())
        );
        assert_eq!(program.lines().len(), 2);
    }

    #[test]
    fn a_line_that_never_comes_is_told_from_a_program_that_ended() {
        let mut hangs = shell("echo ready; read line");
        let wait = |program: &mut Program| {
            let patience = Duration::from_millis(200);
            program
                .wait_for_line(0, patience, "end", |line| {
                    (line.text == "end").then_some(())
                })
                .unwrap_err()
                .outcome
        };
        assert_eq!(wait(&mut hangs), Outcome::Hung);
        let mut ends = shell("echo sorry");
        ends.wait_for_exit(patience()).unwrap();
        assert_eq!(wait(&mut ends), Outcome::Crashed);
    }

    #[test]
    fn it_does_so_even_where_this_process_ignores_it() {
        // A shell puts this into the background, with SIGINT ignored, and it starts a program.
        let again = std::env::current_exe().unwrap();
        let mut command = Command::new("sh");
        let script = "trap '' INT; exec \"$0\" --exact program::tests::a_program_heeds_ctrl_c";
        command.args(["-c", script]).arg(again);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }

    #[test]
    fn a_program_heeds_ctrl_c() {
        let mut program = shell("echo ready; exec sleep 1000");
        let ready = |line: &Line| (line.text == "ready").then_some(());
        program
            .wait_for_line(0, patience(), "ready", ready)
            .unwrap();
        program.interrupt().unwrap();
        program.wait_for_exit(patience()).unwrap();
    }

    #[test]
    fn dropping_it_kills_its_children_as_well() {
        let mut program = shell("sleep 1000 & echo $!; wait");
        let child = program
            .wait_for_line(0, patience(), "pid", |line| line.text.parse::<i32>().ok())
            .unwrap();
        drop(program);
        let child = rustix::process::Pid::from_raw(child).unwrap();
        let gone = || {
            rustix::process::test_kill_process(child)
                .is_err()
                .then_some(())
        };
        // The orphan is reaped by init, in its own time; a zombie is dead as well.
        let zombie = || {
            let stat =
                std::fs::read_to_string(format!("/proc/{}/stat", child.as_raw_nonzero())).ok()?;
            stat.contains(") Z ").then_some(())
        };
        assert!(wait_for(patience(), || gone().or_else(zombie)).is_some());
    }
}
