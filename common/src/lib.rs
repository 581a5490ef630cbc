//! What one lab has taught and the next ones reuse: start-up, arguments, events, prompts, ports, a
//! clean stop.
//!
//! The socket calls are not here: `socket`, `bind`, `listen`, `accept`, `read`, `write` and
//! `shutdown` stay in each lab's own `main.rs`, where the reader can see them.

mod args;
mod clients;
mod lang;
mod log_setup;
mod output;
mod port;
mod prompt;
mod start;
mod stop;
mod text;

pub use args::{ClientArgs, ServerArgs, seconds};
pub use clients::{Client, Clients};
pub use lang::{Lang, lang, set_lang};
pub use output::{PeerOutput, StdoutClosed};
pub use port::next_free_port;
pub use prompt::ask;
pub use start::{announce, exit_code, program_name};
pub use stop::on_stop;
pub use text::{bytes, escape, excerpt, incomplete_tail, is_timeout, peer};

#[doc(hidden)]
pub use log;
