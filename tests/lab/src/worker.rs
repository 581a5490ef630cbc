//! The worker: judges one submission, and tells what it finds as it goes.
//!
//! It runs in namespaces of its own where the machine has them: see [`crate::enclosure`].

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use checks::{CheckResult, Manifest, Sandbox, Session, Subject, Verdict};
use common::{Lang, tr};

use crate::job::{Job, Message};
use crate::watchdog::Watchdog;

/// Where the grader listens.
static GRADER: OnceLock<Mutex<File>> = OnceLock::new();

/// Reads a job from stdin, does it, and tells on stdout.
///
/// # Errors
/// If the job is not understood.
pub fn work() -> anyhow::Result<()> {
    let stdout = own_stdout().context("keep stdout")?;
    harness::keep_files_private();
    leave_the_terminal();
    GRADER.get_or_init(|| Mutex::new(stdout));
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("read the job")?;
    let job: Job = serde_json::from_str(&line).context("understand the job")?;
    common::set_lang(if job.lang == "ru" { Lang::Ru } else { Lang::En });
    end_with_the_grader(job.temporary.clone());
    let told = judge(&job).or_else(|error| tell(&Message::Problem(format!("{error:#}"))));
    if told.and_then(|()| tell(&Message::Done)).is_err() {
        // Nobody listens. The end of stdin is near, and with it the end of all that was started.
        std::thread::sleep(Duration::from_secs(60));
    }
    Ok(())
}

/// Begins a session without a terminal: a program that opened /dev/tty could write what looks like a
/// report, or type commands for whoever runs the grader (TIOCSTI, ioctl_tty(2)).
fn leave_the_terminal() {
    // It fails if there is none to leave.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
}

/// Whoever waits for the results is gone when stdin ends; nothing may go on without them, and the
/// folder for temporary files goes as well.
fn end_with_the_grader(temporary: Option<PathBuf>) {
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        harness::end_all_programs();
        temporary.map(|folder| harness::take_away(&folder));
        std::process::exit(1);
    });
}

