//! Published ports in a network namespace of their own, with a second loopback address in the container's place.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kernel::identity;
use kernel::net::endpoint::{AttachOptions, Attached, attach};
use kernel::net::namespace::{create_netns, enter, in_netns};
use kernel::net::network::remove_network;
use kernel::spec::{EndpointSpec, NetworkRecord, PortSpec, Protocol};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Publish;

const CONTAINER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Runs a test on a thread that nobody needs in the host's network afterwards.
fn in_own_network(test: impl FnOnce() + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    let inside = move || {
        let netns = create_netns().unwrap();
        enter(netns.as_fd()).unwrap();
        test();
    };
    thread::spawn(inside).join().unwrap();
}

fn port(host_ip: &str, start: u16, protocol: Protocol) -> PortSpec {
    PortSpec { host_ip: host_ip.to_owned(), start, end: start, target: 80, protocol }
}

fn forwarding(specs: &[PortSpec]) -> Publish {
    let mut publish = Publish::bind(specs).unwrap();
    publish.forward_to(CONTAINER).unwrap();
    publish
}

/// Lets the machine work until the other side is done.
fn drive<T>(publish: &mut Publish, other: JoinHandle<T>) -> T {
    while !other.is_finished() {
        let wait = Timespec::try_from(Duration::from_millis(5)).unwrap();
        poll(&mut [PollFd::from_borrowed_fd(publish.fd(), PollFlags::IN)], Some(&wait)).unwrap();
        publish.dispatch();
    }
    other.join().unwrap()
}

/// Reads all, answers with its length, closes.
fn counting_server() {
    let listener = TcpListener::bind((CONTAINER, 80)).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let (mut stream, mut heard) = (stream.unwrap(), Vec::new());
                stream.read_to_end(&mut heard).unwrap();
                write!(stream, "{}", heard.len()).unwrap();
            });
        }
    });
}

fn ask(address: SocketAddr, length: usize) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&vec![7; length]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn tcp_reaches_the_container_by_ipv4_and_ipv6_and_closes_one_direction_at_a_time() {
    in_own_network(|| {
        counting_server();
        let mut publish = forwarding(&[port("", 8080, Protocol::Tcp)]);
        for address in ["127.0.0.1:8080", "[::1]:8080"] {
            for length in [0, 1, 3_000_000] {
                let client = thread::spawn(move || ask(address.parse().unwrap(), length));
                assert_eq!(drive(&mut publish, client), length.to_string(), "{address}");
            }
        }
    });
}

#[test]
fn many_connections_at_once_are_kept_apart() {
    in_own_network(|| {
        counting_server();
        let mut publish = forwarding(&[port("127.0.0.1", 8080, Protocol::Tcp)]);
        let clients = thread::spawn(|| {
            let ask = |length| thread::spawn(move || ask("127.0.0.1:8080".parse().unwrap(), length));
            let asked: Vec<_> = (0..100).map(|number| (number * 1000, ask(number * 1000))).collect();
            asked.into_iter().all(|(length, client)| client.join().unwrap() == length.to_string())
        });
        assert!(drive(&mut publish, clients));
    });
}

#[test]
fn a_container_that_does_not_listen_resets_the_connection() {
    in_own_network(|| {
        let mut publish = forwarding(&[port("127.0.0.1", 8080, Protocol::Tcp)]);
        let client = thread::spawn(|| {
            // The reset may come before the thread that connects has woken.
            TcpStream::connect("127.0.0.1:8080").and_then(|mut stream| stream.read(&mut [0; 8])).unwrap_err().kind()
        });
        assert_eq!(drive(&mut publish, client), std::io::ErrorKind::ConnectionReset);
    });
}

#[test]
fn udp_answers_come_from_the_address_that_was_asked() {
    in_own_network(|| {
        let server = UdpSocket::bind((CONTAINER, 80)).unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 2000];
            while let Ok((length, from)) = server.recv_from(&mut buffer) {
                buffer[..length].reverse();
                server.send_to(&buffer[..length], from).unwrap();
            }
        });
        let mut publish = forwarding(&[port("", 5353, Protocol::Udp)]);
        for address in ["127.0.0.1:5353", "127.0.0.9:5353", "[::1]:5353"] {
            let client = thread::spawn(move || {
                let address: SocketAddr = address.parse().unwrap();
                let any = if address.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
                let socket = UdpSocket::bind(any).unwrap();
                // A connected socket hears only the address that it speaks to.
                socket.connect(address).unwrap();
                socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                socket.send(b"abc").unwrap();
                let mut buffer = [0; 16];
                let length = socket.recv(&mut buffer).unwrap();
                buffer[..length].to_vec()
            });
            assert_eq!(drive(&mut publish, client), b"cba", "{address}");
        }
    });
}

