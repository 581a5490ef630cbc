//! What a lab's program must do, as checks that run against any program: the suite's own one, the
//! reference, or a submission, a folder with a `lab.toml`.
//!
//! A check is a constant [`Check`] beside the function that runs it, in the module of its program.
//! [`of`] lists those of a program, [`run_as_tests`] is the `main` of `cargo test`. Checks judge
//! behaviour alone: what came over the wire, which exit code, whether a new line appeared. The
//! wording of a program never decides.

mod auto_port;
mod broadcast;
mod byte_cause;
mod catalog;
mod client_contract;
mod client_scene;
mod echo_client;
mod echo_server;
mod explain;
mod greeting;
mod hello;
mod labs;
mod last_words;
mod launch;
mod manifest;
mod needs;
mod result;
mod room;
mod run;
mod sandbox;
mod scene;
mod scratch;
mod server_contract;
mod session;
mod subject;
mod survival;
mod time;

pub use catalog::{Check, Level, Says, of, programs};
pub use explain::{difference, explain, level};
pub use labs::{LABS, Lab, Task};
pub use manifest::Manifest;
pub use needs::{Missing, Need};
pub use result::{CheckResult, Difference, Verdict};
pub use run::{run_as_tests, trial_unless};
pub use sandbox::{Limits, Sandbox};
pub use scene::{Scene, Server};
pub use session::Session;
pub use subject::{Answer, PortBy, Running, Start, Subject, Transform};
