//! Whether a page says the same in both languages, as far as code tells.

use crate::format::{Action, Block, blocks};

/// Blocks whose text may be in the reader's language.
const TRANSLATED: [&str; 5] = ["text", "svg", "mermaid", "dot", "plantuml"];

/// The first difference between the code blocks of a page in two languages: the line in `here`, the line in `there`, and
/// what differs.
pub fn difference(here: &str, there: &str) -> Option<(usize, usize, String)> {
    let (ours, theirs) = (blocks(here), blocks(there));
    for (our, their) in ours.iter().zip(&theirs) {
        if let Some(what) = block_difference(our, their) {
            return Some((our.line, their.line, what));
        }
    }
    if ours.len() == theirs.len() {
        return None;
    }
    let shared = ours.len().min(theirs.len());
    let line = |blocks: &[Block]| blocks.get(shared).map_or(1, |block| block.line);
    let what = format!("{} code blocks and {}", ours.len(), theirs.len());
    Some((line(&ours), line(&theirs), what))
}

fn block_difference(our: &Block, their: &Block) -> Option<String> {
    if our.info != their.info {
        return Some(format!("`{}` and `{}`", our.info, their.info));
    }
    if TRANSLATED.contains(&our.language()) {
        return None;
    }
    let (our, their) = (lines(our), lines(their));
    let n = our.iter().zip(&their).take_while(|(a, b)| a == b).count();
    let line = |lines: &[String]| lines.get(n).map_or("nothing".into(), |l| format!("`{l}`"));
    (our != their).then(|| format!("{} and {}", line(&our), line(&their)))
}

/// What must be the same: what is typed at a console, every line of any other block.
fn lines(block: &Block) -> Vec<String> {
    let all = block.content.lines().map(str::to_owned);
    match block.language() {
        "console" => all.filter(|line| Action::parse(line).is_typed()).collect(),
        _ => all.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "
```console terminal=a
$ nc localhost 9090
> hello
server stopped
```
```text
English
```
```rust
let n = 1;
```
";

    fn with(old: &str, new: &str) -> Option<(usize, usize, String)> {
        difference(ENGLISH, &ENGLISH.replace(old, new))
    }

    #[test]
    fn output_and_texts_may_be_in_another_language() {
        assert_eq!(with("server stopped", "сервер остановлен"), None);
        assert_eq!(with("English", "Russian\ntext"), None);
    }

    #[test]
    fn what_is_typed_is_the_same() {
        let what = "`> hello` and `> hallo`".into();
        assert_eq!(with("hello", "hallo"), Some((2, 2, what)));
        let what = "`> hello` and nothing".into();
        assert_eq!(with("> hello\n", ""), Some((2, 2, what)));
    }

    #[test]
    fn code_is_the_same() {
        let what = "`let n = 1;` and `let n = 2;`".into();
        assert_eq!(with("= 1", "= 2"), Some((10, 10, what)));
        let what = "`rust` and `c`".into();
        assert_eq!(with("rust", "c"), Some((10, 10, what)));
    }

    #[test]
    fn there_are_as_many_blocks() {
        let what = "3 code blocks and 2".into();
        assert_eq!(with("```rust\nlet n = 1;\n```\n", ""), Some((10, 1, what)));
    }
}
