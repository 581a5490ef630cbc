//! `load compare`: several servers under the same load in turn, and what came of it.
//!
//! A server is started anew for every measurement, and only one runs at a time. The order changes
//! from round to round, so that a machine that warms up or is disturbed favours none of them.

mod args;
mod axis;
mod columns;
mod command;
#[cfg(test)]
mod fake;
mod figures;
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
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::{Lang, tr};

use crate::plan::{Kind, Plan};
use crate::report::Report;
pub(crate) use args::CompareArgs;
use figures::{Comparison, Load};
use machine::Machine;
use processors::Processors;
use servers::{LAST_BREATH, Running, Server};

/// Measures, prints and writes what `args` ask for. Blocks until the last round is over.
///
/// # Errors
/// If a measurement failed, after all the others are done and shown; if the page cannot be written.
pub(crate) fn compare(mut args: CompareArgs) -> Result<()> {
    common::set_lang(args.lang.unwrap_or_else(Lang::from_env));
    command::make_names_unique(&mut args.commands);
    args.connections.sort_unstable();
    args.connections.dedup();
    let running = stopped_by_signals()?;
    let mut comparison = begun(&args)?;
    comparison.points = rounds::rounds(
        args.rounds as usize,
        &comparison.connections,
        args.commands.len(),
        |place| {
            let measured = measure(&running, &comparison, &args, place);
            progress(&comparison, place, &measured);
            measured
        },
    );
    show(&comparison, &args)?;
    match comparison.failures() {
        0 => Ok(()),
        n => {
            let of = comparison.points.len();
            bail!(tr!(
                "{n} of {of} measurements failed",
                "не удалось измерений: {n} из {of}"
            ))
        }
    }
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

/// The server that runs, if any, ends with this program, Ctrl-C included.
fn stopped_by_signals() -> Result<Arc<Running>> {
    let running = Arc::new(Running::default());
    let to_end = Arc::clone(&running);
    common::on_stop(move || {
        to_end.end_for_good();
        say(&tr!("load: interrupted", "load: прервано"));
        std::process::exit(1);
    })?;
    Ok(running)
}

/// One server, from its start to its end, under the load of one point.
fn measure(
    running: &Arc<Running>,
    comparison: &Comparison,
    args: &CompareArgs,
    place: rounds::Place,
) -> Result<Report> {
    let processors = comparison.machine.processors.as_ref();
    let server = running.start(&args.commands[place.server], processors)?;
    let report = crate::run::run(&plan(args, &server, place.connections));
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
        _ => Ok(report),
    }
}

fn plan(args: &CompareArgs, server: &Server, connections: usize) -> Plan {
    Plan {
        kind: Kind::Echo,
        address: server.address,
        connections,
        size: args.size as usize,
        pipeline: args.pipeline as usize,
        duration: args.seconds,
        rate: None,
        per_connection: args.per_connection,
        pid: Some(server.pid),
    }
}

/// A line on stderr for each measurement: there may be many, of some seconds each.
fn progress(comparison: &Comparison, place: rounds::Place, measured: &Result<Report>) {
    let result = match measured {
        Ok(report) => {
            let answers = numbers::number(report.answers_per_second);
            tr!("{answers} answers/s", "{answers} ответов/с")
        }
        Err(error) => common::escape(format!("{error:#}").as_bytes()),
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

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("write {}", path.display()))?;
    let path = path.display();
    say(&tr!("written: {path}", "записано: {path}"));
    Ok(())
}
