//! One measurement: open, warm up, measure, end in good order.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use common::{tr, with_hint};
use mio::{Events, Poll};

use crate::connection::Ready;
use crate::crowd::{Crowd, Phase};
use crate::descriptors;
use crate::plan::{Kind, Plan};
use crate::process::{Usage, own_cpu, usage};
use crate::report::{Report, ServerUse};
use crate::schedule::Schedule;
use crate::ticker::{TICK, Ticker};

/// How long may pass without one more connection, while they are opened.
const OPENING: Duration = Duration::from_secs(10);

/// How long the server may take for the answers on their way and the end of all connections.
const ENDING: Duration = Duration::from_secs(5);

/// The longest pause between two looks at the flag that says stop.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The shortest time between two ticks of an open loop: more of them would only heat.
const SHORTEST_TICK: Duration = Duration::from_micros(50);

/// Events taken at once.
const EVENTS: usize = 256;

/// Share of a processor from which on the generator counts as the limit.
const BUSY: f64 = 0.95;

/// Carries out the plan on this thread. Once a second `progress` gets the seconds since measuring
/// began and the answers so far (connections that stand, for [`Kind::Hold`]). When `stop` becomes
/// true, the measurement ends early.
///
/// Failed connections and wrong answers do not end it: the report counts them. A connection that
/// failed is not replaced.
///
/// # Errors
/// If it could not be measured at all: too few file descriptors, connections that do not come to
/// stand, no process of that id.
pub(crate) fn run(
    plan: &Plan,
    progress: &mut dyn FnMut(f64, u64),
    stop: &AtomicBool,
) -> Result<Report> {
    descriptors::allow(plan.connections)?;
    let mut generator = Generator::new(plan, stop)?;
    generator.open()?;
    generator.begin_to_talk()?;
    let warm_up = (plan.duration / 10).min(Duration::from_millis(500));
    generator.go_on(Instant::now() + warm_up, |_| {})?;
    let measured = generator.measure(progress)?;
    // Before the end, so that answers on their way do not count.
    let mut report = measured.report(plan, &generator);
    generator.end()?;
    report.errors = generator.crowd.errors;
    report.first_error = generator.crowd.first_error;
    Ok(report)
}

struct Generator<'a> {
    plan: &'a Plan,
    stop: &'a AtomicBool,
    poll: Poll,
    events: Events,
    crowd: Crowd,
    /// For an open loop.
    ticker: Option<Ticker>,
    /// Time in which the poll found nothing, asleep or spinning.
    idle: Duration,
}

impl<'a> Generator<'a> {
    fn new(plan: &'a Plan, stop: &'a AtomicBool) -> Result<Self> {
        let poll = Poll::new().context("set up the poll")?;
        let registry = poll.registry().try_clone().context("share the poll")?;
        Ok(Self {
            plan,
            stop,
            poll,
            events: Events::with_capacity(EVENTS),
            crowd: Crowd::new(plan, registry)?,
            ticker: None,
            idle: Duration::ZERO,
        })
    }

    /// Opens all connections, if they are to last.
    fn open(&mut self) -> Result<()> {
        let (mut stood, mut changed) = (0, Instant::now());
        while !self.plan.reopens() && !self.crowd.is_complete() {
            self.turn(changed + OPENING)?;
            if self.is_stopped() {
                bail!(tr!(
                    "stopped before anything was measured",
                    "остановлено до начала измерений"
                ));
            }
            if self.crowd.standing() > stood {
                (stood, changed) = (self.crowd.standing(), Instant::now());
            }
            if changed.elapsed() >= OPENING {
                let (wanted, address) = (self.plan.connections, self.plan.address);
                let error = anyhow::Error::msg(tr!(
                    "connect {address}: only {stood} of {wanted} connections stand",
                    "connect {address}: установлено соединений {stood} из {wanted}"
                ));
                bail!(with_hint(
                    error,
                    tr!(
                        "does the server take so many? see its --max-clients and --backlog",
                        "принимает ли сервер столько? см. его --max-clients и --backlog"
                    )
                ));
            }
        }
        Ok(())
    }

    fn begin_to_talk(&mut self) -> Result<()> {
        let work = &mut self.crowd.work;
        work.phase = Phase::Talking;
        if let Some(rate) = self.plan.rate {
            work.schedule = Some(Schedule::new(rate, self.plan.connections, Instant::now()));
            if !self.plan.spin {
                let interval = Duration::from_secs_f64(1.0 / f64::from(rate)).max(SHORTEST_TICK);
                self.ticker = Some(Ticker::start(self.poll.registry(), interval)?);
            }
        }
        self.crowd.visit_all(Ready::NOT);
        Ok(())
    }

