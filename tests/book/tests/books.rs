//! What is looked for in a book, tried on a right one and on one with every mistake.

use std::path::Path;

use anyhow::Result;
use book::Book;

fn load(name: &str) -> Result<Book> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let build_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book-data");
    Book::load(&data.join(name), &build_folder.join(name))
}

#[test]
fn a_right_book_has_no_problems() {
    let book = load("right").unwrap();
    assert_eq!(book.outline(), ["- README.md", "1. first.md"]);
    assert_eq!(book.problems(), [""; 0]);
}

#[test]
fn each_mistake_is_a_problem() {
    let problems = load("wrong").unwrap().problems();
    let told = [
        "Error updating \"{{#include no-such-file.md}}\"",
        "unclosed HTML tag `<b>`",
        "src/left-out.md: not in SUMMARY.md",
        "mistakes.md:4: {{#include ../../right/sample.rs:no-such-anchor}} yields nothing",
        "mistakes.md:9: left-out.md: no such page",
        "mistakes.md:10: mistakes.md#no-such-heading: no such heading",
        "mistakes.md:11: no-such-file.txt: no such file",
        "mistakes.md:12: ../../picture.svg: leads out of the book",
        "mistakes.md:13: ../no-such-file.toml: no such file",
        "mistakes.md:14: no-such-image.svg: no such file",
        "mistakes.md:15: no-such-picture.png: no such file",
    ];
    for part in told {
        assert!(
            problems.iter().any(|p| p.contains(part)),
            "{part}: {problems:#?}"
        );
    }
}
