//! init
use std::process::ExitCode;
/// init
#[derive(clap::Args, Clone, Debug)]
pub struct Init {
    /// folder
    pub folder: std::path::PathBuf,
}
/// run
/// # Errors
/// none
pub fn run(_init: &Init) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
