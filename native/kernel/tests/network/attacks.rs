//! Who must not be reached over the network, and by whom. As in tests/sandbox/attacks, each way is tried twice: as it is, and in a
//! run that is weakened, where it must get through, or its failing would prove nothing.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd};

use kernel::error::KernelError;
use kernel::net::namespace::in_netns;
use kernel::net::netlink::{Batch, Netlink};
use kernel::net::network::{ensure_network, remove_network};
use kernel::net::nft::batch::Transaction;
use kernel::net::nft::table::TABLE;
use kernel::net::port_map::{add_ports, remove_ports};
use kernel::net::{link, route};

use crate::scene::*;

/// Whether it is ours that is attacked or the weakened run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    Up,
    Down,
}

impl Guard {
    /// Without our rules: what somebody who flushes them leaves, or a runtime that has none.
    fn take_rules_away(self) {
        if self == Self::Down {
            let mut flush = Transaction::on(TABLE);
            flush.delete_table();
            flush.commit(&Netlink::netfilter().unwrap()).unwrap();
        }
    }
}

/// `attempt` answers whether it got through.
fn must_fail(attempt: fn(&Scene, Guard) -> bool) {
    play(move |scene| assert!(attempt(scene, Guard::Down), "the control: it fails in the weakened run too"));
    play(move |scene| assert!(!attempt(scene, Guard::Up), "it got through"));
}

/// Whether a datagram that is sent from one namespace is received in another, where a server listens on every address.
fn arrives(from: BorrowedFd<'_>, to: BorrowedFd<'_>, target: Ipv4Addr, port: u16) -> bool {
    let server = in_netns(to, || bind((Ipv4Addr::UNSPECIFIED, port).into())).unwrap();
    let client = in_netns(from, || bind((Ipv4Addr::UNSPECIFIED, 0).into())).unwrap();
    // It may be refused at once, as there is no way.
    let _ = client.send_to(b"probe", (target, port));
    server.recv(&mut [0; 16]).is_ok()
}

fn bind(address: SocketAddr) -> Result<UdpSocket, KernelError> {
    let socket = UdpSocket::bind(address).map_err(|error| KernelError::new("bind", error))?;
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    Ok(socket)
}

fn lead_default_route_over(netns: BorrowedFd<'_>, gateway: Ipv4Addr) {
    let inside = in_netns(netns, Netlink::route).unwrap();
    let mut batch = Batch::new();
    route::add_default_route(&mut batch, gateway);
    inside.send(batch).unwrap();
}

/// D1. The outside has a route to the containers; ports 80 and 81 are served, 80 is published.
fn by_route(scene: &Scene, guard: Guard, forwarded_before: &str) -> bool {
    fs::write("/proc/sys/net/ipv4/ip_forward", forwarded_before).unwrap();
    let (open, record) = scene.network("open", "172.30.0.0/16", false);
    let web = start("web", &open);
    let servers = [80, 81].map(|port| serve(web.netns.as_fd(), port));
    let published = [mapping(Ipv4Addr::UNSPECIFIED, 8080, &web)];
    add_ports(&published).unwrap();
    guard.take_rules_away();
    let reached = [80, 81].map(|port| visit(scene.outside.as_fd(), web.address(), port).is_some());
    let by_datagram = arrives(scene.outside.as_fd(), web.netns.as_fd(), web.address(), 82);
    drop(servers);
    remove_ports(&published).unwrap();
    stop([web]);
    remove_network(&record).unwrap();
    if guard == Guard::Down {
        return reached == [true; 2] && by_datagram;
    }
    reached.contains(&true) || by_datagram
}

#[test]
fn a_route_to_a_container_leads_nobody_from_outside_to_it() {
    must_fail(|scene, guard| by_route(scene, guard, "0"));
}

#[test]
fn nor_does_it_where_the_host_forwarded_packets_before() {
    must_fail(|scene, guard| by_route(scene, guard, "1"));
}

#[test]
fn nor_does_it_to_a_container_of_an_internal_network() {
    must_fail(|scene, guard| {
        fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
        let (inner, record) = scene.network("inner", "172.31.0.0/16", true);
        let db = start("db", &inner);
        guard.take_rules_away();
        let reached = arrives(scene.outside.as_fd(), db.netns.as_fd(), db.address(), 80);
        stop([db]);
        remove_network(&record).unwrap();
        reached
    });
}

#[test]
fn a_container_reaches_none_of_another_project() {
    must_fail(|scene, guard| {
        let (front, front_record) = scene.network("front", "172.30.0.0/16", false);
        let (back, back_record) = scene.network("back", "172.31.0.0/16", false);
        let (web, db) = (start("web", &front), start("db", &back));
        let server = serve(db.netns.as_fd(), 80);
        guard.take_rules_away();
        let reached = visit(web.netns.as_fd(), db.address(), 80).is_some();
        let by_datagram = arrives(web.netns.as_fd(), db.netns.as_fd(), db.address(), 81);
        drop(server);
        stop([web, db]);
        remove_network(&front_record).unwrap();
        remove_network(&back_record).unwrap();
        if guard == Guard::Down { reached && by_datagram } else { reached || by_datagram }
    });
}

