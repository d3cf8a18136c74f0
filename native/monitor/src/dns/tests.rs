//! The server between a container's namespace and a host's, both made for the test, asked by hand-made clients.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kernel::identity;
use kernel::net::endpoint::Place;
use kernel::net::namespace::{create_netns, enter};
use kernel::net::record;
use kernel::spec::{DnsSpec, EndpointRecord};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::message::NO_ERROR;
use super::*;

const SERVER: &str = "127.0.0.11:53";
const ANSWERED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);

/// A container on one network, and a host with a folder for its files.
struct Scene {
    container: Arc<OwnedFd>,
    folder: tempfile::TempDir,
    internal: bool,
    options: Vec<String>,
}

impl Scene {
    fn dns(&self) -> Dns {
        let spec = DnsSpec { options: self.options.clone(), ..DnsSpec::default() };
        let places = [place(self.folder.path(), self.internal)];
        let host_file = self.folder.path().join("resolv.conf");
        Dns::start(&DnsOptions { netns: self.container.as_fd(), places: &places, spec: &spec, host_file }).unwrap()
    }

    fn add(&self, id: &str, alias: &str, address: &str) {
        add_to(self.folder.path(), id, alias, address);
    }

    fn servers(&self, servers: &[&str]) {
        let lines: String = servers.iter().map(|server| format!("nameserver {server}\n")).collect();
        std::fs::write(self.folder.path().join("resolv.conf"), lines).unwrap();
    }

    /// Runs `work` as a program of the container while the server works.
    fn inside<T: Send + 'static>(&self, dns: &mut Dns, work: impl FnOnce() -> T + Send + 'static) -> T {
        let container = Arc::clone(&self.container);
        let program: JoinHandle<T> = thread::spawn(move || {
            enter(container.as_fd()).unwrap();
            work()
        });
        while !program.is_finished() {
            let wait = Timespec::try_from(Duration::from_millis(5)).unwrap();
            poll(&mut [PollFd::from_borrowed_fd(dns.fd(), PollFlags::IN)], Some(&wait)).unwrap();
            dns.dispatch();
        }
        program.join().unwrap()
    }
}

fn add_to(network_dir: &Path, id: &str, alias: &str, address: &str) {
    let endpoint = EndpointRecord {
        container_id: id.repeat(16),
        container_name: format!("app-{alias}-1"),
        aliases: vec![alias.to_owned()],
        ipv4_address: address.to_owned(),
        mac_address: String::new(),
        monitor: identity::of(std::process::id() as i32).unwrap(),
    };
    record::write_endpoint(network_dir, &endpoint).unwrap();
}

fn place(network_dir: &Path, internal: bool) -> Place {
    std::fs::create_dir_all(record::endpoints_dir(network_dir)).unwrap();
    Place {
        network_dir: network_dir.to_owned(),
        network_id: "n".to_owned(),
        network_name: "app_default".to_owned(),
        internal,
        address: Ipv4Addr::new(172, 18, 0, 9),
        mac: [0; 6],
    }
}

fn play(test: impl FnOnce(Scene) + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    let inside = move || {
        let container = Arc::new(create_netns().unwrap());
        enter(create_netns().unwrap().as_fd()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        test(Scene { container, folder, internal: false, options: Vec::new() });
    };
    thread::spawn(inside).join().unwrap();
}

fn question(name: &str, kind: u16) -> Vec<u8> {
    let mut bytes = vec![0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    bytes
}

/// Asks by UDP: the response code, and all records that are addresses.
fn ask(name: &str, kind: u16) -> (u8, Vec<Ipv4Addr>) {
    let answer = ask_raw(&question(name, kind)).expect("an answer");
    assert_eq!(answer[..2], [0xAB, 0xCD]);
    read(&answer, question(name, kind).len())
}

fn ask_raw(packet: &[u8]) -> Option<Vec<u8>> {
    // A connected socket hears nobody but port 53.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect(SERVER).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(6))).unwrap();
    socket.send(packet).unwrap();
    let mut answer = [0; 4096];
    let length = socket.recv(&mut answer).ok()?;
    Some(answer[..length].to_vec())
}

fn ask_by_tcp(stream: &mut TcpStream, name: &str, kind: u16) -> (u8, Vec<Ipv4Addr>) {
    let packet = question(name, kind);
    stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], &packet].concat()).unwrap();
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).unwrap();
    read(&answer, packet.len())
}

