//! One question on its way to other servers: asked of each in turn until one has an answer or the time is up.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::message::{self, NOT_IMPLEMENTED, Question, REFUSED, SERVER_FAILURE, Transport};
use super::stream::Stream;

/// How long one server is waited for while there is another to ask.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the whole may take: clients ask again after five seconds.
const LIMIT: Duration = Duration::from_secs(4);

/// The largest answer.
const ANSWER_BYTES: usize = 65535;

/// A question, the servers that were not asked yet, and the conversation with the one that was.
pub struct Exchange {
    pub question: Question,
    /// The client that waits for the answer.
    pub client: Client,
    packet: Vec<u8>,
    id: u16,
    servers: VecDeque<SocketAddr>,
    conversation: Conversation,
    give_up_at: Instant,
    /// When the present server has had its time.
    pub deadline: Instant,
}

/// Who asked.
#[derive(Clone, Copy, Debug)]
pub enum Client {
    Udp(SocketAddr),
    /// The token of its connection.
    Tcp(u64),
}

impl Client {
    pub fn transport(self) -> Transport {
        match self {
            Self::Udp(_) => Transport::Udp,
            Self::Tcp(_) => Transport::Tcp,
        }
    }
}

enum Conversation {
    Udp(OwnedFd),
    Tcp(Stream),
}

/// What has become of it.
pub enum Progress {
    /// It goes on.
    Waiting,
    /// The next server is being asked: there is another descriptor to watch.
    Moved,
    /// What to tell the client.
    Done(Vec<u8>),
}

impl Exchange {
    /// Asks the first server that can be asked at all; gives the question back when there is none.
    pub fn open(
        question: Question,
        client: Client,
        mut packet: Vec<u8>,
        servers: &[SocketAddr],
    ) -> Result<Self, Question> {
        let id = random_id();
        message::set_id(&mut packet, id);
        let mut servers = VecDeque::from_iter(servers.iter().copied());
        let Some(conversation) = ask_next(&mut servers, client, &packet) else { return Err(question) };
        let now = Instant::now();
        let mut exchange =
            Self { question, client, packet, id, servers, conversation, give_up_at: now + LIMIT, deadline: now };
        exchange.deadline = exchange.patience(now);
        Ok(exchange)
    }

    /// What to watch the present conversation for.
    pub fn interest(&self) -> EventFlags {
        match &self.conversation {
            Conversation::Udp(_) => EventFlags::IN,
            Conversation::Tcp(stream) if stream.has_waiting() => EventFlags::IN | EventFlags::OUT,
            Conversation::Tcp(_) => EventFlags::IN,
        }
    }

    /// Takes what has come.
    pub fn advance(&mut self, scratch: &mut Vec<u8>) -> Progress {
        scratch.resize(ANSWER_BYTES, 0);
        loop {
            let answer = match &mut self.conversation {
                Conversation::Udp(socket) => rustix::net::recv(socket, &mut scratch[..], RecvFlags::empty())
                    .map(|(_, length)| &scratch[..length]),
                Conversation::Tcp(stream) => stream.exchange(scratch),
            };
            match answer {
                Err(Errno::AGAIN | Errno::INTR) => return Progress::Waiting,
                Err(_) => return self.move_on(None),
                // Somebody else's answer, or a forged one; the right one may still come.
                Ok(answer) if !self.question.is_answered_by(answer, self.id) => {}
                Ok(answer) => {
                    let mut answer = answer.to_vec();
                    message::set_id(&mut answer, self.question.id);
                    return if is_helpless(&answer) { self.move_on(Some(answer)) } else { Progress::Done(answer) };
                }
            }
        }
    }

    /// Asks the next server if the present one has had its time.
    pub fn expire(&mut self, now: Instant) -> Progress {
        if now < self.deadline {
            return Progress::Waiting;
        }
        if now >= self.give_up_at { Progress::Done(self.question.failure(SERVER_FAILURE)) } else { self.move_on(None) }
    }

    fn move_on(&mut self, last: Option<Vec<u8>>) -> Progress {
        match ask_next(&mut self.servers, self.client, &self.packet) {
            Some(conversation) => {
                self.conversation = conversation;
                self.deadline = self.patience(Instant::now());
                Progress::Moved
            }
            None => Progress::Done(last.unwrap_or_else(|| self.question.failure(SERVER_FAILURE))),
        }
    }

    fn patience(&self, now: Instant) -> Instant {
        if self.servers.is_empty() { self.give_up_at } else { self.give_up_at.min(now + PATIENCE) }
    }
}

impl AsFd for Exchange {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.conversation {
            Conversation::Udp(socket) => socket.as_fd(),
            Conversation::Tcp(stream) => stream.as_fd(),
        }
    }
}

/// The answer of a server that can't or won't: another one may.
fn is_helpless(answer: &[u8]) -> bool {
    message::response_code(answer).is_some_and(|code| [SERVER_FAILURE, NOT_IMPLEMENTED, REFUSED].contains(&code))
}

fn ask_next(servers: &mut VecDeque<SocketAddr>, client: Client, packet: &[u8]) -> Option<Conversation> {
    let ask = match client.transport() {
        Transport::Udp => ask_by_udp,
        Transport::Tcp => ask_by_tcp,
    };
    while let Some(server) = servers.pop_front() {
        if let Ok(conversation) = ask(server, packet) {
            return Some(conversation);
        }
    }
    None
}

/// A socket, and so a port, of its own for each question: a forged answer has to guess it.
fn ask_by_udp(server: SocketAddr, packet: &[u8]) -> rustix::io::Result<Conversation> {
    let socket = open(server, SocketType::DGRAM)?;
    rustix::net::connect(&socket, &server)?;
    rustix::net::send(&socket, packet, SendFlags::NOSIGNAL)?;
    Ok(Conversation::Udp(socket))
}

fn ask_by_tcp(server: SocketAddr, packet: &[u8]) -> rustix::io::Result<Conversation> {
    let socket = open(server, SocketType::STREAM)?;
    match rustix::net::connect(&socket, &server) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(errno) => return Err(errno),
    }
    let mut stream = Stream::new(socket);
    stream.queue(packet);
    Ok(Conversation::Tcp(stream))
}

fn open(server: SocketAddr, kind: SocketType) -> rustix::io::Result<OwnedFd> {
    let family = if server.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
}

fn random_id() -> u16 {
    let mut bytes = [0; 2];
    // Without randomness the port still has to be guessed.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK);
    u16::from_ne_bytes(bytes)
}
