//! Includes that yield nothing, links and images that lead nowhere: mdBook minds neither.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mdbook_driver::MDBook;
use mdbook_driver::book::{Book, Chapter};
use mdbook_driver::builtin_renderers::MarkdownRenderer;
use mdbook_markdown::pulldown_cmark::{Event, Parser, Tag};

use crate::format::line_at;

/// What is wrong with the includes, links and images of a page of a book that is built.
pub(crate) fn problems(book: &mut MDBook, page: &Chapter) -> Vec<String> {
    let Some(path) = &page.path else {
        return Vec::new();
    };
    let file = book.source_dir().join(path);
    let at = |offset, problem: &str| {
        let line = line_at(&page.content, offset);
        format!("{}:{line}: {problem}", file.display())
    };
    let mut problems = Vec::new();
    for (offset, include) in includes(&page.content) {
        if expand(book, page, include).is_ok_and(|text| text.trim().is_empty()) {
            problems.push(at(offset, &format!("{include} yields nothing")));
        }
    }
    let expanded = match expand(book, page, &page.content) {
        Ok(expanded) => expanded,
        Err(error) => return vec![at(0, &format!("{error:#}"))],
    };
    for (kind, link) in links(&expanded) {
        if let Err(error) = follow(book, path, kind, &link) {
            let offset = page.content.find(&link).unwrap_or(0);
            problems.push(at(offset, &format!("{link}: {error:#}")));
        }
    }
    problems
}

/// The include directives of a page, and where they stand; not those that are escaped.
fn includes(page: &str) -> Vec<(usize, &str)> {
    let starts = page.match_indices("{{#").map(|(offset, _)| offset);
    let plain = starts.filter(|&offset| !page[..offset].ends_with('\\'));
    let directives = plain.filter_map(|offset| {
        let length = page[offset..].find("}}")? + 2;
        Some((offset, &page[offset..offset + length]))
    });
    let includes = directives.filter(|(_, text)| text.contains("include "));
    includes.collect()
}

/// What mdBook makes of `text` as a part of `page`.
fn expand(book: &mut MDBook, page: &Chapter, text: &str) -> Result<String> {
    let part = Chapter {
        content: text.into(),
        sub_items: Vec::new(),
        ..page.clone()
    };
    let whole = std::mem::replace(&mut book.book, Book::new_with_items(vec![part.into()]));
    let expanded = book.preprocess_book(&MarkdownRenderer::new());
    book.book = whole;
    let (expanded, _) = expanded?;
    let part = expanded.chapters().next().context("the page got lost")?;
    Ok(part.content.clone())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Link,
    Image,
}

/// Where links and images lead, those of raw HTML included.
fn links(page: &str) -> BTreeSet<(Kind, String)> {
    let mut links = BTreeSet::new();
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                links.insert((Kind::Link, dest_url.into_string()));
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                links.insert((Kind::Image, dest_url.into_string()));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for (kind, name) in [(Kind::Link, " href=\""), (Kind::Image, " src=\"")] {
                    let values = html.split(name).skip(1);
                    let values = values.filter_map(|value| value.split('"').next());
                    links.extend(values.map(|value| (kind, value.to_owned())));
                }
            }
            _ => {}
        }
    }
    links
}

/// Looks whether there is something where `link`, on the page `from`, leads. Links to the net pass.
///
/// A link, but not an image, may lead to a file outside the book: the book is built beside its source, and relative
/// paths to the rest of the repository are the same from there.
fn follow(book: &MDBook, from: &Path, kind: Kind, link: &str) -> Result<()> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => Some(from.to_owned()),
        path => resolve(from, Path::new(path)),
    };
    let markdown = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    match target {
        Some(page) if markdown(&page) => follow_to_page(book, &page, fragment),
        None if kind == Kind::Image || markdown(Path::new(path)) => bail!("leads out of the book"),
        _ => {
            ensure!(!path.starts_with('/'), "leads out of the book");
            let file = book.source_dir().join(from).with_file_name(path);
            ensure!(file.exists(), "no such file");
            Ok(())
        }
    }
}

fn follow_to_page(book: &MDBook, page: &Path, fragment: &str) -> Result<()> {
    let mut pages = book.book.chapters();
    let known = pages.any(|known| known.path.as_deref() == Some(page));
    ensure!(known, "no such page");
    let built = match page.file_stem() {
        Some(stem) if stem.eq_ignore_ascii_case("readme") => page.with_file_name("index.html"),
        _ => page.with_extension("html"),
    };
    let html = book.build_dir_for("html").join(built);
    let html = std::fs::read_to_string(html).context("read the built page")?;
    let known = fragment.is_empty() || html.contains(&format!("id=\"{fragment}\""));
    ensure!(known, "no such heading");
    Ok(())
}

/// The file that `path` means on the page `from`, both below the book's source; `None` if it is outside.
fn resolve(from: &Path, path: &Path) -> Option<PathBuf> {
    let mut resolved = from.parent()?.to_owned();
    for component in path.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !resolved.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_includes() {
        let page =
            "a {{#include x.rs:part}}\n\\{{#include no}} {{#title no}} {{#rustdoc_include y}}";
        let found: Vec<&str> = includes(page).into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, ["{{#include x.rs:part}}", "{{#rustdoc_include y}}"]);
    }

    #[test]
    fn finds_links_and_images_but_not_in_code() {
        let page = "[a](b.md#c) ![d](e.svg) `[f](g)` <img src=\"h.png\">\n\n    <a href=\"i\">\n";
        let found = Vec::from_iter(links(page));
        let found: Vec<(Kind, &str)> = found.iter().map(|(kind, to)| (*kind, &**to)).collect();
        assert_eq!(
            found,
            [
                (Kind::Link, "b.md#c"),
                (Kind::Image, "e.svg"),
                (Kind::Image, "h.png")
            ]
        );
    }

    #[test]
    fn resolves_paths_below_the_source_only() {
        let resolved = |path| resolve(Path::new("echo/index.md"), Path::new(path));
        assert_eq!(resolved("../a.md").unwrap(), Path::new("a.md"));
        assert_eq!(resolved("./b/../c.md").unwrap(), Path::new("echo/c.md"));
        assert_eq!(resolved("../../a.md"), None);
        assert_eq!(resolved("/a.md"), None);
    }
}
