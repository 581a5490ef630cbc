//! The checks of one program on one subject, run once each.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use common::tr;
use harness::{
    Failure, Outcome, PATIENCE, Transcript, be_patient_for, enter_network_namespace, longest_stall,
    starved, waited_in_vain,
};

use crate::catalog::{Check, Level, of};
use crate::needs::{Missing, Need};
use crate::result::{CheckResult, Difference, Verdict};
use crate::sandbox::Sandbox;
use crate::scene::Scene;
use crate::subject::{PortBy, Running, Start, Subject};
use crate::{byte_cause, last_words, launch};

/// How long a submission may take to build, unless it is said.
const BUILD: Duration = Duration::from_secs(300);

/// How long a submission is waited for at first. Whoever misses it gets [`CONFIRMED`], once.
const FIRST: Duration = Duration::from_secs(4);

/// How long a submission is waited for when a verdict that rests on a deadline is confirmed.
const CONFIRMED: Duration = Duration::from_secs(12);

/// How long somebody may take to start a client and to type a line.
const BY_HAND: Duration = Duration::from_secs(120);

/// A failure during which the machine was busy elsewhere for longer is nobody's fault.
const STALL: Duration = Duration::from_millis(500);

/// The part of a deadline for which the machine may have been busy elsewhere before the verdict that
/// rests on it is in doubt.
const PART: u32 = 4;

/// How often a check runs again because the machine was busy elsewhere.
const RERUNS: usize = 4;

/// The checks of one program on one subject, and what has come of them.
pub struct Session {
    subject: Subject,
    checks: Vec<Check>,
    seed: u64,
    sandbox: Option<Sandbox>,
    keeps_transcripts: bool,
    is_hasty: bool,
    /// How long the submission may take to build.
    building: Duration,
    results: Vec<OnceLock<CheckResult>>,
    /// What is said of checks whose task was not attempted, even if others need their results.
    not_attempted: Vec<OnceLock<CheckResult>>,
    /// The submission's copy, built.
    built: OnceLock<Result<Built, Box<CheckResult>>>,
    /// Held for writing by the check that has the program to itself.
    alone: RwLock<()>,
    /// A missed deadline was confirmed: the program hangs, it is not the machine that is slow.
    hangs: AtomicBool,
    /// Ways to start it that were confirmed never to come to listen: nobody waits for them again.
    mute: Mutex<Vec<Start>>,
}

/// A subject that is ready to be started.
struct Built {
    subject: Subject,
    /// The folder of its copy, which goes with it.
    _scene: Scene,
}

/// One run of a check.
struct Attempt {
    failure: Option<Failure>,
    transcript: Transcript,
    /// The longest deadline that ran out, zero if none did.
    waited: Duration,
    /// The longest time for which the machine stood still, or let a program wait that ran into the
    /// deadline.
    stall: Duration,
    /// The start that did not come to listen.
    mute: Option<Start>,
}

impl Session {
    /// The checks that are meant for `subject`; none has run yet. Their random texts follow from
    /// `seed`.
    pub fn new(subject: Subject, seed: u64) -> Self {
        let checks: Vec<Check> = of(&subject.program)
            .into_iter()
            .filter(|check| is_meant(check, &subject))
            .collect();
        let none_yet = || checks.iter().map(|_| OnceLock::new()).collect();
        let (results, not_attempted) = (none_yet(), none_yet());
        Self {
            subject,
            checks,
            seed,
            sandbox: None,
            keeps_transcripts: false,
            is_hasty: false,
            building: BUILD,
            results,
            not_attempted,
            built: OnceLock::new(),
            alone: RwLock::new(()),
            hangs: AtomicBool::new(false),
            mute: Mutex::default(),
        }
    }

    /// The same with the program in a sandbox.
    #[must_use]
    pub fn within(mut self, sandbox: Option<Sandbox>) -> Self {
        self.sandbox = sandbox;
        self
    }

    /// The same with results that keep the exchange of a check that passes, too, if `keeps` says so.
    #[must_use]
    pub fn keeping_transcripts(mut self, keeps: bool) -> Self {
        self.keeps_transcripts = keeps;
        self
    }

