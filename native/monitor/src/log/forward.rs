//! Tells somebody else of each line: systemd's journal or a syslog server. Nobody waits for them, neither the container nor the loop: what they do not
//! take at once is lost to them, and stays in the file.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use kernel::error::{Result, Step};
use kernel::spec::{LogForward, SyslogAddress};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, send, socket_with, sockopt,
};

use super::json_line::Stream;
use super::{journal, syslog};
use crate::complaint;

/// How long a server has to accept the first connection.
const PATIENCE: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// One that is gone is not asked at each line whether it is back.
const PAUSE: Duration = Duration::from_secs(1);

/// What waits for a server that reads slowly.
const MOST_WAITING: usize = 1 << 20;

/// Somebody who is told, and how.
pub struct Forwarder {
    target: LogForward,
    /// Where they may be found. Names are looked up once, before the container runs: that may take its time.
    places: Vec<Place>,
    link: Option<Link>,
    /// When to look for a lost one again.
    again: Instant,
    /// Whether its loss has been written down: once is enough, however often it comes and goes.
    is_told: bool,
}

enum Place {
    Local(PathBuf),
    Udp(SocketAddr),
    Tcp(SocketAddr),
}

/// A connection, or one on its way.
struct Link {
    socket: OwnedFd,
    /// What a stream has not taken yet; datagrams do not wait.
    waiting: Option<Vec<u8>>,
}

impl Forwarder {
    /// Fails when nobody is there: a container whose output should go somewhere is not started without that.
    pub fn connect(target: &LogForward) -> Result<Self> {
        let step = || format!("send the container's output to {}", name_of(target));
        let found = places_of(target).and_then(|places| {
            let link = first_of(&places, |place| place.open().and_then(Link::settled))?;
            Ok((places, link))
        });
        let (places, link) = found.step(step).map_err(|error| error.hint("check that it runs and listens there"))?;
        Ok(Self { target: target.clone(), places, link: Some(link), again: Instant::now(), is_told: false })
    }

    /// One line, or a part of a long one.
    pub fn tell(&mut self, stream: Stream, line: &[u8], time: SystemTime) {
        let message = match &self.target {
            LogForward::Journald { fields, .. } => journal::entry(fields, stream, line),
            LogForward::Syslog { format, facility, tag, hostname, .. } => {
                syslog::message((*format, *facility), (tag, hostname), stream, (line, time))
            }
        };
        self.look_again();
        let Some(link) = &mut self.link else { return };
        if let Err(error) = link.send(&message) {
            self.lose(&error);
        }
    }

    fn lose(&mut self, error: &io::Error) {
        if !self.is_told {
            complaint::write(format!("{} takes no more of the container's output: {error}", name_of(&self.target)));
        }
        (self.link, self.again, self.is_told) = (None, Instant::now() + PAUSE, true);
    }

    fn look_again(&mut self) {
        if self.link.is_none() && self.again <= Instant::now() {
            self.link = first_of(&self.places, Place::open).ok();
            self.again = Instant::now() + PAUSE;
        }
    }
}

impl Place {
    /// Begins a connection and does not wait for it. A local socket may be of either kind.
    fn open(&self) -> io::Result<Link> {
        match self {
            Self::Local(path) => {
                let address = SocketAddrUnix::new(path)?;
                let datagrams = begin(AddressFamily::UNIX, SocketType::DGRAM, &address);
                Ok(datagrams.or_else(|_| begin(AddressFamily::UNIX, SocketType::STREAM, &address))?)
            }
            Self::Udp(address) => Ok(begin(family_of(address), SocketType::DGRAM, address)?),
            Self::Tcp(address) => Ok(begin(family_of(address), SocketType::STREAM, address)?),
        }
    }
}

fn family_of(address: &SocketAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 }
}

fn begin(family: AddressFamily, kind: SocketType, address: &impl SocketAddrArg) -> std::result::Result<Link, Errno> {
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    match connect(&socket, address) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(Link { socket, waiting: (kind == SocketType::STREAM).then(Vec::new) }),
        Err(errno) => Err(errno),
    }
}

impl Link {
    /// Waits until it is there.
    fn settled(self) -> io::Result<Self> {
        if poll(&mut [PollFd::new(&self.socket, PollFlags::OUT)], Some(&PATIENCE))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        sockopt::socket_error(&self.socket)??;
        Ok(self)
    }

    /// Fails only when the other side is gone.
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let Self { socket, waiting } = self;
        let sent = match waiting {
            None => send(&*socket, message, SendFlags::NOSIGNAL).map(drop),
            Some(waiting) => {
                if waiting.len() + message.len() <= MOST_WAITING {
                    waiting.extend_from_slice(message);
                }
                send_waiting(socket, waiting)
            }
        };
        match sent {
            // Its queue is full, or it is not connected yet.
            Err(Errno::AGAIN | Errno::NOBUFS) => Ok(()),
            other => Ok(other?),
        }
    }
}

fn send_waiting(socket: &OwnedFd, waiting: &mut Vec<u8>) -> std::result::Result<(), Errno> {
    while !waiting.is_empty() {
        let count = send(socket, waiting, SendFlags::NOSIGNAL)?;
        waiting.drain(..count);
    }
    Ok(())
}

