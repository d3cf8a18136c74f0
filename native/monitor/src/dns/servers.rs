//! Whom to ask about names that are none of ours: the servers the user gave, or this host's, read again when they change.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// As many as the C library asks.
const MOST: usize = 3;

const DNS: u16 = 53;

/// The servers to ask, in order.
pub struct Servers {
    given: Vec<SocketAddr>,
    file: PathBuf,
    seen: Option<Version>,
    read: Vec<SocketAddr>,
}

/// Tells one state of a file from the next.
type Version = (u64, i64, i64, u64);

impl Servers {
    /// The servers in `given`; those of `file`, in resolv.conf(5)'s form, when there are none.
    pub fn new(given: &[String], file: PathBuf) -> Self {
        let given = given.iter().filter_map(|text| parse_server(text)).take(MOST).collect();
        Self { given, file, seen: None, read: Vec::new() }
    }

    /// The servers as they are now.
    pub fn now(&mut self) -> &[SocketAddr] {
        if !self.given.is_empty() {
            return &self.given;
        }
        let version =
            fs::metadata(&self.file).ok().map(|found| (found.ino(), found.mtime(), found.mtime_nsec(), found.size()));
        if version.is_none() || version != self.seen {
            self.read = parse(&fs::read_to_string(&self.file).unwrap_or_default());
            self.seen = version;
        }
        &self.read
    }
}

/// A host without servers asks itself, says resolv.conf(5).
fn parse(text: &str) -> Vec<SocketAddr> {
    let words = text.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let named = words.filter(|words| words.first() == Some(&"nameserver"));
    let servers: Vec<_> = named.filter_map(|words| parse_server(words.get(1)?)).take(MOST).collect();
    if servers.is_empty() { vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DNS)] } else { servers }
}

/// `10.0.0.1`, `fd00::1` or `fe80::1%eth0`.
fn parse_server(text: &str) -> Option<SocketAddr> {
    let (address, interface) = text.split_once('%').map_or((text, None), |(address, name)| (address, Some(name)));
    match address.parse().ok()? {
        IpAddr::V4(v4) => Some(SocketAddr::new(v4.into(), DNS)),
        IpAddr::V6(v6) => Some(SocketAddrV6::new(v6, DNS, 0, interface.map_or(0, index_of)).into()),
    }
}

fn index_of(interface: &str) -> u32 {
    let path = format!("/sys/class/net/{interface}/ifindex");
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(servers: &[SocketAddr]) -> Vec<String> {
        servers.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_three_servers_of_the_file_count() {
        let text = "# mine\nsearch home\nnameserver 10.0.0.1\nnameserver  fd00::1 \nnameserver nonsense\nnameserver\n\
                    nameserver 127.0.0.53\nnameserver 10.0.0.4\n";
        assert_eq!(texts(&parse(text)), ["10.0.0.1:53", "[fd00::1]:53", "127.0.0.53:53"]);
        assert_eq!(texts(&parse("")), ["127.0.0.1:53"]);
    }

    #[test]
    fn a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("resolv.conf");
        let mut servers = Servers::new(&[], file.clone());
        assert_eq!(texts(servers.now()), ["127.0.0.1:53"]);
        fs::write(&file, "nameserver 10.0.0.1").unwrap();
        assert_eq!(texts(servers.now()), ["10.0.0.1:53"]);
        fs::write(&file, "nameserver 10.0.0.254").unwrap();
        assert_eq!(texts(servers.now()), ["10.0.0.254:53"]);
    }

    #[test]
    fn servers_given_by_the_user_replace_those_of_the_host() {
        let given = ["10.0.0.7".to_owned(), "not an address".to_owned()];
        assert_eq!(texts(Servers::new(&given, "/etc/resolv.conf".into()).now()), ["10.0.0.7:53"]);
    }
}
