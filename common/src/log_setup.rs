//! Where events go: the console or a file, one line each, with local time.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use ::time::macros::format_description;

use crate::program_name;
use anyhow::{Context, Result};
use log::LevelFilter;
use simplelog::{ConfigBuilder, WriteLogger};

/// Sends events to the end of `file`, or to stderr. `quiet` leaves out the events of single
/// messages.
///
/// # Errors
/// If the file cannot be opened for appending, or a log is already set up.
pub(crate) fn set_up_log(file: Option<&Path>, quiet: bool) -> Result<()> {
    let sink: Box<dyn Write + Send> = match file {
        None => Box::new(io::stderr()),
        Some(path) => {
            let opened = OpenOptions::new().append(true).create(true).open(path);
            Box::new(opened.with_context(|| format!("open log file {}", path.display()))?)
        }
    };
    let mut config = ConfigBuilder::new();
    config
        .set_time_format_custom(format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second]"
        ))
        .set_max_level(LevelFilter::Off)
        .set_thread_level(LevelFilter::Off)
        .set_target_level(LevelFilter::Off);
    // The offset can be asked for only while there is one thread; where it is unknown, times are in
    // UTC.
    let _ = config.set_time_offset_to_local();
    let level = if quiet {
        LevelFilter::Info
    } else {
        LevelFilter::Debug
    };
    WriteLogger::init(
        level,
        config.build(),
        WholeLines {
            sink,
            line: Vec::new(),
            file: file.map(|path| path.display().to_string()),
        },
    )
    .context("set up the log")
}

/// Passes lines on whole: one `write` each, then a flush, so that the lines of several threads or
/// programs do not mix and what has happened is in the file at once.
struct WholeLines<W: Write> {
    sink: W,
    line: Vec<u8>,
    /// The name of the file, until it could not be written.
    file: Option<String>,
}

impl<W: Write> Write for WholeLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if bytes.ends_with(b"\n") {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let written = self.sink.write_all(&line).and_then(|()| self.sink.flush());
        if let (Err(error), Some(path)) = (&written, self.file.take()) {
            // Once is enough: the next lines will hardly fare better.
            let complaint = format!("{}: write log file {path}: {error}\n", program_name());
            let _ = io::stderr().write_all(complaint.as_bytes());
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Remembers every single `write`.
    #[derive(Clone, Default)]
    struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_write() {
        let writes = Writes::default();
        let mut lines = WholeLines {
            sink: writes.clone(),
            line: Vec::new(),
            file: None,
        };
        let number = 10;
        write!(lines, "{number} client ").unwrap();
        assert!(writes.0.lock().unwrap().is_empty());
        writeln!(lines, "connected").unwrap();
        assert_eq!(*writes.0.lock().unwrap(), [b"10 client connected\n"]);
    }
}