    fn measure(&mut self, progress: &mut dyn FnMut(f64, u64)) -> Result<Measured> {
        let server = match self.plan.pid {
            Some(pid) => Some(read_usage(pid)?),
            None => None,
        };
        self.crowd.work.tally.clear();
        self.idle = Duration::ZERO;
        let (start, cpu) = (Instant::now(), own_cpu());
        let mut next = Duration::from_secs(1);
        self.go_on(start + self.plan.duration, |crowd| {
            let elapsed = start.elapsed();
            if elapsed >= next {
                next += Duration::from_secs(1);
                let count = match crowd.work.kind {
                    Kind::Hold => crowd.standing() as u64,
                    Kind::Echo | Kind::Time => crowd.work.tally.answers,
                };
                progress(elapsed.as_secs_f64(), count);
            }
        })?;
        // A process that has ended meanwhile tells nothing any more; its connections tell of it.
        let server = self
            .plan
            .pid
            .and_then(|pid| Some((server?, usage(pid).ok()?)));
        Ok(Measured {
            seconds: start.elapsed().as_secs_f64(),
            load_cpu: own_cpu().zip(cpu).map(|(now, before)| now - before),
            server,
        })
    }

    /// Ends all connections, also when stopped: half-close, then the server's answers and its end.
    fn end(&mut self) -> Result<()> {
        self.crowd.begin_to_end();
        let deadline = Instant::now() + ENDING;
        while !self.crowd.is_gone() && Instant::now() < deadline {
            self.turn(deadline)?;
        }
        self.crowd.give_up();
        Ok(())
    }

    /// Turns until the time has come, no connection is left, or somebody says stop.
    fn go_on(&mut self, until: Instant, mut each: impl FnMut(&Crowd)) -> Result<()> {
        while Instant::now() < until && !self.crowd.is_gone() && !self.is_stopped() {
            self.turn(until)?;
            each(&self.crowd);
        }
        Ok(())
    }

    /// Waits for events once, no longer than `until`, and does what they ask for.
    fn turn(&mut self, until: Instant) -> Result<()> {
        self.crowd.connect();
        let before = Instant::now();
        let wait = self.wait(until, before);
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => result.context("poll")?,
        }
        if self.events.is_empty() && !self.crowd.has_more_to_do() {
            self.idle += before.elapsed();
        }
        self.crowd.visit_again();
        for event in &self.events {
            match &self.ticker {
                Some(ticker) if event.token() == TICK => ticker.heard(),
                _ => self.crowd.visit(event.token().0, Ready::of(event)),
            }
        }
        if self.crowd.work.schedule.is_some() {
            self.crowd.visit_due(Instant::now());
        }
        Ok(())
    }

    fn wait(&self, until: Instant, now: Instant) -> Duration {
        if self.plan.spin || self.crowd.has_more_to_do() {
            return Duration::ZERO;
        }
        let mut until = until;
        // Where there is no ticker, the poll's own time-out has to do.
        if let (Some(schedule), false) = (&self.crowd.work.schedule, cfg!(target_os = "linux")) {
            until = until.min(schedule.next_due());
        }
        until.saturating_duration_since(now).min(LONGEST_WAIT)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn read_usage(pid: u32) -> Result<Usage> {
    let usage = usage(pid).with_context(|| format!("read what process {pid} uses"))?;
    ensure!(
        usage.memory_kib > 0,
        tr!("process {pid} has ended", "процесс {pid} завершён")
    );
    Ok(usage)
}

/// What was measured beside the tally.
struct Measured {
    seconds: f64,
    load_cpu: Option<Duration>,
    server: Option<(Usage, Usage)>,
}

impl Measured {
    fn report(&self, plan: &Plan, generator: &Generator) -> Report {
        let (seconds, tally) = (self.seconds, &generator.crowd.work.tally);
        let per_second = |n: u64| n as f64 / seconds;
        // A connection has so many places in its pipeline, and each of them asks on its own.
        let n_places = (plan.connections * plan.pipeline) as f64;
        let interval = Duration::from_secs_f64(seconds * n_places / tally.answers.max(1) as f64);
        // NaN, in JSON null, where it cannot be read.
        let load_cpu = self
            .load_cpu
            .map_or(f64::NAN, |cpu| cpu.as_secs_f64() / seconds);
        // Spinning takes processor time, too, and yet is no work.
        let spun = if plan.spin {
            generator.idle.as_secs_f64() / seconds
        } else {
            0.0
        };
        Report {
            connections: plan.connections,
            size: plan.size,
            pipeline: plan.pipeline,
            seconds,
            answers: tally.answers,
            answers_per_second: per_second(tally.answers),
            megabytes_per_second: per_second(tally.bytes) / 1e6,
            connects_per_second: per_second(tally.connects),
            errors: 0,
            first_error: None,
            latency: tally.latencies.summary(interval),
            load_cpu,
            load_is_bottleneck: load_cpu - spun >= BUSY,
            server: self.server_use(tally.answers),
        }
    }

    fn server_use(&self, answers: u64) -> Option<ServerUse> {
        let (before, after) = self.server.as_ref()?;
        let cpu_seconds = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        Some(ServerUse {
            cpu_seconds,
            answers_per_cpu_second: answers as f64 / cpu_seconds,
            memory_kib: after.memory_kib,
            threads: after.threads,
        })
    }
}
