//! The trials on `docs/en` and `docs/ru`; what they mean stands in the library of this package.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use book::{Book, Needs, Setting, difference, has_console, programs, run, trial};
use libtest_mimic::{Arguments, Failed, Trial};

/// The folder of each book below `docs`, and the locale of its reader.
const BOOKS: [(&str, &str); 2] = [("en", "C.UTF-8"), ("ru", "ru_RU.UTF-8")];

/// Cargo's target folder has a `tmp` for tests.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit_code()
}

fn trials() -> Vec<Trial> {
    let [english, russian] = BOOKS.map(|(book, _)| pages(book));
    let used = english.iter().chain(&russian);
    let needs = Needs::check(&used.flat_map(|page| programs(&page.text)).collect());
    let mut trials = vec![Trial::test("both/SUMMARY.md list the same", same_outline)];
    for here in &english {
        if let Some(there) = russian.iter().find(|there| there.name == here.name) {
            trials.push(same_code(here.clone(), there.clone()));
        }
    }
    for ((book, locale), pages) in BOOKS.into_iter().zip([english, russian]) {
        trials.push(Trial::test(format!("{book} builds"), || builds(book)));
        for page in pages {
            if has_console(&page.text) {
                let name = format!("{book}/{} runs", page.name);
                let unmet = needs.unmet(&programs(&page.text));
                trials.push(trial(name, unmet, move || runs(&page, locale)));
            }
        }
    }
    trials
}

#[derive(Clone)]
struct Page {
    /// Its path below `src`.
    name: String,
    file: String,
    text: String,
}

/// The pages of a book; none of a book that does not load, as [`builds`] tells.
fn pages(book: &str) -> Vec<Page> {
    let Ok(book) = load(book) else {
        return Vec::new();
    };
    let page = |(path, text): (&Path, &str)| Page {
        name: path.display().to_string(),
        file: shorten(&book.file(path).to_string_lossy()),
        text: text.into(),
    };
    book.pages().map(page).collect()
}

fn load(book: &str) -> Result<Book, Failed> {
    let build_folder = Path::new(SCRATCH).join("book").join(book);
    let book = Book::load(&workspace().join("docs").join(book), &build_folder);
    book.map_err(|error| format!("{error:#}").into())
}

fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Paths as seen from the workspace.
fn shorten(text: &str) -> String {
    text.replace(&format!("{}/", workspace().display()), "")
}

fn builds(book: &str) -> Result<(), Failed> {
    let problems = load(book)?.problems();
    if problems.is_empty() {
        return Ok(());
    }
    Err(shorten(&problems.join("\n")).into())
}

fn same_outline() -> Result<(), Failed> {
    let (english, russian) = (load("en")?.outline(), load("ru")?.outline());
    if english == russian {
        return Ok(());
    }
    let (english, russian) = (english.join("\n"), russian.join("\n"));
    Err(format!("docs/en has\n{english}\n\ndocs/ru has\n{russian}").into())
}

fn same_code(here: Page, there: Page) -> Trial {
    let name = format!("both/{} have the same code", here.name);
    Trial::test(name, move || match difference(&here.text, &there.text) {
        None => Ok(()),
        Some((here_line, there_line, what)) => {
            let here = format!("{}:{here_line}", here.file);
            let there = format!("{}:{there_line}", there.file);
            Err(format!("{here} and {there} differ: {what}").into())
        }
    })
}

fn runs(page: &Page, locale: &str) -> Result<(), Failed> {
    let scratch = Path::new(SCRATCH);
    let setting = Setting {
        folder: workspace().into(),
        target: scratch.parent().unwrap_or(scratch).into(),
        locale: locale.into(),
        patience: Duration::from_secs(30),
        build_patience: Duration::from_secs(300),
    };
    run(&page.text, &setting).map_err(|failure| format!("{}{failure}", page.file).into())
}
