//! What becomes of a client after its turn.

use anyhow::Result;
use mio::Token;

use super::EchoServer;
use crate::connection::Turn;

impl EchoServer {
    /// Does what a turn has come to.
    pub(super) fn after(&mut self, token: Token, turn: Result<Turn>) {
        match turn {
            Ok(Turn::Waits) => {}
            Ok(Turn::Unfinished) => self.queue(token),
            Ok(Turn::Owes) => self.debts.push(token),
            Ok(Turn::Ended) => self.disconnected(token),
            Err(error) => self.error(token, &error),
        }
    }

    /// Another turn in the next round, and no more than one.
    fn queue(&mut self, token: Token) {
        if let Some(connection) = self.connections.get_mut(token.0) {
            if !std::mem::replace(&mut connection.is_queued, true) {
                self.unfinished.push(token);
            }
        }
    }
}
