//! The inner sandbox: a program under check shares the network with the checks, and nothing else.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// How programs are started so that they see a read-only system, their own copy of the sources, and
/// neither the checks nor anybody else's files or processes: by bubblewrap, bwrap(1).
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// What else than the system is to be seen, read-only: where it is, and where it is to be seen.
    pub read_only: Vec<(PathBuf, PathBuf)>,
    /// What one process, or all of them together, may use.
    pub limits: Limits,
}

/// Limits of a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Bytes of memory of all processes together.
    pub memory: u64,
    /// Processes and threads of one started program.
    pub processes: u64,
    /// Bytes of one file, and of all files together.
    pub file: u64,
}

impl Default for Limits {
    /// Ample for a student's program, a compiler or a Java machine.
    fn default() -> Self {
        Self {
            memory: 2 << 30,
            processes: 256,
            file: 256 << 20,
        }
    }
}

/// The parts of /etc that programs need: shared libraries, names, time zones, certificates, and
/// what chooses among alternatives.
const ETC: &[&str] = &[
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "passwd",
    "group",
    "hosts",
    "host.conf",
    "nsswitch.conf",
    "gai.conf",
    "services",
    "protocols",
    "localtime",
    "timezone",
    "ssl",
    "ca-certificates",
    "python3",
    "python3.11",
    "java-17-openjdk",
    "mono",
    "locale.alias",
];

impl Sandbox {
    /// What programs find in their environment, besides what a submission asks for.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        let mut variables = vec![("PATH", path), ("HOME", "/tmp".into())];
        // Where rustup keeps the compilers; cargo writes to its own home.
        let rustup = std::env::var_os("RUSTUP_HOME");
        variables.extend(rustup.map(|folder| ("RUSTUP_HOME", folder)));
        variables.push(("CARGO_HOME", "/tmp/cargo".into()));
        variables
    }

    /// Starts a program that does nothing, with folders in `folder` for its own.
    ///
    /// # Errors
    /// If it cannot be started, with what was said.
    pub fn try_out(&self, folder: &Path) -> io::Result<()> {
        let (own, temporary) = (folder.join("own"), folder.join("temporary"));
        std::fs::create_dir(&own)?;
        let words = self.wrapper(&own, &own, &temporary)?;
        let output = Command::new(&words[0])
            .args(&words[1..])
            .arg("true")
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(said.trim().to_owned()))
    }

    /// The words before a command that runs in `folder`, and may write in `writable`. The new folder
    /// `temporary` is for /tmp and /dev/shm, and no program may have had it in its hands before:
    /// what was a folder could have become a link.
    ///
    /// # Errors
    /// If `temporary` cannot be made.
    pub(crate) fn wrapper(
        &self,
        writable: &Path,
        folder: &Path,
        temporary: &Path,
    ) -> io::Result<Vec<OsString>> {
        let mut words = Words(vec!["bwrap".into()]);
        let namespaces = ["user", "pid", "ipc", "uts"];
        for namespace in namespaces {
            words.option(&format!("--unshare-{namespace}"), &[]);
        }
        words.option("--unshare-cgroup-try", &[]);
        if *DISABLES_USERNS {
            words.option("--disable-userns", &[]);
        }
        words.option("--die-with-parent", &[]);
        words.option("--uid", &["1000".as_ref()]);
        words.option("--gid", &["1000".as_ref()]);
        words.system();
        words.option("--proc", &["/proc".as_ref()]);
        words.option("--dev", &["/dev".as_ref()]);
        for (name, place) in [("shm", "/dev/shm"), ("tmp", "/tmp")] {
            let from = temporary.join(name);
            std::fs::create_dir_all(&from)?;
            words.option("--bind", &[&from, place.as_ref()]);
        }
        for (from, to) in &self.read_only {
            words.option("--ro-bind-try", &[from, to]);
        }
        words.option("--bind", &[writable, writable]);
        // What bwrap has put together are file systems in memory without a bound.
        for place in ["/dev", "/"] {
            words.option("--remount-ro", &[place.as_ref()]);
        }
        words.option("--chdir", &[folder]);
        words.option("--", &[]);
        words.limits(&self.limits);
        Ok(words.0)
    }
}

/// Whether bwrap can keep a program from making user namespaces of its own, in which it could mount
/// file systems in memory without a bound: from version 0.8 on.
static DISABLES_USERNS: LazyLock<bool> = LazyLock::new(|| {
    let help = Command::new("bwrap").arg("--help").output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--disable-userns"))
});

/// The words of a command.
struct Words(Vec<OsString>);

impl Words {
    fn option(&mut self, name: &str, values: &[&Path]) {
        self.0.push(name.into());
        self.0.extend(values.iter().map(OsString::from));
    }

    /// The system itself, read-only. `/bin` and its sisters are links into `/usr` on most systems.
    fn system(&mut self) {
        self.option("--ro-bind", &["/usr".as_ref(), "/usr".as_ref()]);
        for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            match std::fs::read_link(name) {
                Ok(target) => self.option("--symlink", &[&target, name.as_ref()]),
                Err(_) => self.option("--ro-bind-try", &[name.as_ref(), name.as_ref()]),
            }
        }
        self.option("--ro-bind-try", &["/opt".as_ref(), "/opt".as_ref()]);
        for name in ETC {
            let path = Path::new("/etc").join(name);
            self.option("--ro-bind-try", &[&path, &path]);
        }
    }

    /// What bounds each process; it lasts through exec: choom(1), prlimit(1).
    fn limits(&mut self, limits: &Limits) {
        // If memory runs out, it is the student's program that goes; it may make itself an equal of
        // others again, not more.
        self.option("choom", &["-n".as_ref(), "1000".as_ref(), "--".as_ref()]);
        self.option("prlimit", &[]);
        let (memory, file, processes) = (limits.memory, limits.file, limits.processes);
        for limit in [
            format!("--data={memory}"),
            format!("--fsize={file}"),
            format!("--nproc={processes}"),
            "--nofile=1024".into(),
            "--core=0".into(),
        ] {
            self.option(&limit, &[]);
        }
        self.option("--", &[]);
    }
}
