//! Programs that cheat, folders of `tests/zoo/cheats`, are failed or contained, and nobody else
//! comes to harm: as root with control groups, and as a user with nothing but the watchdog.

#[cfg(target_os = "linux")]
mod containment;
#[cfg(target_os = "linux")]
mod stage;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    return containment::run();
    #[cfg(not(target_os = "linux"))]
    {
        eprintln!("cheats: ignored: only Linux has namespaces");
        ExitCode::SUCCESS
    }
}