#[test]
fn a_container_of_an_internal_network_sends_nothing_outside_even_by_a_route_of_its_own() {
    must_fail(|scene, guard| {
        fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
        let (inner, record) = scene.network("inner", "172.31.0.0/16", true);
        let db = start("db", &inner);
        lead_default_route_over(db.netns.as_fd(), Ipv4Addr::new(172, 31, 0, 1));
        guard.take_rules_away();
        let reached = arrives(db.netns.as_fd(), scene.outside.as_fd(), OUTSIDE, 80);
        stop([db]);
        remove_network(&record).unwrap();
        reached
    });
}

/// moby#45610. In the weakened run, the interface has the hole that some engines open for themselves.
#[test]
fn a_packet_from_outside_that_is_forged_for_loopback_is_dropped() {
    must_fail(|scene, guard| {
        let (_, record) = scene.network("open", "172.30.0.0/16", false);
        ensure_network(&record).unwrap();
        fs::write("/proc/sys/net/ipv4/conf/out0/route_localnet", "1").unwrap();
        guard.take_rules_away();
        let reached = forged_arrives(scene.outside.as_fd(), OUTSIDE);
        remove_network(&record).unwrap();
        reached
    });
}

#[test]
fn a_packet_from_a_container_that_is_forged_for_loopback_is_dropped() {
    must_fail(|scene, guard| {
        let (open, record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        fs::write("/proc/sys/net/ipv4/conf/tscopen/route_localnet", "1").unwrap();
        guard.take_rules_away();
        let reached = forged_arrives(web.netns.as_fd(), web.address());
        stop([web]);
        remove_network(&record).unwrap();
        reached
    });
}

#[test]
fn our_networks_open_no_way_to_loopback_of_their_own() {
    must_fail(|scene, guard| {
        let (_, record) = scene.network("open", "172.30.0.0/16", false);
        ensure_network(&record).unwrap();
        let files =
            ["all", "default", "out0", "tscopen"].map(|name| format!("/proc/sys/net/ipv4/conf/{name}/route_localnet"));
        if guard == Guard::Down {
            fs::write(&files[3], "1").unwrap();
        }
        let is_open = files.iter().any(|file| fs::read_to_string(file).unwrap().trim() != "0");
        remove_network(&record).unwrap();
        is_open
    });
}

/// Whether a server on the host's loopback address gets a datagram that is sent out of an interface.
fn forged_arrives(netns: BorrowedFd<'_>, source: Ipv4Addr) -> bool {
    let server = bind((Ipv4Addr::LOCALHOST, 9000).into()).unwrap();
    let send = || {
        send_through("eth0", (source, 0).into(), (Ipv4Addr::LOCALHOST, 9000).into());
        Ok(())
    };
    in_netns(netns, send).unwrap();
    server.recv(&mut [0; 16]).is_ok()
}

/// Sends a datagram out of an interface, wherever its destination really is.
fn send_through(interface: &str, source: SocketAddr, target: SocketAddr) {
    let socket = UdpSocket::bind(source).unwrap();
    // SAFETY: the name outlives the call, and its length is right.
    let bound = unsafe {
        let (name, length) = (interface.as_ptr().cast(), interface.len() as libc::socklen_t);
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name, length)
    };
    assert_eq!(bound, 0);
    socket.send_to(b"forged", target).unwrap();
}

