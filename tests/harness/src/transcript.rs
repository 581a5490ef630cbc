//! The record of an exchange: who sent what, when, in which pieces, and what came back.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::{escape, tr};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Time since the transcript began.
    pub at: Duration,
    /// Who did it: "client 1", "server", or "" for a step of the check.
    pub who: String,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The check begins a step.
    Step(String),
    /// Bytes went out in one send.
    Sent(#[serde(with = "hex")] Vec<u8>),
    /// Bytes came in with one receive.
    Received(#[serde(with = "hex")] Vec<u8>),
    /// The program wrote a line to its console.
    Line(String),
    /// A connection begins or ends.
    Link(Link),
    /// A line was typed at the program's console.
    Typed(#[serde(with = "hex")] Vec<u8>),
    /// Something else: a start, a signal, a wait.
    Note(String),
}

/// How a connection begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// This end connects to a server.
    Connects(SocketAddr),
    /// This end accepts a client.
    Accepts(SocketAddr),
    /// The datagram that follows goes there.
    SendsTo(SocketAddr),
    /// This end will send no more (FIN).
    EndsHalf,
    /// This end resets the connection (RST).
    Resets,
    /// This end closes the connection.
    Closes,
    /// The other end sends no more (FIN).
    SeesEnd,
    /// The other end has reset the connection (RST).
    SeesReset,
}

impl What {
    /// How many bytes it takes to keep it, about.
    fn n_bytes(&self) -> usize {
        match self {
            Self::Sent(bytes) | Self::Received(bytes) | Self::Typed(bytes) => bytes.len(),
            Self::Step(text) | Self::Line(text) | Self::Note(text) => text.len(),
            Self::Link(_) => 0,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Connects(server) => tr!("connects to {server}", "подключается к {server}"),
            Self::Accepts(client) => tr!("accepts {client}", "принимает {client}"),
            Self::SendsTo(address) => tr!("sends to {address}", "отправляет на {address}"),
            Self::EndsHalf => tr!("-> end of stream", "-> конец потока"),
            Self::Resets => tr!("-> reset", "-> сброс соединения"),
            Self::Closes => tr!("closes", "закрывает соединение"),
            Self::SeesEnd => tr!("<- end of stream", "<- конец потока"),
            Self::SeesReset => tr!("<- reset", "<- сброс соединения"),
        };
        f.write_str(&text)
    }
}

/// The record of one check, shared by all that take part in it.
#[derive(Clone, Debug)]
pub struct Transcript {
    begun: Instant,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Entry>,
    n_bytes: usize,
}

/// Most entries shown; of a longer transcript the middle is left out.
const MOST_ENTRIES: usize = 80;

/// Most entries kept, and most bytes in them: a program that prints without end says nothing new.
const MOST_KEPT: usize = 20_000;
const MOST_BYTES: usize = 16 << 20;

impl Transcript {
    /// An empty record whose clock starts now.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            kept: Arc::default(),
        }
    }

    /// Begins a step of the check.
    pub fn step(&self, text: impl Into<String>) {
        self.add("", What::Step(text.into()));
    }

    /// Writes down that `who` did `what` now.
    pub fn add(&self, who: &str, what: What) {
        let entry = Entry {
            at: self.begun.elapsed(),
            who: who.to_owned(),
            what,
        };
        let mut kept = self.lock();
        if kept.entries.len() < MOST_KEPT && kept.n_bytes < MOST_BYTES {
            kept.n_bytes += entry.what.n_bytes();
            kept.entries.push(entry);
        }
    }

    /// All entries so far, in the order in which they were written down.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.entries()))
    }
}

/// The entries, a line each; of too many the middle is left out.
pub fn shown(entries: &[Entry]) -> String {
    let line = |entry: &Entry| format!("{entry}\n");
    let left_out = entries.len().saturating_sub(MOST_ENTRIES);
    if left_out == 0 {
        return entries.iter().map(line).collect();
    }
    let (head, rest) = entries.split_at(MOST_ENTRIES / 2);
    let head: String = head.iter().map(line).collect();
    let tail: String = rest[left_out..].iter().map(line).collect();
    format!("{head}            ... {left_out} ...\n{tail}")
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, who) = (self.at.as_secs_f64(), &self.who);
        match &self.what {
            What::Step(text) => write!(f, "{seconds:8.3} s  {text}"),
            What::Sent(bytes) => write!(f, "{seconds:8.3} s    {who} -> {}", bytes_shown(bytes)),
            What::Received(bytes) => {
                write!(f, "{seconds:8.3} s    {who} <- {}", bytes_shown(bytes))
            }
            What::Line(line) => {
                write!(f, "{seconds:8.3} s    {who} |  {}", escape(line.as_bytes()))
            }
            What::Link(link) => write!(f, "{seconds:8.3} s    {who} {link}"),
            What::Typed(text) => {
                let label = tr!("stdin", "ввод");
                write!(
                    f,
                    "{seconds:8.3} s    {who} {label}: {}",
                    common::excerpt(text)
                )
            }
            What::Note(text) => write!(f, "{seconds:8.3} s    {who} {text}"),
        }
    }
}

/// The bytes escaped, in quotes, with their number; of more than 120 the beginning and the end.
pub fn bytes_shown(bytes: &[u8]) -> String {
    const PART: usize = 60;
    let n_bytes = bytes.len();
    if n_bytes <= 2 * PART {
        return format!("\"{}\" ({n_bytes} B)", escape(bytes));
    }
    let (head, tail) = (&bytes[..PART], &bytes[n_bytes - PART..]);
    format!("\"{}...{}\" ({n_bytes} B)", escape(head), escape(tail))
}

/// Bytes as hexadecimal digits: in JSON half as long as a list of numbers, and readable.
pub mod hex {
    use std::fmt::Write as _;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Two digits for each byte.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        serializer.serialize_str(&digits)
    }

    /// The bytes that the digits stand for.
    ///
    /// # Errors
    /// If it is no text, or something else than pairs of hexadecimal digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let pairs = digits.as_bytes().chunks(2);
        let byte = |pair| {
            let digits = std::str::from_utf8(pair)
                .ok()
                .filter(|pair| pair.len() == 2);
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            byte.ok_or_else(|| D::Error::custom("no pairs of hexadecimal digits"))
        };
        pairs.map(byte).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_every_step_with_escaped_bytes() {
        let transcript = Transcript::new();
        transcript.step("connects");
        transcript.add("client 1", What::Sent(b"a\n\xff".to_vec()));
        let text = transcript.to_string();
        assert!(text.contains("s  connects\n"), "{text}");
        assert!(text.contains(r#"client 1 -> "a\n\xff" (3 B)"#), "{text}");
    }

    #[test]
    fn leaves_out_the_middle_of_what_is_too_long() {
        let transcript = Transcript::new();
        for number in 0..200 {
            transcript.step(format!("step {number};"));
        }
        let text = transcript.to_string();
        assert!(
            text.contains("step 0;") && text.contains("step 199;"),
            "{text}"
        );
        assert!(
            text.contains("... 120 ...") && !text.contains("step 100;"),
            "{text}"
        );
        assert!(bytes_shown(&[b'a'; 1000]).len() < 200);
    }
}
