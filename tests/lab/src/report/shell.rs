//! What all pages have in common: one style, one script, and a policy that allows no other.

use base64ct::{Base64, Encoding};
use common::{Lang, tr};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use checks::Verdict;

use super::text::verdict_name;

/// A page. A browser runs and applies only what has the hash that the policy names (Content Security
/// Policy Level 3, section 6.7): text of a student that got into the page as a script would do
/// nothing, nor could the page load anything or send anything anywhere.
pub(super) fn page(title: &str, body: &Markup) -> String {
    // The parser of a browser makes every line end a line feed, and hashes that.
    let style = include_str!("style.css").replace('\r', "");
    let script = include_str!("script.js").replace('\r', "");
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(&style),
        hash(&script)
    );
    let language = match common::lang() {
        Lang::En => "en",
        Lang::Ru => "ru",
    };
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body {
                (body)
                script { (PreEscaped(script)) }
            }
        }
    };
    page.into_string()
}

fn hash(text: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(text)))
}

/// A verdict by symbol, colour and word.
pub(super) fn badge(verdict: Verdict) -> Markup {
    html! {
        span class={ "badge " (verdict_name(verdict)) } {
            span aria-hidden="true" { (symbol(verdict)) } " " (verdict.text())
        }
    }
}

/// A verdict as a character that every font has.
pub(super) fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Crashed => "!",
        Verdict::Hung => "…",
        Verdict::WrongPort => "≠",
        Verdict::NotAttempted => "–",
        Verdict::Skipped => "»",
        Verdict::Inconclusive => "?",
    }
}

/// What the run was: when, how long, with which random texts.
pub(super) fn run(class: &crate::results::Class) -> Markup {
    let seconds = class.seconds;
    html! {
        p.run {
            time datetime=(class.begun) { (class.begun) }
            " · " (tr!("{seconds:.0} s", "{seconds:.0} с"))
            " · " code { (super::text::again(class)) }
            @if class.strict {
                " · " (tr!("strict: “should” counts as “must”", "строго: желательное считается обязательным"))
            }
        }
    }
}