/// Our own answers have records of 16 bytes each behind the question.
fn read(answer: &[u8], records: usize) -> (u8, Vec<Ipv4Addr>) {
    let addresses = answer[records..].chunks_exact(16).filter(|record| record[2..4] == [0, 1]);
    let mut found: Vec<_> =
        addresses.map(|record| Ipv4Addr::from(<[u8; 4]>::try_from(&record[12..]).unwrap())).collect();
    found.sort();
    (answer[3] & 15, found)
}

/// A server on the host that answers every name with one address, or with a failure; counts what it was asked.
fn upstream(address: &str, code: u8) -> Arc<AtomicU32> {
    let asked = Arc::new(AtomicU32::new(0));
    let address: SocketAddr = format!("{address}:53").parse().unwrap();
    let (udp, tcp) = (UdpSocket::bind(address).unwrap(), TcpListener::bind(address).unwrap());
    let reply = move |packet: &[u8], transport| {
        let question = message::parse(packet).unwrap();
        if code == NO_ERROR {
            question.answer(&Records::Addresses(vec![ANSWERED]), 5, transport)
        } else {
            question.failure(code)
        }
    };
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut packet) {
            count.fetch_add(1, Ordering::SeqCst);
            udp.send_to(&reply(&packet[..length], message::Transport::Udp), from).unwrap();
        }
    });
    thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut packet).unwrap();
            let answer = reply(&packet, message::Transport::Tcp);
            stream.write_all(&[&(answer.len() as u16).to_be_bytes()[..], &answer].concat()).unwrap();
        }
    });
    asked
}

#[test]
fn containers_are_found_by_name_over_udp_and_tcp() {
    play(|scene| {
        let mut dns = scene.dns();
        scene.add("abcd", "web", "172.18.0.2");
        scene.add("ef01", "web", "172.18.0.3");
        let both = vec![Ipv4Addr::new(172, 18, 0, 2), Ipv4Addr::new(172, 18, 0, 3)];
        let expected = (NO_ERROR, both);
        assert_eq!(scene.inside(&mut dns, || ask("WEB", A)), expected);
        assert_eq!(scene.inside(&mut dns, || ask("web.app_default", A)), expected);
        let by_tcp = scene.inside(&mut dns, || {
            let mut stream = TcpStream::connect(SERVER).unwrap();
            (ask_by_tcp(&mut stream, "web", A), ask_by_tcp(&mut stream, "web", A))
        });
        assert_eq!(by_tcp, (expected.clone(), expected));
        assert_eq!(scene.inside(&mut dns, || ask("web", AAAA)), (NO_ERROR, vec![]));
    });
}

#[test]
fn addresses_lead_back_to_names() {
    play(|scene| {
        let mut dns = scene.dns();
        scene.add("abcd", "web", "172.18.0.2");
        let answer = scene.inside(&mut dns, || ask_raw(&question("2.0.18.172.in-addr.arpa", PTR)).unwrap());
        assert!(answer.ends_with(b"\x09app-web-1\x0bapp_default\x00"), "{answer:?}");
    });
}

#[test]
fn a_server_of_the_containers_own_may_have_port_53() {
    play(|scene| {
        let mut dns = scene.dns();
        scene.add("abcd", "web", "172.18.0.2");
        let answer = scene.inside(&mut dns, || {
            let own = UdpSocket::bind("0.0.0.0:53").unwrap();
            let _stream = TcpListener::bind("0.0.0.0:53").unwrap();
            let client = UdpSocket::bind("127.0.0.1:0").unwrap();
            client.send_to(b"mine", "127.0.0.1:53").unwrap();
            own.recv(&mut [0; 16]).unwrap();
            ask("web", A)
        });
        assert_eq!(answer.1.len(), 1);
    });
}

#[test]
fn other_names_are_asked_of_the_hosts_servers() {
    play(|scene| {
        let asked = upstream("127.0.0.53", NO_ERROR);
        scene.servers(&["127.0.0.53"]);
        let mut dns = scene.dns();
        assert_eq!(scene.inside(&mut dns, || ask("example.org", A)), (NO_ERROR, vec![ANSWERED]));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let by_tcp = scene.inside(&mut dns, || ask_by_tcp(&mut TcpStream::connect(SERVER).unwrap(), "example.org", A));
        assert_eq!(by_tcp, (NO_ERROR, vec![ANSWERED]));
    });
}

