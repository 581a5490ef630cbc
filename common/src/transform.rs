//! What an echo server does to the text: a byte stream comes in, in portions that can end inside a
//! letter.

use std::borrow::Cow;

use crate::incomplete_tail;

/// The kinds of echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Transform {
    /// Letters of any script in upper case
    Upper,
    /// Only the letters a to z in upper case
    Ascii,
    /// The bytes as they came
    None,
}

/// A stream of text on its way through a [`Transform`]; it remembers the beginning of a character
/// that was cut in two.
#[derive(Debug)]
pub struct Text {
    transform: Transform,
    begun: Begun,
}

/// The first bytes of a character whose rest is still to come: at most three (RFC 3629, section 3).
#[derive(Clone, Copy, Debug, Default)]
struct Begun {
    bytes: [u8; 3],
    n_bytes: u8,
}

impl Text {
    /// The beginning of a stream.
    pub fn new(transform: Transform) -> Self {
        Self {
            transform,
            begun: Begun::default(),
        }
    }

    /// The answer to the next portion, in the portion's own place where it fits there: bytes that are
    /// not UTF-8 come back as they were, and the number of bytes may change ("ı" becomes "I").
    pub fn portion<'a>(&mut self, portion: &'a mut [u8]) -> Cow<'a, [u8]> {
        match self.transform {
            Transform::None => {}
            Transform::Ascii => portion.make_ascii_uppercase(),
            Transform::Upper if self.begun.n_bytes == 0 && upper_if_ascii(portion) => {}
            Transform::Upper => return Cow::Owned(self.upper_case(portion)),
        }
        Cow::Borrowed(portion)
    }

    /// What is left at the end of the stream: the beginning of a character that was never finished.
    pub fn end(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.begun).as_bytes().to_vec()
    }

    fn upper_case(&mut self, portion: &[u8]) -> Vec<u8> {
        let bytes = [self.begun.as_bytes(), portion].concat();
        let (whole, begun) = bytes.split_at(bytes.len() - incomplete_tail(&bytes));
        self.begun = Begun::new(begun);
        let mut upper = Vec::with_capacity(whole.len());
        for chunk in whole.utf8_chunks() {
            upper.extend_from_slice(chunk.valid().to_uppercase().as_bytes());
            upper.extend_from_slice(chunk.invalid());
        }
        upper
    }
}

/// Whether all of `portion` is ASCII, where no letter is cut in two and none changes its length; then
/// it is in upper case now. If not, its beginning may be, which changes nothing: upper case stays so.
fn upper_if_ascii(portion: &mut [u8]) -> bool {
    // Pieces that the processor's cache holds are looked through twice at the price of once.
    portion.chunks_mut(4096).all(|piece| {
        let is_ascii = piece.is_ascii();
        if is_ascii {
            piece.make_ascii_uppercase();
        }
        is_ascii
    })
}

impl Begun {
    fn new(begun: &[u8]) -> Self {
        let mut bytes = [0; 3];
        bytes[..begun.len()].copy_from_slice(begun);
        Self {
            bytes,
            n_bytes: begun.len() as u8,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.n_bytes.into()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(transform: Transform, portions: &[&[u8]]) -> Vec<u8> {
        let mut text = Text::new(transform);
        let mut answer = Vec::new();
        for portion in portions {
            answer.extend_from_slice(&text.portion(&mut portion.to_vec()));
        }
        answer.extend(text.end());
        answer
    }

    #[test]
    fn a_letter_cut_at_any_byte_is_put_together() {
        let stream = "Straße, мир €😀ŉ".as_bytes();
        let wanted = "STRASSE, МИР €😀ʼN".as_bytes();
        for cut in 0..=stream.len() {
            let (one, two) = stream.split_at(cut);
            assert_eq!(
                answer(Transform::Upper, &[one, two]),
                wanted,
                "cut at {cut}"
            );
        }
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(answer(Transform::Upper, &single), wanted);
    }

    #[test]
    fn what_is_no_text_comes_back_as_it_was() {
        assert_eq!(
            answer(Transform::Upper, &[b"a\xff\xd0", b"b\xf0\x9f"]),
            b"A\xff\xd0B\xf0\x9f"
        );
        assert_eq!(
            answer(Transform::Ascii, &["aя\u{df}".as_bytes()]),
            "Aя\u{df}".as_bytes()
        );
        assert_eq!(answer(Transform::None, &["aя".as_bytes()]), "aя".as_bytes());
    }
}
