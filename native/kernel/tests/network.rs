//! Networks against the real kernel: a host and an outside made of namespaces, so that the machine's own network is never touched.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kernel::error::{KernelError, Result};
use kernel::identity;
use kernel::net::endpoint::{AttachOptions, Attached, attach};
use kernel::net::layout::mac_of;
use kernel::net::link::{self, VethPair};
use kernel::net::namespace::{create_netns, enter, in_netns};
use kernel::net::netlink::{Batch, Netlink};
use kernel::net::network::{ensure_network, remove_network};
use kernel::net::nft::batch;
use kernel::net::port_map::{PortMapping, add_ports, remove_ports};
use kernel::net::{record, route, support};
use kernel::spec::{EndpointSpec, MonitorIdentity, NetworkRecord, Protocol};

/// The host's and the outside's ends of the cable between them.
const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);

/// How long something that must not be answered is waited for.
const PATIENCE: Duration = Duration::from_millis(400);

/// A host that the test's thread is in, and an outside whose default route leads to it, as an attacker would have it.
struct Scene {
    outside: OwnedFd,
    folder: tempfile::TempDir,
}

struct Container {
    netns: OwnedFd,
    attached: Attached,
    id: String,
}

impl Container {
    fn address(&self) -> Ipv4Addr {
        self.attached.places[0].address
    }
}

fn play(test: impl FnOnce(&Scene) + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    let inside = move || {
        enter(create_netns().unwrap().as_fd()).unwrap();
        let scene = Scene { outside: create_netns().unwrap(), folder: tempfile::tempdir().unwrap() };
        scene.lay_cable();
        let before = everything();
        test(&scene);
        assert_eq!(everything(), before, "something was left behind");
    };
    thread::spawn(inside).join().unwrap();
}

