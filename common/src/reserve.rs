//! What a server does while it has no file descriptor for the next client.

use std::fs::File;
use std::io;

/// A file descriptor that is kept back for the time when there is no other.
///
/// `accept` needs a free descriptor and fails with EMFILE or ENFILE, accept(2), when the process or
/// the machine has none left. A server that ends then is lost for those whom it serves; one that
/// calls `accept` again at once spins, for on Linux it fails even while nobody waits; and one that
/// only pauses leaves the next client in the backlog, connected and without an answer. With the
/// descriptor that was kept back the server lets the next client in all the same and closes the
/// connection, so that the client knows.
///
/// Windows has no such limit, and nothing is kept back there.
#[derive(Debug)]
pub struct Reserve(Option<File>);

impl Reserve {
    /// Keeps a descriptor back, if there is one.
    pub fn new() -> Self {
        Self(spare())
    }

    /// Calls `accept`; where no descriptor is free, once more with the one that was kept back, and
    /// then there is no stream in the result: the client has been turned away. If somebody has left
    /// meanwhile, there is a descriptor for the client, who is let in.
    ///
    /// It blocks as `accept` does, which runs twice at most; that of a non-blocking listener has to
    /// fail with [`io::ErrorKind::WouldBlock`], which comes back.
    ///
    /// # Errors
    /// Those of `accept`. EMFILE and ENFILE are among them only if another thread or program was
    /// quicker to take the descriptor: pause before the next attempt.
    pub fn accept<S, A>(
        &mut self,
        mut accept: impl FnMut() -> io::Result<(S, A)>,
    ) -> io::Result<(Option<S>, A)> {
        match accept() {
            Err(error) if is_table_full(&error) => self.0 = None,
            result => return result.map(|(stream, peer)| (Some(stream), peer)),
        }
        let accepted = accept();
        self.0 = spare();
        let (stream, peer) = accepted?;
        if self.0.is_some() {
            return Ok((Some(stream), peer));
        }
        drop(stream);
        self.0 = spare();
        Ok((None, peer))
    }
}

impl Default for Reserve {
    fn default() -> Self {
        Self::new()
    }
}

/// A descriptor of an open file of its own: a copy of another descriptor, dup(2), would give nothing
/// back to a machine whose table of open files is full.
fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

/// EMFILE: the process has too many open files; ENFILE: the machine has.
fn is_table_full(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    cfg!(unix) && matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};
    use std::process::Command;

    /// Calls `accept` of a reserve, which gets these results one after another.
    fn accepted(
        reserve: &mut Reserve,
        mut results: Vec<io::Result<(&'static str, u8)>>,
    ) -> io::Result<(Option<&'static str>, u8)> {
        let accepted = reserve.accept(|| results.remove(0));
        assert!(results.is_empty(), "{results:?}");
        assert!(reserve.0.is_some());
        accepted
    }

    fn full() -> io::Result<(&'static str, u8)> {
        Err(io::Error::from_raw_os_error(24))
    }

    #[test]
    fn only_a_full_table_is_a_reason_to_try_again() {
        let mut reserve = Reserve::new();
        let let_in = accepted(&mut reserve, vec![Ok(("stream", 1))]);
        assert_eq!(let_in.unwrap(), (Some("stream"), 1));
        let nobody = || Err(ErrorKind::WouldBlock.into());
        let failed = accepted(&mut reserve, vec![nobody()]).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::WouldBlock);
        let failed = accepted(&mut reserve, vec![full(), nobody()]).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::WouldBlock);
        let failed = accepted(&mut reserve, vec![full(), full()]).unwrap_err();
        assert_eq!(failed.raw_os_error(), Some(24));
    }

    #[test]
    fn a_client_is_let_in_if_another_has_left_meanwhile() {
        // The table of this process is not full at all.
        let let_in = accepted(&mut Reserve::new(), vec![full(), Ok(("stream", 1))]);
        assert_eq!(let_in.unwrap(), (Some("stream"), 1));
    }

    #[test]
    fn a_full_table_turns_a_client_away() {
        let mut command = Command::new("sh");
        let script =
            "ulimit -n 40; exec \"$0\" --exact --ignored reserve::tests::with_a_full_table";
        command
            .args(["-c", script])
            .arg(std::env::current_exe().unwrap());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }

    #[test]
    #[ignore = "it fills the table of its process: another test starts it in one of its own"]
    fn with_a_full_table() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut reserve = Reserve::new();
        let clients = [(); 2].map(|()| TcpStream::connect(address).unwrap());
        let mut others: Vec<File> = std::iter::from_fn(spare).collect();

        let (stream, peer) = reserve.accept(|| listener.accept()).unwrap();
        assert!(stream.is_none());
        assert_eq!(peer, clients[0].local_addr().unwrap());
        assert_eq!(io::Read::read(&mut &clients[0], &mut [0]).unwrap(), 0);

        others.pop();
        let (stream, peer) = reserve.accept(|| listener.accept()).unwrap();
        assert!(stream.is_some());
        assert_eq!(peer, clients[1].local_addr().unwrap());
    }
}
