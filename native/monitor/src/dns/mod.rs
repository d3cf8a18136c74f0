//! The DNS server at 127.0.0.11 in a container's network namespace: it knows the containers on the same networks, and asks
//! other servers about everything else. A machine: it owns an epoll instance and works when told to.

mod clients;
mod exchange;
mod listen;
mod message;
mod names;
mod servers;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::Instant;

use kernel::error::Result;
use kernel::net::endpoint::Place;
use kernel::spec::DnsSpec;
use rustix::event::epoll::EventFlags;
use rustix::net::{RecvFlags, SendFlags};

use crate::readiness::Readiness;

use self::clients::Clients;
use self::exchange::{Client, Exchange, Progress};
use self::message::{A, AAAA, IN, Malformed, PTR, Question, REFUSED, Records, SERVER_FAILURE};
use self::names::Names;
use self::servers::Servers;

/// Docker's, in seconds.
const TIME_TO_LIVE: u32 = 600;

/// Questions that may be on their way to other servers at once.
const MOST_EXCHANGES: usize = 256;

/// Datagrams read in one go.
const ROUNDS: u32 = 64;

/// The largest question worth reading.
const QUESTION_BYTES: usize = 4096;

const UDP: u64 = 0;
const TCP: u64 = 1;
const FIRST_TOKEN: u64 = 2;

/// What the server serves.
pub struct DnsOptions<'a> {
    /// The container's network namespace.
    pub netns: BorrowedFd<'a>,
    /// The networks it is on.
    pub places: &'a [Place],
    /// The user's settings.
    pub spec: &'a DnsSpec,
    /// The host's resolv.conf(5).
    pub host_file: PathBuf,
}

/// A running server.
pub struct Dns {
    readiness: Readiness,
    udp: OwnedFd,
    clients: Clients,
    names: Names,
    servers: Servers,
    /// Whether names of others may be asked for: not from internal networks alone, whose containers must not be able to tell.
    forwards: bool,
    /// Whether names without a dot are ours or nobody's (`ndots` was set: the container's resolver will try a suffix).
    keeps_short_names: bool,
    exchanges: HashMap<u64, Exchange>,
    next_token: u64,
    scratch: Vec<u8>,
}

impl Dns {
    /// Listens in the container's namespace; questions to other servers leave from the caller's.
    pub fn start(options: &DnsOptions<'_>) -> Result<Self> {
        let sockets = listen::open(options.netns)?;
        let readiness = Readiness::new()?;
        readiness.add(&sockets.udp, UDP, EventFlags::IN)?;
        // Told once for each arrival: a connection that can't be taken in must not keep us awake.
        readiness.add(&sockets.tcp, TCP, EventFlags::IN | EventFlags::ET)?;
        Ok(Self {
            readiness,
            udp: sockets.udp,
            clients: Clients::of(sockets.tcp),
            names: Names::of(options.places),
            servers: Servers::new(&options.spec.servers, options.host_file.clone()),
            forwards: options.places.iter().any(|place| !place.internal),
            keeps_short_names: sets_ndots(&options.spec.options),
            exchanges: HashMap::new(),
            next_token: FIRST_TOKEN,
            scratch: Vec::new(),
        })
    }

    /// Becomes readable when there is work.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }

    /// Does what can be done without waiting.
    pub fn dispatch(&mut self) {
        for (token, _) in self.readiness.ready() {
            match token {
                UDP => self.read_datagrams(),
                TCP => self.clients.accept(&self.readiness, &mut self.next_token),
                _ if self.exchanges.contains_key(&token) => self.hear_server(token),
                _ => self.hear_client(token),
            }
        }
        self.expire();
    }

    /// When `dispatch` has something to do even if nothing arrives.
    pub fn next_deadline(&self) -> Option<Instant> {
        let exchanges = self.exchanges.values().map(|exchange| exchange.deadline);
        exchanges.chain(self.clients.next_deadline()).min()
    }

    fn read_datagrams(&mut self) {
        let mut packet = [0; QUESTION_BYTES];
        for _ in 0..ROUNDS {
            let Ok((_, length, from)) = rustix::net::recvfrom(&self.udp, &mut packet[..], RecvFlags::empty()) else {
                return;
            };
            if let Some(from) = from.and_then(|from| from.try_into().ok()) {
                self.serve(&packet[..length], Client::Udp(from));
            }
        }
    }

