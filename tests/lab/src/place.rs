//! Where submissions are judged: each in an enclosure, or all in the open.

use anyhow::Context;
use checks::Limits;

use crate::grader::{Order, judge, open_worker};
use crate::job::Message;
use crate::points::Points;
use crate::results::Graded;

/// Where submissions are judged.
pub enum Place {
    /// Each in namespaces of its own.
    #[cfg(target_os = "linux")]
    Enclosed(crate::enclosure::Enclosure),
    /// On this machine as it is: whoever runs it trusts the programs.
    Open,
}

impl Place {
    /// A place that keeps submissions apart.
    ///
    /// # Errors
    /// If the machine does not let it, with the reason.
    #[cfg(target_os = "linux")]
    pub fn enclosed(limits: Limits) -> anyhow::Result<Self> {
        crate::enclosure::Enclosure::new(limits).map(Self::Enclosed)
    }

    /// Only Linux has namespaces.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn enclosed(_limits: Limits) -> anyhow::Result<Self> {
        anyhow::bail!(
            "{}",
            common::tr!(
                "only Linux has namespaces",
                "пространства имён есть только в Linux"
            )
        )
    }

    /// Whether programs are kept apart.
    pub fn is_enclosed(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// Judges one submission; whatever goes wrong is its problem, not the next one's.
    pub fn judge(&self, order: &Order, points: &Points, heard: impl FnMut(&Message)) -> Graded {
        let judged = match self {
            #[cfg(target_os = "linux")]
            Self::Enclosed(enclosure) => judge_enclosed(enclosure, order, points, heard),
            Self::Open => judge_open(order, points, heard),
        };
        judged.unwrap_or_else(|error| Graded::problem(&order.name, format!("{error:#}")))
    }
}

/// The worker makes its temporary files in a folder that goes whatever happens to it.
fn judge_open(
    order: &Order,
    points: &Points,
    heard: impl FnMut(&Message),
) -> anyhow::Result<Graded> {
    let folder = tempfile::TempDir::with_prefix("lab-").context("make a temporary folder")?;
    let mut order = order.clone();
    order.job.temporary = Some(folder.path().to_owned());
    let mut worker = open_worker()?;
    for name in ["TMPDIR", "TMP", "TEMP"] {
        worker.env(name, folder.path());
    }
    let graded = judge(&order, points, worker, heard);
    // The worker may have begun to remove it.
    for left in [folder.path(), &folder.path().with_extension("gone")] {
        let _ = harness::remove_all(left);
    }
    Ok(graded)
}

#[cfg(target_os = "linux")]
fn judge_enclosed(
    enclosure: &crate::enclosure::Enclosure,
    order: &Order,
    points: &Points,
    heard: impl FnMut(&Message),
) -> anyhow::Result<Graded> {
    let cell = enclosure.cell(&order.job.folder)?;
    let mut order = order.clone();
    order.job.folder.clone_from(&cell.home);
    order.job.sandbox = Some(cell.job.clone());
    let worker = enclosure.command(&cell, "worker")?;
    let graded = judge(&order, points, worker, heard);
    crate::leftovers::go_on();
    Ok(graded)
}
