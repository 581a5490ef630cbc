//! One of the two books: builds it with mdBook, and looks for what mdBook does not mind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};
use mdbook_driver::config::Config;

use crate::links;
use crate::warnings::watch;

/// A book as its `SUMMARY.md` lists it.
pub struct Book {
    mdbook: MDBook,
}

impl Book {
    /// Reads the book in `root`, which is to be built in `build_folder`.
    ///
    /// # Errors
    /// If there is no `book.toml`, or a page that `SUMMARY.md` lists does not exist.
    pub fn load(root: &Path, build_folder: &Path) -> Result<Self> {
        let complaint = || format!("load the book {}", root.display());
        let mut config = Config::from_disk(root.join("book.toml")).with_context(complaint)?;
        config.build.build_dir = build_folder.into();
        config.build.create_missing = false;
        let mdbook = MDBook::load_with_config(root, config).with_context(complaint)?;
        Ok(Self { mdbook })
    }

    /// The pages in the order of the book: file, below `src`, and Markdown text.
    pub fn pages(&self) -> impl Iterator<Item = (&Path, &str)> {
        let chapters = self.mdbook.book.chapters();
        chapters.filter_map(|page| Some((page.source_path.as_deref()?, page.content.as_str())))
    }

    /// The outline of the book, without its words: one line for each entry of `SUMMARY.md`.
    pub fn outline(&self) -> Vec<String> {
        let line = |item: &BookItem| match item {
            BookItem::Separator => "---".into(),
            BookItem::PartTitle(_) => "part".into(),
            BookItem::Chapter(page) => {
                let number = page.number.as_ref().map(ToString::to_string);
                let path = page.source_path.as_deref().unwrap_or(Path::new("draft"));
                let depth = "  ".repeat(page.parent_names.len());
                let number = number.unwrap_or_else(|| "-".into());
                format!("{depth}{number} {}", path.display())
            }
        };
        self.mdbook.book.iter().map(line).collect()
    }

    /// Where a page is: `docs/en/src/echo.md`.
    pub fn file(&self, page: &Path) -> PathBuf {
        self.mdbook.source_dir().join(page)
    }

    /// Builds the book and lists all that is wrong with it: what mdBook warns about, pages that `SUMMARY.md` leaves out,
    /// includes that yield nothing, links and images that lead nowhere.
    pub fn problems(mut self) -> Vec<String> {
        let (built, mut problems) = watch(|| self.mdbook.build());
        if let Err(error) = built {
            problems.push(format!("mdBook fails: {error:#}"));
        }
        let pages: Vec<Chapter> = self.mdbook.book.chapters().cloned().collect();
        let listed: BTreeSet<&Path> = pages.iter().filter_map(|p| p.path.as_deref()).collect();
        let source = self.mdbook.source_dir();
        for file in markdown_files(&source) {
            let below = file.strip_prefix(&source).unwrap_or(&file);
            if below != "SUMMARY.md" && !listed.contains(below) {
                problems.push(format!("{}: not in SUMMARY.md", file.display()));
            }
        }
        for page in &pages {
            problems.extend(links::problems(&mut self.mdbook, page));
        }
        problems
    }
}

/// All Markdown files below `folder`; none where it cannot be read, which mdBook has reported then.
fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => markdown_files(&path),
        false => vec![path],
    });
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}
