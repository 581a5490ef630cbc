//! Has a worker judge a submission, and collects what it tells.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use checks::{CheckResult, Verdict};
use common::tr;

use crate::job::{Job, Message};
use crate::points::Points;
use crate::results::{Graded, Judged};

/// The longest line that a worker may write: the exchange of a check, in hexadecimal digits.
const LONGEST_LINE: usize = 256 << 20;

/// How much of a worker's lines is kept: from there on results come without their exchanges. A class
/// of programs that fail at everything, at length, must fit into memory, and into a report.
const MOST_BYTES: usize = 32 << 20;

/// How long a worker has to end by itself.
const ENDING: Duration = Duration::from_secs(3);

/// What there is to be judged.
#[derive(Clone, Debug)]
pub struct Order {
    /// What reports call it.
    pub name: String,
    /// What the worker is told.
    pub job: Job,
    /// Whether *should* counts as *must*.
    pub strict: bool,
}

/// Starts `worker`, has it do the job, and tells `heard` of every message.
///
/// Whatever happens to the worker, this returns soon after the limit, with a result for every check
/// that was planned.
pub fn judge(
    order: &Order,
    points: &Points,
    worker: Command,
    mut heard: impl FnMut(&Message),
) -> Graded {
    let begun = Instant::now();
    let mut collected = Collected::default();
    let ended = run(order, worker, |message, n_bytes| {
        heard(&message);
        collected.take(message, n_bytes);
    });
    let graded = collected.finish(order, ended.err());
    let score = points.score(&graded.programs, order.strict);
    Graded {
        seconds: begun.elapsed().as_secs_f64(),
        score,
        ..graded
    }
}

/// What a worker has told so far.
#[derive(Default)]
struct Collected {
    student: Option<String>,
    planned: Vec<(String, Vec<String>)>,
    results: Vec<(String, CheckResult)>,
    problem: Option<String>,
    n_bytes: usize,
}

impl Collected {
    fn take(&mut self, mut message: Message, n_bytes: usize) {
        self.n_bytes += n_bytes;
        if let Message::Ended { result, .. } = &mut message {
            if self.n_bytes > MOST_BYTES {
                result.transcript.clear();
                result.difference = None;
            }
        }
        match message {
            Message::Plan { student, programs } => {
                (self.student, self.planned) = (student, programs);
            }
            Message::Ended { program, result } => self.results.push((program, result)),
            Message::Problem(reason) => self.problem = Some(reason),
            Message::Done => {}
        }
    }

    /// The results in the planned order; what has none could not be checked.
    fn finish(mut self, order: &Order, ended: Option<anyhow::Error>) -> Graded {
        let reason = ended.map(|error| format!("{error:#}"));
        let missing = reason.clone().unwrap_or_default();
        let mut result_of = |program: &str, id: &str| {
            let is_it = |(name, result): &(String, CheckResult)| name == program && result.id == id;
            match self.results.iter().position(is_it) {
                Some(position) => self.results.swap_remove(position).1,
                None => CheckResult::new(id, Verdict::Inconclusive, missing.clone()),
            }
        };
        let judged = |(program, ids): (String, Vec<String>)| {
            let results = ids.iter().map(|id| result_of(&program, id)).collect();
            Judged { program, results }
        };
        let programs: Vec<Judged> = self.planned.into_iter().map(judged).collect();
        let nothing = if programs.is_empty() { reason } else { None };
        Graded {
            name: order.name.clone(),
            student: self.student,
            seconds: 0.0,
            problem: self.problem.or(nothing),
            programs,
            score: crate::results::Score::default(),
        }
    }
}

fn run(
    order: &Order,
    mut worker: Command,
    heard: impl FnMut(Message, usize),
) -> anyhow::Result<()> {
    worker
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = worker.spawn().context("start the worker")?;
    let stdin = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let last_words = thread::spawn(move || stderr.map(last_words).unwrap_or_default());
    let child = Arc::new(Mutex::new(child));
    let (mut stdin, stdout) = stdin.zip(stdout).context("the worker's pipes")?;
    let job = serde_json::to_string(&order.job)? + "\n";
    // A worker that has ended already is found out by what it says.
    let _ = stdin.write_all(job.as_bytes());
    // Its stdin stays open for as long as it works: the end of it ends the worker.
    let watched = Watched::new(Arc::clone(&child), stdin, order.job.limit);
    let told = listen(BufReader::new(stdout), heard);
    let in_time = watched.end();
    let status = end(&child);
    if !in_time {
        let seconds = order.job.limit.as_secs();
        return Err(anyhow!(tr!(
            "not finished within {seconds} s",
            "не закончено за {seconds} с"
        )));
    }
    if told? {
        return Ok(());
    }
    let said = last_words.join().unwrap_or_default();
    let status = status.map_or_else(|| "?".into(), |status| status.to_string());
    Err(anyhow!(tr!(
        "the worker ended ({status}): {said}",
        "рабочий процесс завершился ({status}): {said}"
    )))
}

/// Hears messages until all is said; false if the worker ends before.
fn listen(mut stdout: impl BufRead, mut heard: impl FnMut(Message, usize)) -> anyhow::Result<bool> {
    loop {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut stdout, LONGEST_LINE as u64);
        limited
            .read_until(b'\n', &mut line)
            .context("listen to the worker")?;
        if line.is_empty() {
            return Ok(false);
        }
        match serde_json::from_slice(&line).context("understand the worker")? {
            Message::Done => return Ok(true),
            message => heard(message, line.len()),
        }
    }
}

/// The end of what a worker said on stderr.
fn last_words(stderr: impl std::io::Read) -> String {
    let mut last = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        last = common::excerpt(line.as_bytes());
    }
    last
}

fn end(child: &Mutex<Child>) -> Option<ExitStatus> {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // What has said all may take its time to end; nobody waits for that.
    let _ = child.kill();
    child.wait().ok()
}

/// A worker that is ended when its time is over.
struct Watched {
    done: Sender<()>,
    in_time: thread::JoinHandle<bool>,
}

impl Watched {
    fn new(child: Arc<Mutex<Child>>, stdin: ChildStdin, limit: Duration) -> Self {
        let (done, is_done) = channel();
        let in_time = thread::spawn(move || {
            let in_time = is_done.recv_timeout(limit) != Err(RecvTimeoutError::Timeout);
            drop(stdin);
            // By itself it ends with all that it has started, in a sandbox or not.
            if !in_time && is_done.recv_timeout(ENDING) == Err(RecvTimeoutError::Timeout) {
                let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
            }
            in_time
        });
        Self { done, in_time }
    }

    /// Stops watching; whether the worker was in time.
    fn end(self) -> bool {
        drop(self.done);
        self.in_time.join().unwrap_or(true)
    }
}

/// A worker without an enclosure.
///
/// # Errors
/// If the grader does not know its own executable.
pub fn open_worker() -> anyhow::Result<Command> {
    let own = std::env::current_exe().context("find the grader itself")?;
    let mut command = Command::new(own);
    command.arg("worker");
    Ok(command)
}

/// What a folder is called in reports.
pub fn name_of(folder: &std::path::Path) -> String {
    let whole = folder
        .canonicalize()
        .unwrap_or_else(|_| PathBuf::from(folder));
    let name = whole.file_name().unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}
