//! Bytes as Python writes them: readable where they are text.

use std::fmt::Write as _;

/// What fits into a line of the exchange.
const SHORT: usize = 120;

/// A text that is longer does not stand in the script: another one of its length does.
const LONG: usize = 16 << 10;

/// How much of a long text stands in one line.
const LINE: usize = 80;

/// The literals of one script; long ones are defined before they are used.
#[derive(Default)]
pub(crate) struct Literals {
    long: Vec<(Vec<u8>, String)>,
}

impl Literals {
    /// What is sent; the script may send other letters if there are very many.
    pub(crate) fn sent(&mut self, bytes: &[u8]) -> String {
        let letters = bytes.iter().all(u8::is_ascii_lowercase);
        if bytes.len() <= LONG || !letters || self.known(bytes).is_some() {
            return self.exact(bytes);
        }
        let n_bytes = bytes.len();
        self.define(bytes, format!("letters({n_bytes})"))
    }

    /// These very bytes, or what stands for them since [`Literals::sent`].
    pub(crate) fn exact(&mut self, bytes: &[u8]) -> String {
        if let Some(short) = self.short(bytes) {
            return short;
        }
        let lines = bytes.chunks(LINE).map(literal).collect::<Vec<_>>();
        self.define(bytes, format!("(\n    {}\n)", lines.join("\n    + ")))
    }

    /// The same if that takes no more than a line.
    pub(crate) fn short(&self, bytes: &[u8]) -> Option<String> {
        let first = bytes.first();
        if bytes.len() > 8 && bytes.iter().all(|byte| Some(byte) == first) {
            return Some(format!("{} * {}", literal(&bytes[..1]), bytes.len()));
        }
        let short = || (bytes.len() <= SHORT).then(|| literal(bytes));
        self.known(bytes).or_else(short)
    }

    fn known(&self, bytes: &[u8]) -> Option<String> {
        self.long
            .iter()
            .enumerate()
            .find_map(|(index, (known, _))| {
                let name = format!("TEXT_{}", index + 1);
                if known == bytes {
                    Some(name)
                } else {
                    (known.to_ascii_uppercase() == bytes).then(|| format!("{name}.upper()"))
                }
            })
    }

    fn define(&mut self, bytes: &[u8], expression: String) -> String {
        self.long.push((bytes.to_vec(), expression));
        format!("TEXT_{}", self.long.len())
    }

    /// What the script says before the exchange.
    pub(crate) fn definitions(&self) -> String {
        let mut text = String::new();
        if self
            .long
            .iter()
            .any(|(_, expression)| expression.starts_with("letters"))
        {
            let note = common::tr!(
                "The check sent other letters, as many.",
                "Проверка посылала другие буквы, столько же."
            );
            let _ = write!(
                text,
                "\n\ndef letters(n_bytes):\n    \"\"\"{note}\"\"\"\n    \
                 alphabet = b\"abcdefghijklmnopqrstuvwxyz\"\n    \
                 return bytes(alphabet[i * i % 26] for i in range(n_bytes))\n\n\n"
            );
        }
        for (index, (_, expression)) in self.long.iter().enumerate() {
            let _ = writeln!(text, "TEXT_{} = {expression}", index + 1);
        }
        text
    }
}

/// Bytes as an expression: what is text stands there as text.
pub(crate) fn literal(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "b\"\"".into();
    }
    let mut parts = Vec::new();
    for chunk in bytes.utf8_chunks() {
        match chunk.valid() {
            "" => {}
            valid if valid.is_ascii() => parts.push(format!("b{}", text(valid))),
            valid => parts.push(format!("{}.encode()", text(valid))),
        }
        let invalid: String = chunk
            .invalid()
            .iter()
            .map(|byte| format!("\\x{byte:02x}"))
            .collect();
        if !invalid.is_empty() {
            parts.push(format!("b\"{invalid}\""));
        }
    }
    if parts.len() > 4 {
        let all: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        return format!("b\"{all}\"");
    }
    parts.join(" + ")
}

/// A text in quotes, with what cannot be seen escaped.
pub(crate) fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() && c.is_ascii() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
            c if common::escape(c.encode_utf8(&mut [0; 4]).as_bytes()).len() > 4 => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_text_stays_readable() {
        assert_eq!(literal(b"a\n\"\\\0"), r#"b"a\n\"\\\x00""#);
        assert_eq!(literal("эхо".as_bytes()), r#""эхо".encode()"#);
        assert_eq!(literal(b"\xb9\xd1\x8c ok"), r#"b"\xb9" + "ь ok".encode()"#);
        assert_eq!(literal(b""), r#"b"""#);
        assert_eq!(
            literal(b"\xff a \xff b \xff c"),
            r#"b"\xff\x20\x61\x20\xff\x20\x62\x20\xff\x20\x63""#
        );
    }

    #[test]
    fn long_texts_are_defined_once() {
        let mut literals = Literals::default();
        assert_eq!(literals.sent(&[b'x'; 5000]), "b\"x\" * 5000");
        let text: Vec<u8> = (0..20_000_u32)
            .map(|i| b'a' + u8::try_from(i % 26).unwrap())
            .collect();
        assert_eq!(literals.sent(&text), "TEXT_1");
        assert_eq!(literals.exact(&text.to_ascii_uppercase()), "TEXT_1.upper()");
        assert!(literals.definitions().contains("TEXT_1 = letters(20000)"));
        assert_eq!(literals.exact(&text[..1000]), "TEXT_2");
    }
}
