//! What went wrong, in terms that a report can explain.

use std::fmt;
use std::io;

/// The end of a check that did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The program did something else than expected.
    Fail,
    /// The program ended although it should have gone on.
    Crashed,
    /// The program did nothing for as long as the check waits.
    Hung,
    /// The program listens on another port than the check was told.
    WrongPort,
    /// The check could not do its work; the program is not to blame.
    Inconclusive,
    /// The check is about something that cannot be done with this program, such as reading the
    /// console of one that runs elsewhere.
    NotAttempted,
}

/// A failed expectation: what was expected, what came instead.
#[derive(Debug)]
pub struct Failure {
    /// How it ended.
    pub outcome: Outcome,
    /// One sentence: what went wrong, in the chosen language.
    pub what: String,
    /// The bytes that were expected, and those that came.
    pub difference: Option<(Vec<u8>, Vec<u8>)>,
    /// One sentence on the likely cause, if this failure points to one.
    pub cause: Option<String>,
}

impl Failure {
    /// The program did something else than expected.
    pub fn new(what: impl Into<String>) -> Self {
        Self::with_outcome(Outcome::Fail, what)
    }

    /// A failure with another outcome.
    pub fn with_outcome(outcome: Outcome, what: impl Into<String>) -> Self {
        Self {
            outcome,
            what: what.into(),
            difference: None,
            cause: None,
        }
    }

    /// The check itself could not work, because of `error`.
    pub fn inconclusive(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::with_outcome(Outcome::Inconclusive, format!("{what}: {error}"))
    }

    /// The same with the bytes expected and received.
    #[must_use]
    pub fn difference(mut self, expected: &[u8], received: &[u8]) -> Self {
        self.difference = Some((expected.to_vec(), received.to_vec()));
        self
    }

    /// The same with the likely cause, unless a nearer one is known already.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause.get_or_insert(cause.into());
        self
    }

    /// The same if there is a likely cause.
    #[must_use]
    pub fn cause_if(self, cause: Option<String>) -> Self {
        match cause {
            Some(cause) => self.cause(cause),
            None => self,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}
