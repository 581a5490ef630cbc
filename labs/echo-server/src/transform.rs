//! What the server does to the text: a byte stream comes in, in portions that can end inside a
//! letter.

use common::incomplete_tail;

/// The kinds of echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Transform {
    /// Letters of any script in upper case
    Upper,
    /// Only the letters a to z in upper case
    Ascii,
    /// The bytes as they came
    None,
}

/// A stream of text on its way through a [`Transform`]; it remembers the beginning of a character
/// that was cut in two.
pub(crate) struct Text {
    transform: Transform,
    /// At most three bytes: the first ones of a character whose rest is still to come.
    begun: Vec<u8>,
}

impl Text {
    pub(crate) fn new(transform: Transform) -> Self {
        Self {
            transform,
            begun: Vec::new(),
        }
    }

    /// The answer to the next portion. Bytes that are not UTF-8 come back as they were; the number
    /// of bytes may change ("ı" becomes "I").
    pub(crate) fn portion(&mut self, portion: &[u8]) -> Vec<u8> {
        match self.transform {
            Transform::None => portion.to_vec(),
            Transform::Ascii => portion.to_ascii_uppercase(),
            Transform::Upper => {
                let mut bytes = std::mem::take(&mut self.begun);
                bytes.extend_from_slice(portion);
                self.begun = bytes.split_off(bytes.len() - incomplete_tail(&bytes));
                upper_case(&bytes)
            }
        }
    }

    /// What is left at the end of the stream: the beginning of a character that was never finished.
    pub(crate) fn end(self) -> Vec<u8> {
        self.begun
    }
}

fn upper_case(bytes: &[u8]) -> Vec<u8> {
    let mut upper = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        upper.extend_from_slice(chunk.valid().to_uppercase().as_bytes());
        upper.extend_from_slice(chunk.invalid());
    }
    upper
}
