//! `cargo test`: every check of a program is a test, selected by a part of its id.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use common::{Lang, tr};
use harness::{Failure, Outcome, enter_network_namespace};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::catalog::{Check, Level, of};
use crate::explain::{explain, level};
use crate::needs::{Missing, Need};
use crate::scene::Scene;
use crate::subject::{PortBy, Subject};

/// How long a submission may take to build.
const BUILD: Duration = Duration::from_secs(300);

/// The checks of one program on one subject, and what has come of them.
pub struct Session {
    subject: Subject,
    checks: Vec<Check>,
    seed: u64,
    results: Vec<OnceLock<Result<(), Explained>>>,
    /// The submission's copy, built.
    built: OnceLock<Result<Built, String>>,
}

/// A check that did not pass.
#[derive(Clone, Debug)]
pub struct Explained {
    /// How it ended.
    pub outcome: Outcome,
    /// What happened, as [`explain`] tells it.
    pub text: String,
}

/// The `main` of a lab's test: checks `executable`, the lab's own program, or, with
/// `SUBMISSION=folder`, the program of that name that the folder's `lab.toml` declares.
///
/// What the machine lacks makes a check ignored, with the reason, and failed where
/// `LAB_REQUIRE_ALL=1`. In a submission, a failed check that the task's text does not ask for is
/// shown in full and reported as ignored, unless `LAB_STRICT=1`.
pub fn run_as_tests(program: &str, executable: &str) -> ExitCode {
    common::set_lang(Lang::from_env());
    let arguments = Arguments::from_args();
    let subject = match subject(program, executable) {
        Ok(Some(subject)) => subject,
        Ok(None) => {
            let reason = tr!("lab.toml does not declare it", "в lab.toml её нет");
            eprintln!("{program}: {}: {reason}", tr!("ignored", "пропущено"));
            let lacks = |check: Check| Trial::test(check.id, || Ok(())).with_ignored_flag(true);
            let trials = of(program)
                .into_iter()
                .filter(|check| !check.needs.contains(&Need::Reference))
                .map(lacks);
            return libtest_mimic::run(&arguments_without_ignored(arguments), trials.collect())
                .exit_code();
        }
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let arguments = one_at_a_time_unless_port_is_given(arguments, &subject);
    let session = Arc::new(Session::new(subject, seed()));
    let trials = (0..session.checks.len())
        .map(|index| trial(&session, index))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn subject(program: &str, executable: &str) -> Result<Option<Subject>, String> {
    let Some(folder) = std::env::var_os("SUBMISSION").filter(|folder| !folder.is_empty()) else {
        return Ok(Some(Subject::reference(program, executable)));
    };
    // Cargo starts tests in the package's folder, but leaves $PWD, the caller's, as it was. Where
    // no shell sets it, folders count from the root of the repository.
    let root = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let from = std::env::var_os("PWD").map_or_else(root, PathBuf::from);
    Subject::submission(program, &from.join(Path::new(&folder)))
}

/// There is nothing to run even if ignored tests are asked for.
fn arguments_without_ignored(mut arguments: Arguments) -> Arguments {
    arguments.ignored = false;
    arguments.include_ignored = false;
    arguments
}

fn one_at_a_time_unless_port_is_given(mut arguments: Arguments, subject: &Subject) -> Arguments {
    if insists_on_its_port(subject) && Need::Namespace.missing_on_machine().is_some() {
        arguments.test_threads = Some(1);
    }
    arguments
}

/// Whether two of them cannot run side by side, nor one soon after the other, while connections of
/// the port are in TIME-WAIT: unless each has a network of its own.
fn insists_on_its_port(subject: &Subject) -> bool {
    let starts = [Some(&subject.plain), subject.datagram.as_ref()];
    let mut starts = starts.into_iter().flatten();
    !subject.is_reference && starts.any(|start| start.port != PortBy::Given)
}

fn seed() -> u64 {
    let wanted = std::env::var("LAB_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    wanted.unwrap_or_else(|| fastrand::u64(..1_000_000))
}

fn is_meant(check: &Check, subject: &Subject) -> bool {
    !check
        .needs
        .iter()
        .any(|need| need.missing(subject) == Some(Missing::NotMeant))
}

/// The environment variable says yes.
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

fn trial(session: &Arc<Session>, index: usize) -> Trial {
    let (check, subject) = (session.checks[index], &session.subject);
    let kind = if subject.is_reference {
        String::new()
    } else {
        level(&check)
    };
    let session = Arc::clone(session);
    let missing = session.missing(index);
    trial_unless(missing, check.id, &kind, move || session.verdict(index))
}

/// A test that is ignored, visibly and with the reason, if something is `missing`; failed if it is
/// the machine that lacks it and `LAB_REQUIRE_ALL=1`.
///
/// It is known when tests are listed, so that no runner takes a test that did nothing for a pass.
pub fn trial_unless(
    missing: Option<Missing>,
    name: &str,
    kind: &str,
    run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    let (reason, is_failure) = match missing {
        None => return Trial::ignorable_test(name, run).with_kind(kind),
        Some(Missing::NotMeant) => ("not meant for it".into(), false),
        Some(Missing::NotAttempted(reason)) => (reason, false),
        Some(Missing::Machine(reason)) => (reason, is_set("LAB_REQUIRE_ALL")),
    };
    if !is_failure {
        eprintln!("{name}: {}: {reason}", tr!("ignored", "пропущено"));
    }
    let kind = reason.clone();
    Trial::test(name, move || Err(Failed::from(reason)))
        .with_ignored_flag(!is_failure)
        .with_kind(kind)
}

/// A subject that is ready to be started.
struct Built {
    subject: Subject,
    /// The folder of its copy, which goes with it.
    _scene: Scene,
}

impl Session {
    /// The checks that are meant for `subject`; none has run yet.
    pub fn new(subject: Subject, seed: u64) -> Self {
        let checks: Vec<Check> = of(&subject.program)
            .into_iter()
            .filter(|check| is_meant(check, &subject))
            .collect();
        let results = checks.iter().map(|_| OnceLock::new()).collect();
        Self {
            subject,
            checks,
            seed,
            results,
            built: OnceLock::new(),
        }
    }

    /// The checks, in order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Why check number `index` cannot run, if it cannot.
    pub fn missing(&self, index: usize) -> Option<Missing> {
        let (check, subject) = (&self.checks[index], &self.subject);
        if !subject.attempted(check.task) {
            let task = check.task;
            let reason = tr!(
                "task {task} was not attempted",
                "задание {task} не выполнялось"
            );
            return Some(Missing::NotAttempted(reason));
        }
        check.needs.iter().find_map(|need| need.missing(subject))
    }

    fn verdict(&self, index: usize) -> Result<Completion, Failed> {
        let check = &self.checks[index];
        let fails = |id: &&str| {
            let dependency = self.checks.iter().position(|other| other.id == *id);
            dependency.is_some_and(|index| self.result(index).is_err())
        };
        if let Some(after) = check.after.filter(fails) {
            let reason = tr!(
                "not checked, because {after} fails",
                "не проверялось: не пройдено {after}"
            );
            return ignored_unless_nextest(&reason, &reason);
        }
        match self.result(index) {
            Ok(()) => Ok(Completion::Completed),
            Err(Explained { text, .. }) if self.subject.is_reference => Err(Failed::from(text)),
            Err(Explained { outcome, text }) if *outcome == Outcome::Inconclusive => {
                eprintln!("\n{text}");
                let reason = tr!("could not be checked", "проверить не удалось");
                ignored_unless_nextest(&reason, text)
            }
            Err(Explained { text, .. }) if check.level == Level::Must || is_set("LAB_STRICT") => {
                Err(Failed::from(text))
            }
            Err(Explained { text, .. }) => {
                eprintln!("\n{text}");
                let reason = tr!(
                    "failed, but no task asks for it",
                    "не пройдено, но заданием не требуется"
                );
                ignored_unless_nextest(&reason, text)
            }
        }
    }

    /// The result of check number `index`, which runs once.
    pub fn result(&self, index: usize) -> &Result<(), Explained> {
        self.results[index].get_or_init(|| {
            let check = &self.checks[index];
            let built = self.built.get_or_init(|| build(&self.subject)).as_ref();
            let not_built = |text: &String| Explained {
                outcome: Outcome::Fail,
                text: text.clone(),
            };
            let subject = &built.map_err(not_built)?.subject;
            // On a thread of its own, since a check may take its thread into another network.
            let run = || {
                let mut scene = Scene::new(subject.clone(), self.seed);
                let apart =
                    insists_on_its_port(subject) && Need::Namespace.missing_on_machine().is_none();
                let entered = if apart {
                    enter_network_namespace()
                } else {
                    Ok(())
                };
                let ready = entered.and_then(|()| scene.copy_home());
                let run = ready.and_then(|()| (check.run)(&mut scene));
                run.map_err(|failure| Explained {
                    outcome: failure.outcome,
                    text: explain(check, &failure, &scene.transcript, self.seed),
                })
            };
            let panicked = Explained {
                outcome: Outcome::Inconclusive,
                text: format!("{}: the check panicked", check.id),
            };
            std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or(Err(panicked))
        })
    }
}

/// nextest runs each test in a process of its own and takes every exit code 0 for a pass, so that
/// what is neither passed nor failed has to fail there.
fn ignored_unless_nextest(reason: &str, failure: &str) -> Result<Completion, Failed> {
    if is_set("NEXTEST") {
        Err(Failed::from(failure))
    } else {
        Ok(Completion::ignored_with(reason))
    }
}

fn build(subject: &Subject) -> Result<Built, String> {
    let mut scene = Scene::new(subject.clone(), 0);
    run_build(&mut scene).map_err(|failure| format!("build: {failure}\n{}", scene.transcript))?;
    Ok(Built {
        subject: scene.subject.clone(),
        _scene: scene,
    })
}

fn run_build(scene: &mut Scene) -> Result<(), Failure> {
    scene.copy_home()?;
    let Some(start) = scene.subject.build.clone() else {
        return Ok(());
    };
    let (mut program, _) = scene.start(&start, 0)?;
    program.end_input();
    let status = program.wait_for_exit(BUILD)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(status.to_string()))
    }
}
