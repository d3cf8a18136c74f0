//! The namespaces of a test: a host that its thread is in, an outside beside it, containers, and who visits whom.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
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
use kernel::net::nft::batch;
use kernel::net::port_map::PortMapping;
use kernel::net::{record, route};
use kernel::spec::{EndpointSpec, NetworkRecord, Protocol};

/// The host's and the outside's ends of the cable between them.
pub const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
pub const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);

/// How long something that must not be answered is waited for.
pub const PATIENCE: Duration = Duration::from_millis(400);

/// A host that the test's thread is in, and an outside whose default route leads to it, as an attacker would have it.
pub struct Scene {
    pub outside: OwnedFd,
    folder: tempfile::TempDir,
}

pub struct Container {
    pub netns: OwnedFd,
    pub attached: Attached,
    id: String,
}

impl Container {
    pub fn address(&self) -> Ipv4Addr {
        self.attached.places[0].address
    }
}

pub fn play(test: impl FnOnce(&Scene) + Send + 'static) {
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

    pub fn network(&self, name: &str, subnet: &str, internal: bool) -> (PathBuf, NetworkRecord) {
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

pub fn endpoint(directory: &Path, interface: &str) -> EndpointSpec {
    EndpointSpec {
        network_dir: directory.to_owned(),
        aliases: vec![],
        interface_name: interface.to_owned(),
        ipv4_address: None,
        mac_address: None,
    }
}

pub fn try_start(id: &str, endpoints: &[EndpointSpec]) -> Result<Container> {
    let monitor = identity::of(std::process::id() as i32)?;
    let netns = create_netns()?;
    let (container_id, container_name) = (id, &format!("app-{id}-1"));
    let options = AttachOptions { container_id, container_name, endpoints, monitor: &monitor, netns: netns.as_fd() };
    let attached = attach(&options)?;
    Ok(Container { netns, attached, id: id.to_owned() })
}

pub fn start(id: &str, directory: &Path) -> Container {
    try_start(id, &[endpoint(directory, "eth0")]).unwrap()
}

pub fn stop(containers: impl IntoIterator<Item = Container>) {
    for container in containers {
        container.attached.detach(&container.id).unwrap();
    }
}

/// Answers each connection with the address that it comes from. Its socket keeps the namespace alive until it is dropped.
pub struct Server {
    listener: Arc<TcpListener>,
    thread: Option<JoinHandle<()>>,
}

pub fn serve(netns: BorrowedFd<'_>, port: u16) -> Server {
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
pub fn visit(netns: BorrowedFd<'_>, address: impl Into<IpAddr>, port: u16) -> Option<String> {
    let target = SocketAddr::new(address.into(), port);
    in_netns(netns, || Ok(visit_from_here(target))).unwrap()
}

pub fn visit_from_here(target: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&target, PATIENCE).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

pub fn mapping(host: Ipv4Addr, published: u16, container: &Container) -> PortMapping {
    PortMapping { host, published, protocol: Protocol::Tcp, container: container.address(), target: 80 }
}
