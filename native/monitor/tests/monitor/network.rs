//! Networks, names and published ports of real containers.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use kernel::net::network::remove_network;
use kernel::spec::NetworkRecord;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::exec;
use crate::fixture::{Container, eventually, lacking};

/// A network that is gone when this is.
struct Network {
    directory: TempDir,
    record: Value,
}

impl Network {
    /// Tests run side by side: each has a number of its own.
    fn new(number: u8) -> Self {
        let directory = tempfile::tempdir_in("/var/tmp").expect("a directory");
        let record = json!({
            "version": 1, "networkId": format!("{number:064x}"), "networkName": format!("test_{number}"), "driver": "bridge",
            "bridge": format!("tsctest{number}m"), "subnet": format!("10.213.{number}.0/24"), "gateway": format!("10.213.{number}.1"),
            "internal": false, "labels": {}, "options": {}, "createdAtMs": 1,
        });
        fs::write(directory.path().join("network.json"), record.to_string()).expect("written");
        fs::create_dir(directory.path().join("endpoints")).expect("made");
        Self { directory, record }
    }

    fn endpoint(&self, aliases: &[&str]) -> Value {
        let endpoint = json!({ "networkDir": self.directory.path(), "aliases": aliases, "interfaceName": "eth0" });
        json!({ "kind": "networks", "endpoints": [endpoint] })
    }

    fn endpoint_files(&self) -> usize {
        fs::read_dir(self.directory.path().join("endpoints")).expect("there").count()
    }

    fn interfaces(&self) -> usize {
        let bridge = PathBuf::from(format!("/sys/class/net/{}/brif", self.record["bridge"].as_str().expect("a name")));
        fs::read_dir(bridge).map_or(0, Iterator::count)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let record: NetworkRecord = serde_json::from_value(self.record.clone()).expect("a record");
        let _ = remove_network(&record);
    }
}

const WAITING: &str = "while :; do sleep 0.05; done";

#[test]
fn containers_find_each_other_by_name_and_nothing_is_left_of_them() {
    if lacking() {
        return;
    }
    let network = Network::new(11);
    let server = "while :; do echo hello from the server | nc -l -p 80; done";
    let server = Container::shell(server).with("/network", network.endpoint(&["db", "database"])).start();
    let client = Container::shell(WAITING).with("/network", network.endpoint(&["web"])).start();
    assert_eq!(server.answer["endpoints"][0]["ipv4Address"], "10.213.11.2");
    assert_eq!(client.answer["endpoints"][0]["networkName"], "test_11");
    assert_eq!(network.endpoint_files(), 2);
    assert!(eventually(
        || exec(&client, &["nc", "-w", "5", "database", "80"]).hear_all().stdout == "hello from the server\n"
    ));
    let hosts = exec(&client, &["cat", "/etc/hosts", "/etc/resolv.conf"]).hear_all().stdout;
    assert!(hosts.contains("10.213.11.3\tinside\n") && hosts.contains("nameserver 127.0.0.11\n"), "{hosts}");
    let lost = exec(&client, &["nslookup", "db.nowhere.invalid"]).hear_all();
    assert_ne!(lost.code, Some(0));
    for running in [server, client] {
        running.ask(&json!({ "op": "kill", "signal": 9 }));
        running.wait();
    }
    assert_eq!(network.endpoint_files(), 0);
    assert!(eventually(|| network.interfaces() == 0));
}

