//! What the grader prints: verdicts in colour where there is a terminal, plain lines elsewhere.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use anstyle::{AnsiColor, Style};
use checks::{Check, CheckResult, Level, Verdict};
use common::tr;

use crate::job::Message;
use crate::results::{Graded, TaskScore, TaskStatus};

/// What writing to stdout failed with at first.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line as `println!` does, in colour where there is a terminal, and never panics: see
/// [`written`].
macro_rules! say {
    ($($text:tt)*) => {
        $crate::terminal::print(format_args!("{}\n", format_args!($($text)*)))
    };
}
pub(crate) use say;

/// Prints a text. If that fails, the work goes on to its end, and [`written`] tells then.
pub(crate) fn print(text: fmt::Arguments) {
    let mut stdout = anstream::stdout().lock();
    let printed = stdout.write_fmt(text).and_then(|()| stdout.flush());
    // Whoever has closed the pipe, such as `head`, has seen enough.
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(FAILED.set(error)),
        _ => {}
    }
}

/// Prints what somebody who sits at a program is to do. What was asked before is no slip: another check
/// needs it once more, and says so.
pub fn ask(what: &str) {
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if asked.iter().any(|before| before == what) {
        let again = tr!("the next check, again", "следующая проверка, ещё раз");
        return say!("  >> {again}: {what}");
    }
    say!("  >> {what}");
    asked.push(what.to_owned());
}

/// Whether all that was printed has reached stdout, or nobody wants it.
///
/// # Errors
/// What the first failure was.
pub fn written() -> anyhow::Result<()> {
    let Some(error) = FAILED.get() else {
        return Ok(());
    };
    anyhow::bail!(tr!("write to stdout: {error}", "запись в stdout: {error}"))
}

/// A text of several lines in which a program or a `lab.toml` may have its say: nothing of it reaches
/// the terminal but letters and ends of lines. A backslash stays one: parts may be escaped already.
pub fn plain(text: &str) -> String {
    let one = |line: &str| common::escape(line.as_bytes()).replace("\\\\", "\\");
    text.lines().map(one).collect::<Vec<_>>().join("\n")
}

/// A sign for a verdict, and its colour.
pub fn sign(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Pass => ("✓", AnsiColor::Green.on_default()),
        Verdict::Fail | Verdict::Crashed | Verdict::Hung | Verdict::WrongPort => {
            ("✗", AnsiColor::Red.on_default())
        }
        Verdict::Inconclusive => ("?", AnsiColor::Yellow.on_default()),
        Verdict::NotAttempted | Verdict::Skipped => ("–", Style::new().dimmed()),
    }
}

/// The same for a task.
pub fn task_sign(status: TaskStatus) -> (&'static str, Style) {
    match status {
        TaskStatus::Passed => sign(Verdict::Pass),
        TaskStatus::Failed => sign(Verdict::Fail),
        TaskStatus::Unknown => sign(Verdict::Inconclusive),
        TaskStatus::NotAttempted | TaskStatus::ByHand => sign(Verdict::NotAttempted),
    }
}

/// Shows checks as they end, in the order of the catalog; on a terminal also the one that is
/// waited for.
#[derive(Default)]
pub struct Live {
    /// The checks whose results have not been shown yet, in order.
    waiting: Vec<(String, String)>,
    ended: Vec<(String, CheckResult)>,
    /// The program whose checks are being shown.
    program: String,
    is_terminal: bool,
}

impl Live {
    /// Nothing to show yet.
    pub fn new() -> Self {
        Self {
            // A dumb terminal cannot take back what it shows.
            is_terminal: std::io::stdout().is_terminal()
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            ..Self::default()
        }
    }

    /// Shows what a worker has told.
    pub fn show(&mut self, message: &Message) {
        match message {
            Message::Plan { programs, .. } => {
                let pairs = programs.iter().flat_map(|(program, ids)| {
                    ids.iter().map(move |id| (program.clone(), id.clone()))
                });
                self.waiting = pairs.collect();
            }
            Message::Ended { program, result } => {
                self.ended.push((program.clone(), result.clone()));
                self.advance();
            }
            Message::Problem(_) | Message::Done => {}
        }
    }

    fn advance(&mut self) {
        while let Some((program, id)) = self.waiting.first().cloned() {
            let is_it =
                |(name, result): &(String, CheckResult)| *name == program && result.id == id;
            if self.program != program {
                say!("\n{program}");
                self.program.clone_from(&program);
            }
            let Some(position) = self.ended.iter().position(is_it) else {
                return self.say_what_is_waited_for(&id);
            };
            let (_, result) = self.ended.swap_remove(position);
            self.waiting.remove(0);
            self.clear();
            say!("{}", line(&program, &result));
        }
    }

    fn say_what_is_waited_for(&self, id: &str) {
        if self.is_terminal {
            print(format_args!("\r\x1b[K  … {id}"));
        }
    }

    fn clear(&self) {
        if self.is_terminal {
            print(format_args!("\r\x1b[K"));
        }
    }
}

/// One check's line.
fn line(program: &str, result: &CheckResult) -> String {
    let (sign, style) = sign(result.verdict);
    let check = Check::named(program, &result.id);
    let title = check.map_or("", |check| check.title.text());
    let is_extra = check.is_some_and(|check| check.level != Level::Must);
    let extra = if is_extra {
        tr!(" (should)", " (желательно)")
    } else {
        String::new()
    };
    let why = match result.verdict {
        Verdict::Pass => String::new(),
        Verdict::NotAttempted | Verdict::Skipped => format!(" — {}", result.what),
        verdict => format!(" — {}: {}", verdict.text(), plain(&result.what)),
    };
    let dim = Style::new().dimmed();
    format!(
        "  {style}{sign}{style:#} {}{dim}{extra}: {title}{dim:#}{style}{why}{style:#}",
        result.id
    )
}

/// The tasks of a submission, with their points.
pub fn print_tasks(graded: &Graded) {
    let mut lab_name = "";
    let is_by_hand = |task: &&TaskScore| task.status == TaskStatus::ByHand;
    let (by_hand, judged): (Vec<_>, Vec<_>) = graded.score.tasks.iter().partition(is_by_hand);
    for task in judged {
        let Some(lab) = checks::Lab::named(&task.lab) else {
            continue;
        };
        if lab.name != lab_name {
            say!("\n{} — {}", lab.name, lab.title.text());
            lab_name = lab.name;
        }
        let (sign, style) = task_sign(task.status);
        let title = lab.task(&task.task).map_or("", |task| task.title.text());
        let (id, points, of) = (&task.task, task.points, task.of);
        let status = task.text();
        say!(
            "  {style}{sign}{style:#} {id:4} {points:>4} / {of:<4} {title} — {style}{status}{style:#}"
        );
    }
    if !by_hand.is_empty() {
        let tasks: Vec<&str> = by_hand.iter().map(|task| task.task.as_str()).collect();
        let label = tr!("judged by hand", "проверяются вручную");
        say!("  – {label}: {}", tasks.join(", "));
    }
    let score = &graded.score;
    for bonus in &score.bonus {
        say!("  + {:>10}   {}", bonus.points, bonus.reason);
    }
    let (points, of, robust, robust_of) = (score.points, score.of, score.robust, score.robust_of);
    say!(
        "\n{}",
        tr!(
            "points: {points} of {of}; robustness, counted apart: {robust} of {robust_of}",
            "баллы: {points} из {of}; надёжность (считается отдельно): {robust} из {robust_of}"
        )
    );
}
