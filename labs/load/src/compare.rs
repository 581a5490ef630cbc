//! `load compare`: several servers under the same load in turn, and what came of it.
//!
//! A server is started anew for every measurement, and only one runs at a time. The order changes
//! from round to round, so that a machine that warms up or is disturbed favours none of them.

mod args;
mod axis;
mod columns;
mod command;
#[cfg(test)]
pub(crate) mod fake;
mod figures;
mod files;
mod listening;
mod machine;
mod metric;
mod numbers;
mod page;
mod plot;
mod plots;
mod processors;
mod rounds;
mod servers;
mod table;

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::tr;

use crate::plan::{Kind, Plan};
use crate::report::Report;
pub(crate) use args::CompareArgs;
use figures::{Comparison, Load};
use files::write;
use machine::Machine;
use processors::Processors;
use rounds::Place;
use servers::{LAST_BREATH, Running};

/// How long it may take to show what was measured until a signal came.
const TO_SHOW: Duration = Duration::from_secs(2);

/// Measures, prints and writes what `args` ask for. Blocks until the last round is over, or until
/// SIGINT or SIGTERM: then what has been measured is shown.
///
/// # Errors
/// If a measurement failed or is missing, after everything else is done and shown; if the page
/// cannot be written.
pub(crate) fn compare(mut args: CompareArgs) -> Result<()> {
    command::make_names_unique(&mut args.commands);
    args.connections.sort_unstable();
    args.connections.dedup();
    let most = args.connections.last().map_or(0, |most| *most as usize);
    // The servers inherit the limit. Where it is too low, the measurements that meet it will say so.
    let _ = crate::descriptors::allow(most);

    let interrupted = Arc::new(AtomicBool::new(false));
    let running = Arc::new(Running::default());
    end_on_signals(Arc::clone(&running), Arc::clone(&interrupted))?;
    let mut comparison = begun(&args)?;
    comparison.points = rounds::rounds(
        comparison.rounds,
        &comparison.connections,
        comparison.servers.len(),
        |place| {
            let measured = measure(&running, &args, &comparison, place, &interrupted);
            if interrupted.load(Ordering::Relaxed) {
                return None;
            }
            progress(&comparison, place, &measured);
            Some(measured)
        },
    );
    show(&comparison, &args)?;
    if interrupted.load(Ordering::Relaxed) {
        bail!(tr!("interrupted", "прервано"));
    }
    match (comparison.failures(), comparison.points.len()) {
        (0, _) => Ok(()),
        (n, of) => bail!(tr!(
            "{n} of {of} measurements failed",
            "не удалось измерений: {n} из {of}"
        )),
    }
}

/// SIGINT and SIGTERM end the measurement; whether or not the rest of the program then comes to its
/// end, the server and the program are gone soon.
fn end_on_signals(running: Arc<Running>, interrupted: Arc<AtomicBool>) -> Result<()> {
    common::on_stop(move || {
        interrupted.store(true, Ordering::Relaxed);
        thread::sleep(TO_SHOW);
        running.end_for_good();
        std::process::exit(1);
    })
}

/// Everything but the points.
fn begun(args: &CompareArgs) -> Result<Comparison> {
    let processors = match args.no_pin {
        true => None,
        false => Processors::apart().context("choose processors")?,
    };
    if args.pin && processors.is_none() {
        bail!(tr!(
            "--pin needs Linux and two processors",
            "для --pin нужны Linux и два процессора"
        ));
    }
    Ok(Comparison {
        servers: args.commands.clone(),
        connections: args.connections.iter().map(|n| *n as usize).collect(),
        rounds: args.rounds as usize,
        load: Load {
            size: args.size as usize,
            pipeline: args.pipeline as usize,
            seconds: args.seconds.as_secs_f64(),
            per_connection: args.per_connection,
        },
        machine: Machine::this_one(processors),
        points: Vec::new(),
    })
}

/// One server, from its start to its end, under the load of one point.
fn measure(
    running: &Arc<Running>,
    args: &CompareArgs,
    comparison: &Comparison,
    place: Place,
    stop: &AtomicBool,
) -> Result<Report> {
    let processors = comparison.machine.processors.as_ref();
    let server = running.start(&args.commands[place.server], processors)?;
    let plan = Plan {
        connections: place.connections,
        size: args.size as usize,
        pipeline: args.pipeline as usize,
        duration: args.seconds,
        per_connection: args.per_connection,
        pid: cfg!(target_os = "linux").then_some(server.pid),
        ..Plan::new(Kind::Echo, server.address)
    };
    let report = crate::run::run(&plan, &mut |_, _| {}, stop);
    // Its connections break a little before the end of a process can be seen.
    let healthy = report.as_ref().is_ok_and(|report| report.errors == 0);
    let patience = if healthy { Duration::ZERO } else { LAST_BREATH };
    if let Some(status) = server.ended(patience) {
        bail!(tr!(
            "the server ended under load: {status}",
            "сервер завершился под нагрузкой: {status}"
        ));
    }
    let report = report?;
    match (report.answers, &report.first_error) {
        (0, Some(error)) => bail!("{error}"),
        (0, None) => bail!(tr!("no answer came", "не пришло ни одного ответа")),
        _ => report.of_all_connections(),
    }
}

/// A line on stderr for each measurement: there may be many, of some seconds each.
fn progress(comparison: &Comparison, place: Place, measured: &Result<Report>) {
    let result = match measured {
        Ok(report) => {
            let answers = numbers::number(report.answers_per_second);
            tr!("{answers} answers/s", "{answers} ответов/с")
        }
        Err(error) => common::escape(common::in_one_line(error).as_bytes()),
    };
    let (round, of) = (place.round + 1, comparison.rounds);
    let (connections, name) = (place.connections, &comparison.servers[place.server].name);
    say(&tr!(
        "round {round} of {of}, connections: {connections}, {name}: {result}",
        "раунд {round} из {of}, соединений: {connections}, {name}: {result}"
    ));
}

/// A closed stderr ends no comparison.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The table or JSON on stdout, then the files.
fn show(comparison: &Comparison, args: &CompareArgs) -> Result<()> {
    let text = match args.json {
        true => serde_json::to_string_pretty(comparison).context("write JSON")?,
        false => table::table(comparison),
    };
    common::print_line(text.trim_end())?;
    write(&args.report, &page::page(comparison))?;
    if let Some(folder) = &args.svg_dir {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        for plot in plots::plots(comparison) {
            let path = folder.join(format!("{}.svg", plot.file));
            write(&path, &plot::svg(&plot).into_string())?;
        }
    }
    Ok(())
}
