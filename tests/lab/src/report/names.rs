//! Names of folders for submissions, whatever the submissions are called.

use std::collections::HashSet;

/// The longest name, in bytes: file systems allow 255, and a whole path on Windows 260 characters.
const LONGEST: usize = 80;

/// Names that mean a device on Windows, with any extension (Microsoft, "Naming Files, Paths, and
/// Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// What stands beside the folders.
const TAKEN: [&str; 4] = ["index.html", "class.json", "class.csv", "junit.xml"];

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

/// The name with letters, digits, `-`, `_` and inner dots alone.
fn safe(name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let name: String = name
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    let name = name.trim_matches(['.', '-']);
    let end = (0..=name.len().min(LONGEST)).rev();
    let end = end.into_iter().find(|&end| name.is_char_boundary(end));
    // Windows drops dots at the end.
    let name = name[..end.unwrap_or(0)].trim_end_matches('.');
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let device = stem.trim_end_matches(|c: char| c.is_numeric());
    if name.is_empty() || DEVICES.contains(&device) {
        return format!("_{name}");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_safe_part_of_a_path() {
        let names = [
            "ivanova",
            "Иванова",
            "../../etc",
            "/etc/passwd",
            "a\\b",
            "..",
            "",
            "nul",
            "COM1.txt",
            "index.html",
            "Ivanova",
            "a/b",
            "x\u{202e}y",
            "d.",
        ];
        assert_eq!(
            folders(names.into_iter()),
            [
                "ivanova",
                "Иванова",
                "etc",
                "etc-passwd",
                "a-b",
                "_",
                "_-2",
                "_nul",
                "_COM1.txt",
                "index.html-2",
                "Ivanova-2",
                "a-b-2",
                "x-y",
                "d",
            ]
        );
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        let long = "я".repeat(300);
        let names = folders([long.as_str(), long.as_str()].into_iter());
        assert_eq!(names[0], "я".repeat(40));
        assert_eq!(names[1], "я".repeat(40) + "-2");
    }
}
