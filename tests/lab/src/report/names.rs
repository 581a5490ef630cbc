//! Names of folders for submissions, whatever the submissions are called.

use std::collections::HashSet;

use super::text::visible;

/// The longest name, in characters and in bytes: file systems allow 255 bytes, and a whole path on
/// Windows 260 characters.
const MOST_CHARS: usize = 100;
const MOST_BYTES: usize = 200;

/// Names that mean a device on Windows, with any extension; `com` and `lpt` do with a digit (Microsoft,
/// "Naming Files, Paths, and Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// What stands beside the folders, also while it is being written.
const TAKEN: [&str; 7] = [
    "index.html",
    "class.json",
    "class.csv",
    "junit.xml",
    "index.unfinished",
    "class.unfinished",
    "junit.unfinished",
];

/// A name for each submission: one part of a path, and no other's even where case does not count.
pub(super) fn folders<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken: HashSet<String> = TAKEN.map(String::from).into();
    let mut unique = |name: &str| {
        let safe = safe(name);
        let numbered = (2..).map(|number| format!("{safe}-{number}"));
        let mut candidates = std::iter::once(safe.clone()).chain(numbered);
        // There are more numbers than submissions.
        let free = candidates.find(|name| taken.insert(name.to_lowercase()));
        free.unwrap_or(safe)
    };
    names.map(&mut unique).collect()
}

/// A folder's name in a link, whatever a page makes of it (RFC 3986, section 2).
pub(super) fn link(folder: &str) -> String {
    let encoded = folder.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// The name with `_` for what some system takes for something else than a letter of a name.
fn safe(name: &str) -> String {
    let kept = name.char_indices().take(MOST_CHARS);
    let kept = kept.take_while(|(at, c)| at + c.len_utf8() <= MOST_BYTES);
    let mut safe: String = kept
        .map(|(_, c)| if is_safe(c) { c } else { '_' })
        .collect();
    // Windows drops them.
    safe.truncate(safe.trim_end_matches(['.', ' ']).len());
    if safe.starts_with(['-', '.', '=', '+', '@']) {
        safe.replace_range(..1, "_");
    }
    if safe.is_empty() || is_device(&safe) {
        safe.insert(0, '_');
    }
    safe
}

fn is_safe(c: char) -> bool {
    !"/\\:*?\"<>|\n".contains(c) && visible(c.encode_utf8(&mut [0; 4])).starts_with(c)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_lowercase();
    let is_numbered = |kind: &&str| {
        let number = stem.strip_prefix(*kind);
        number.is_some_and(|number| number.chars().count() == 1 && "0123456789¹²³".contains(number))
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED.iter().any(is_numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(submission: &str) -> String {
        folders([submission].into_iter()).remove(0)
    }

    #[test]
    fn names_of_people_stay() {
        for submission in [
            "ivanova",
            "Иванов Иван Иванович (ИУ7-31Б), лаб. 3_итог",
            "O'Neil & Søn #2 100%",
            "李小龍",
            "Йод-и\u{306}од",
            "com",
            "console",
        ] {
            assert_eq!(name(submission), submission);
        }
    }

    #[test]
    fn what_is_unsafe_is_replaced() {
        for (submission, folder) in [
            ("../../etc", "_._.._etc"),
            ("/etc/passwd", "_etc_passwd"),
            ("a\\b:c*d?e\"f<g>h|i", "a_b_c_d_e_f_g_h_i"),
            ("..", "_"),
            ("", "_"),
            (".git", "_git"),
            ("-rf", "_rf"),
            ("=1+1", "_1+1"),
            ("+a", "_a"),
            ("@a", "_a"),
            ("nul", "_nul"),
            ("COM1.txt", "_COM1.txt"),
            ("lpt² .a.b", "_lpt² .a.b"),
            ("x\u{202e}\n\ty\u{7f}", "x___y_"),
            ("d. .", "d"),
        ] {
            assert_eq!(name(submission), folder, "{submission:?}");
        }
    }

    #[test]
    fn no_name_is_anothers() {
        let names = ["index.html", "Ivanova", "ivanova", "a/b", "a_b", "..", ""];
        assert_eq!(
            folders(names.into_iter()),
            [
                "index.html-2",
                "Ivanova",
                "ivanova-2",
                "a_b",
                "a_b-2",
                "_",
                "_-2"
            ]
        );
    }

    #[test]
    fn a_link_holds_any_name() {
        assert_eq!(link("a_b-1.c~"), "a_b-1.c~");
        assert_eq!(link("Я #1"), "%D0%AF%20%231");
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        let long = "я".repeat(300);
        let names = folders([long.as_str(), long.as_str()].into_iter());
        assert_eq!(names[0], "я".repeat(100));
        assert_eq!(names[1], "я".repeat(100) + "-2");
        assert_eq!(name(&"龍".repeat(300)), "龍".repeat(66));
    }
}
