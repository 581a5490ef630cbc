//! The labs as Windows programs, on Linux: built with Debian's Rust and MinGW, run under Wine.
//!
//! Everything lies in one folder, `target/windows`, and stays there for the next run: the programs, and the Wine
//! prefix, which is a Windows disk and registry of their own. Several test processes may use the folder at once, as
//! those of cargo nextest do: one prepares it while the others wait, and the last one ends what is left of Wine.

#![allow(
    clippy::incompatible_msrv,
    reason = "no default member: file locks are of Rust 1.89, and Debian's Rust for Windows is newer"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::{Failure, Program, Transcript};

/// The labs that are not for Windows.
const LINUX_ONLY: &[&str] = &[];

/// How long Wine may take for what should happen at once: it is slow, the more so on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const TARGET: &str = "x86_64-pc-windows-gnu";

const RUSTC: &str = "/usr/bin/rustc";
const STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/src/lib.rs";
const GCC: &str = "/usr/bin/x86_64-w64-mingw32-gcc";
const WINE: &str = "/usr/lib/wine/wine64";
const WINESERVER: &str = "/usr/lib/wine/wineserver64";

/// Variables of the outer build, from cargo, rustup or the user, which are not meant for this one.
const OUTER_BUILD: &[&str] = &[
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "LD_LIBRARY_PATH",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// Windows programs, and a Windows to run them.
pub struct Windows {
    folder: PathBuf,
    /// Locked, shared, for as long as this process may start programs.
    users: File,
}

impl Windows {
    /// Builds all labs, and installs Wine's Windows, into `folder`, unless they are up to date there.
    ///
    /// # Errors
    /// If something is [`missing`], a lab does not compile for Windows, or Wine does not start.
    pub fn prepare(folder: &Path) -> Result<Self> {
        if let Some(missing) = missing() {
            bail!(missing);
        }
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let users = File::create(folder.join("users.lock")).context("create users.lock")?;
        users.lock_shared().context("lock users.lock")?;
        let windows = Self {
            folder: folder.to_owned(),
            users,
        };
        let turn = File::create(folder.join("build.lock")).context("create build.lock")?;
        turn.lock().context("lock build.lock")?;
        windows.build_labs()?;
        windows.build_dll()?;
        windows.install()?;
        Ok(windows)
    }

    /// Starts a lab's program.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(
        &self,
        lab: &str,
        arguments: &[&str],
        transcript: &Transcript,
    ) -> Result<Program, Failure> {
        let mut command = self.wine(&self.prefix());
        let program = self.programs().join(format!("{lab}.exe"));
        command.arg(program).args(arguments);
        Program::start(lab, command, transcript)
    }

    /// Ends what is left of Wine, unless another process is using it.
    pub fn end(&self) {
        let alone = self.users.unlock().is_ok() && self.users.try_lock().is_ok();
        if alone {
            // It fails where nothing is left.
            let _ = wineserver(&self.prefix(), "--kill");
        }
    }

    fn build_labs(&self) -> Result<()> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .current_dir(ROOT)
            .args(["build", "--quiet", "--locked", "--target", TARGET])
            // There is no std for this target in Debian, so it is built from source, which takes an unstable option.
            .args(["-Zbuild-std=std,panic_abort"])
            .args(labs()?.iter().flat_map(|lab| ["--package", lab]));
        for variable in OUTER_BUILD {
            command.env_remove(variable);
        }
        command
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &self.folder)
            // Nobody debugs these; without it a program takes a third of the space.
            .env("CARGO_PROFILE_DEV_DEBUG", "none");
        run(&mut command)
    }

    /// Windows looks for a program's DLLs in the program's folder first.
    fn build_dll(&self) -> Result<()> {
        let dll = self.programs().join("bcryptprimitives.dll");
        let new = dll.with_extension("new");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bcryptprimitives.c");
        run(Command::new(GCC)
            .args(["-shared", "-o"])
            .arg(&new)
            .arg(source))?;
        // A program of another process may have the old one in use.
        fs::rename(&new, &dll).with_context(|| format!("rename {}", new.display()))
    }

    fn install(&self) -> Result<()> {
        let prefix = self.prefix();
        if prefix.exists() {
            return Ok(());
        }
        // The name tells that it is complete, even if an earlier run was killed half-way.
        let new = prefix.with_extension("new");
        let _ = fs::remove_dir_all(&new);
        let mut wineboot = self.wine(&new);
        wineboot.args(["wineboot", "--init"]);
        let mut wineboot = Program::start("wineboot", wineboot, &Transcript::new())?;
        let status = wineboot.wait_for_exit(2 * PATIENCE)?;
        ensure!(status.success(), "wineboot: {status}");
        wineserver(&new, "--wait")?;
        fs::rename(&new, &prefix).with_context(|| format!("rename {}", new.display()))
    }

    fn wine(&self, prefix: &Path) -> Command {
        let mut command = Command::new(WINE);
        command
            .env("WINEPREFIX", prefix)
            .env("WINEDEBUG", "-all")
            // No entries in the desktop's menus, no offer to install .NET and a browser.
            .env("WINEDLLOVERRIDES", "winemenubuilder.exe,mscoree,mshtml=")
            .env_remove("DISPLAY")
            .env("LC_ALL", "C.UTF-8");
        command
    }

    fn programs(&self) -> PathBuf {
        self.folder.join(TARGET).join("debug")
    }

    fn prefix(&self) -> PathBuf {
        self.folder.join("wine")
    }
}

/// What the machine lacks, with the Debian package that has it.
pub fn missing() -> Option<String> {
    let needed = [
        (RUSTC, "rustc-web"),
        (STD_SOURCE, "rust-web-src"),
        (GCC, "gcc-mingw-w64-x86-64"),
        (WINE, "wine64"),
        (WINESERVER, "wine64"),
    ];
    let absent = needed.iter().find(|(file, _)| !Path::new(file).exists());
    if let Some((file, package)) = absent {
        return Some(format!("no {file} (Debian package {package})"));
    }
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let found = rustc_version().unwrap_or_default();
    (numbers(&found) < numbers(wanted)).then(|| {
        format!("{RUSTC} is too old: {found:?} instead of {wanted} (Debian package rustc-web)")
    })
}

/// The number in "rustc 1.96.0 (ac68faa20 2026-05-25)".
fn rustc_version() -> Option<String> {
    let output = Command::new(RUSTC).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(' ').nth(1).map(str::to_owned)
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|n| n.parse().ok()).collect()
}

/// Every folder in labs/ is a package of that name.
fn labs() -> Result<Vec<String>> {
    let mut labs = Vec::new();
    for entry in fs::read_dir(Path::new(ROOT).join("labs")).context("list labs/")? {
        let lab = entry.context("list labs/")?.file_name();
        let lab = lab.to_string_lossy().into_owned();
        if !LINUX_ONLY.contains(&lab.as_str()) {
            labs.push(lab);
        }
    }
    Ok(labs)
}

fn wineserver(prefix: &Path, what: &str) -> Result<ExitStatus, Failure> {
    let mut command = Command::new(WINESERVER);
    command.arg(what).env("WINEPREFIX", prefix);
    Program::start("wineserver", command, &Transcript::new())?.wait_for_exit(PATIENCE)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("start {command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