    /// The same without a second look at a verdict that rests on a deadline, if `is` says so: for
    /// those who only want to know whether a program passes.
    #[must_use]
    pub fn hasty(mut self, is: bool) -> Self {
        self.is_hasty = is;
        self
    }

    /// The same with a submission that has at most `limit` to build.
    #[must_use]
    pub fn building_for(mut self, limit: Duration) -> Self {
        self.building = self.building.min(limit);
        self
    }

    /// Whether the checks of this program must not run side by side: its port stands in the source,
    /// and the machine has no networks to give away.
    pub fn takes_turns(&self) -> bool {
        insists_on_its_port(&self.subject) && Need::Namespace.missing_on_machine().is_some()
    }

    /// The checks, in order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The numbers of the checks in whose names one of the `parts` stands; without parts, of all.
    pub fn chosen(&self, parts: &[String]) -> Vec<usize> {
        let is_chosen = |id: &str| parts.is_empty() || parts.iter().any(|part| id.contains(part));
        let numbers = 0..self.checks.len();
        numbers
            .filter(|&index| is_chosen(self.checks[index].id))
            .collect()
    }

    /// The program under check.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The number that the random texts follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Why check number `index` cannot run, if it cannot.
    pub fn missing(&self, index: usize) -> Option<Missing> {
        let check = &self.checks[index];
        if self.subject.attempted(check.task) {
            return self.needed(index);
        }
        let task = check.task;
        let reason = tr!(
            "task {task} was not attempted",
            "задание {task} не выполнялось"
        );
        Some(Missing::NotAttempted(reason))
    }

    /// What the check lacks, whatever tasks were attempted.
    fn needed(&self, index: usize) -> Option<Missing> {
        let is_by_hand = matches!(self.subject.running, Some(Running::Client(..)));
        if is_by_hand && !self.checks[index].by_wire {
            // Nobody is asked to type for a verdict that does not come.
            return Some(Missing::started_here());
        }
        let of_address = self.subject.host.and(Some(&Need::Namespace));
        let mut needs = of_address.into_iter().chain(self.checks[index].needs);
        needs.find_map(|need| need.missing(&self.subject))
    }

    /// The result of check number `index`, which runs once, after the one that it builds on.
    pub fn result(&self, index: usize) -> &CheckResult {
        if self.subject.attempted(self.checks[index].task) {
            return self.outcome(index);
        }
        self.not_attempted[index].get_or_init(|| self.not_run(index, self.missing(index)))
    }

    /// The same for a check that others build on, even if its own task was not attempted.
    fn outcome(&self, index: usize) -> &CheckResult {
        self.results[index].get_or_init(|| {
            let begun = Instant::now();
            let mut result = match self.needed(index) {
                None => self.first_result(index),
                missing => self.not_run(index, missing),
            };
            result.seconds = begun.elapsed().as_secs_f64();
            result
        })
    }

    fn not_run(&self, index: usize, missing: Option<Missing>) -> CheckResult {
        let (verdict, reason) = match missing {
            Some(Missing::Machine(reason)) => (Verdict::Skipped, reason),
            Some(Missing::NotAttempted(reason)) => (Verdict::NotAttempted, reason),
            Some(Missing::NotMeant) | None => (Verdict::NotAttempted, String::new()),
        };
        CheckResult::new(self.checks[index].id, verdict, reason)
    }

    fn first_result(&self, index: usize) -> CheckResult {
        let check = &self.checks[index];
        let built = match self.built.get_or_init(|| self.build(check)) {
            Ok(built) => built,
            Err(failed) if failed.id == check.id => return CheckResult::clone(failed),
            Err(failed) => return not_built(check, failed),
        };
        let before = check.after.and_then(|id| self.position(id));
        let held_back = before.and_then(|before| self.held_back(check, before));
        held_back.unwrap_or_else(|| self.judge(check, &built.subject))
    }

    /// The check at the beginning of a chain of skipped ones: the one that is to be mended.
    fn root(&self, index: usize) -> usize {
        let before = self.checks[index].after.and_then(|id| self.position(id));
        match before {
            Some(before)
                if self.outcome(index).verdict == Verdict::Skipped
                    && self.outcome(before).verdict != Verdict::Pass =>
            {
                self.root(before)
            }
            _ => index,
        }
    }

