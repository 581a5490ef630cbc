//! `cargo lab grade`: for an instructor.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use checks::{LABS, Lab, Limits, Manifest};
use common::tr;
use indicatif::{ProgressBar, ProgressStyle};

use crate::check::outcome;
use crate::grader::{Order, name_of};
use crate::job::Job;
use crate::pace::Pace;
use crate::place::Place;
use crate::points::{Points, parse_bonus};
use crate::report;
use crate::results::{Bonus, Class, Graded};
use crate::table;
use crate::terminal::say;

/// What an instructor asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Submissions, or folders of submissions.
    pub folders: Vec<PathBuf>,
    /// Where reports go.
    pub report: Option<PathBuf>,
    /// Programs to be judged; none means all that are declared.
    pub programs: Vec<String>,
    /// Tasks that count as attempted, instead of what submissions say; others count nothing.
    pub tasks: Option<Vec<String>>,
    /// A manifest that stands in for those of the submissions.
    pub manifest: Option<PathBuf>,
    /// A table of points.
    pub points: Option<PathBuf>,
    /// Points given by hand.
    pub bonus: Option<PathBuf>,
    /// The number that random texts follow from; a new one if there is none.
    pub seed: Option<u64>,
    /// Whether *should* counts.
    pub strict: bool,
    /// How many submissions are judged at once; `None`: as the machine allows.
    pub jobs: Option<usize>,
    /// How long one submission may take.
    pub limit: Duration,
    /// What its programs may use.
    pub limits: Limits,
    /// Whether to run without a sandbox.
    pub open: bool,
}

/// Judges all submissions, side by side, and writes the reports.
///
/// # Errors
/// If the grader cannot do its work: no sandbox, an unreadable table, a report that cannot be written.
pub fn run(request: &Request) -> anyhow::Result<ExitCode> {
    let submissions = submissions(request)?;
    let rules = Rules::read(request)?;
    rules.warn_of_unknown_names(&submissions);
    let place = place(request)?;
    let seed = request.seed.unwrap_or_else(fresh_seed);
    let (begun, clock) = (chrono::Utc::now(), Instant::now());
    let mut graded = judge_all(request, &submissions, &rules, &place, seed);
    give_tasks(&mut graded, &rules.points);
    let class = Class {
        begun: begun.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        seconds: clock.elapsed().as_secs_f64(),
        seed,
        strict: request.strict,
        submissions: graded,
    };
    say!("{}", table::class(&class).trim_end());
    if let Some(folder) = &request.report {
        let folders = report::write(&class, folder)?;
        tell_changed_names(&class, &folders);
        let page = folder.join("index.html");
        let page = page.display();
        say!("{}", tr!("reports: {page}", "отчёты: {page}"));
    }
    Ok(exit_code(&class))
}

/// Whoever looks for a submission's folder under its name should know of another one.
fn tell_changed_names(class: &Class, folders: &[String]) {
    let named = class.submissions.iter().zip(folders);
    let changed = named.filter(|(graded, folder)| graded.name != **folder);
    let changed = changed.map(|(graded, folder)| {
        let name = common::escape(graded.name.as_bytes());
        format!("{name} -> {folder}")
    });
    let changed: Vec<String> = changed.collect();
    if !changed.is_empty() {
        let changed = changed.join(", ");
        say!(
            "{}",
            tr!(
                "names that no folder of a report can have: {changed}",
                "имена, которых у папки отчёта быть не может: {changed}"
            )
        );
    }
}

/// A number that no program guesses from the texts it has seen, nor from the time: the keys of
/// [`RandomState`] come from the system's source of randomness. Fits into a number of JavaScript.
fn fresh_seed() -> u64 {
    RandomState::new().hash_one(0) >> 11
}

/// A submission: its name in reports, and its folder.
type Submission = (String, PathBuf);

/// The submissions that the folders are or hold, each with a name of its own.
fn submissions(request: &Request) -> anyhow::Result<Vec<Submission>> {
    let mut folders = Vec::new();
    for folder in &request.folders {
        let here = folder.display();
        if !folder.is_dir() {
            bail!("{}", tr!("{here} is no folder", "{here} — не папка"));
        }
        if folder.join("lab.toml").exists() || (request.manifest.is_some() && has_files(folder)) {
            folders.push(folder.clone());
            continue;
        }
        let entries = fs::read_dir(folder)
            .with_context(|| here.to_string())?
            .flatten();
        let inner = entries.map(|entry| entry.path());
        let is_one = |path: &PathBuf| path.is_dir() && !name_of(path).starts_with('.');
        let mut inner: Vec<_> = inner.filter(is_one).collect();
        inner.sort();
        if inner.is_empty() {
            folders.push(folder.clone());
        }
        folders.extend(inner);
    }
    Ok(with_names(folders))
}

fn has_files(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    entries.any(|entry| entry.path().is_file())
}

/// Two folders of one name in two places become two names.
fn with_names(folders: Vec<PathBuf>) -> Vec<Submission> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let named = folders.into_iter().map(|folder| {
        let name = name_of(&folder);
        let n_seen = seen.entry(name.clone()).or_default();
        *n_seen += 1;
        match *n_seen {
            1 => (name, folder),
            number => (format!("{name}-{number}"), folder),
        }
    });
    named.collect()
}

/// What an instructor has set.
struct Rules {
    manifest: Option<String>,
    points: Points,
    bonus: Vec<(String, Bonus)>,
}

