//! Every connection is a file descriptor, and the system allows a process only so many.

use anyhow::Result;

/// Descriptors for everything else: standard streams, poll, logs.
#[cfg(unix)]
const OTHERS: u64 = 32;

/// Raises the soft limit of open files to the hard one.
///
/// # Errors
/// If that is not enough for so many `connections`.
#[cfg(unix)]
pub(crate) fn allow(connections: usize) -> Result<()> {
    use anyhow::bail;
    use common::{tr, with_hint};
    use rustix::process::{Resource, getrlimit, setrlimit};

    let needed = connections as u64 + OTHERS;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| needed <= current) {
        return Ok(());
    }
    limit.current = limit.maximum;
    // The limit of macOS may be lower than it says: then a socket will say so.
    if limit.maximum.is_none_or(|maximum| needed <= maximum) {
        return Ok(setrlimit(Resource::Nofile, limit)?);
    }
    let maximum = limit.maximum.unwrap_or(u64::MAX);
    let error = anyhow::Error::msg(tr!(
        "{connections} connections need {needed} file descriptors, and {maximum} are allowed",
        "соединений {connections}, для них нужно дескрипторов: {needed}, а разрешено {maximum}"
    ));
    let hint = tr!(
        "`ulimit -n {needed}` allows more, for root",
        "`ulimit -n {needed}` разрешает больше, если вы root"
    );
    bail!(with_hint(error, hint))
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(crate) fn allow(_connections: usize) -> Result<()> {
    Ok(())
}
