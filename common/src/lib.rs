//! What one lab has taught and the next ones reuse: start-up, arguments, events, prompts, ports, a
//! clean stop.
//!
//! The socket calls are not here: `socket`, `bind`, `listen`, `accept`, `read`, `write` and
//! `shutdown` stay in each lab's own `main.rs`, where the reader can see them.

mod client_args;
mod clients;
pub mod events;
mod lang;
mod log_setup;
mod output;
mod port;
mod prompt;
mod reserve;
mod server_args;
mod start;
mod stop;
mod text;
mod time;
mod transform;
mod typed;

pub use client_args::{ClientArgs, with_connect_hint};
pub use clients::{Client, Clients, drain};
pub use lang::{Lang, lang, set_lang};
pub use output::{PeerOutput, StdoutClosed, print_line};
pub use port::next_free_port;
pub use prompt::ask;
pub use reserve::Reserve;
pub use server_args::{ReceiverArgs, ServerArgs};
pub use start::{
    announce, begin, exit_code, exit_code_of, in_one_line, program_name, say_listening,
    say_or_serve_on, with_hint,
};
pub use stop::on_stop;
pub use text::{bytes, escape, excerpt, incomplete_tail, is_timeout, length, message_line, peer};
pub use time::seconds;
pub use transform::{Text, Transform};
pub use typed::{Typed, end_prompt, prompt};

#[doc(hidden)]
pub use log;