    fn hear_client(&mut self, token: u64) {
        for packet in self.clients.read(token) {
            self.serve(&packet, Client::Tcp(token));
        }
        self.clients.settle(&self.readiness, token);
    }

    fn hear_server(&mut self, token: u64) {
        let Some(exchange) = self.exchanges.get_mut(&token) else { return };
        let progress = exchange.advance(&mut self.scratch);
        self.follow(token, progress);
    }

    fn expire(&mut self) {
        let now = Instant::now();
        let expired: Vec<u64> =
            self.exchanges.iter().filter(|(_, one)| one.deadline <= now).map(|(token, _)| *token).collect();
        for token in expired {
            if let Some(exchange) = self.exchanges.get_mut(&token) {
                let progress = exchange.expire(now);
                self.follow(token, progress);
            }
        }
        self.clients.expire(now);
    }

    fn follow(&mut self, token: u64, progress: Progress) {
        let Some(exchange) = self.exchanges.get(&token) else { return };
        let watched = match progress {
            Progress::Waiting => self.readiness.change(exchange, token, exchange.interest()),
            Progress::Moved => self.readiness.add(exchange, token, exchange.interest()),
            Progress::Done(answer) => {
                let client = exchange.client;
                self.exchanges.remove(&token);
                return self.reply(client, &answer);
            }
        };
        if watched.is_err() {
            let (client, answer) = (exchange.client, exchange.question.failure(SERVER_FAILURE));
            self.exchanges.remove(&token);
            self.reply(client, &answer);
        }
    }

    fn serve(&mut self, packet: &[u8], client: Client) {
        match message::parse(packet) {
            Err(Malformed::Ignored) => {}
            Err(Malformed::Rejected { id, flags, code }) => self.reply(client, &message::rejection(id, flags, code)),
            Ok(question) => match self.answer(&question) {
                Some(records) => {
                    self.reply(client, &question.answer(&records, TIME_TO_LIVE, client.transport()));
                }
                None => self.forward(question, client, packet),
            },
        }
    }

    /// What we know ourselves; `None` when others are to be asked.
    fn answer(&mut self, question: &Question) -> Option<Records> {
        let name = question.name.as_deref().filter(|_| question.class == IN)?;
        if question.kind == PTR {
            return self.names.name_of(message::reverse_address(name)?).map(Records::Name);
        }
        if let Some(addresses) = self.names.addresses(name) {
            return Some(if question.kind == A { Records::Addresses(shuffled(addresses)) } else { Records::None });
        }
        let is_short = !name.is_empty() && !name.contains('.');
        (self.keeps_short_names && is_short && [A, AAAA].contains(&question.kind)).then_some(Records::None)
    }

    fn forward(&mut self, question: Question, client: Client, packet: &[u8]) {
        if !self.forwards {
            return self.reply(client, &question.failure(REFUSED));
        }
        if self.exchanges.len() >= MOST_EXCHANGES {
            return self.reply(client, &question.failure(SERVER_FAILURE));
        }
        let exchange = match Exchange::open(question, client, packet.to_vec(), self.servers.now()) {
            Ok(exchange) => exchange,
            Err(question) => return self.reply(client, &question.failure(SERVER_FAILURE)),
        };
        let token = self.next_token;
        self.next_token += 1;
        match self.readiness.add(&exchange, token, exchange.interest()) {
            Ok(()) => {
                self.exchanges.insert(token, exchange);
            }
            Err(_) => self.reply(client, &exchange.question.failure(SERVER_FAILURE)),
        }
    }

    fn reply(&mut self, client: Client, answer: &[u8]) {
        match client {
            // A client that does not read its answers asks again, or not.
            Client::Udp(address) => {
                let _ = rustix::net::sendto(&self.udp, answer, SendFlags::NOSIGNAL, &address);
            }
            Client::Tcp(token) => self.clients.write(&self.readiness, token, answer),
        }
    }
}

fn sets_ndots(options: &[String]) -> bool {
    let mut numbers = options.iter().filter_map(|option| option.strip_prefix("ndots:")?.parse::<u32>().ok());
    numbers.next_back().is_some_and(|number| number > 0)
}

/// Several replicas share the work: each answer has them in another order.
fn shuffled<T>(mut items: Vec<T>) -> Vec<T> {
    let mut random = vec![0; items.len()];
    if rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::NONBLOCK).is_ok() {
        for last in (1..items.len()).rev() {
            items.swap(last, usize::from(random[last]) % (last + 1));
        }
    }
    items
}
