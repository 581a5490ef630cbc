//! One measurement: open, warm up, measure, end in good order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use common::{tr, with_hint};

use crate::crowd::Crowd;
use crate::descriptors;
use crate::event_loop::EventLoop;
use crate::plan::{Kind, Plan};
use crate::process::{own_cpu, usage, usage_alive};
use crate::ready::Ready;
use crate::report::{Measured, PATIENCE, Report};
use crate::schedule::Schedule;
use crate::work::Phase;

/// How long may pass without one more connection, while they are opened.
const OPENING: Duration = Duration::from_secs(10);

/// How long the server may take for the answers on their way and the end of all connections.
const ENDING: Duration = Duration::from_secs(5);

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
    generator.warm_up()?;
    let measured = generator.measure(progress)?;
    // Before the end, so that answers on their way do not count.
    let mut report = measured.report(plan, &generator.crowd.work.tally);
    generator.end()?;
    report.errors = generator.crowd.errors;
    report.first_error = generator.crowd.first_error;
    Ok(report)
}

struct Generator<'a> {
    plan: &'a Plan,
    stop: &'a AtomicBool,
    event_loop: EventLoop,
    crowd: Crowd,
}

impl<'a> Generator<'a> {
    fn new(plan: &'a Plan, stop: &'a AtomicBool) -> Result<Self> {
        let event_loop = EventLoop::new(plan.spin)?;
        let crowd = Crowd::new(plan, event_loop.registry()?)?;
        Ok(Self {
            plan,
            stop,
            event_loop,
            crowd,
        })
    }

    /// Opens all connections, if they are to last.
    fn open(&mut self) -> Result<()> {
        let (mut stood, mut changed) = (0, Instant::now());
        while !self.plan.reopens() && !self.crowd.is_complete() {
            self.event_loop.turn(&mut self.crowd, changed + OPENING)?;
            self.ensure_not_stopped()?;
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

    /// Lets everybody talk, before anything counts.
    fn warm_up(&mut self) -> Result<()> {
        self.begin_to_talk()?;
        let warm_up = (self.plan.duration / 10).min(Duration::from_millis(500));
        self.go_on(Instant::now() + warm_up, |_| {})?;
        if self.is_stopped() {
            self.end()?;
        }
        self.ensure_not_stopped()
    }

    fn begin_to_talk(&mut self) -> Result<()> {
        let work = &mut self.crowd.work;
        work.phase = Phase::Talking;
        if let Some(rate) = self.plan.rate {
            work.schedule = Some(Schedule::new(rate, self.plan.connections, Instant::now()));
            self.event_loop.tick(rate)?;
        }
        self.crowd.visit_all(Ready::NOT);
        Ok(())
    }

    fn measure(&mut self, progress: &mut dyn FnMut(f64, u64)) -> Result<Measured> {
        let server = self.plan.pid.map(usage_alive).transpose()?;
        self.crowd.work.tally.clear();
        self.event_loop.idle = Duration::ZERO;
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
        let unanswered = match self.plan.reopens() {
            // Its connections are young, and share what the server can take.
            true => 0,
            false => self
                .crowd
                .n_unanswered(start, start.elapsed().min(PATIENCE)),
        };
        // A process that has ended meanwhile tells nothing any more; its connections tell of it.
        let server = self
            .plan
            .pid
            .and_then(|pid| Some((server?, usage(pid).ok()?)));
        Ok(Measured {
            seconds: start.elapsed().as_secs_f64(),
            unanswered: unanswered as u64,
            idle: self.event_loop.idle,
            load_cpu: own_cpu().zip(cpu).map(|(now, before)| now - before),
            server,
        })
    }

    /// Ends all connections, also when stopped: half-close, then the server's answers and its end.
    fn end(&mut self) -> Result<()> {
        self.crowd.begin_to_end();
        let deadline = Instant::now() + ENDING;
        while !self.crowd.is_gone() && Instant::now() < deadline {
            self.event_loop.turn(&mut self.crowd, deadline)?;
        }
        self.crowd.give_up();
        Ok(())
    }

    /// Turns until the time has come, no connection is left, or somebody says stop.
    fn go_on(&mut self, until: Instant, mut each: impl FnMut(&Crowd)) -> Result<()> {
        while Instant::now() < until && !self.crowd.is_gone() && !self.is_stopped() {
            self.event_loop.turn(&mut self.crowd, until)?;
            each(&self.crowd);
        }
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn ensure_not_stopped(&self) -> Result<()> {
        ensure!(
            !self.is_stopped(),
            tr!(
                "stopped before anything was measured",
                "остановлено до начала измерений"
            )
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn stopped_while_it_warms_up_it_has_measured_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let plan = Plan {
            connections: 2,
            ..Plan::new(Kind::Echo, listener.local_addr().unwrap())
        };
        let stop = AtomicBool::new(false);
        let mut generator = Generator::new(&plan, &stop).unwrap();
        generator.open().unwrap();
        // The connections break, so that nobody is waited for.
        drop(listener);
        stop.store(true, Ordering::Relaxed);
        let error = generator.warm_up().unwrap_err().to_string();
        assert_eq!(error, "stopped before anything was measured");
        assert!(generator.crowd.is_gone());
    }
}