#[test]
fn a_taken_port_is_named_with_its_holder() {
    in_own_network(|| {
        let _holder = TcpListener::bind("0.0.0.0:8080").unwrap();
        let error = Publish::bind(&[port("", 8080, Protocol::Tcp)]).err().unwrap();
        assert_eq!(error.code, "port-taken");
        assert!(error.to_string().contains("0.0.0.0:8080"), "{error}");
        let hint = error.hint.unwrap();
        assert!(hint.contains(&format!("(pid {})", std::process::id())), "{hint}");
    });
}

#[test]
fn of_a_range_the_first_free_port_is_chosen() {
    in_own_network(|| {
        let _holder = TcpListener::bind("0.0.0.0:8000").unwrap();
        let range = PortSpec { end: 8001, ..port("", 8000, Protocol::Tcp) };
        let first = Publish::bind(std::slice::from_ref(&range)).unwrap();
        let ports: Vec<_> = first.ports().into_iter().map(|port| (port.host_ip, port.published)).collect();
        assert_eq!(ports, [("0.0.0.0".to_owned(), 8001), ("::".to_owned(), 8001)]);
        assert_eq!(Publish::bind(&[range]).err().unwrap().code, "port-taken");
    });
}

#[test]
fn any_free_port_is_the_same_in_ipv4_and_ipv6() {
    in_own_network(|| {
        let publish = Publish::bind(&[port("", 0, Protocol::Tcp), port("", 0, Protocol::Udp)]).unwrap();
        let ports: Vec<_> = publish.ports().into_iter().map(|port| port.published).collect();
        assert!(ports[0] != 0 && ports[0] == ports[1], "{ports:?}");
        assert!(ports[2] != 0 && ports[2] == ports[3], "{ports:?}");
    });
}

#[test]
fn a_port_can_be_bound_again_at_once() {
    in_own_network(|| {
        counting_server();
        for _ in 0..3 {
            let mut publish = forwarding(&[port("", 8080, Protocol::Tcp)]);
            assert_eq!(publish.ports().len(), 2);
            let client = thread::spawn(|| ask("127.0.0.1:8080".parse().unwrap(), 10));
            assert_eq!(drive(&mut publish, client), "10");
        }
    });
}

#[test]
fn an_address_of_another_machine_is_refused() {
    in_own_network(|| {
        let error = Publish::bind(&[port("192.0.2.77", 8080, Protocol::Tcp)]).err().unwrap();
        assert!(error.hint.unwrap().contains("not an address of this machine"));
        assert!(Publish::bind(&[port("localhost", 8080, Protocol::Tcp)]).is_err());
    });
}

#[test]
fn a_container_reaches_its_own_and_other_containers_published_ports_through_the_host() {
    in_own_network(|| {
        let folder = tempfile::tempdir().unwrap();
        let record = network(folder.path());
        let (server, server_place) = container("server", folder.path());
        let (client, client_place) = container("client", folder.path());
        let address = server_place.published_address().unwrap();
        let listener = in_netns(server.as_fd(), || Ok(TcpListener::bind((address, 80)).unwrap())).unwrap();
        let serve = thread::spawn(move || {
            for _ in 0..2 {
                listener.accept().unwrap().0.write_all(b"hello").unwrap();
            }
        });
        let mut publish = Publish::bind(&[port("", 8080, Protocol::Tcp)]).unwrap();
        publish.forward_to(address).unwrap();
        let visits = thread::spawn(move || {
            [client, server].map(|netns| {
                let mut stream =
                    in_netns(netns.as_fd(), || Ok(TcpStream::connect("172.30.0.1:8080").unwrap())).unwrap();
                let mut heard = String::new();
                stream.read_to_string(&mut heard).unwrap();
                heard
            })
        });
        assert_eq!(drive(&mut publish, visits), ["hello", "hello"]);
        serve.join().unwrap();
        publish.withdraw().unwrap();
        server_place.detach("server").unwrap();
        client_place.detach("client").unwrap();
        remove_network(&record).unwrap();
    });
}

fn network(directory: &Path) -> NetworkRecord {
    let record = serde_json::json!({
        "version": 1, "networkId": "n", "networkName": "app_default", "driver": "bridge", "bridge": "tscn",
        "subnet": "172.30.0.0/16", "gateway": "172.30.0.1", "internal": false, "labels": {}, "options": {}, "createdAtMs": 0
    });
    std::fs::write(directory.join("network.json"), record.to_string()).unwrap();
    serde_json::from_value(record).unwrap()
}

fn container(id: &str, network_dir: &Path) -> (OwnedFd, Attached) {
    let (netns, monitor) = (create_netns().unwrap(), identity::of(std::process::id() as i32).unwrap());
    let endpoint = EndpointSpec {
        network_dir: network_dir.to_owned(),
        aliases: vec![],
        interface_name: "eth0".to_owned(),
        ipv4_address: None,
        mac_address: None,
    };
    let options = AttachOptions {
        container_id: id,
        container_name: id,
        endpoints: &[endpoint],
        monitor: &monitor,
        netns: netns.as_fd(),
    };
    let attached = attach(&options).unwrap();
    (netns, attached)
}
