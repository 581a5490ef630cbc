//! `cargo lab check --at` and `--listen`: a program that runs already, on another machine, in a
//! debugger, or in somebody's hands. Nothing is started, so that no worker is needed.

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use anyhow::Context;
use checks::{Running, Session, Subject};

use crate::check::{Request, exit_code, explain_failures};
use crate::job::Message;
use crate::points::Points;
use crate::results::{Graded, Judged};
use crate::terminal::Live;
use crate::worker::no_check;

/// The port that a client by hand is to connect to: some free one for 0, the same for all checks.
///
/// # Errors
/// If there is none.
pub fn port(wanted: u16) -> anyhow::Result<u16> {
    if wanted > 0 {
        return Ok(wanted);
    }
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).context("--listen 0")?;
    Ok(listener.local_addr()?.port())
}

/// Runs the checks that can be run, one after another: a program may serve one client at a time.
///
/// # Errors
/// If there is no such check.
pub fn check(request: &Request, program: &str, running: Running) -> anyhow::Result<ExitCode> {
    let seed = request.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let session = Session::new(Subject::running(program, running), seed);
    let chosen = session.chosen(&request.chosen);
    anyhow::ensure!(!chosen.is_empty(), no_check(&request.chosen));
    let results = results(&session, &chosen);
    let judged = vec![Judged {
        program: program.to_owned(),
        results,
    }];
    let graded = Graded {
        name: program.to_owned(),
        student: None,
        seconds: 0.0,
        problem: None,
        score: Points::default().score(&judged, request.strict),
        programs: judged,
    };
    explain_failures(request, &graded, seed);
    Ok(exit_code(&graded, request.strict))
}

/// Runs them, and shows what comes of them.
fn results(session: &Session, chosen: &[usize]) -> Vec<checks::CheckResult> {
    let program = &session.subject().program;
    let ids = chosen
        .iter()
        .map(|&index| session.checks()[index].id.to_owned());
    let mut live = Live::new();
    live.show(&Message::Plan {
        student: None,
        programs: vec![(program.clone(), ids.collect())],
    });
    let run = |&index: &usize| {
        let result = session.result(index).clone();
        live.show(&Message::Ended {
            program: program.clone(),
            result: result.clone(),
        });
        result
    };
    chosen.iter().map(run).collect()
}
