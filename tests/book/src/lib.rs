//! The proof that both guides, `docs/en` and `docs/ru`, are true: `cargo test -p book`, or `cargo test -p book echo` for
//! the pages with `echo` in their name.
//!
//! There are three kinds of trials. Each book builds with mdBook without a warning, and its links, images and includes
//! lead somewhere. Both books have the same pages with the same code. And what a page shows of a console happens.
//!
//! # Console blocks
//!
//! ````text
//! ```console terminal=server
//! $ cargo run -q -p echo-server
//! listening on [::]:9090
//! ...
//! ```
//!
//! ```console terminal=client
//! $ nc localhost 9090
//! > hello
//! HELLO
//! ```
//!
//! ```console terminal=server
//! <time> client connected: [::1]:<port1>
//! ...
//! ^C
//! <time> client disconnected: [::1]:<port1>, <n> bytes received, <n> bytes sent
//! <time> server stopped
//! ```
//! ````
//!
//! The info string is `console terminal=NAME`. The blocks of a page run from top to bottom. A program goes on running
//! after its block, and later blocks of its terminal tell what it prints later.
//!
//! | line | meaning |
//! |---|---|
//! | `$ COMMAND` | `bash -c COMMAND`, in the workspace's root. The program before in this terminal must have ended, and all that it printed must have been expected, unless its last line here is `...` |
//! | `> TEXT` | typed into the running program, with Enter; `>` alone is Enter |
//! | `^C`, `^D` | the interrupt key, the end of the input |
//! | `...` | any lines, or none |
//! | any other | a line of output, in order |
//!
//! In a line of output `<time>` stands for a time, a date and a time, or what ctime(3) makes of it, `<port>` and `<pid>`
//! for digits, `<n>` for a decimal number, `<text>` for any text but none. With a number, `<port1>`, it stands for the
//! same text wherever it comes on the page.
//!
//! Blanks at the end of a line do not count. Prompts `> ` are left out where a line begins with them, so that no output
//! that begins with `> `, `$ ` or is `...` can be expected. A question such as `port [9090]: `, which ends with a blank
//! and not with a newline, is expected as a line of its own, followed by what is typed. Output at the end of a page need
//! not be expected.
//!
//! What `cargo` itself says depends on what is built already: use `cargo run -q`, or let `...` follow. That it waits for
//! the `cargo` of another page is left out.
//!
//! Every wait has a deadline: 30 seconds, and 300 for a `cargo` command until its first expected line. Each page has a
//! network (with `lo` only), processes and a /tmp of its own; its programs must not bind ports below 1024, as if nobody
//! were root; whatever it leaves running is killed. `LANG` is that of the book.
//!
//! Where the machine lacks namespaces or a program that the page names, its trial is ignored and says why; with
//! `LAB_REQUIRE_ALL=1` it fails.

mod book;
mod format;
mod links;
mod namespace;
mod needs;
mod pattern;
mod same;
mod session;
mod terminal;
mod warnings;

pub use book::Book;
pub use format::{has_console, programs};
pub use needs::{Needs, trial};
pub use same::difference;
pub use session::{Failure, Setting, run};