fn judge(job: &Job) -> anyhow::Result<()> {
    let watchdog = job.sandbox.as_ref().map(Watchdog::start).transpose()?;
    let sandbox = job.sandbox.as_ref().map(|sandbox| Sandbox {
        read_only: sandbox.read_only.clone(),
        limits: sandbox.limits,
    });
    let (student, sessions) = sessions(job, sandbox.as_ref())?;
    let plan = Plan::new(job, &sessions);
    anyhow::ensure!(!plan.turns.is_empty(), no_check(&job.chosen));
    tell(&Message::Plan {
        student,
        programs: plan.names(&sessions),
    })?;
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Ok(()));
    let work = || {
        while let Some(&(session, index)) = plan.turns.get(next.fetch_add(1, Ordering::Relaxed)) {
            let told = run(&sessions[session], index, watchdog.as_ref());
            if told.is_err() {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = told;
            }
        }
    };
    std::thread::scope(|scope| {
        let takes_turns = sessions.iter().any(Session::takes_turns);
        let n_threads = if takes_turns { 1 } else { job.threads.max(1) };
        for _ in 0..n_threads {
            scope.spawn(work);
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// That no check has one of these parts in its name.
pub(crate) fn no_check(parts: &[String]) -> String {
    let parts = parts.join(" ");
    tr!("there is no check `{parts}`", "нет проверки «{parts}»")
}

/// Who the student is, and a session for each program to be judged.
fn sessions(
    job: &Job,
    sandbox: Option<&Sandbox>,
) -> anyhow::Result<(Option<String>, Vec<Session>)> {
    let manifest = match &job.manifest {
        Some(text) => Manifest::parse(text),
        None => Manifest::read(&job.folder),
    };
    // Where the copy is is nobody's business.
    let copy = format!("{}{}", job.folder.display(), std::path::MAIN_SEPARATOR);
    let manifest = manifest.map_err(|error| anyhow!(error.replace(&copy, "")))?;
    let mut sessions = Vec::new();
    for program in manifest.programs() {
        let is_wanted = job.programs.is_empty() || job.programs.iter().any(|name| name == program);
        let subject = manifest.subject(program, &job.folder);
        let subject = subject.map_err(|error| anyhow!(error))?;
        if let Some(subject) = subject.filter(|_| is_wanted) {
            let tasks = job.tasks.clone().or(subject.tasks.clone());
            let subject = Subject { tasks, ..subject };
            let session = Session::new(subject, job.seed).within(sandbox.cloned());
            let session = session.hasty(job.is_hasty).building_for(job.limit / 2);
            sessions.push(session.keeping_transcripts(job.keep_transcripts));
        }
    }
    anyhow::ensure!(
        !sessions.is_empty(),
        tr!(
            "lab.toml declares none of the programs",
            "в lab.toml нет ни одной из этих программ"
        )
    );
    Ok((manifest.student, sessions))
}

/// Which checks run, and in which order they begin.
struct Plan {
    /// The number of a session, and of a check in it.
    turns: Vec<(usize, usize)>,
}

impl Plan {
    fn new(job: &Job, sessions: &[Session]) -> Self {
        let mut turns = Vec::new();
        for (number, session) in sessions.iter().enumerate() {
            let chosen = session.chosen(&job.chosen).into_iter();
            turns.extend(chosen.map(|index| (number, index)));
        }
        let is_late = |(session, index): &(usize, usize)| {
            let id = sessions[*session].checks()[*index].id;
            !job.first.iter().any(|first| first == id)
        };
        turns.sort_by_key(is_late);
        Self { turns }
    }

    /// The programs with the names of their checks, in the order of the catalog.
    fn names(&self, sessions: &[Session]) -> Vec<(String, Vec<String>)> {
        let of = |(number, session): (usize, &Session)| {
            let checks = session.checks().iter().enumerate();
            let chosen = checks.filter(|(index, _)| self.turns.contains(&(number, *index)));
            let ids = chosen.map(|(_, check)| check.id.to_owned()).collect();
            (session.subject().program.clone(), ids)
        };
        sessions.iter().enumerate().map(of).collect()
    }
}

fn run(session: &Session, index: usize, watchdog: Option<&Watchdog>) -> anyhow::Result<()> {
    let program = session.subject().program.clone();
    let result = watched(session, index, watchdog);
    tell(&Message::Ended { program, result })
}

/// The result of a check, and what the watchdog has to say.
fn watched(session: &Session, index: usize, watchdog: Option<&Watchdog>) -> CheckResult {
    let Some(watchdog) = watchdog.filter(|_| session.missing(index).is_none()) else {
        return session.result(index).clone();
    };
    if let Some(reason) = watchdog.verdict() {
        return CheckResult::new(session.checks()[index].id, Verdict::Fail, reason);
    }
    let n_short = watchdog.n_short();
    let mut result = session.result(index).clone();
    if result.verdict.is_failure() {
        result.remarks.extend(watchdog.remark());
        if watchdog.n_short() > n_short {
            result.verdict = Verdict::Inconclusive;
            result.remarks.push(tr!(
                "the machine had hardly any memory left: all programs were killed",
                "на машине почти не осталось памяти: все программы были завершены"
            ));
        }
    }
    result
}

/// Tells the grader, a line at once.
fn tell(message: &Message) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(message)?;
    line.push('\n');
    let grader = GRADER.get().context("no grader")?;
    let mut grader = grader.lock().unwrap_or_else(PoisonError::into_inner);
    grader.write_all(line.as_bytes()).context("tell the grader")
}

/// Takes stdout away from everything that is started from here on: it goes to stderr instead.
#[cfg(unix)]
fn own_stdout() -> io::Result<File> {
    let stdout = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(stdout.into())
}

/// Handles are not inherited unless asked for.
#[cfg(windows)]
fn own_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}