    /// What becomes of a check if the one that it builds on does not pass. If that one's own task was
    /// not attempted, nothing else tells of its failure: then a *must* check does.
    fn held_back(&self, check: &Check, before: usize) -> Option<CheckResult> {
        let before = self.root(before);
        let (id, outcome) = (self.checks[before].id, self.outcome(before));
        let reason = match outcome.verdict {
            Verdict::Pass => return None,
            Verdict::NotAttempted => tr!(
                "not checked, because {id} was not attempted",
                "не проверялось: {id} не выполнялось"
            ),
            Verdict::Skipped | Verdict::Inconclusive => tr!(
                "not checked, because {id} was not",
                "не проверялось: не проверено {id}"
            ),
            _ if check.level == Level::Must
                && !self.subject.attempted(self.checks[before].task) =>
            {
                let what = &outcome.what;
                return Some(CheckResult {
                    id: check.id.to_owned(),
                    what: format!("{id}: {what}"),
                    ..outcome.clone()
                });
            }
            _ => tr!(
                "not checked, because {id} fails",
                "не проверялось: не пройдено {id}"
            ),
        };
        Some(CheckResult::new(check.id, Verdict::Skipped, reason))
    }

    /// The number of the check with this name.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.checks.iter().position(|check| check.id == id)
    }

    /// Builds a copy of the submission; if that fails, this is the result of `first`, the check that
    /// came first.
    fn build(&self, first: &Check) -> Result<Built, Box<CheckResult>> {
        let mut scene = self.scene(&self.subject);
        let built = run_build(&mut scene, self.building);
        built.map_err(|failure| {
            Box::new(CheckResult {
                transcript: scene.transcript.entries(),
                ..CheckResult::new(first.id, failure.outcome.into(), failure.what)
            })
        })?;
        Ok(Built {
            subject: scene.subject.clone(),
            _scene: scene,
        })
    }

    fn scene(&self, subject: &Subject) -> Scene {
        let mut scene = Scene::new(subject.clone(), self.seed);
        scene.sandbox.clone_from(&self.sandbox);
        scene.mute.clone_from(&self.mute());
        scene
    }

    fn mute(&self) -> MutexGuard<'_, Vec<Start>> {
        self.mute.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the check; again if the machine was busy elsewhere, and, alone and with a longer deadline, if
    /// the failure rests on one.
    fn judge(&self, check: &Check, subject: &Subject) -> CheckResult {
        let patience = match subject.running {
            Some(Running::Client(..)) => BY_HAND,
            _ if subject.is_reference => PATIENCE,
            _ => FIRST,
        };
        let mut remarks = Vec::new();
        let beside = self.alone.read().unwrap_or_else(PoisonError::into_inner);
        let mut attempt = self.attempt_undisturbed(check, subject, patience, &mut remarks);
        drop(beside);
        if self.is_in_doubt(&attempt, patience) {
            attempt = self.confirm(check, subject, attempt, &mut remarks);
        }
        let mut result = attempt.result(check);
        if self.keeps_transcripts {
            result.transcript = attempt.transcript.entries();
        }
        CheckResult { remarks, ..result }
    }

    /// Runs the check again, with a longer deadline and no other one of the program beside it; unless it
    /// has become clear meanwhile that the program hangs.
    fn confirm(
        &self,
        check: &Check,
        subject: &Subject,
        first: Attempt,
        remarks: &mut Vec<String>,
    ) -> Attempt {
        let _alone = self.alone.write().unwrap_or_else(PoisonError::into_inner);
        if !self.is_in_doubt(&first, FIRST) {
            return first;
        }
        let second = self.attempt_undisturbed(check, subject, CONFIRMED, remarks);
        let seconds = CONFIRMED.as_secs();
        remarks.push(match second.failure {
            Some(_) => tr!(
                "a deadline had passed; confirmed alone, with {seconds} s",
                "истёк срок ожидания; подтверждено отдельным запуском со сроком {seconds} с"
            ),
            None => tr!(
                "a deadline had passed; passes alone, with {seconds} s",
                "истёк срок ожидания; отдельный запуск со сроком {seconds} с пройден"
            ),
        });
        if second.waited >= CONFIRMED && second.failure.is_some() && !second.is_disturbed() {
            self.hangs.store(true, Ordering::Release);
            self.mute().extend(second.mute.clone());
        }
        second
    }

    /// Whether a failure rests on a deadline that may have been too short. Once it is known that the
    /// program hangs, that takes a machine that was busy elsewhere.
    fn is_in_doubt(&self, attempt: &Attempt, patience: Duration) -> bool {
        let may_be = attempt.failure.is_some() && !attempt.waited.is_zero();
        let is_known = self.hangs.load(Ordering::Acquire) && attempt.waited >= FIRST;
        let is_first = patience == FIRST && !self.is_hasty;
        may_be && is_first && (!is_known || attempt.is_disturbed())
    }

    /// Runs the check, again if it fails while the machine is busy elsewhere.
    fn attempt_undisturbed(
        &self,
        check: &Check,
        subject: &Subject,
        patience: Duration,
        remarks: &mut Vec<String>,
    ) -> Attempt {
        let mut attempt = self.attempt(check, subject, patience);
        for _ in 0..RERUNS {
            if !attempt.is_disturbed() || self.is_in_doubt(&attempt, patience) {
                return attempt;
            }
            let seconds = attempt.stall.as_secs_f32();
            remarks.push(tr!(
                "the machine was busy elsewhere for {seconds:.1} s: run again",
                "машина {seconds:.1} с была занята другим: проверка повторена"
            ));
            attempt = self.attempt(check, subject, patience);
        }
        if attempt.is_disturbed() {
            if let Some(failure) = &mut attempt.failure {
                failure.outcome = Outcome::Inconclusive;
            }
        }
        attempt
    }

    /// Runs the check once, on a thread of its own, since it may take its thread into another
    /// network.
    fn attempt(&self, check: &Check, subject: &Subject, patience: Duration) -> Attempt {
        let begun = Instant::now();
        // The ticker starts before what it is to watch.
        longest_stall(begun);
        let mut scene = self.scene(subject);
        let transcript = scene.transcript.clone();
        let run = || {
            be_patient_for(patience);
            let ready = enter_its_network(subject).and_then(|()| scene.copy_home(after_build));
            let result = ready.and_then(|()| (check.run)(&mut scene));
            (result.err(), waited_in_vain(), starved())
        };
        let gives_up = |why: String| {
            let failure = Failure::with_outcome(Outcome::Inconclusive, why);
            (Some(failure), Duration::ZERO, Duration::ZERO)
        };
        let (failure, waited, starved) = thread::scope(|scope| {
            let check = thread::Builder::new().spawn_scoped(scope, run);
            check.map_or_else(
                |error| gives_up(format!("no thread: {error}")),
                |check| {
                    let ended = check.join();
                    ended.unwrap_or_else(|_| gives_up("the check panicked".into()))
                },
            )
        });
        // What a program could not do at its start says nothing of a short wait later on.
        let starved = Some(starved).filter(|_| waited >= patience);
        Attempt {
            failure,
            transcript,
            waited,
            stall: longest_stall(begun).max(starved.unwrap_or_default()),
            mute: scene.found_mute.take(),
        }
    }
}

