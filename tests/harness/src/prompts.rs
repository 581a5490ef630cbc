//! Answers to a program's prompts, found by what the prompts say.

use crate::code_page::decoded;

/// Answers that wait for their prompts.
///
/// A pattern is one or more texts with `|` between them, in any case: `порт|port` is a prompt in
/// which one of the two stands. A prompt need not end a line, and several may stand in one.
#[derive(Debug)]
pub(crate) struct Prompts {
    waiting: Vec<(Vec<String>, String)>,
    /// How far the outputs have been answered.
    answered: [usize; 2],
}

impl Prompts {
    /// Pairs of a pattern and the text to be typed.
    pub(crate) fn new(answers: Vec<(String, String)>) -> Self {
        let pattern = |pattern: &str| pattern.split('|').map(str::to_lowercase).collect();
        let waiting = answers.into_iter();
        Self {
            waiting: waiting
                .map(|(prompt, text)| (pattern(&prompt), text))
                .collect(),
            answered: [0, 0],
        }
    }

    pub(crate) fn are_all_answered(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What to type next, given all that was printed so far on either output.
    pub(crate) fn next(&mut self, outputs: [&[u8]; 2]) -> Option<String> {
        for (output, answered) in outputs.into_iter().zip(&mut self.answered) {
            // Lower case can change the length, so that positions are counted in it.
            let printed = decoded(output).to_lowercase();
            let new = printed.get(*answered..).unwrap_or_default();
            let first = |(texts, _): &(Vec<String>, String)| {
                let found = texts
                    .iter()
                    .filter_map(|text| Some((new.find(text)?, text.len())));
                found.min()
            };
            let found = self.waiting.iter().enumerate();
            let found = found.filter_map(|(index, answer)| Some((first(answer)?, index)));
            if let Some(((at, n_bytes), index)) = found.min() {
                *answered += at + n_bytes;
                return Some(self.waiting.remove(index).1);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pairs: &[(&str, &str)]) -> Prompts {
        let owned = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Prompts::new(owned.collect())
    }

    #[test]
    fn prompts_are_answered_in_the_order_in_which_they_come() {
        let mut prompts = answers(&[("порт|port", "9090"), ("хост|host|адрес", "localhost")]);
        let asks = "Введите Адрес сервера: ".as_bytes();
        assert_eq!(prompts.next([asks, b""]).as_deref(), Some("localhost"));
        assert_eq!(prompts.next([asks, b""]), None);
        let both = "Введите Адрес сервера: PORT> ".as_bytes();
        assert_eq!(prompts.next([both, b""]).as_deref(), Some("9090"));
        assert!(prompts.are_all_answered());
    }

    #[test]
    fn a_prompt_may_come_in_a_code_page() {
        let mut prompts = answers(&[("порт", "9090"), ("адрес", "localhost")]);
        let (start, port) = (b"\xd1\xf2\xe0\xf0\xf2\n", b"\xcf\xee\xf0\xf2: ");
        let asks = [&start[..], port].concat();
        assert_eq!(prompts.next([&asks, b""]).as_deref(), Some("9090"));
        let both = [&asks[..], b"\xc0\xe4\xf0\xe5\xf1: "].concat();
        assert_eq!(prompts.next([&both, b""]).as_deref(), Some("localhost"));
    }

    #[test]
    fn the_same_prompt_gets_its_answers_one_after_another() {
        let mut prompts = answers(&[("port", "abc"), ("port", "9090")]);
        assert_eq!(prompts.next([b"", b"port? "]).as_deref(), Some("abc"));
        assert_eq!(prompts.next([b"", b"port? "]), None);
        let again = b"port? bad. port? ";
        assert_eq!(prompts.next([b"", again]).as_deref(), Some("9090"));
    }
}
