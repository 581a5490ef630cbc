//! What the grader and its workers say to each other: a job on the worker's stdin, then a line of
//! JSON on its stdout for everything that happens.

use std::path::PathBuf;
use std::time::Duration;

use checks::{CheckResult, Limits};
use serde::{Deserialize, Serialize};

/// How many checks of a submission run at once: most of them mostly wait.
const THREADS: usize = 8;

/// How long a worker may take, unless it is said.
const LIMIT: Duration = Duration::from_secs(1800);

/// One submission to be judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The submission's folder, where the worker can read it.
    pub folder: PathBuf,
    /// The text of a manifest that stands in for the submission's own.
    pub manifest: Option<String>,
    /// The programs to be judged; none means all that are declared.
    pub programs: Vec<String>,
    /// Tasks that count as attempted, whatever the manifest says.
    pub tasks: Option<Vec<String>>,
    /// Parts of the names of the checks to be run; none means all.
    pub chosen: Vec<String>,
    /// Names of checks to be run before all others.
    pub first: Vec<String>,
    /// When the worker is ended, whatever it does; a submission has half of it to build.
    pub limit: Duration,
    /// The number that random texts follow from.
    pub seed: u64,
    /// The language of explanations: `en` or `ru`.
    pub lang: String,
    /// How many checks run at once.
    pub threads: usize,
    /// The folder for temporary files, if the worker has to remove it when nobody waits for it.
    pub temporary: Option<PathBuf>,
    /// How programs are kept apart; `None`: they are not.
    pub sandbox: Option<SandboxJob>,
    /// Whether a verdict that rests on a deadline gets no second look.
    pub is_hasty: bool,
    /// Whether results keep the exchange of checks that pass.
    pub keep_transcripts: bool,
}

impl Job {
    /// All checks of everything that is declared, outside a sandbox; the folder is still to be named.
    pub fn new(seed: u64) -> Self {
        Self {
            folder: PathBuf::new(),
            manifest: None,
            programs: Vec::new(),
            tasks: None,
            chosen: Vec::new(),
            first: Vec::new(),
            limit: LIMIT,
            seed,
            lang: common::tr!("en", "ru"),
            threads: THREADS,
            temporary: None,
            sandbox: None,
            is_hasty: false,
            keep_transcripts: false,
        }
    }
}

/// What a worker needs to know about sandboxes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SandboxJob {
    /// Folders with interpreters: where they are, and where programs look for them.
    pub read_only: Vec<(PathBuf, PathBuf)>,
    /// What programs may use.
    pub limits: Limits,
    /// An empty folder for the copies, which the worker mounts a bounded file system on.
    pub scratch: PathBuf,
}

/// What a worker tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// These programs will be judged by these checks.
    Plan {
        /// Whose work it is, as the manifest says.
        student: Option<String>,
        /// The programs, with the names of their checks in order.
        programs: Vec<(String, Vec<String>)>,
    },
    /// A check has ended.
    Ended {
        /// The program.
        program: String,
        /// What has come of it.
        result: CheckResult,
    },
    /// The submission cannot be judged, for this reason.
    Problem(String),
    /// All is said.
    Done,
}
