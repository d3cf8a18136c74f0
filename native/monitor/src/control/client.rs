//! One connection on the control socket: what came in, what is on its way out, and what the client wants of us.

use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::Shutdown;
use serde::Serialize;
use serde_json::json;

use super::failure::Failure;
use crate::frames::{self, Kind};
use crate::monitor::Container;
use crate::outbox::Outbox;
use crate::reactor::{Interest, READABLE, WRITABLE, Watched};
use crate::token::ProgramId;

/// A request that is longer than this is no honest client's.
pub const REQUEST_BYTES: usize = 1 << 20;

/// A client that leaves this much unread gets nothing more until it has read some.
const UNREAD_BYTES: usize = 256 * 1024;

/// What a client is here for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has not asked yet.
    Asking,
    /// It gets the state at each change. `behind` when it has missed some for want of reading.
    Subscribed {
        /// Whether the latest state has not been sent.
        behind: bool,
    },
    /// It waits for the container's end.
    AwaitingEnd,
    /// It hears what the container's first program writes.
    Attached {
        /// Whether its input goes there.
        stdin: bool,
    },
    /// It talks to a program of its own.
    Exec(ProgramId),
    /// It gets what is on its way, and no more.
    Leaving,
}

/// A connection.
pub struct Client {
    /// What it is here for.
    pub role: Role,
    /// The container waits for it to read, and its end of input is the program's.
    pub misses_nothing: bool,
    /// Received and not yet understood.
    pub inbox: Vec<u8>,
    socket: Watched<OwnedFd>,
    outbox: Outbox,
    input_ended: bool,
    output_ended: bool,
    gone: bool,
}

impl Client {
    /// A client that has just connected.
    pub fn new(socket: Watched<OwnedFd>) -> Self {
        let (inbox, outbox) = (Vec::new(), Outbox::default());
        let (input_ended, output_ended, gone) = (false, false, false);
        Self { role: Role::Asking, misses_nothing: false, inbox, socket, outbox, input_ended, output_ended, gone }
    }

    /// A client that was there before the container's first program.
    pub fn from_the_start(socket: Watched<OwnedFd>) -> Self {
        Self { misses_nothing: true, ..Self::new(socket) }
    }

    /// Takes what was sent into the inbox, by at most one read.
    pub fn receive(&mut self, buffer: &mut [u8]) {
        match rustix::io::read(&self.socket, &mut *buffer) {
            Ok(0) => self.input_ended = true,
            Ok(count) => self.inbox.extend_from_slice(&buffer[..count]),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.gone = true,
        }
    }

    /// Sends `{"ok":true,…}`.
    pub fn succeed(&mut self, answer: &impl Serialize) {
        self.send_line(&Success { ok: true, answer });
    }

    /// Sends `{"ok":false,…}` and nothing after it.
    pub fn refuse(&mut self, failure: &Failure) {
        self.send_line(&json!({ "ok": false, "error": failure }));
        self.role = Role::Leaving;
    }

    fn send_line(&mut self, line: &impl Serialize) {
        // Only a map with keys that are no strings can't be written; there is none.
        let _ = serde_json::to_writer(self.outbox.tail(), line);
        self.outbox.tail().push(b'\n');
        self.flush();
    }

    /// Sends a frame.
    pub fn send_frame(&mut self, kind: Kind, payload: &[u8]) {
        frames::append(self.outbox.tail(), kind, payload);
        self.flush();
    }

    /// Sends the last frame.
    pub fn send_exit(&mut self, code: i32) {
        self.send_frame(Kind::Json, json!({ "exit": { "code": code } }).to_string().as_bytes());
        self.role = Role::Leaving;
    }

    /// Sends what waits, as far as the client reads it.
    pub fn flush(&mut self) {
        if self.outbox.flush(&self.socket).is_err() {
            self.lose();
        }
    }

    /// The client is not there any more.
    pub fn lose(&mut self) {
        self.gone = true;
        self.outbox.clear();
    }

    /// Whether it reads what it is sent.
    pub fn keeps_up(&self) -> bool {
        self.outbox.len() < UNREAD_BYTES
    }

    /// The program that it talks to: that it signals, and sends its input.
    pub fn program(&self, container: Option<&Container>) -> Option<ProgramId> {
        match self.role {
            Role::Exec(id) => Some(id),
            Role::Attached { .. } => container.map(|container| container.program),
            _ => None,
        }
    }

    /// Whether it has said all it will say.
    pub fn input_ended(&self) -> bool {
        self.input_ended
    }

    /// Whether the connection is of no more use.
    pub fn is_over(&self) -> bool {
        self.gone || (self.role == Role::Leaving && self.outbox.is_empty())
    }

    /// Tells a client that has been sent everything that this was all, and whether it has left too. Closing at once would
    /// break what it is still writing, and the failed write would cost it what it has not read yet.
    pub fn part(&mut self) -> bool {
        if self.is_over() && !self.gone && !self.output_ended {
            self.output_ended = true;
            self.gone = rustix::net::shutdown(&self.socket, Shutdown::Write).is_err();
        }
        self.gone || (self.output_ended && self.input_ended)
    }

    /// Whether something is on its way out.
    pub fn has_unsent(&self) -> bool {
        !self.gone && !self.outbox.is_empty()
    }

    /// Watches the connection for what matters now. `takes_input` is false while its program has enough to read.
    pub fn listen(&mut self, takes_input: bool) {
        let mut interest = Interest::empty();
        interest.set(READABLE, takes_input && !self.input_ended);
        interest.set(WRITABLE, !self.outbox.is_empty());
        let _ = self.socket.want(interest);
    }
}

#[derive(Serialize)]
struct Success<'a, T> {
    ok: bool,
    #[serde(flatten)]
    answer: &'a T,
}
