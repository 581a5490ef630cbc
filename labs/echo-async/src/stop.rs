//! How all clients of an asynchronous server end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long a client may take for the rest of its answers.
const GRACE: Duration = Duration::from_secs(1);

/// How long what has arrived by then may take to be noticed.
pub(crate) const LAST_LOOK: Duration = Duration::from_millis(50);

/// How long the tasks of clients that have not taken them may need to report it.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Ends all clients in good order: what has arrived is answered, then they see the end of the
/// stream. Blocks until they have.
pub(crate) async fn close(stop: &watch::Sender<bool>) {
    stop.send_replace(true);
    // Every task holds a receiver: the channel is closed when all are done.
    let _ = timeout(GRACE + LAST_WORDS, stop.closed()).await;
}

/// Waits until the server is told to stop.
pub(crate) async fn told(stop: &mut watch::Receiver<bool>) {
    // It fails where the sender is gone, which is a stop as well.
    let _ = stop.wait_for(|told| *told).await;
}

/// Waits until a client should be done after that.
pub(crate) async fn too_late(mut stop: watch::Receiver<bool>) {
    told(&mut stop).await;
    sleep(GRACE).await;
}
