//! Who holds a port that could not be bound: looked up only to say it in an error.

use std::fs;
use std::path::Path;

use kernel::spec::Protocol;

/// `TCP_LISTEN` as /proc/net/tcp writes it.
const LISTENING: &str = "0A";

/// `the process "nginx" (pid 12)` or `the container "app-web-1"`.
pub fn find_holder(port: u16, protocol: Protocol) -> Option<String> {
    let tables = match protocol {
        Protocol::Tcp => ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"],
        Protocol::Udp => ["/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"],
    };
    let sockets: Vec<String> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| sockets_on(&table, port, protocol))
        .collect();
    let pid = owner_of(&sockets)?;
    Some(describe(&pid))
}

/// The names (`socket:[12]`) under which descriptors of this port appear in /proc.
fn sockets_on(table: &str, port: u16, protocol: Protocol) -> Vec<String> {
    let on_port = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (_, local) = fields.get(1)?.rsplit_once(':')?;
        let listens = protocol == Protocol::Udp || *fields.get(3)? == LISTENING;
        let found = listens && u16::from_str_radix(local, 16).ok()? == port;
        found.then(|| fields.get(9).map(|inode| format!("socket:[{inode}]"))).flatten()
    };
    table.lines().skip(1).filter_map(on_port).collect()
}

fn owner_of(sockets: &[String]) -> Option<String> {
    let processes = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut pids = processes.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    pids.find(|pid| {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut targets = descriptors.filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
        targets.any(|target| target.to_str().is_some_and(|target| sockets.iter().any(|socket| socket == target)))
    })
}

fn describe(pid: &str) -> String {
    container_of(pid).map_or_else(
        || {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            format!("the process `{}` (pid {pid})", name.trim())
        },
        |name| format!("the container `{name}`"),
    )
}

/// A monitor's command line is `tscompose-monitor run CONTAINER_DIR`; the container's name stands in the document there.
fn container_of(pid: &str) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    let mut words = line.split('\0');
    words.next().filter(|program| program.ends_with("tscompose-monitor"))?;
    let directory = words.next().filter(|verb| *verb == "run").and_then(|_| words.next())?;
    let document = fs::read(Path::new(directory).join("spec.json")).ok()?;
    let document: serde_json::Value = serde_json::from_slice(&document).ok()?;
    Some(document.get("containerName")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: broken
";

    #[test]
    fn only_listeners_hold_a_tcp_port() {
        assert_eq!(sockets_on(TABLE, 8080, Protocol::Tcp), ["socket:[4711]"]);
        assert_eq!(sockets_on(TABLE, 8080, Protocol::Udp).len(), 2);
        assert_eq!(sockets_on(TABLE, 80, Protocol::Tcp), [""; 0]);
    }

    #[test]
    fn the_process_behind_a_port_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = find_holder(listener.local_addr().unwrap().port(), Protocol::Tcp).unwrap();
        assert!(holder.contains(&format!("(pid {})", std::process::id())), "{holder}");
    }
}
