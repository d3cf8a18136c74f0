//! Tells somebody else of each line: systemd's journal or a syslog server. The container never waits for them: what they do not take at
//! once is lost to them, and stays in the file.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use kernel::error::{Result, Step};
use kernel::spec::{LogForward, SyslogAddress};

use super::json_line::Stream;
use super::{journal, syslog};
use crate::complaint;

/// How long a server has to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// One that is gone is not asked at each line whether it is back.
const PAUSE: Duration = Duration::from_secs(1);

/// What waits for a server that reads slowly.
const MOST_WAITING: usize = 1 << 20;

/// Somebody who is told, and how.
pub struct Forwarder {
    target: LogForward,
    link: Option<Link>,
    /// When to look for a lost one again.
    again: Instant,
}

enum Link {
    Local(UnixDatagram),
    Udp(UdpSocket),
    Stream { socket: Box<dyn Write>, waiting: Vec<u8> },
}

impl Forwarder {
    /// Fails when nobody is there: a container whose output should go somewhere is not started without that.
    pub fn connect(target: &LogForward) -> Result<Self> {
        let link = connect(target).step(|| format!("send the container's output to {}", name_of(target)));
        let link = link.map_err(|error| error.hint("check that it runs and listens there"))?;
        Ok(Self { target: target.clone(), link: Some(link), again: Instant::now() })
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
            complaint::write(format!("{} takes no more of the container's output: {error}", name_of(&self.target)));
            self.link = None;
            self.again = Instant::now() + PAUSE;
        }
    }

    fn look_again(&mut self) {
        if self.link.is_none() && self.again <= Instant::now() {
            self.link = connect(&self.target).ok();
            self.again = Instant::now() + PAUSE;
        }
    }
}

impl Link {
    /// Fails only when the other side is gone.
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let sent = match self {
            Self::Local(socket) => socket.send(message).map(drop),
            // Whether anybody listens is nobody's business there.
            Self::Udp(socket) => {
                let _ = socket.send(message);
                Ok(())
            }
            Self::Stream { socket, waiting } => {
                if waiting.len() + message.len() <= MOST_WAITING {
                    waiting.extend_from_slice(message);
                }
                write_waiting(socket, waiting)
            }
        };
        match sent {
            // Its queue is full.
            Err(error) if is_passing(&error) => Ok(()),
            other => other,
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::ENOBUFS)
}

fn write_waiting(socket: &mut dyn Write, waiting: &mut Vec<u8>) -> io::Result<()> {
    while !waiting.is_empty() {
        let count = socket.write(waiting)?;
        waiting.drain(..count);
    }
    Ok(())
}

fn connect(target: &LogForward) -> io::Result<Link> {
    match target {
        LogForward::Journald { socket, .. } => local(std::slice::from_ref(socket)),
        LogForward::Syslog { address: SyslogAddress::Unix { paths }, .. } => local(paths),
        LogForward::Syslog { address: SyslogAddress::Udp { server }, .. } => first_of(server.to_socket_addrs()?, udp),
        LogForward::Syslog { address: SyslogAddress::Tcp { server }, .. } => first_of(server.to_socket_addrs()?, tcp),
    }
}

fn local(paths: &[PathBuf]) -> io::Result<Link> {
    first_of(paths, |path| datagrams_to(path).or_else(|_| stream_to(path)))
}

/// The first that answers, or why the last one does not.
fn first_of<T>(ways: impl IntoIterator<Item = T>, mut open: impl FnMut(T) -> io::Result<Link>) -> io::Result<Link> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for way in ways {
        match open(way) {
            Ok(link) => return Ok(link),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn datagrams_to(path: &PathBuf) -> io::Result<Link> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(Link::Local(socket))
}

fn stream_to(path: &PathBuf) -> io::Result<Link> {
    let socket = UnixStream::connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(Link::Stream { socket: Box::new(socket), waiting: Vec::new() })
}

fn udp(address: SocketAddr) -> io::Result<Link> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(Link::Udp(socket))
}

fn tcp(address: SocketAddr) -> io::Result<Link> {
    let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    socket.set_nonblocking(true)?;
    Ok(Link::Stream { socket: Box::new(socket), waiting: Vec::new() })
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
        let Some(Link::Stream { waiting, .. }) = &forwarder.link else { panic!("the connection is gone") };
        assert!(waiting.len() <= MOST_WAITING);
        let mut first = String::new();
        BufReader::new(connection).read_line(&mut first).unwrap();
        assert!(first.ends_with(&line));
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
