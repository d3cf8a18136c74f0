//! Containers' programs that ask by TCP. Each may ask several times on one connection, and none can hold up the others.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::SocketFlags;

use super::stream::Stream;
use crate::readiness::Readiness;

const MOST: usize = 64;

/// How long a connection may say nothing.
const IDLE: Duration = Duration::from_secs(10);

/// Questions read from one connection in one go.
const ROUNDS: usize = 16;

/// The connections, by token.
pub struct Clients {
    listener: OwnedFd,
    connections: HashMap<u64, Connection>,
}

struct Connection {
    stream: Stream,
    ends_at: Instant,
    watched: EventFlags,
    /// Questions without an answer yet.
    unanswered: usize,
    /// It will not ask any more.
    ended: bool,
    broken: bool,
}

impl Clients {
    /// None yet.
    pub fn of(listener: OwnedFd) -> Self {
        Self { listener, connections: HashMap::new() }
    }

    /// Takes in who waits. When there are too many, the one that has been silent for longest has to go.
    pub fn accept(&mut self, readiness: &Readiness, next_token: &mut u64) {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        while let Ok(socket) = rustix::net::accept_with(&self.listener, flags) {
            if self.connections.len() >= MOST {
                let oldest = self.connections.iter().min_by_key(|(_, one)| one.ends_at).map(|(token, _)| *token);
                oldest.and_then(|token| self.connections.remove(&token));
            }
            let token = *next_token;
            *next_token += 1;
            let watched = EventFlags::IN;
            if readiness.add(&socket, token, watched).is_ok() {
                self.connections.insert(token, Connection::new(socket, watched));
            }
        }
    }

    /// The questions that have come on a connection.
    pub fn read(&mut self, token: u64) -> Vec<Vec<u8>> {
        let Some(connection) = self.connections.get_mut(&token) else { return Vec::new() };
        let mut questions = Vec::new();
        while questions.len() < ROUNDS && !connection.ended {
            match connection.stream.next_message() {
                Ok(question) => questions.push(question),
                Err(Errno::AGAIN | Errno::INTR) => break,
                Err(Errno::PIPE) => connection.ended = true,
                Err(_) => {
                    connection.broken = true;
                    break;
                }
            }
        }
        if !questions.is_empty() {
            connection.ends_at = Instant::now() + IDLE;
        }
        connection.unanswered += questions.len();
        questions
    }

    /// Sends an answer, and what is left of it as soon as the client reads.
    pub fn write(&mut self, readiness: &Readiness, token: u64, answer: &[u8]) {
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.stream.queue(answer);
            connection.unanswered = connection.unanswered.saturating_sub(1);
            self.settle(readiness, token);
        }
    }

    /// Sends what waits, and forgets the connection if it is over.
    pub fn settle(&mut self, readiness: &Readiness, token: u64) {
        let Some(connection) = self.connections.get_mut(&token) else { return };
        let failed = connection.broken || connection.stream.flush().is_err() || !connection.watch(readiness, token);
        if failed || connection.is_over() {
            self.connections.remove(&token);
        }
    }

    /// Forgets those that have been silent for too long.
    pub fn expire(&mut self, now: Instant) {
        self.connections.retain(|_, connection| now < connection.ends_at);
    }

    /// When the first of them has been.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.connections.values().map(|connection| connection.ends_at).min()
    }
}

impl Connection {
    fn new(socket: OwnedFd, watched: EventFlags) -> Self {
        let ends_at = Instant::now() + IDLE;
        Self { stream: Stream::new(socket), ends_at, watched, unanswered: 0, ended: false, broken: false }
    }

    fn is_over(&self) -> bool {
        self.ended && self.unanswered == 0 && !self.stream.has_waiting()
    }

    fn watch(&mut self, readiness: &Readiness, token: u64) -> bool {
        let mut interest = EventFlags::empty();
        interest.set(EventFlags::IN, !self.ended);
        interest.set(EventFlags::OUT, self.stream.has_waiting());
        let unchanged = interest == self.watched;
        self.watched = interest;
        unchanged || readiness.change(&self.stream, token, interest).is_ok()
    }
}