fn places_of(target: &LogForward) -> io::Result<Vec<Place>> {
    Ok(match target {
        LogForward::Journald { socket, .. } => vec![Place::Local(socket.clone())],
        LogForward::Syslog { address, .. } => match address {
            SyslogAddress::Unix { paths } => paths.iter().cloned().map(Place::Local).collect(),
            SyslogAddress::Udp { server } => server.to_socket_addrs()?.map(Place::Udp).collect(),
            SyslogAddress::Tcp { server } => server.to_socket_addrs()?.map(Place::Tcp).collect(),
        },
    })
}

/// The first that answers, or why the last one does not.
fn first_of(places: &[Place], open: impl Fn(&Place) -> io::Result<Link>) -> io::Result<Link> {
    let mut outcome = Err(io::ErrorKind::NotFound.into());
    for place in places {
        outcome = open(place);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn name_of(target: &LogForward) -> String {
    match target {
        LogForward::Journald { .. } => "systemd's journal".to_owned(),
        LogForward::Syslog { address, .. } => match address {
            SyslogAddress::Unix { paths } => match paths.as_slice() {
                [path] => format!("the syslog server at `{}`", path.display()),
                _ => "this machine's syslog server".to_owned(),
            },
            SyslogAddress::Udp { server } => format!("the syslog server at `udp://{server}`"),
            SyslogAddress::Tcp { server } => format!("the syslog server at `tcp://{server}`"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::spec::SyslogFormat;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::os::unix::net::UnixDatagram;

    fn syslog_at(address: SyslogAddress) -> LogForward {
        let (tag, hostname) = ("web".to_owned(), "host".to_owned());
        LogForward::Syslog { address, format: SyslogFormat::Rfc5424, facility: 3, tag, hostname }
    }

    fn tell(forwarder: &mut Forwarder, text: &str) {
        forwarder.tell(Stream::Stdout, text.as_bytes(), SystemTime::now());
    }

    #[test]
    fn a_local_server_hears_every_line_and_may_be_away_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let server = UnixDatagram::bind(&path).unwrap();
        let paths = vec![folder.path().join("none"), path.clone()];
        let mut forwarder = Forwarder::connect(&syslog_at(SyslogAddress::Unix { paths })).unwrap();
        let mut heard = [0; 200];
        tell(&mut forwarder, "one\n");
        let count = server.recv(&mut heard).unwrap();
        assert!(heard[..count].starts_with(b"<30>1 ") && heard[..count].ends_with(b" - one\n"));
        drop(server);
        tell(&mut forwarder, "lost\n");
        std::fs::remove_file(&path).unwrap();
        let server = UnixDatagram::bind(&path).unwrap();
        forwarder.again = Instant::now();
        tell(&mut forwarder, "two\n");
        let count = server.recv(&mut heard).unwrap();
        assert!(heard[..count].ends_with(b" - two\n"));
    }

    #[test]
    fn a_server_that_reads_nothing_holds_nobody_up() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = SyslogAddress::Tcp { server: server.local_addr().unwrap().to_string() };
        let mut forwarder = Forwarder::connect(&syslog_at(address)).unwrap();
        let (connection, _) = server.accept().unwrap();
        let line = "x".repeat(10_000) + "\n";
        for _ in 0..2_000 {
            tell(&mut forwarder, &line);
        }
        let Some(Link { waiting: Some(waiting), .. }) = &forwarder.link else { panic!("the connection is gone") };
        assert!(waiting.len() <= MOST_WAITING);
        let mut first = String::new();
        BufReader::new(connection).read_line(&mut first).unwrap();
        assert!(first.ends_with(&line));
    }

    /// One with as many connections at its door as it lets wait there: further ones get no answer at all.
    fn silent_server() -> (Vec<OwnedFd>, SocketAddr) {
        let open = || socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
        let server = open();
        rustix::net::bind(&server, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        rustix::net::listen(&server, 0).unwrap();
        let address = SocketAddr::try_from(rustix::net::getsockname(&server).unwrap()).unwrap();
        let mut held = vec![server];
        for _ in 0..4 {
            let socket = open();
            let _ = connect(&socket, &address);
            held.push(socket);
        }
        (held, address)
    }

    #[test]
    fn a_server_that_went_away_is_looked_for_without_waiting_for_it() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = SyslogAddress::Tcp { server: server.local_addr().unwrap().to_string() };
        let mut forwarder = Forwarder::connect(&syslog_at(address)).unwrap();
        drop(server.accept().unwrap());
        drop(server);
        let (_silent, silent) = silent_server();
        forwarder.places = vec![Place::Tcp(silent)];
        let since = Instant::now();
        while forwarder.link.is_some() {
            tell(&mut forwarder, "lost\n");
        }
        forwarder.again = Instant::now();
        tell(&mut forwarder, "kept until it answers\n");
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    }

    #[test]
    fn who_is_not_there_is_named() {
        let paths = vec![PathBuf::from("/nowhere/log")];
        let Err(error) = Forwarder::connect(&syslog_at(SyslogAddress::Unix { paths })) else { panic!("it connected") };
        assert!(error.to_string().contains("the syslog server at `/nowhere/log`"), "{error}");
    }

    #[test]
    fn the_journal_gets_an_entry_for_each_line() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("journal");
        let server = UnixDatagram::bind(&socket).unwrap();
        let target = LogForward::Journald { socket, fields: [("CONTAINER_NAME".into(), "web".into())].into() };
        tell(&mut Forwarder::connect(&target).unwrap(), "hello\n");
        let mut heard = [0; 200];
        let count = server.recv(&mut heard).unwrap();
        assert_eq!(&heard[..count], b"MESSAGE=hello\nPRIORITY=6\nCONTAINER_NAME=web\n");
    }
}
