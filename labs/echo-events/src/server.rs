//! The loop and the handlers that it calls.

mod deadlines;
mod stopping;
mod turns;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};
use common::{Reserve, Transform, events};
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::Args;
use crate::buffers::Buffers;
use crate::connection::Connection;
use crate::fast::{Pace, Thrift};
use crate::stop::Stop;

/// What the loop calls the listener, and the wish to stop; a client is called by its place in
/// [`EchoServer::connections`].
const LISTENER: Token = Token(usize::MAX);
pub(crate) const STOP: Token = Token(usize::MAX - 1);

/// Everything that the only thread knows.
pub(crate) struct EchoServer {
    poll: Poll,
    listener: TcpListener,
    reserve: Reserve,
    connections: Slab<Connection>,
    max_clients: usize,
    transform: Transform,
    idle_timeout: Option<Duration>,
    buffers: Buffers,
    /// Clients whose turn was too short: the loop tells of each piece of news once.
    unfinished: Vec<Token>,
    /// Clients whose answers are sent when all have had their turn.
    debts: Vec<Token>,
    pace: Pace,
    stop: Stop,
    /// When to accept without being told: somebody has made room, or accepting has failed.
    accept_at: Option<Instant>,
    /// When to look for clients whose time is over.
    look_at: Option<Instant>,
    /// The end of the last sleep: nothing takes long enough to ask for the time again.
    now: Instant,
}

impl EchoServer {
    pub(crate) fn new(
        poll: Poll,
        mut listener: TcpListener,
        stop: Stop,
        args: &Args,
    ) -> Result<Self> {
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)
            .context("watch the listener")?;
        Ok(Self {
            poll,
            listener,
            reserve: Reserve::new(),
            connections: Slab::new(),
            max_clients: args.server.max_clients as usize,
            transform: args.transform,
            idle_timeout: args.server.idle_timeout(),
            buffers: Buffers::new(args.portion, Thrift::new(args.fast)),
            unfinished: Vec::new(),
            debts: Vec::new(),
            pace: Pace::new(args.fast),
            stop,
            accept_at: None,
            look_at: args.server.idle_timeout().map(|_| Instant::now()),
            now: Instant::now(),
        })
    }

    // ANCHOR: loop
    /// Sleeps until something can be done without waiting, and has it done.
    pub(crate) fn serve(mut self) -> Result<()> {
        self.stop.serving();
        let mut news = Events::with_capacity(1024);
        loop {
            let limit = self.longest_sleep();
            match self.pace.wait(&mut self.poll, &mut news, limit) {
                Err(error) if error.kind() == ErrorKind::Interrupted => news.clear(),
                result => result.context("wait for events")?,
            }
            self.now = Instant::now();
            let unfinished = std::mem::take(&mut self.unfinished);
            for event in &news {
                match event.token() {
                    LISTENER => self.new_connection(),
                    STOP => self.stop(),
                    token => self.dispatch(token, event),
                }
            }
            for token in unfinished {
                self.go_on(token);
            }
            for token in std::mem::take(&mut self.debts) {
                self.ready_write(token);
            }
            if self.is_time(self.accept_at) {
                self.accept_at = None;
                self.new_connection();
            }
            if self.is_time(self.look_at) {
                self.disconnect_overdue();
            }
            if self.is_time(self.stop.end()) {
                self.disconnect_all();
            }
        }
    }

    /// Calls the handlers that an event is about; it may have several things to tell.
    fn dispatch(&mut self, token: Token, event: &Event) {
        // A place may have got a new client since; handlers ask the socket, and wait for nothing.
        let Some(connection) = self.connections.get_mut(token.0) else {
            return;
        };
        let is_over = event.is_read_closed() || event.is_error();
        let has_news = event.is_readable() || is_over;
        if has_news {
            connection.has_news(is_over);
        }
        if event.is_writable() && connection.is_owed() {
            self.ready_write(token);
        } else if has_news && !connection.is_queued {
            self.ready_read(token);
        }
    }

    /// The turn of a client that had more to say than fitted into its last one.
    fn go_on(&mut self, token: Token) {
        if let Some(connection) = self.connections.get_mut(token.0) {
            connection.is_queued = false;
            self.ready_read(token);
        }
    }
    // ANCHOR_END: loop

    // ANCHOR: handlers
    /// Clients have connected: accepts all of them, for as many as may be served at once.
    fn new_connection(&mut self) {
        while self.connections.len() < self.max_clients && !self.stop.has_begun() {
            match self.reserve.accept(|| self.listener.accept()) {
                Ok((Some(stream), peer)) => self.add(stream, common::peer(peer)),
                Ok((None, peer)) => {
                    events::client_turned_away(common::peer(peer));
                    // A crowd of them would keep the others waiting.
                    self.accept_at = Some(self.now);
                    return;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => {
                    // A client that left too early, or no memory: neither ends the server, nor makes it
                    // spin.
                    events::accept_failed(&error);
                    self.accept_at = Some(self.now + Duration::from_millis(100));
                    return;
                }
            }
        }
    }

    /// Something has come: answers it, as much of it as one turn takes.
    fn ready_read(&mut self, token: Token) {
        if let Some(connection) = self.connections.get_mut(token.0) {
            let turn = connection.answer(&mut self.buffers, self.now);
            self.after(token, turn);
        }
    }

    /// There is room for what the client is owed.
    fn ready_write(&mut self, token: Token) {
        if let Some(connection) = self.connections.get_mut(token.0) {
            let turn = connection.pay(self.now);
            self.after(token, turn);
        }
    }

    /// The connection has failed: it ends, and all others go on.
    fn error(&mut self, token: Token, error: &Error) {
        if let Some(connection) = self.connections.get(token.0) {
            events::client_failed(connection.peer, error);
        }
        self.disconnected(token);
    }

    /// The connection is over. Dropping it closes the socket: the client receives all that was sent,
    /// then the end of the stream. It makes room for the next one.
    fn disconnected(&mut self, token: Token) {
        if self.connections.len() == self.max_clients {
            self.accept_at = Some(self.now);
        }
        if let Some(connection) = self.connections.try_remove(token.0) {
            connection.report_end();
        }
    }
    // ANCHOR_END: handlers

    fn add(&mut self, mut stream: TcpStream, peer: SocketAddr) {
        events::client_connected(peer);
        let place = self.connections.vacant_entry();
        let token = Token(place.key());
        let news = Interest::READABLE | Interest::WRITABLE;
        let watched = self.poll.registry().register(&mut stream, token, news);
        place.insert(Connection::new(stream, peer, self.transform, self.now));
        if let Err(error) = watched {
            self.error(token, &Error::new(error).context("watch the connection"));
        }
    }
}
