//! What goes out and what has to come back.

use std::iter;

use anyhow::{Result, bail};
use common::{Transform, excerpt, tr};

/// The most that is sent or received with one call.
pub(crate) const PIECE: usize = 256 * 1024;

/// The letters of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Alphabet {
    /// Latin letters, one byte each
    Ascii,
    /// Cyrillic letters, two bytes each
    Cyrillic,
}

impl Alphabet {
    /// A message of `size` bytes that ends with a newline.
    pub(crate) fn message(self, size: usize) -> String {
        let words = match self {
            Self::Ascii => "the quick brown fox jumps over the lazy dog ",
            Self::Cyrillic => "съешь ещё этих мягких французских булок, да выпей чаю ",
        };
        let mut text = String::with_capacity(size);
        for letter in words.chars().cycle() {
            if text.len() + letter.len_utf8() >= size {
                break;
            }
            text.push(letter);
        }
        // A letter of two bytes may not fit where one byte is left.
        text.extend(iter::repeat_n('.', size - 1 - text.len()));
        text + "\n"
    }
}

/// The right answer to `message`: as long as the message, for these letters. Not made by what the
/// servers make theirs with, so that a mistake in that is found.
pub(crate) fn answer(message: &str, transform: Transform) -> String {
    match transform {
        Transform::Upper => message.to_uppercase(),
        Transform::Ascii => message.to_ascii_uppercase(),
        Transform::None => message.to_owned(),
    }
}

/// A text again and again without end, of which every piece of up to [`PIECE`] bytes lies in one
/// place: one `send`, one comparison.
pub(crate) struct Endless {
    bytes: Vec<u8>,
    period: u64,
}

impl Endless {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.bytes().cycle().take(text.len() + PIECE).collect();
        let period = text.len() as u64;
        Self { bytes, period }
    }

    /// The bytes from offset `at` of the stream on, `most` of them, but no more than [`PIECE`].
    pub(crate) fn piece(&self, at: u64, most: usize) -> &[u8] {
        let start = (at % self.period) as usize;
        &self.bytes[start..start + most.min(PIECE)]
    }

    /// Compares what came at offset `at` of the stream, at most [`PIECE`] bytes, with what belongs
    /// there.
    ///
    /// # Errors
    /// If they differ; with the place and both texts.
    pub(crate) fn verify(&self, received: &[u8], at: u64) -> Result<()> {
        let expected = self.piece(at, received.len());
        if received == expected {
            return Ok(());
        }
        let pairs = received.iter().zip(expected);
        let same = pairs.take_while(|(one, other)| one == other).count();
        let (wrong, right) = (excerpt(&received[same..]), excerpt(&expected[same..]));
        let place = at + same as u64;
        bail!(tr!(
            "wrong answer at byte {place} of the stream: \"{wrong}\" instead of \"{right}\"",
            "неверный ответ, байт {place} потока: «{wrong}» вместо «{right}»"
        ))
    }
}

/// Length of what ctime(3) makes of a time: `Sun Nov 22 00:17:10 2026\n`.
pub(crate) const CTIME_LEN: usize = 25;

/// Whether `text` has the shape of what ctime(3) makes of a time.
pub(crate) fn is_ctime(text: &[u8]) -> bool {
    let shape: &[u8; CTIME_LEN] = b"Aaa Aaa _0 00:00:00 0000\n";
    text.len() == CTIME_LEN
        && text.iter().zip(shape).all(|(byte, wanted)| match wanted {
            b'A' => byte.is_ascii_uppercase(),
            b'a' => byte.is_ascii_lowercase(),
            b'0' => byte.is_ascii_digit(),
            // The day of the month is padded with a space.
            b'_' => *byte == b' ' || byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_size_and_one_newline() {
        for alphabet in [Alphabet::Ascii, Alphabet::Cyrillic] {
            for size in [1, 2, 3, 4, 63, 64, 1000] {
                let message = alphabet.message(size);
                assert_eq!(message.len(), size);
                assert_eq!(message.find('\n'), Some(size - 1));
            }
        }
    }

    #[test]
    fn an_answer_is_as_long_as_its_message() {
        for alphabet in [Alphabet::Ascii, Alphabet::Cyrillic] {
            let message = alphabet.message(500);
            for transform in [Transform::Upper, Transform::Ascii, Transform::None] {
                assert_eq!(answer(&message, transform).len(), message.len());
            }
            assert_ne!(answer(&message, Transform::Upper), message);
        }
        assert_eq!(answer("aя\n", Transform::Upper), "AЯ\n");
        assert_eq!(answer("aя\n", Transform::Ascii), "Aя\n");
    }

    #[test]
    fn any_piece_of_the_stream_is_the_text_repeated() {
        let stream = Endless::new("abc\n");
        assert_eq!(stream.piece(0, 6), b"abc\nab");
        assert_eq!(stream.piece(3, 3), b"\nab");
        assert_eq!(stream.piece(4_000_000_000_003, 1), b"\n");
        assert_eq!(stream.piece(3, usize::MAX).len(), PIECE);
    }

    #[test]
    fn a_wrong_byte_is_found_at_any_offset() {
        let stream = Endless::new("ABC\n");
        assert!(stream.verify(b"C\nABC", 6).is_ok());
        for (received, at) in [(&b"ABc"[..], 0), (b"ABC", 1), (b"A", 7), (b"\n\n", 3)] {
            assert!(stream.verify(received, at).is_err(), "{received:?} at {at}");
        }
        let error = stream.verify(b"\nABx", 11).unwrap_err().to_string();
        assert!(error.contains("byte 14 of the stream: \"x\""), "{error}");
    }

    #[test]
    fn knows_the_shape_of_ctime() {
        assert!(is_ctime(b"Sun Nov 22 00:17:10 2026\n"));
        assert!(is_ctime(b"Sun Nov  1 00:17:10 2026\n"));
        for wrong in [
            &b""[..],
            b"Sun Nov 22 00:17:10 2026",
            b"Sun Nov 22 00:17:10 2026\n\n",
            b"sun Nov 22 00:17:10 2026\n",
            b"Sun Nov 22 00.17:10 2026\n",
            b"2026-11-22T00:17:10+0300\n",
        ] {
            assert!(!is_ctime(wrong), "{wrong:?}");
        }
    }
}
