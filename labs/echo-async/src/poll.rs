//! Two futures that are polled by hand: what an `.await` does, seen from below.
//!
//! A future does nothing until it is polled. It then says that it is ready, or sees to it that the
//! task is woken when it is worth asking again.

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use common::Reserve;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::unconstrained;

/// What `wait` comes to; `None` if `end` comes first. Both are polled, one beside the other, as
/// `select!` does.
///
/// The runtime lets a task do so much in a row; then everything that it waits for, timers as well,
/// says that it is not ready, so that other tasks have their turn. A `wait` that always has
/// something to do would take all of that for itself: `end` is not counted.
pub(crate) async fn unless<T>(end: impl Future, wait: impl Future<Output = T>) -> Option<T> {
    let (mut end, mut wait) = (pin!(unconstrained(end)), pin!(wait));
    poll_fn(|context| match wait.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => end.as_mut().poll(context).map(|_| None),
    })
    .await
}

/// The next client, and its stream unless it was turned away: see [`Reserve::accept`], which cannot
/// wait, and need not while it is polled.
///
/// # Errors
/// Those of `accept`.
pub(crate) async fn accept(
    listener: &TcpListener,
    reserve: &mut Reserve,
) -> io::Result<(Option<TcpStream>, SocketAddr)> {
    poll_fn(|context| {
        let accepted = reserve.accept(|| match listener.poll_accept(context) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        });
        match accepted {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    })
    .await
}
