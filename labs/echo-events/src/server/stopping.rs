//! What the loop does when the server is told to stop.

use anyhow::anyhow;
use common::tr;
use mio::Token;

use super::EchoServer;

impl EchoServer {
    /// Everybody gets the answer to what has come by now, and then the end of the stream.
    pub(super) fn stop(&mut self) {
        self.stop.begin(self.now);
        for token in self.tokens() {
            self.connections[token.0].last_turn();
            self.ready_read(token);
        }
    }

    /// Gives up all who have not taken their answers in time.
    pub(super) fn disconnect_all(&mut self) {
        for token in self.tokens() {
            let reason = tr!("the server has stopped", "сервер остановлен");
            self.error(token, &anyhow!(reason));
        }
    }

    pub(super) fn tokens(&self) -> Vec<Token> {
        let places = self.connections.iter().map(|(place, _)| Token(place));
        places.collect()
    }
}
