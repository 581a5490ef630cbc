//! Where there are no namespaces, there is nothing to watch over.

use crate::job::SandboxJob;

/// Nothing.
pub(crate) struct Watchdog;

impl Watchdog {
    /// Never starts: no sandbox is found that would need it.
    #[allow(clippy::unnecessary_wraps, reason = "as where there are namespaces")]
    pub(crate) fn start(_sandbox: &SandboxJob) -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Nothing to say.
    pub(crate) fn remark(&self) -> Option<String> {
        None
    }

    /// It is never too much.
    pub(crate) fn verdict(&self) -> Option<String> {
        None
    }

    /// Never.
    pub(crate) fn n_short(&self) -> usize {
        0
    }
}
