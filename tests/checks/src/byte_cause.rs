//! The likely cause of a failure by the bytes that came instead of those that were expected.

use common::tr;
use harness::{Entry, What};

/// Fewer bytes than this are lost at the end by a wrong length, more by what the check is about.
const FEW: usize = 4;

/// What the difference tells of its cause, if anything; `entries` is what was sent before.
pub(crate) fn cause(entries: &[Entry], expected: &[u8], received: &[u8]) -> Option<String> {
    if expected.is_empty() || received.is_empty() {
        return None;
    }
    if let Some(missing) = expected.strip_prefix(received) {
        return lacks_its_end(missing.len(), received.len());
    }
    let Some(more) = received.strip_prefix(expected) else {
        let late = received.trim_ascii_start();
        let is_late = late.len() < received.len() && expected.starts_with(late);
        return is_late.then(adds_line_end);
    };
    let without_nul = &more[..more
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1)];
    match (more, without_nul) {
        (b"\n" | b"\r\n" | b"\r", _) => Some(adds_line_end()),
        ([0], _) => Some(tr!(
            "the NUL that ends a string in C is sent, too: send strlen(...) bytes, or as many as recv \
             returned",
            "отправлен и нуль, которым кончается строка в C: отправляйте strlen(...) байтов или столько, \
             сколько вернул recv"
        )),
        (_, b"") => Some(sends_its_buffer()),
        _ => was_sent_before(entries, expected.len(), without_nul).then(sends_its_buffer),
    }
}

/// A whole buffer is no wrong length: what did not fit into it has to come with the next one.
fn lacks_its_end(n_missing: usize, n_received: usize) -> Option<String> {
    let is_buffer = n_received >= 64 && n_received.is_power_of_two();
    (n_missing < FEW && !is_buffer).then(|| {
        tr!(
            "the last bytes are missing: a length is too small, such as strlen(...) - 1 or text[:-1]",
            "не хватает последних байтов: где-то мала длина, например strlen(...) - 1 или text[:-1]"
        )
    })
}

fn adds_line_end() -> String {
    tr!(
        "a line end is added that was not to be sent: send the bytes as they are, without \"\\n\", println or \
         puts",
        "добавлен лишний конец строки: отправляйте байты как есть, без \"\\n\", println и puts"
    )
}

fn sends_its_buffer() -> String {
    tr!(
        "more is sent than belongs to the message, what else stands in the buffer: send as many bytes as recv \
         returned",
        "отправлено больше, чем само сообщение, — что ещё было в буфере: отправляйте столько байтов, сколько \
         вернул recv"
    )
}

/// Whether an earlier message goes on like that from byte `from`, in whatever case it comes back.
fn was_sent_before(entries: &[Entry], from: usize, more: &[u8]) -> bool {
    let upper = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_uppercase();
    let mut earlier = entries.iter().filter_map(|entry| match &entry.what {
        What::Sent(bytes) => bytes.get(from..),
        _ => None,
    });
    earlier.any(|rest| upper(rest).starts_with(&upper(more)))
}

#[cfg(test)]
mod tests {
    use harness::Transcript;

    use super::*;

    fn cause_of(expected: &str, received: &str) -> String {
        let transcript = Transcript::new();
        transcript.add("client 1", What::Sent(b"a long message".to_vec()));
        transcript.add("client 1", What::Sent(expected.to_lowercase().into_bytes()));
        let (expected, received) = (expected.as_bytes(), received.as_bytes());
        cause(&transcript.entries(), expected, received).unwrap_or_default()
    }

    #[test]
    fn each_kind_of_difference_has_its_cause() {
        for end in ["SHORT\n", "SHORT\r\n", "\nSHOR"] {
            assert!(cause_of("SHORT", end).contains("line end"), "{end:?}");
        }
        assert!(cause_of("SHORT", "SHORT\0").contains("strlen"));
        assert!(cause_of("SHORT", "SHORT\0\0\0").contains("buffer"));
        assert!(cause_of("SHORT", "SHORTG MESSAGE").contains("buffer"));
        assert!(cause_of("SHORT", "SHOR").contains("too small"));
    }

    #[test]
    fn other_differences_have_none() {
        for other in ["", "TROHS", "SHORT!", "S"] {
            assert_eq!(cause_of("SHORT", other), "", "{other:?}");
        }
        let portion = "A".repeat(1024);
        assert_eq!(cause_of(&format!("{portion}B"), &portion), "");
    }
}