/// All interfaces and all nftables tables of the thread's namespace. (Veths of a dead namespace go a little later than it.)
fn everything() -> (Vec<String>, usize) {
    let tables = batch::dump(&Netlink::netfilter().unwrap(), libc::NFT_MSG_GETTABLE).unwrap().len();
    let mut names = Vec::new();
    for _ in 0..1000 {
        names = link::list(&Netlink::route().unwrap()).unwrap().into_iter().map(|link| link.name).collect();
        if !names.iter().any(|name: &String| name.starts_with("tsv")) {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    (names, tables)
}

impl Scene {
    fn lay_cable(&self) {
        let host = Netlink::route().unwrap();
        let peer_mac = mac_of(OUTSIDE);
        let pair =
            VethPair { name: "out0", bridge: 0, netns: self.outside.as_fd(), peer_name: "eth0", peer_mac, mtu: None };
        link::create_veth(&host, &pair).unwrap();
        give_address(&host, "out0", HOST, None);
        let outside = in_netns(self.outside.as_fd(), Netlink::route).unwrap();
        give_address(&outside, "eth0", OUTSIDE, Some(HOST));
        link::settle(&outside, "eth0").unwrap();
        link::settle(&host, "out0").unwrap();
    }

    fn network(&self, name: &str, subnet: &str, internal: bool) -> (PathBuf, NetworkRecord) {
        let (base, _) = subnet.split_once(".0/").unwrap();
        let record = NetworkRecord {
            version: 1,
            network_id: name.to_owned(),
            network_name: format!("app_{name}"),
            driver: "bridge".to_owned(),
            bridge: format!("tsc{name}"),
            subnet: subnet.to_owned(),
            gateway: format!("{base}.1"),
            ip_range: None,
            internal,
            labels: BTreeMap::new(),
            options: BTreeMap::new(),
            created_at_ms: 0,
        };
        let directory = self.folder.path().join(name);
        std::fs::create_dir_all(record::endpoints_dir(&directory)).unwrap();
        std::fs::write(directory.join("network.json"), serde_json::to_vec(&record).unwrap()).unwrap();
        (directory, record)
    }
}

fn give_address(netlink: &Netlink, interface: &str, address: Ipv4Addr, gateway: Option<Ipv4Addr>) {
    let index = link::find(netlink, interface).unwrap().unwrap().index;
    let mut batch = Batch::new();
    route::add_address(&mut batch, index, address, "203.0.113.0/24".parse().unwrap());
    link::add_set_up(&mut batch, index);
    if let Some(gateway) = gateway {
        route::add_default_route(&mut batch, gateway);
    }
    netlink.send(batch).unwrap();
}

fn endpoint(directory: &Path, interface: &str) -> EndpointSpec {
    EndpointSpec {
        network_dir: directory.to_owned(),
        aliases: vec![],
        interface_name: interface.to_owned(),
        ipv4_address: None,
        mac_address: None,
    }
}

fn try_start(id: &str, endpoints: &[EndpointSpec]) -> Result<Container> {
    let monitor = identity::of(std::process::id() as i32)?;
    let netns = create_netns()?;
    let (container_id, container_name) = (id, &format!("app-{id}-1"));
    let options = AttachOptions { container_id, container_name, endpoints, monitor: &monitor, netns: netns.as_fd() };
    let attached = attach(&options)?;
    Ok(Container { netns, attached, id: id.to_owned() })
}

fn start(id: &str, directory: &Path) -> Container {
    try_start(id, &[endpoint(directory, "eth0")]).unwrap()
}

fn stop(containers: impl IntoIterator<Item = Container>) {
    for container in containers {
        container.attached.detach(&container.id).unwrap();
    }
}

/// Answers each connection with the address that it comes from. Its socket keeps the namespace alive until it is dropped.
struct Server {
    listener: Arc<TcpListener>,
    thread: Option<JoinHandle<()>>,
}

fn serve(netns: BorrowedFd<'_>, port: u16) -> Server {
    let listen = || TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|error| KernelError::new("listen", error));
    let listener = Arc::new(in_netns(netns, listen).unwrap());
    let accepting = Arc::clone(&listener);
    let thread = thread::spawn(move || {
        while let Ok((mut stream, from)) = accepting.accept() {
            write!(stream, "{}", from.ip()).unwrap();
        }
    });
    Server { listener, thread: Some(thread) }
}

impl Drop for Server {
    fn drop(&mut self) {
        rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// From whom the server there believes to be asked; `None` when it can't be reached.
fn visit(netns: BorrowedFd<'_>, address: impl Into<IpAddr>, port: u16) -> Option<String> {
    let target = SocketAddr::new(address.into(), port);
    in_netns(netns, || Ok(visit_from_here(target))).unwrap()
}

fn visit_from_here(target: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&target, PATIENCE).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn mapping(host: Ipv4Addr, published: u16, container: &Container) -> PortMapping {
    PortMapping { host, published, protocol: Protocol::Tcp, container: container.address(), target: 80 }
}

#[test]
fn containers_of_one_network_reach_each_other_and_those_of_another_do_not() {
    play(|scene| {
        let (front, front_record) = scene.network("front", "172.30.0.0/16", false);
        let (back, back_record) = scene.network("back", "172.31.0.0/16", false);
        let (web, api, db) = (start("web", &front), start("api", &front), start("db", &back));
        assert_eq!(web.address().to_string(), "172.30.0.2");
        assert_eq!(api.address().to_string(), "172.30.0.3");
        let _servers = [&web, &api, &db].map(|container| serve(container.netns.as_fd(), 80));
        assert_eq!(visit(web.netns.as_fd(), api.address(), 80).as_deref(), Some("172.30.0.2"));
        assert_eq!(visit(web.netns.as_fd(), db.address(), 80), None);
        assert_eq!(visit(db.netns.as_fd(), web.address(), 80), None);
        let from_host = visit_from_here((api.address(), 80).into());
        assert_eq!(
            from_host.as_deref(),
            Some("172.30.0.1"),
            "the host reaches containers from their gateway's address"
        );
        stop([web, api, db]);
        remove_network(&front_record).unwrap();
        remove_network(&back_record).unwrap();
    });
}

#[test]
fn a_container_on_two_networks_reaches_both() {
    play(|scene| {
        let (front, front_record) = scene.network("front", "172.30.0.0/16", false);
        let (back, back_record) = scene.network("back", "172.31.0.0/16", true);
        let api = try_start("api", &[endpoint(&back, "eth0"), endpoint(&front, "eth1")]).unwrap();
        let (web, db) = (start("web", &front), start("db", &back));
        let _server1 = serve(web.netns.as_fd(), 80);
        let _server2 = serve(db.netns.as_fd(), 80);
        let _server3 = serve(scene.outside.as_fd(), 80);
        assert!(visit(api.netns.as_fd(), web.address(), 80).is_some());
        assert!(visit(api.netns.as_fd(), db.address(), 80).is_some());
        assert!(visit(api.netns.as_fd(), OUTSIDE, 80).is_some(), "the default route is the one that leads outside");
        assert_eq!(api.attached.published_address(), Some(api.attached.places[1].address));
        stop([api, web, db]);
        remove_network(&front_record).unwrap();
        remove_network(&back_record).unwrap();
    });
}

#[test]
fn containers_go_outside_under_the_hosts_address_unless_their_network_is_internal() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let (inner, inner_record) = scene.network("inner", "172.31.0.0/16", true);
        let (web, db) = (start("web", &open), start("db", &inner));
        let _server4 = serve(scene.outside.as_fd(), 80);
        assert_eq!(visit(web.netns.as_fd(), OUTSIDE, 80), Some(HOST.to_string()));
        // A container that gives itself the route that it was not given.
        let inside = in_netns(db.netns.as_fd(), Netlink::route).unwrap();
        let mut batch = Batch::new();
        route::add_default_route(&mut batch, Ipv4Addr::new(172, 31, 0, 1));
        inside.send(batch).unwrap();
        assert_eq!(visit(db.netns.as_fd(), OUTSIDE, 80), None);
        stop([web, db]);
        remove_network(&open_record).unwrap();
        remove_network(&inner_record).unwrap();
    });
}