impl Attempt {
    fn is_disturbed(&self) -> bool {
        self.failure.is_some() && self.stall > STALL.max(self.waited / PART)
    }

    fn result(&mut self, check: &Check) -> CheckResult {
        match self.failure.take() {
            None => CheckResult::new(check.id, Verdict::Pass, String::new()),
            Some(failure) => failed(check, failure, &self.transcript),
        }
    }
}

/// The result of a check after the one that has told why the program cannot be built.
fn not_built(check: &Check, told: &CheckResult) -> CheckResult {
    let reason = tr!(
        "not checked, because the program cannot be built",
        "не проверялось: программу не удалось собрать"
    );
    CheckResult {
        because: Some(told.id.clone()),
        ..CheckResult::new(check.id, Verdict::Skipped, reason)
    }
}

fn failed(check: &Check, failure: Failure, transcript: &Transcript) -> CheckResult {
    // A hint speaks of what the program does wrong, not of a port or of the check's own trouble.
    let no_hint = matches!(failure.outcome, Outcome::WrongPort | Outcome::Inconclusive);
    let hint = Some(check.hint.text()).filter(|hint| !hint.is_empty() && !no_hint);
    let transcript = transcript.entries();
    // What the program itself has said is nearer than any guess.
    let words = last_words::cause(&transcript, &failure).filter(|_| !no_hint);
    let of_bytes = || {
        let (expected, received) = failure.difference.as_ref()?;
        byte_cause::cause(&transcript, expected, received)
    };
    let cause = words.map(str::to_owned).or(failure.cause).or_else(of_bytes);
    let difference = |(expected, received)| Difference { expected, received };
    CheckResult {
        cause: cause.or(hint.map(str::to_owned)),
        difference: failure.difference.map(difference),
        transcript,
        ..CheckResult::new(check.id, failure.outcome.into(), failure.what)
    }
}

