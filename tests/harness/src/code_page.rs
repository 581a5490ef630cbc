//! What a program prints that does not speak UTF-8: in Windows many do not.

use std::borrow::Cow;

use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};

/// The text of what a program has printed. A line that is not UTF-8 is read in the Russian code page
/// that is most likely; bytes that none explains are replaced.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(line)
            .collect::<String>()
            .into(),
    }
}

/// Running text is in small letters, and only the right code page gives them. UTF-8 with a few wrong
/// bytes, such as the half of a letter, stays what it is.
fn line(bytes: &[u8]) -> Cow<'_, str> {
    let mut likely = String::from_utf8_lossy(bytes);
    let mut most = 2 * small_letters(&likely);
    for code_page in [WINDOWS_1251, IBM866, KOI8_R] {
        let (text, _) = code_page.decode_without_bom_handling(bytes);
        let n_letters = small_letters(&text);
        if n_letters > most {
            (likely, most) = (text, n_letters);
        }
    }
    likely
}

fn small_letters(text: &str) -> usize {
    text.chars().filter(|c| ('а'..='я').contains(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_in_the_code_page_that_it_is_in() {
        let text = "Сообщение от 127.0.0.1: Привет, сервер";
        for code_page in [WINDOWS_1251, IBM866, KOI8_R] {
            let (bytes, ..) = code_page.encode(text);
            assert!(std::str::from_utf8(&bytes).is_err());
            assert_eq!(decoded(&bytes), text, "{}", code_page.name());
        }
    }

    #[test]
    fn each_line_is_read_by_itself() {
        let both = [&b"\xcf\xee\xf0\xf2\n"[..], "Порт\n".as_bytes()].concat();
        assert_eq!(decoded(&both), "Порт\nПорт\n");
    }

    #[test]
    fn wrong_bytes_in_utf8_are_replaced() {
        let cut = "Получено: Прив\u{fffd}";
        let bytes = "Получено: Приве".as_bytes();
        assert_eq!(decoded(&bytes[..bytes.len() - 1]), cut);
        assert_eq!(decoded(b"\x80"), "\u{fffd}");
        assert_eq!(decoded("Порт".as_bytes()), "Порт");
    }
}