#[test]
fn only_published_ports_are_reached_from_outside_and_only_by_the_hosts_address() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let _server5 = serve(web.netns.as_fd(), 80);
        let outside = scene.outside.as_fd();
        assert_eq!(visit(outside, HOST, 8080), None, "nothing is published yet");
        let published = [mapping(Ipv4Addr::UNSPECIFIED, 8080, &web), mapping(HOST, 8081, &web)];
        add_ports(&published).unwrap();
        assert_eq!(visit(outside, HOST, 8080), Some(OUTSIDE.to_string()), "the client's own address is seen inside");
        assert_eq!(visit(outside, HOST, 8081), Some(OUTSIDE.to_string()));
        assert_eq!(visit(outside, HOST, 8082), None);
        assert_eq!(visit(outside, web.address(), 80), None, "a route to the container's address leads nowhere");
        assert_eq!(visit(outside, Ipv4Addr::new(172, 30, 0, 1), 8080), None, "nor one to the bridge's");
        remove_ports(&published).unwrap();
        assert_eq!(visit(outside, HOST, 8080), None);
        stop([web]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn a_port_published_on_one_address_is_not_on_another() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let _server6 = serve(web.netns.as_fd(), 80);
        add_ports(&[mapping(Ipv4Addr::new(203, 0, 113, 9), 8080, &web)]).unwrap();
        assert_eq!(visit(scene.outside.as_fd(), HOST, 8080), None);
        stop([web]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn forged_packets_for_loopback_are_dropped() {
    play(|scene| {
        let (_, record) = scene.network("open", "172.30.0.0/16", false);
        // The hole that some engines open for themselves. Without the rule, the forged packet comes through.
        std::fs::write("/proc/sys/net/ipv4/conf/out0/route_localnet", "1").unwrap();
        let server = UdpSocket::bind("127.0.0.1:9000").unwrap();
        server.set_read_timeout(Some(PATIENCE)).unwrap();
        let forge = || {
            let send = || {
                send_through("eth0", "127.0.0.1:9000");
                Ok(())
            };
            in_netns(scene.outside.as_fd(), send).unwrap();
        };
        forge();
        assert!(server.recv(&mut [0; 16]).is_ok(), "the forgery does not work");
        ensure_network(&record).unwrap();
        forge();
        assert!(server.recv(&mut [0; 16]).is_err());
        remove_network(&record).unwrap();
    });
}

/// Sends a datagram out of an interface, wherever its destination really is.
fn send_through(interface: &str, target: &str) {
    let socket = UdpSocket::bind((OUTSIDE, 0)).unwrap();
    // SAFETY: the name outlives the call, and its length is right.
    let bound = unsafe {
        let (name, length) = (interface.as_ptr().cast(), interface.len() as libc::socklen_t);
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name, length)
    };
    assert_eq!(bound, 0);
    socket.send_to(b"forged", target).unwrap();
}

#[test]
fn addresses_are_given_once_and_freed_with_their_holder() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "10.99.0.0/30", false);
        let web = start("web", &open);
        let error = try_start("api", &[endpoint(&open, "eth0")]).err().unwrap();
        assert_eq!(error.code, "pools-exhausted");
        let wanted = EndpointSpec { ipv4_address: Some("10.99.0.2".to_owned()), ..endpoint(&open, "eth0") };
        let error = try_start("api", std::slice::from_ref(&wanted)).err().unwrap();
        assert_eq!(error.code, "address-taken");
        assert!(error.to_string().contains("`app-web-1`"), "{error}");
        assert_eq!(record::read_endpoints(&open).unwrap().len(), 1, "a failed start leaves no record");
        stop([web]);
        stop([try_start("api", &[wanted]).unwrap()]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn what_a_killed_monitor_left_is_cleared_by_the_next_container() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        add_ports(&[mapping(Ipv4Addr::UNSPECIFIED, 8080, &web)]).unwrap();
        let mut left = record::read_endpoints(&open).unwrap().remove(0);
        left.monitor = MonitorIdentity { pid: i32::MAX, start_time: 1, boot_id: String::new() };
        record::write_endpoint(&open, &left).unwrap();
        drop(web);
        let api = start("api", &open);
        let _server7 = serve(api.netns.as_fd(), 80);
        assert_eq!(api.address().to_string(), left.ipv4_address);
        assert_eq!(visit(scene.outside.as_fd(), HOST, 8080), None, "the dead one's port leads nowhere");
        stop([api]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn a_client_that_never_stops_sending_finds_the_next_container() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let (first, second) = (start("first", &open), start("second", &open));
        let open_socket = |address: (Ipv4Addr, u16)| {
            let socket = UdpSocket::bind(address).map_err(|error| KernelError::new("bind", error))?;
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            Ok(socket)
        };
        let client = in_netns(scene.outside.as_fd(), || open_socket((OUTSIDE, 5000))).unwrap();
        for container in [&first, &second] {
            let server = in_netns(container.netns.as_fd(), || open_socket((Ipv4Addr::UNSPECIFIED, 80))).unwrap();
            let port = [PortMapping { protocol: Protocol::Udp, ..mapping(Ipv4Addr::UNSPECIFIED, 8080, container) }];
            add_ports(&port).unwrap();
            client.send_to(b"hello", (HOST, 8080)).unwrap();
            let (_, from) = server.recv_from(&mut [0; 16]).unwrap();
            server.send_to(b"welcome", from).unwrap();
            assert_eq!(client.recv_from(&mut [0; 16]).unwrap().1, (HOST, 8080).into());
            remove_ports(&port).unwrap();
        }
        stop([first, second]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn rules_that_somebody_flushed_are_made_again() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let _server8 = serve(scene.outside.as_fd(), 80);
        let mut flush = batch::Transaction::on(kernel::net::nft::table::TABLE);
        flush.delete_table();
        flush.commit(&Netlink::netfilter().unwrap()).unwrap();
        assert_eq!(visit(web.netns.as_fd(), OUTSIDE, 80), Some(web.address().to_string()), "nobody hides it now");
        ensure_network(&open_record).unwrap();
        assert_eq!(visit(web.netns.as_fd(), OUTSIDE, 80), Some(HOST.to_string()));
        stop([web]);
        remove_network(&open_record).unwrap();
    });
}