#[test]
fn a_port_that_is_published_on_one_address_is_not_reached_by_another() {
    must_fail(|scene, guard| {
        let (open, record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let server = serve(web.netns.as_fd(), 80);
        let address = if guard == Guard::Up { Ipv4Addr::new(203, 0, 113, 9) } else { Ipv4Addr::UNSPECIFIED };
        let published = [mapping(address, 8080, &web)];
        add_ports(&published).unwrap();
        let reached = visit(scene.outside.as_fd(), HOST, 8080).is_some();
        drop(server);
        remove_ports(&published).unwrap();
        stop([web]);
        remove_network(&record).unwrap();
        reached
    });
}

/// D3, CVE-2024-32473. The container turns IPv6 on for itself; in the weakened run the host has it on the bridge, as by default.
fn with_ipv6(scene: &Scene, guard: Guard, attempt: fn(BorrowedFd<'_>) -> bool) -> bool {
    let (open, record) = scene.network("open", "172.30.0.0/16", false);
    let web = start("web", &open);
    if guard == Guard::Down {
        turn_on_ipv6("tscopen");
    }
    let inside = || {
        turn_on_ipv6("eth0");
        wait_for_address("eth0");
        Ok(())
    };
    in_netns(web.netns.as_fd(), inside).unwrap();
    let reached = attempt(web.netns.as_fd());
    stop([web]);
    remove_network(&record).unwrap();
    reached
}

fn turn_on_ipv6(interface: &str) {
    for (name, value) in [("accept_dad", "0"), ("accept_ra", "2"), ("disable_ipv6", "0")] {
        fs::write(format!("/proc/sys/net/ipv6/conf/{interface}/{name}"), value).unwrap();
    }
}

#[test]
fn a_container_of_an_ipv4_network_has_no_ipv6_address_but_loopback() {
    must_fail(|scene, guard| {
        let (open, record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let addresses = || {
            if guard == Guard::Down {
                turn_on_ipv6("eth0");
                wait_for_address("eth0");
            }
            Ok(fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap())
        };
        let found = in_netns(web.netns.as_fd(), addresses).unwrap();
        stop([web]);
        remove_network(&record).unwrap();
        found.lines().any(|line| !line.ends_with(" lo"))
    });
}

/// The kernel gives the link-local address a little later, and marks it until it may be used.
fn wait_for_address(interface: &str) {
    const TENTATIVE: u32 = 0x40;
    let is_usable = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields[5] == interface && u32::from_str_radix(fields[4], 16).is_ok_and(|flags| flags & TENTATIVE == 0)
    };
    for _ in 0..300 {
        if fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap().lines().any(is_usable) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no IPv6 address came");
}

#[test]
fn a_container_does_not_reach_the_host_by_ipv6() {
    must_fail(|scene, guard| {
        with_ipv6(scene, guard, |netns| {
            let server = bind((Ipv6Addr::UNSPECIFIED, 9000).into()).unwrap();
            speak_to_all(netns, 9000);
            server.recv(&mut [0; 16]).is_ok()
        })
    });
}

#[test]
fn a_container_gives_the_host_no_ipv6_address_by_forged_router_advertisements() {
    must_fail(|scene, guard| {
        with_ipv6(scene, guard, |netns| {
            let send = || {
                advertise();
                Ok(())
            };
            in_netns(netns, send).unwrap();
            std::thread::sleep(PATIENCE);
            fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap().contains(FORGED)
        })
    });
}

/// To all nodes of the link.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

fn speak_to_all(netns: BorrowedFd<'_>, port: u16) {
    let send = || {
        let client = bind((Ipv6Addr::UNSPECIFIED, 0).into())?;
        client.send_to(b"probe", SocketAddrV6::new(ALL_NODES, port, 0, eth0())).unwrap();
        Ok(())
    };
    in_netns(netns, send).unwrap();
}

fn eth0() -> u32 {
    link::find(&Netlink::route().unwrap(), "eth0").unwrap().unwrap().index
}

/// 2001:db8:bad::/64, as the kernel lists it.
const FORGED: &str = "20010db80bad0000";

/// A router advertisement (RFC 4861, 4.2) with one prefix to make addresses of; the kernel adds the sum.
fn advertise() {
    let head = [134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
    let prefix = [3, 4, 64, 0xC0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x20, 0x01, 0x0D, 0xB8, 0x0B, 0xAD];
    let packet = [&head[..], &prefix, &[0; 10]].concat();
    // SAFETY: the descriptor that socket() has just given is nobody else's; the option is an integer of its size.
    let socket = unsafe {
        let socket = libc::socket(libc::AF_INET6, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::IPPROTO_ICMPV6);
        assert!(socket >= 0);
        let hops: libc::c_int = 255;
        let (value, length) = ((&raw const hops).cast(), size_of_val(&hops) as libc::socklen_t);
        assert_eq!(libc::setsockopt(socket, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_HOPS, value, length), 0);
        UdpSocket::from_raw_fd(socket)
    };
    let target = SocketAddrV6::new(ALL_NODES, 0, 0, eth0());
    assert_eq!(socket.send_to(&packet, target).unwrap(), packet.len());
}

/// D7: what is asked sees who asks. In the weakened run the host puts its own address there, as a forwarder in between would.
#[test]
fn nobody_from_outside_is_taken_for_the_host() {
    must_fail(|scene, guard| {
        let (open, record) = scene.network("open", "172.30.0.0/16", false);
        let web = start("web", &open);
        let server = serve(web.netns.as_fd(), 80);
        let published = [mapping(Ipv4Addr::UNSPECIFIED, 8080, &web)];
        add_ports(&published).unwrap();
        let seen = match guard {
            Guard::Up => visit(scene.outside.as_fd(), HOST, 8080),
            Guard::Down => visit_from_here(SocketAddr::new(IpAddr::V4(web.address()), 80)),
        };
        drop(server);
        remove_ports(&published).unwrap();
        stop([web]);
        remove_network(&record).unwrap();
        seen.unwrap() != OUTSIDE.to_string()
    });
}