impl Rules {
    fn read(request: &Request) -> anyhow::Result<Self> {
        let text = |option: &str, path: &Option<PathBuf>| {
            let read = |path: &PathBuf| {
                fs::read_to_string(path).with_context(|| format!("{option} {}", path.display()))
            };
            path.as_ref().map(read).transpose()
        };
        let manifest = text("--manifest", &request.manifest)?;
        if let Some(manifest) = &manifest {
            Manifest::parse(manifest).map_err(|error| anyhow!("--manifest: {error}"))?;
        }
        let known = |id: &str| LABS.iter().any(|lab| lab.task(id).is_some());
        let tasks = request.tasks.iter().flatten();
        if let Some(unknown) = tasks.into_iter().find(|id| !known(id)) {
            bail!(
                "--tasks: {}",
                tr!("there is no task `{unknown}`", "нет задания «{unknown}»")
            );
        }
        let table = text("--points", &request.points)?;
        let points = table.map_or_else(|| Ok(Points::default()), |table| Points::parse(&table));
        let bonus = text("--bonus", &request.bonus)?;
        let bonus = bonus.map_or_else(|| Ok(Vec::new()), |bonus| parse_bonus(&bonus));
        Ok(Self {
            manifest,
            points: points.context("--points")?.only(request.tasks.clone()),
            bonus: bonus.context("--bonus")?,
        })
    }
}

impl Rules {
    /// A slip in a name would cost somebody points.
    fn warn_of_unknown_names(&self, submissions: &[Submission]) {
        for (owner, _) in &self.bonus {
            if submissions.iter().all(|(name, _)| name != owner) {
                let owner = common::escape(owner.as_bytes());
                anstream::eprintln!(
                    "{}",
                    tr!(
                        "warning: --bonus: there is no submission `{owner}`",
                        "предупреждение: --bonus: нет работы «{owner}»"
                    )
                );
            }
        }
    }
}

/// A sandbox, unless the instructor says that there need be none.
fn place(request: &Request) -> anyhow::Result<Place> {
    if request.open {
        return Ok(Place::Open);
    }
    Place::enclosed(request.limits).with_context(|| {
        tr!(
            "no sandbox: submissions are not run (--no-sandbox runs them as you: they can do what you can do)",
            "песочницы нет, работы не запускаются (с --no-sandbox они получат ваши права)"
        )
    })
}

fn judge_all(
    request: &Request,
    submissions: &[Submission],
    rules: &Rules,
    place: &Place,
    seed: u64,
) -> Vec<Graded> {
    let progress = progress(submissions.len());
    let (next, pace) = (AtomicUsize::new(0), pace(request, place));
    let graded: Vec<Mutex<Option<Graded>>> = submissions.iter().map(|_| Mutex::default()).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, folder)) = submissions.get(index) else {
                return;
            };
            let order = order(request, rules, name, folder, seed);
            let mut result = pace.run(|| place.judge(&order, &rules.points, |_| {}));
            for (_, bonus) in rules.bonus.iter().filter(|(owner, _)| owner == name) {
                result.score.add(bonus.clone());
            }
            progress.inc(1);
            progress.set_message(common::escape(name.as_bytes()));
            *graded[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..pace.most().min(submissions.len()) {
            scope.spawn(work);
        }
    });
    progress.finish_and_clear();
    let missing = || Graded::problem("", tr!("the grader failed", "сбой проверки"));
    let graded = graded
        .into_iter()
        .map(|cell| cell.into_inner().unwrap_or_else(PoisonError::into_inner));
    graded
        .map(|graded| graded.unwrap_or_else(missing))
        .collect()
}

/// A submission that could not be judged has the tasks of everybody else's labs: it has not attempted
/// them.
fn give_tasks(graded: &mut [Graded], points: &Points) {
    let judged = graded.iter().flat_map(|graded| &graded.programs);
    let names: HashSet<String> = judged.map(|judged| judged.program.clone()).collect();
    let is_of_class = |lab: &&Lab| lab.programs().any(|program| names.contains(program));
    let is_refused = |graded: &&mut Graded| graded.problem.is_some() && graded.programs.is_empty();
    for refused in graded.iter_mut().filter(is_refused) {
        let score = points.score_in(LABS.iter().filter(is_of_class), &[], false);
        let given = std::mem::replace(&mut refused.score, score).bonus;
        given.into_iter().for_each(|bonus| refused.score.add(bonus));
    }
}

fn order(request: &Request, rules: &Rules, name: &str, folder: &Path, seed: u64) -> Order {
    Order {
        name: name.to_owned(),
        strict: request.strict,
        job: Job {
            limit: request.limit,
            folder: folder.to_owned(),
            manifest: rules.manifest.clone(),
            programs: request.programs.clone(),
            tasks: request.tasks.clone(),
            threads: THREADS,
            ..Job::new(seed)
        },
    }
}

/// How many checks of one submission run at once; other submissions run beside it.
const THREADS: usize = 4;

/// How many submissions are judged at once. In the open, programs with the same port would meet.
fn pace(request: &Request, place: &Place) -> Pace {
    match request.jobs {
        _ if !place.is_enclosed() => Pace::fixed(1),
        Some(number) => Pace::fixed(number),
        None => Pace::of_machine(),
    }
}

/// A bar on stderr, if that is a terminal.
fn progress(n_submissions: usize) -> ProgressBar {
    let bar = ProgressBar::new(n_submissions as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed} + {eta}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// 0 if everybody has passed all that counts, 1 if not, 2 if something could not be checked.
fn exit_code(class: &Class) -> ExitCode {
    let outcomes = class.submissions.iter().map(|graded| match graded.problem {
        Some(_) => 1,
        None => outcome(graded, class.strict),
    });
    let outcomes: Vec<u8> = outcomes.collect();
    let worst = [1, 2].into_iter().find(|code| outcomes.contains(code));
    ExitCode::from(worst.unwrap_or(0))
}