#[test]
fn the_next_server_is_asked_when_one_is_silent_dead_or_helpless() {
    play(|scene| {
        let _silent = UdpSocket::bind("127.0.0.51:53").unwrap();
        upstream("127.0.0.52", SERVER_FAILURE);
        upstream("127.0.0.53", NO_ERROR);
        let mut dns = scene.dns();
        for first in ["127.0.0.51", "127.0.0.50", "127.0.0.52"] {
            scene.servers(&[first, "127.0.0.53"]);
            assert_eq!(scene.inside(&mut dns, || ask("example.org", A)), (NO_ERROR, vec![ANSWERED]), "{first}");
        }
        scene.servers(&["127.0.0.52"]);
        assert_eq!(scene.inside(&mut dns, || ask("example.org", A)).0, SERVER_FAILURE);
        scene.servers(&["127.0.0.50"]);
        assert_eq!(scene.inside(&mut dns, || ask("example.org", A)).0, SERVER_FAILURE);
    });
}

#[test]
fn internal_networks_tell_nobody_outside() {
    for (internal, answer, told) in [(false, NO_ERROR, 1), (true, REFUSED, 0)] {
        play(move |scene| {
            let asked = upstream("127.0.0.53", NO_ERROR);
            scene.servers(&["127.0.0.53"]);
            let scene = Scene { internal, ..scene };
            let mut dns = scene.dns();
            scene.add("abcd", "web", "172.18.0.2");
            assert_eq!(scene.inside(&mut dns, || ask("secret.example.org", A)).0, answer);
            assert_eq!(scene.inside(&mut dns, || ask("web", A)).0, NO_ERROR);
            assert_eq!(asked.load(Ordering::SeqCst), told, "internal: {internal}");
        });
    }
}

#[test]
fn names_and_addresses_of_other_networks_are_not_told() {
    for (is_member, told) in [(true, NO_ERROR), (false, REFUSED)] {
        play(move |scene| {
            let scene = Scene { internal: true, ..scene };
            let other = tempfile::tempdir().unwrap();
            place(other.path(), true);
            let mut dns = scene.dns();
            add_to(if is_member { scene.folder.path() } else { other.path() }, "abcd", "db", "172.19.0.2");
            assert_eq!(scene.inside(&mut dns, || ask("db", A)).0, told, "member: {is_member}");
            let answer = scene.inside(&mut dns, || ask_raw(&question("2.0.19.172.in-addr.arpa", PTR)).unwrap());
            assert_eq!(answer[3] & 15, told, "member: {is_member}");
        });
    }
}

#[test]
fn short_names_stay_here_when_ndots_is_set() {
    play(|scene| {
        let asked = upstream("127.0.0.53", NO_ERROR);
        scene.servers(&["127.0.0.53"]);
        let scene = Scene { options: vec!["ndots:2".to_owned()], ..scene };
        let mut dns = scene.dns();
        assert_eq!(scene.inside(&mut dns, || ask("unknown", A)), (NO_ERROR, vec![]));
        assert_eq!(asked.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn malformed_packets_and_idle_clients_hold_up_nobody() {
    play(|scene| {
        let mut dns = scene.dns();
        scene.add("abcd", "web", "172.18.0.2");
        let answers = scene.inside(&mut dns, || {
            let _idle: Vec<_> = (0..100).map(|_| TcpStream::connect(SERVER).unwrap()).collect();
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            for length in 0..200 {
                let byte = (length * 37 % 256) as u8;
                socket.send_to(&vec![byte; length], SERVER).unwrap();
            }
            let mut liar = TcpStream::connect(SERVER).unwrap();
            liar.write_all(&[0xFF, 0xFF, 1, 2, 3]).unwrap();
            (0..50).map(|_| ask("web", A)).collect::<Vec<_>>()
        });
        assert!(answers.iter().all(|(code, found)| *code == NO_ERROR && found.len() == 1));
    });
}

#[test]
fn a_client_that_stops_talking_still_gets_its_answers() {
    play(|scene| {
        upstream("127.0.0.53", NO_ERROR);
        scene.servers(&["127.0.0.53"]);
        let mut dns = scene.dns();
        let answer = scene.inside(&mut dns, || {
            let mut stream = TcpStream::connect(SERVER).unwrap();
            let packet = question("example.org", A);
            stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], &packet].concat()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            read(&answer[2..], packet.len())
        });
        assert_eq!(answer, (NO_ERROR, vec![ANSWERED]));
    });
}
