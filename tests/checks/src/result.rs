//! What has come of a check.

use common::tr;
use harness::{Entry, Outcome};
use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The program does what it should.
    Pass,
    /// It did something else than expected.
    Fail,
    /// It ended although it should have gone on.
    Crashed,
    /// It did nothing for as long as the check waits.
    Hung,
    /// It listens on another port than the one it was told.
    WrongPort,
    /// The submission does not have what the check is about.
    NotAttempted,
    /// It did not run: a check that it builds on has failed, or the machine lacks something.
    Skipped,
    /// It could not do its work; the program is not to blame.
    Inconclusive,
}

impl Verdict {
    /// Whether the program is to blame.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Fail | Self::Crashed | Self::Hung | Self::WrongPort
        )
    }

    /// The verdict in a word or two.
    pub fn text(self) -> String {
        match self {
            Self::Pass => tr!("passed", "пройдено"),
            Self::Fail => tr!("failed", "не пройдено"),
            Self::Crashed => tr!("crashed", "аварийное завершение"),
            Self::Hung => tr!("hung", "зависание"),
            Self::WrongPort => tr!("wrong port", "не тот порт"),
            Self::NotAttempted => tr!("not attempted", "не выполнялось"),
            Self::Skipped => tr!("skipped", "пропущено"),
            Self::Inconclusive => tr!("inconclusive", "проверка не состоялась"),
        }
    }
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fail => Self::Fail,
            Outcome::Crashed => Self::Crashed,
            Outcome::Hung => Self::Hung,
            Outcome::WrongPort => Self::WrongPort,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::NotAttempted => Self::NotAttempted,
        }
    }
}

/// What has come of one check of one program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check's name, such as `echo/utf8-split`.
    pub id: String,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took, in seconds, all runs together.
    pub seconds: f64,
    /// One sentence: what went wrong, or why it did not run; empty if it passed.
    pub what: String,
    /// The check that tells why this one did not run, if it is not the one that this one builds on.
    pub because: Option<String>,
    /// One sentence on the likely cause, if there is one.
    pub cause: Option<String>,
    /// What was expected and what came instead, if it was about bytes.
    pub difference: Option<Difference>,
    /// The steps and the exchange of a failure; of a check that passed, only if they are asked for.
    pub transcript: Vec<Entry>,
    /// What a reader of the verdict should know: that it was confirmed, or ran again and why.
    pub remarks: Vec<String>,
}

/// Bytes that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What should have come.
    #[serde(with = "harness::hex")]
    pub expected: Vec<u8>,
    /// What came.
    #[serde(with = "harness::hex")]
    pub received: Vec<u8>,
}

impl CheckResult {
    /// A result without a failure's details.
    pub fn new(id: &str, verdict: Verdict, what: String) -> Self {
        Self {
            id: id.to_owned(),
            verdict,
            seconds: 0.0,
            what,
            because: None,
            cause: None,
            difference: None,
            transcript: Vec::new(),
            remarks: Vec::new(),
        }
    }
}
