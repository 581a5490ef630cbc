//! What came from somebody else: how much of it may be shown, where its characters end, whose it
//! is.

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::{Lang, lang, tr};

/// `bytes` as text that is safe on a terminal and in a log: one line, no control characters.
///
/// Printable characters of any script stay as they are. Line feed, carriage return and tab become
/// `\n`, `\r`, `\t`; a backslash becomes `\\`; every other control or invisible formatting
/// character becomes `\u{...}`, and a byte that is not UTF-8 becomes `\xNN`. So a message can
/// neither move the cursor nor forge a line of the log.
pub fn escape(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\r' | '\t' | '\\' => shown.extend(c.escape_default()),
                c if c.is_control() || is_invisible(c) => shown.extend(c.escape_unicode()),
                c => shown.push(c),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// The beginning of `bytes`, [`escape`]d, for an event: at most 100 bytes of the message, and `…`
/// if there is more.
pub fn excerpt(bytes: &[u8]) -> String {
    const MOST: usize = 100;
    if bytes.len() <= MOST {
        return escape(bytes);
    }
    let head = &bytes[..MOST];
    escape(&head[..MOST - incomplete_tail(head)]) + "…"
}

/// Characters that reorder or hide the text around them (Unicode: bidirectional controls,
/// zero-width characters, line and paragraph separators, byte order mark).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How many bytes at the end of `bytes` are the beginning of a character whose rest has not come
/// yet: 0 to 3.
///
/// A byte stream has no message borders, so a portion can end inside a letter (RFC 3629, section 3:
/// a character is one to four bytes, and the first one tells how many).
pub fn incomplete_tail(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    let Some(lead) = bytes[start..].iter().rposition(|&byte| byte >= 0xc0) else {
        return 0;
    };
    let tail = &bytes[start + lead..];
    match std::str::from_utf8(tail) {
        // `None` says that the text ends too early; `Some` that it is wrong whatever may follow.
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => tail.len(),
        _ => 0,
    }
}

/// An address as people write it: an IPv4 client of a dual-stack listener is `127.0.0.1`, not
/// `::ffff:127.0.0.1`.
pub fn peer(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// A number of bytes in words: `1 byte`, `2 bytes`; `1 байт`, `2 байта`, `5 байт`.
pub fn bytes(n_bytes: usize) -> String {
    match (lang(), n_bytes % 100, n_bytes % 10) {
        (Lang::En, ..) if n_bytes == 1 => format!("{n_bytes} byte"),
        (Lang::En, ..) => format!("{n_bytes} bytes"),
        (Lang::Ru, hundreds, 2..=4) if !(12..=14).contains(&hundreds) => format!("{n_bytes} байта"),
        (Lang::Ru, ..) => format!("{n_bytes} байт"),
    }
}

/// How long a text is, in words: `14 characters, 26 bytes`. Characters are Unicode code points: what
/// looks like one letter may be two of them.
pub fn length(text: &[u8]) -> String {
    let n_bytes = bytes(text.len());
    let Ok(text) = std::str::from_utf8(text) else {
        return tr!("{n_bytes}, not UTF-8", "{n_bytes}, не UTF-8");
    };
    let n = text.chars().count();
    let characters = match (lang(), n % 100, n % 10) {
        (Lang::En, ..) if n == 1 => "character",
        (Lang::En, ..) => "characters",
        (Lang::Ru, 11..=14, _) => "символов",
        (Lang::Ru, _, 1) => "символ",
        (Lang::Ru, _, 2..=4) => "символа",
        (Lang::Ru, ..) => "символов",
    };
    format!("{n} {characters}, {n_bytes}")
}

/// A received message in one line: who sent it, how long it is, what it says, [`escape`]d. Of one
/// that is longer than `most` bytes the rest is cut off, and the line says so.
pub fn message_line(sender: impl Display, message: &[u8], most: usize) -> String {
    if message.len() <= most {
        return format!("{sender}, {}: {}", length(message), escape(message));
    }
    let kept = &message[..most];
    let text = escape(&kept[..most - incomplete_tail(kept)]);
    let most = bytes(most);
    tr!(
        "{sender}, cut after {most}: {text}…",
        "{sender}, обрезано, только первые {most}: {text}…"
    )
}

/// Whether a read or a write gave up at its deadline: socket(7), SO_RCVTIMEO, says EAGAIN; Windows
/// says WSAETIMEDOUT.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_could_move_the_cursor_or_forge_a_line() {
        assert_eq!(escape("Привет, мир!".as_bytes()), "Привет, мир!");
        assert_eq!(
            escape(b"a\nb\r\t\\\x1b[2J\0\xff"),
            r"a\nb\r\t\\\u{1b}[2J\u{0}\xff"
        );
        assert_eq!(
            escape("\u{202e}abc\u{feff}".as_bytes()),
            r"\u{202e}abc\u{feff}"
        );
        assert_eq!(escape(b"\xd0"), r"\xd0");
    }

    #[test]
    fn an_excerpt_never_cuts_a_character() {
        assert_eq!(excerpt(b"short"), "short");
        assert_eq!(excerpt("я".repeat(50).as_bytes()), "я".repeat(50));
        assert_eq!(excerpt("€".repeat(50).as_bytes()), "€".repeat(33) + "…");
        assert_eq!(excerpt(&[0xff; 101]), r"\xff".repeat(100) + "…");
    }

    #[test]
    fn counts_bytes_in_words() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(21), "21 bytes");
    }

    #[test]
    fn a_message_is_one_line() {
        let line = |message: &[u8]| message_line("a", message, 8);
        assert_eq!(line("Привет".as_bytes()), "a, cut after 8 bytes: Прив…");
        assert_eq!(line("Мир".as_bytes()), "a, 3 characters, 6 bytes: Мир");
        assert_eq!(line(b"\n"), r"a, 1 character, 1 byte: \n");
        assert_eq!(line(b"\xff!"), r"a, 2 bytes, not UTF-8: \xff!");
        assert_eq!(line(b""), "a, 0 characters, 0 bytes: ");
        // The cut is no fault of the sender's.
        assert_eq!(
            line("1234567я".as_bytes()),
            "a, cut after 8 bytes: 1234567…"
        );
    }

    #[test]
    fn finds_the_beginning_of_a_character_at_the_end() {
        for text in ["é", "я", "€", "😀"] {
            let bytes = text.as_bytes();
            for cut in 0..=bytes.len() {
                let incomplete = if cut == bytes.len() { 0 } else { cut };
                let before = [b"ab", &bytes[..cut]].concat();
                assert_eq!(incomplete_tail(&before), incomplete, "{text} cut at {cut}");
            }
        }
    }

    #[test]
    fn bytes_that_no_rest_can_complete_are_not_waited_for() {
        for bytes in [
            &b"\xff"[..],
            b"\x80\x80\x80",
            b"\xc0",
            b"\xc1",
            b"\xf5\x80",
            b"\xe0\x80",
            b"\xed\xa0",
            b"\xd0a",
            b"\xf4\x90",
        ] {
            assert_eq!(incomplete_tail(bytes), 0, "{bytes:x?}");
        }
        assert_eq!(incomplete_tail(b""), 0);
        // A stray continuation byte before a real beginning does not hide it.
        assert_eq!(incomplete_tail(b"\x80\xd0"), 1);
    }
}