#[test]
fn addresses_and_ports_survive_a_restart_by_policy() {
    if lacking() {
        return;
    }
    let network = Network::new(12);
    let port = json!([{ "hostIp": "127.0.0.1", "start": 0, "end": 0, "target": 80, "protocol": "tcp" }]);
    let container = Container::shell("echo welcome | nc -l -p 80; exit 1").with("/network", network.endpoint(&["web"]));
    let running = container.with("/ports", port).with("/restart", json!({ "kind": "always", "maxRetries": 0 })).start();
    let published = running.answer["ports"][0]["published"].as_u64().expect("a port");
    assert_eq!((&running.answer["ports"][0]["target"], published > 0), (&json!(80), true));
    // Who listens may hang up before connect() returns, as long as the program inside is not ready. That nobody listens never happens.
    let fetch = || {
        let mut text = String::new();
        match TcpStream::connect(("127.0.0.1", u16::try_from(published).expect("a port"))) {
            Ok(mut stream) => {
                let _ = stream.write_all(b"\n");
                let _ = stream.read_to_string(&mut text);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
        }
        text
    };
    for restarts in 1..=2 {
        assert!(eventually(|| fetch() == "welcome\n"));
        let state =
            running.wait_for(|state| state["restartCount"].as_u64() >= Some(restarts) && state["status"] == "running");
        assert_eq!((&state["ports"], &state["endpoints"]), (&running.answer["ports"], &running.answer["endpoints"]));
    }
    running.stop();
    assert_eq!(network.endpoint_files(), 0);
    assert!(TcpStream::connect(("127.0.0.1", u16::try_from(published).expect("a port"))).is_err());
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_is_made() {
    if lacking() {
        return;
    }
    let network = Network::new(13);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let number = taken.local_addr().expect("an address").port();
    let port = json!([{ "hostIp": "127.0.0.1", "start": number, "end": number, "target": 80, "protocol": "tcp" }]);
    let container = Container::shell(WAITING).with("/network", network.endpoint(&["web"])).with("/ports", port);
    let error = container.refused();
    assert_eq!(error["code"], "port-taken");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(&std::process::id().to_string())), "{error}");
    assert_eq!(network.endpoint_files(), 0);
    assert!(
        !fs::exists(format!("/sys/class/net/{}", network.record["bridge"].as_str().expect("a name"))).expect("known")
    );
}

#[test]
fn a_start_that_fails_late_gives_its_address_and_ports_back() {
    if lacking() {
        return;
    }
    let network = Network::new(14);
    let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let number = probe.local_addr().expect("an address").port();
    drop(probe);
    let port = json!([{ "hostIp": "127.0.0.1", "start": number, "end": number, "target": 80, "protocol": "tcp" }]);
    let container = Container::of(&["nowhere"]).with("/network", network.endpoint(&["web"])).with("/ports", port);
    assert_eq!(container.refused()["code"], "executable-not-found");
    assert_eq!(network.endpoint_files(), 0);
    assert!(eventually(|| network.interfaces() == 0));
    std::net::TcpListener::bind(("127.0.0.1", number)).expect("the port is free again");
}

#[test]
fn a_network_that_is_not_there_is_named() {
    if lacking() {
        return;
    }
    let endpoint = json!({ "networkDir": "/no/such/network", "aliases": [], "interfaceName": "eth0" });
    let container = Container::shell(WAITING).with("/network", json!({ "kind": "networks", "endpoints": [endpoint] }));
    assert_eq!(container.refused()["code"], "network-not-found");
}

#[test]
fn a_container_can_live_in_the_network_of_another_or_of_the_host() {
    if lacking() {
        return;
    }
    let network = Network::new(15);
    let owner = Container::shell(WAITING).with("/network", network.endpoint(&["web"])).start();
    let guest = Container::shell("ip addr show eth0; cat /etc/hosts")
        .with("/network", json!({ "kind": "container", "pid": owner.answer["pid"] }));
    let log = guest.start().wait().log.concat();
    assert!(log.contains("inet 10.213.15.2/") && log.contains("10.213.15.2\tinside\n"), "{log}");
    let namespaces =
        json!([{ "type": "mount" }, { "type": "cgroup" }, { "type": "pid" }, { "type": "ipc" }, { "type": "uts" }]);
    let host = Container::shell("ip addr show lo; ip link").with("/network", json!({ "kind": "host" }));
    let log = host.with("/oci/linux/namespaces", namespaces).start().wait().log;
    assert!(log.iter().any(|line| line.contains("tsctest15m")), "{log:?}");
    owner.ask(&json!({ "op": "kill", "signal": 9 }));
    owner.wait();
}
