//! Two languages side by side: every text stands in the code in English and in Russian, one under
//! the other.
//!
//! [`tr!`](crate::tr) chooses, [`event!`](crate::event) and
//! [`message_event!`](crate::message_event) write the choice to the log. The line `listening on
//! ADDR:PORT` and operating system errors are never translated.

use std::sync::atomic::{AtomicBool, Ordering};

/// The language of events, prompts and hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// Russian
    Ru,
}

impl Lang {
    /// The language that the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG`
    /// that is set and not empty decides (POSIX, Base Definitions, 8.2). Everything but Russian
    /// means English.
    pub fn from_env() -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(std::env::var_os)
            .find(|value| !value.is_empty());
        match locale {
            Some(name) if name.to_string_lossy().starts_with("ru") => Self::Ru,
            _ => Self::En,
        }
    }
}

static RUSSIAN: AtomicBool = AtomicBool::new(false);

/// Chooses the language for the whole process; English until then.
pub fn set_lang(lang: Lang) {
    RUSSIAN.store(lang == Lang::Ru, Ordering::Relaxed);
}

/// The language chosen by [`set_lang`].
pub fn lang() -> Lang {
    if RUSSIAN.load(Ordering::Relaxed) {
        Lang::Ru
    } else {
        Lang::En
    }
}

/// `tr!("port {port} is busy", "порт {port} занят")` is a `String` in the chosen language.
///
/// Both texts take the same arguments, as in [`format!`].
#[macro_export]
macro_rules! tr {
    ($en:literal, $ru:literal $(, $arg:expr)* $(,)?) => {
        match $crate::lang() {
            $crate::Lang::En => format!($en $(, $arg)*),
            $crate::Lang::Ru => format!($ru $(, $arg)*),
        }
    };
}

/// Logs something that happened to the program or to a connection, in the chosen language. Never
/// blocks on a lock that a lab holds; blocks as long as the console or the log file does.
#[macro_export]
macro_rules! event {
    ($($text_and_args:tt)*) => { $crate::log::info!("{}", $crate::tr!($($text_and_args)*)) };
}

/// Logs something that happens with every message: as [`event!`](crate::event), and left out by
/// `-q`.
#[macro_export]
macro_rules! message_event {
    ($($text_and_args:tt)*) => { $crate::log::debug!("{}", $crate::tr!($($text_and_args)*)) };
}
