//! The TCP side of published ports: connections accepted here are made again to the container, and joined.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use kernel::error::Result;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use super::bind::BoundPort;
use super::flow::Flow;
use crate::readiness::Readiness;

const SCRATCH_BYTES: usize = 64 * 1024;

/// Connections accepted in one go.
const ACCEPTS: u32 = 64;

/// How long no connection is accepted when there is no descriptor left for one.
const PAUSE: Duration = Duration::from_millis(100);

const NONBLOCKING: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// All TCP ports of one container, and the connections through them. Tokens: even for clients and listeners, odd for the
/// container's side of the connection before.
pub struct TcpProxy {
    container: Ipv4Addr,
    listeners: HashMap<u64, Listener>,
    connections: HashMap<u64, Connection>,
    next_token: u64,
    paused_until: Option<Instant>,
    scratch: Vec<u8>,
}

struct Listener {
    socket: OwnedFd,
    target: u16,
}

struct Connection {
    client: Side,
    container: Side,
    connecting: bool,
    upward: Flow,
    downward: Flow,
}

struct Side {
    socket: OwnedFd,
    watched: Option<EventFlags>,
}

impl TcpProxy {
    pub fn new(container: Ipv4Addr) -> Self {
        Self {
            container,
            listeners: HashMap::new(),
            connections: HashMap::new(),
            next_token: 0,
            paused_until: None,
            scratch: vec![0; SCRATCH_BYTES],
        }
    }

    pub fn listen(&mut self, readiness: &Readiness, port: BoundPort) -> Result<()> {
        let token = self.take_token();
        readiness.add(&port.socket, token, EventFlags::IN)?;
        self.listeners.insert(token, Listener { socket: port.socket, target: port.target });
        Ok(())
    }

    pub fn handle(&mut self, readiness: &Readiness, token: u64, flags: EventFlags, now: Instant) {
        if self.listeners.contains_key(&token) {
            self.accept(readiness, token, now);
            return;
        }
        let id = token & !1;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let broken = flags.contains(EventFlags::ERR) || connection.advance(&mut self.scratch).is_err();
        if broken {
            connection.reset();
        }
        if broken || connection.is_over() || connection.watch(readiness, id).is_err() {
            self.connections.remove(&id);
        }
    }

    /// Accepts again after a pause.
    pub fn resume(&mut self, readiness: &Readiness, now: Instant) {
        if self.paused_until.is_none_or(|until| now < until) {
            return;
        }
        self.paused_until = None;
        self.watch_listeners(readiness, EventFlags::IN);
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.paused_until
    }

    fn accept(&mut self, readiness: &Readiness, token: u64, now: Instant) {
        for _ in 0..ACCEPTS {
            let Some(listener) = self.listeners.get(&token) else { return };
            let target = listener.target;
            let outcome = rustix::net::accept_with(&listener.socket, NONBLOCKING)
                .and_then(|client| Connection::open(client, SocketAddrV4::new(self.container, target)));
            match outcome {
                Ok(connection) => self.adopt(readiness, connection),
                Err(Errno::AGAIN) => return,
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    self.paused_until = Some(now + PAUSE);
                    self.watch_listeners(readiness, EventFlags::empty());
                    return;
                }
                // A client that went away, or a container that nothing leads to: the next one may be luckier.
                Err(_) => {}
            }
        }
    }

    fn adopt(&mut self, readiness: &Readiness, mut connection: Connection) {
        let token = self.take_token();
        let Connection { client, container, .. } = &connection;
        let watched = readiness
            .add(&client.socket, token, EventFlags::empty())
            .and_then(|()| readiness.add(&container.socket, token | 1, EventFlags::OUT));
        match watched {
            Ok(()) => {
                self.connections.insert(token, connection);
            }
            Err(_) => connection.reset(),
        }
    }

    fn watch_listeners(&self, readiness: &Readiness, interest: EventFlags) {
        for (token, listener) in &self.listeners {
            // The worst that can happen is a listener that rests until the next pause ends.
            let _ = readiness.change(&listener.socket, *token, interest);
        }
    }

    fn take_token(&mut self) -> u64 {
        self.next_token += 2;
        self.next_token
    }
}

impl Connection {
    fn open(client: OwnedFd, target: SocketAddrV4) -> rustix::io::Result<Self> {
        let container = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, NONBLOCKING, None)?;
        for socket in [&client, &container] {
            sockopt::set_tcp_nodelay(socket, true)?;
            sockopt::set_socket_keepalive(socket, true)?;
        }
        match rustix::net::connect(&container, &SocketAddr::V4(target)) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(errno) => return Err(errno),
        }
        Ok(Self {
            client: Side { socket: client, watched: Some(EventFlags::empty()) },
            container: Side { socket: container, watched: Some(EventFlags::OUT) },
            connecting: true,
            upward: Flow::default(),
            downward: Flow::default(),
        })
    }

    fn advance(&mut self, scratch: &mut [u8]) -> rustix::io::Result<()> {
        let (client, container) = (&self.client.socket, &self.container.socket);
        if self.connecting {
            sockopt::socket_error(container)??;
            match rustix::net::getpeername(container) {
                Err(Errno::NOTCONN) => return Ok(()),
                other => other.map(|_| ())?,
            }
            self.connecting = false;
        }
        self.upward.advance(client, container, scratch)?;
        self.downward.advance(container, client, scratch)
    }

    fn is_over(&self) -> bool {
        self.upward.is_over() && self.downward.is_over()
    }

    fn watch(&mut self, readiness: &Readiness, id: u64) -> Result<()> {
        if self.connecting {
            return Ok(());
        }
        self.client.watch(readiness, id, (&self.upward, &self.downward))?;
        self.container.watch(readiness, id | 1, (&self.downward, &self.upward))
    }

    /// Both ends learn that something went wrong, not that all was said.
    fn reset(&mut self) {
        for side in [&self.client, &self.container] {
            // A socket that is broken already can't be told.
            let _ = sockopt::set_socket_linger(&side.socket, Some(Duration::ZERO));
        }
    }
}

impl Side {
    /// Watches this side for what the flows out of it and into it wait for.
    fn watch(&mut self, readiness: &Readiness, token: u64, (out, into): (&Flow, &Flow)) -> Result<()> {
        if out.has_ended() && into.is_over() {
            // Nothing can happen here any more, but the kernel would go on telling that it hung up.
            return if self.watched.take().is_some() { readiness.forget(&self.socket) } else { Ok(()) };
        }
        let mut interest = EventFlags::empty();
        interest.set(EventFlags::IN, out.wants_to_read());
        interest.set(EventFlags::OUT, into.wants_to_write());
        if self.watched == Some(interest) {
            return Ok(());
        }
        self.watched = Some(interest);
        readiness.change(&self.socket, token, interest)
    }
}
