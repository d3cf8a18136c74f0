//! The UDP side of published ports: each client gets a socket of its own towards the container, for as long as it is heard of.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use kernel::error::Result;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::bind::BoundPort;
use super::datagram::{self, Peers};
use crate::readiness::Readiness;

/// Docker's proxy forgets a client after the same time.
const IDLE: Duration = Duration::from_secs(90);

/// How often the clients are looked through.
const SWEEP: Duration = Duration::from_secs(15);

const SESSIONS: usize = 1024;

/// Datagrams handled in one go.
const ROUNDS: u32 = 64;

/// The largest datagram there is.
const SCRATCH_BYTES: usize = 64 * 1024;

const OURS: u64 = 1 << 63;

/// Whether the token is one of the UDP side's.
pub fn owns(token: u64) -> bool {
    token & OURS != 0
}

/// All UDP ports of one container, and their clients.
pub struct UdpProxy {
    container: Ipv4Addr,
    listeners: HashMap<u64, Listener>,
    sessions: HashMap<u64, Session>,
    tokens: HashMap<(u64, Peers), u64>,
    next_token: u64,
    sweep_at: Option<Instant>,
    scratch: Vec<u8>,
}

struct Listener {
    socket: OwnedFd,
    target: u16,
}

struct Session {
    listener: u64,
    peers: Peers,
    socket: OwnedFd,
    last_heard: Instant,
}

impl UdpProxy {
    pub fn new(container: Ipv4Addr) -> Self {
        Self {
            container,
            listeners: HashMap::new(),
            sessions: HashMap::new(),
            tokens: HashMap::new(),
            next_token: OURS,
            sweep_at: None,
            scratch: Vec::new(),
        }
    }

    pub fn listen(&mut self, readiness: &Readiness, port: BoundPort) -> Result<()> {
        self.scratch.resize(SCRATCH_BYTES, 0);
        let token = self.take_token();
        readiness.add(&port.socket, token, EventFlags::IN)?;
        self.listeners.insert(token, Listener { socket: port.socket, target: port.target });
        Ok(())
    }

    pub fn handle(&mut self, readiness: &Readiness, token: u64, now: Instant) {
        for _ in 0..ROUNDS {
            let outcome = if self.listeners.contains_key(&token) {
                self.upward(readiness, token, now)
            } else {
                self.downward(token, now)
            };
            // Any other refusal concerns one datagram (a port that nobody listens on, say), and UDP promises none.
            if outcome == Err(Errno::AGAIN) {
                return;
            }
        }
    }

    /// Forgets clients that were not heard of for long.
    pub fn expire(&mut self, now: Instant) {
        if self.sweep_at.is_none_or(|at| now < at) {
            return;
        }
        self.sessions.retain(|_, session| now.duration_since(session.last_heard) < IDLE);
        let sessions = &self.sessions;
        self.tokens.retain(|_, token| sessions.contains_key(token));
        self.sweep_at = (!self.sessions.is_empty()).then(|| now + SWEEP);
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.sweep_at
    }

    fn upward(&mut self, readiness: &Readiness, listener: u64, now: Instant) -> rustix::io::Result<()> {
        let Some(Listener { socket, target }) = self.listeners.get(&listener) else { return Err(Errno::AGAIN) };
        let (length, peers) = datagram::receive(socket, &mut self.scratch)?;
        let target = SocketAddrV4::new(self.container, *target);
        let token = match self.tokens.get(&(listener, peers)) {
            Some(token) => *token,
            None => self.open(readiness, listener, peers, (target, now))?,
        };
        let Some(session) = self.sessions.get_mut(&token) else { return Ok(()) };
        session.last_heard = now;
        rustix::net::send(&session.socket, &self.scratch[..length], SendFlags::NOSIGNAL).map(|_| ())
    }

    fn downward(&mut self, token: u64, now: Instant) -> rustix::io::Result<()> {
        let Some(session) = self.sessions.get_mut(&token) else { return Err(Errno::AGAIN) };
        let (_, length) = rustix::net::recv(&session.socket, &mut self.scratch[..], RecvFlags::empty())?;
        session.last_heard = now;
        match self.listeners.get(&session.listener) {
            Some(listener) => datagram::send(&listener.socket, &self.scratch[..length], &session.peers),
            None => Ok(()),
        }
    }

    fn open(
        &mut self,
        readiness: &Readiness,
        listener: u64,
        peers: Peers,
        (target, now): (SocketAddrV4, Instant),
    ) -> rustix::io::Result<u64> {
        if self.sessions.len() >= SESSIONS {
            self.forget_oldest();
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
        rustix::net::connect(&socket, &SocketAddr::V4(target))?;
        let token = self.take_token();
        readiness.add(&socket, token, EventFlags::IN).map_err(|_| Errno::NOMEM)?;
        self.sessions.insert(token, Session { listener, peers, socket, last_heard: now });
        self.tokens.insert((listener, peers), token);
        self.sweep_at.get_or_insert(now + SWEEP);
        Ok(token)
    }

    fn forget_oldest(&mut self) {
        let oldest = self.sessions.iter().min_by_key(|(_, session)| session.last_heard).map(|(token, _)| *token);
        if let Some(session) = oldest.and_then(|token| self.sessions.remove(&token)) {
            self.tokens.remove(&(session.listener, session.peers));
        }
    }

    fn take_token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token
    }
}