#[test]
fn networks_may_come_and_go_at_the_same_moment() {
    play(|scene| {
        let records: Vec<_> = (0..8)
            .map(|number| scene.network(&format!("n{number}"), &format!("10.{number}.0.0/24"), number % 2 == 0).1)
            .collect();
        for _ in 0..5 {
            thread::scope(|scope| {
                for record in &records {
                    scope.spawn(|| {
                        ensure_network(record).unwrap();
                        ensure_network(record).unwrap();
                        remove_network(record).unwrap();
                        remove_network(record).unwrap();
                    });
                }
            });
        }
    });
}

#[test]
fn a_firewall_that_drops_forwarded_packets_is_told() {
    play(|scene| {
        let (_, record) = scene.network("open", "172.30.0.0/16", false);
        let table = batch::Table::ipv4("filter");
        let mut transaction = batch::Transaction::on(table);
        transaction.create_table();
        let (hook, policy) = (libc::NF_INET_FORWARD, libc::NF_DROP);
        transaction.create_chain(&batch::Chain { name: "FORWARD", kind: "filter", hook, priority: 0, policy });
        transaction.commit(&Netlink::netfilter().unwrap()).unwrap();
        let warnings = ensure_network(&record).unwrap();
        assert!(warnings.len() == 1 && warnings[0].contains("`FORWARD`"), "{warnings:?}");
        assert_eq!(ensure_network(&record).unwrap(), [""; 0], "once is enough");
        remove_network(&record).unwrap();
        let mut transaction = batch::Transaction::on(table);
        transaction.delete_table();
        transaction.commit(&Netlink::netfilter().unwrap()).unwrap();
    });
}

#[test]
fn a_capable_kernel_misses_nothing_and_the_look_leaves_nothing() {
    play(|_| assert_eq!(support::missing().unwrap(), [""; 0]));
}

#[test]
fn the_hosts_subnets_are_known() {
    play(|_| {
        let subnets: Vec<_> = route::host_subnets().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(subnets, ["127.0.0.0/8", "203.0.113.0/24"]);
    });
}