/// A network of the program's own if its port or its address stands in the source.
pub(crate) fn enter_its_network(subject: &Subject) -> Result<(), Failure> {
    if subject.running.is_some() {
        return Ok(());
    }
    if let Some(host) = subject.host {
        enter_network_namespace()?;
        return harness::add_to_loopback(host);
    }
    if insists_on_its_port(subject) && Need::Namespace.missing_on_machine().is_none() {
        enter_network_namespace()?;
    }
    Ok(())
}

/// Whether two of them cannot run side by side, nor one soon after the other, while connections of
/// the port are in TIME-WAIT: unless each has a network of its own.
fn insists_on_its_port(subject: &Subject) -> bool {
    let starts = [Some(&subject.plain), subject.datagram.as_ref()];
    let mut starts = starts.into_iter().flatten();
    !subject.is_reference
        && subject.running.is_none()
        && starts.any(|start| start.port != PortBy::Given)
}

fn is_meant(check: &Check, subject: &Subject) -> bool {
    !check
        .needs
        .iter()
        .any(|need| need.missing(subject) == Some(Missing::NotMeant))
}

fn not_copied(error: &io::Error) -> Failure {
    Failure::inconclusive("copy the submission", error)
}

/// What could be copied before the build, and not after it, is the build's doing; a full disk need
/// not be.
fn after_build(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::StorageFull {
        return not_copied(error);
    }
    Failure::new(tr!(
        "what the build leaves cannot be copied: {error}",
        "то, что оставила сборка, нельзя скопировать: {error}"
    ))
}

fn run_build(scene: &mut Scene, limit: Duration) -> Result<(), Failure> {
    scene.copy_home(not_copied)?;
    // Before any program of the submission has run, which could make links of its folders.
    launch::add_files(&scene.subject.home, &scene.subject.files)
        .map_err(|error| Failure::inconclusive("add the files of lab.toml", &error))?;
    let Some(start) = scene.subject.build.clone() else {
        return Ok(());
    };
    let program = std::mem::replace(&mut scene.subject.program, "build".to_owned());
    let started = scene.start(&start, 0);
    scene.subject.program = program;
    let (mut step, _) = started?;
    step.end_input();
    let ended = step.wait_for_exit(limit);
    let status = ended.map_err(|failure| {
        let seconds = limit.as_secs();
        let what = tr!(
            "building it does not end within {seconds} s",
            "сборка не заканчивается за {seconds} с"
        );
        Failure { what, ..failure }
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(tr!(
        "it cannot be built: {status}",
        "не удаётся собрать: {status}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_for_what_cannot_be_judged() {
        let running = Running::Client(9090, |text| panic!("asked: {text}"));
        let session = Session::new(Subject::running("echo-client", running), 1);
        let judged = (0..session.checks().len()).filter(|&index| session.missing(index).is_none());
        let judged: Vec<&str> = judged.map(|index| session.checks()[index].id).collect();
        assert_eq!(
            judged,
            [
                "echo-client/sends",
                "echo-client/until-exit",
                "echo-client/empty-line"
            ]
        );
        let shows = session.position("echo-client/shows").unwrap();
        assert_eq!(session.result(shows).verdict, Verdict::NotAttempted);
    }
}
