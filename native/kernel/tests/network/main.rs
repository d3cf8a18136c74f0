//! Networks against the real kernel: a host and an outside made of namespaces, so that the machine's own network is never touched.

mod attacks;
mod scene;

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use kernel::error::KernelError;
use kernel::net::link;
use kernel::net::namespace::in_netns;
use kernel::net::netlink::{Batch, Netlink};
use kernel::net::network::{ensure_network, remove_network};
use kernel::net::nft::batch;
use kernel::net::port_map::{PortMapping, add_ports, remove_ports};
use kernel::net::{record, route, support};
use kernel::spec::{EndpointSpec, MonitorIdentity, Protocol};

use scene::*;

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
fn a_network_that_is_gone_has_left_no_link() {
    play(|scene| {
        for _ in 0..5 {
            let before = links();
            let (front, record) = scene.network("front", "172.30.0.0/16", false);
            let containers = ["one", "two", "three", "four"].map(|name| start(name, &front));
            assert_eq!(links().len(), before.len() + 5);
            stop(containers);
            remove_network(&record).unwrap();
            let bridges: Vec<_> = links().into_iter().filter(|name| name.starts_with("tsc")).collect();
            assert_eq!(bridges, Vec::<String>::new());
            // Those of the containers go with their namespaces, which the kernel takes apart by and by.
            let give_up_at = Instant::now() + Duration::from_secs(5);
            while links() != before && Instant::now() < give_up_at {
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(links(), before);
        }
    });
}

fn links() -> Vec<String> {
    link::list(&Netlink::route().unwrap()).unwrap().into_iter().map(|link| link.name).collect()
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
fn a_monitor_that_nobody_has_buried_keeps_its_address_only_while_nobody_needs_it() {
    play(|scene| {
        let (open, open_record) = scene.network("open", "10.99.0.0/29", false);
        let web = start("web", &open);
        let mut left = record::read_endpoints(&open).unwrap().remove(0);
        // This process, but for its start: as one with the pid of the dead.
        left.monitor.start_time += 1;
        record::write_endpoint(&open, &left).unwrap();
        drop(web);
        let wanted = EndpointSpec { ipv4_address: Some(left.ipv4_address.clone()), ..endpoint(&open, "eth0") };
        stop([try_start("wanted", &[wanted]).unwrap()]);
        record::write_endpoint(&open, &left).unwrap();
        let others: Vec<_> = (0..4).map(|number| start(&format!("api{number}"), &open)).collect();
        assert!(others.iter().all(|other| other.address().to_string() != left.ipv4_address));
        let last = start("last", &open);
        assert_eq!(last.address().to_string(), left.ipv4_address);
        stop(others.into_iter().chain([last]));
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
        let firewall = Firewall::new();
        let warnings = ensure_network(&record).unwrap();
        assert!(warnings.len() == 1 && warnings[0].contains("`FORWARD`"), "{warnings:?}");
        assert_eq!(firewall.rules(), 0, "it is somebody's choice");
        remove_network(&record).unwrap();
    });
}

#[test]
fn dockers_firewall_lets_our_packets_pass_and_is_as_before_afterwards() {
    play(|scene| {
        let (open, record) = scene.network("open", "172.30.0.0/16", false);
        let (web, api) = (start("web", &open), start("api", &open));
        let _servers = [serve(web.netns.as_fd(), 80), serve(scene.outside.as_fd(), 80)];
        let reached = || (visit(api.netns.as_fd(), web.address(), 80), visit(api.netns.as_fd(), OUTSIDE, 80));
        let firewall = Firewall::new();
        let cut = (None, None);
        // Where bridges don't ask the firewall, only what leaves them is cut.
        let bridges_ask =
            std::fs::read_to_string("/proc/sys/net/bridge/bridge-nf-call-iptables").is_ok_and(|on| on == "1\n");
        assert!(reached() == cut || !bridges_ask);
        firewall.is_dockers();
        assert_eq!(ensure_network(&record).unwrap(), [""; 0]);
        assert_eq!(reached(), (Some(api.address().to_string()), Some(HOST.to_string())));
        let (_, second) = scene.network("second", "172.31.0.0/16", false);
        ensure_network(&second).unwrap();
        assert_eq!(firewall.rules(), 2, "once is enough");
        stop([web, api]);
        remove_network(&record).unwrap();
        assert_eq!(firewall.rules(), 2);
        remove_network(&second).unwrap();
        assert_eq!(firewall.rules(), 0);
    });
}

/// A chain that drops what is forwarded, as others on the host have one.
struct Firewall {
    netlink: Netlink,
}

impl Firewall {
    const TABLE: batch::Table = batch::Table::ipv4("filter");

    fn new() -> Self {
        let firewall = Self { netlink: Netlink::netfilter().unwrap() };
        let (hook, policy) = (libc::NF_INET_FORWARD, libc::NF_DROP);
        firewall.change(|transaction| {
            transaction.create_table();
            transaction.create_chain(&batch::Chain { name: "FORWARD", kind: "filter", hook, priority: 0, policy });
        });
        firewall
    }

    fn is_dockers(&self) {
        let (hook, policy) = (libc::NF_INET_LOCAL_IN, libc::NF_ACCEPT);
        self.change(|transaction| {
            transaction.create_chain(&batch::Chain { name: "DOCKER-USER", kind: "filter", hook, priority: 0, policy });
        });
    }

    fn change(&self, changes: impl FnOnce(&mut batch::Transaction)) {
        let mut transaction = batch::Transaction::on(Self::TABLE);
        changes(&mut transaction);
        transaction.commit(&self.netlink).unwrap();
    }

    fn rules(&self) -> usize {
        batch::rules(&self.netlink, Self::TABLE, "FORWARD").unwrap().len()
    }
}

impl Drop for Firewall {
    fn drop(&mut self) {
        self.change(batch::Transaction::delete_table);
    }
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
