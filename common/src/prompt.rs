//! Questions at the console, for `--ask`.

use std::fmt::Display;
use std::io::{self, BufRead, Read, Write};

use anyhow::{Context, Result};

use crate::tr;

/// The longest answer, in bytes; what is beyond counts as another one.
const LONGEST: u64 = 1024;

/// Asks on stderr, `question [default]: `, and reads the answer from stdin until `parse` accepts
/// it.
///
/// An empty line, and the end of the input, take the default; a bad answer is explained and asked
/// for again. Blocks until a line comes. What stdin holds after the answer stays there for the next
/// reader of [`io::stdin`].
///
/// # Errors
/// If stdin cannot be read.
pub fn ask<T: Display>(
    question: &str,
    default: T,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T> {
    ask_from(io::stdin().lock(), io::stderr(), question, default, parse)
}

fn ask_from<T: Display>(
    mut input: impl BufRead,
    mut console: impl Write,
    question: &str,
    default: T,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T> {
    loop {
        // A closed console is no reason to stop: the default can still be taken.
        let _ = write!(console, "{question} [{default}]: ");
        let _ = console.flush();
        let mut line = Vec::new();
        let n_bytes = input.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        let n_bytes = n_bytes.context("read stdin")?;
        let answer = String::from_utf8_lossy(&line);
        match answer.trim() {
            "" => {
                if n_bytes == 0 {
                    let _ = writeln!(console);
                }
                return Ok(default);
            }
            answer => match parse(answer) {
                Ok(value) => return Ok(value),
                Err(reason) => {
                    let answer = crate::escape(answer.as_bytes());
                    let complaint = tr!(
                        "`{answer}` will not do: {reason}",
                        "«{answer}» не подходит: {reason}"
                    );
                    let _ = writeln!(console, "{complaint}");
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(input: &[u8]) -> (u16, String) {
        let mut console = Vec::new();
        let parse = |text: &str| text.parse().map_err(|_| "no port".to_owned());
        let port = ask_from(input, &mut console, "port", 9090, parse).unwrap();
        (port, String::from_utf8(console).unwrap())
    }

    #[test]
    fn takes_the_answer_or_the_default() {
        assert_eq!(answer(b"8080\n"), (8080, "port [9090]: ".into()));
        assert_eq!(answer(b"  8080 \r\n").0, 8080);
        assert_eq!(answer(b"\n").0, 9090);
        assert_eq!(answer(b""), (9090, "port [9090]: \n".into()));
    }

    #[test]
    fn asks_again_after_a_bad_answer() {
        let (port, console) = answer(b"abc\n70000\n\xff\x1b\n8080\n");
        assert_eq!(port, 8080);
        assert_eq!(console.matches("port [9090]: ").count(), 4);
        assert!(console.contains("`abc` will not do: no port"), "{console}");
        assert!(!console.contains('\x1b'), "{console}");
    }

    #[test]
    fn a_bad_answer_before_the_end_of_input_ends_with_the_default() {
        assert_eq!(answer(b"abc").0, 9090);
    }
}
