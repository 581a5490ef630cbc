//! Sources as words, texts and signs, without comments: as much of Python, C and Rust as it takes to
//! find calls and what they are given.

/// A language of students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    C,
    Rust,
}

/// A piece of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name or a number.
    Word(String),
    /// What stands between quotes.
    Text(String),
    /// Anything else; `\n` is the end of a line.
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    pub(crate) fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The tokens of a source.
pub(crate) fn tokens(source: &str, language: Language) -> Vec<Token> {
    let mut reader = Reader {
        rest: source,
        language,
        tokens: Vec::new(),
    };
    while !reader.rest.is_empty() {
        reader.step();
    }
    reader.tokens
}

struct Reader<'a> {
    rest: &'a str,
    language: Language,
    tokens: Vec<Token>,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        let Some(first) = self.rest.chars().next() else {
            return;
        };
        if self.skips_comment() {
            return;
        }
        if first == '"' || first == '\'' && !self.is_lifetime() {
            return self.quoted(first);
        }
        if first.is_alphanumeric() || first == '_' {
            let word = self.take_while(|c| c.is_alphanumeric() || c == '_');
            let is_prefix = word.len() <= 2 && word.chars().all(|c| "rbfuRBFULc".contains(c));
            if is_prefix && self.rest.starts_with(['"', '\'']) {
                return;
            }
            let word = if first.is_ascii_digit() {
                word.replace('_', "")
            } else {
                word.to_owned()
            };
            return self.tokens.push(Token::Word(word));
        }
        self.rest = &self.rest[first.len_utf8()..];
        if first == '\n' || !first.is_whitespace() {
            self.tokens.push(Token::Sign(first));
        }
    }

    fn skips_comment(&mut self) -> bool {
        let line = if self.language == Language::Python {
            "#"
        } else {
            "//"
        };
        if self.rest.starts_with(line) {
            self.take_while(|c| c != '\n');
            return true;
        }
        if self.language != Language::Python && self.rest.starts_with("/*") {
            self.rest = self.rest[2..].split_once("*/").map_or("", |(_, rest)| rest);
            return true;
        }
        false
    }

    /// `'a` of Rust, and not `'a'`.
    fn is_lifetime(&self) -> bool {
        let mut next = self.rest.chars().skip(1);
        let (first, second) = (next.next(), next.next());
        self.language == Language::Rust && first != Some('\\') && second != Some('\'')
    }

    fn quoted(&mut self, quote: char) {
        let triple = quote.to_string().repeat(3);
        if self.language == Language::Python && self.rest.starts_with(&triple) {
            let (text, rest) = self.rest[3..]
                .split_once(&triple)
                .unwrap_or((&self.rest[3..], ""));
            self.tokens.push(Token::Text(text.to_owned()));
            self.rest = rest;
            return;
        }
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, other)) => text.push(other),
                    None => {}
                },
                c if c == quote => {
                    end = at + 1;
                    break;
                }
                c => text.push(c),
            }
        }
        self.tokens.push(Token::Text(text));
        self.rest = &self.rest[end..];
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_texts_stay_whole() {
        let read = tokens("x = f\"a # {b}\" # c\n", Language::Python);
        assert_eq!(read[2], Token::Text("a # {b}".into()));
        assert_eq!(read[3], Token::Sign('\n'));
        let read = tokens("/* a */ f('x', \"\\n\"); // b", Language::C);
        assert_eq!(
            read.iter().filter_map(Token::text).collect::<Vec<_>>(),
            ["x", "\n"]
        );
        let read = tokens("fn f<'a>(x: &'a str) { g('\\n') }", Language::Rust);
        assert_eq!(read.iter().filter_map(Token::text).count(), 1);
    }
}
