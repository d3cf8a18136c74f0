//! What a container uses, read from its control groups, in the words of runc's events.

use std::fs;
use std::path::Path;

use kernel::cgroup::Cgroup;
use serde_json::{Map, Value, json};

/// Everything that the hierarchies tell. What one of them lacks is left out or zero.
pub fn read(cgroup: &Cgroup) -> Value {
    json!({
        "cpu": cpu(cgroup),
        "memory": memory(cgroup),
        "pids": pids(cgroup),
        "blkio": blkio(cgroup),
        "hugetlb": {},
        "intel_rdt": {},
        "network_interfaces": null,
    })
}

fn text(directory: Option<&Path>, name: &str) -> String {
    directory.and_then(|directory| fs::read_to_string(directory.join(name)).ok()).unwrap_or_default()
}

fn number(directory: Option<&Path>, name: &str) -> u64 {
    text(directory, name).trim().parse().unwrap_or(0)
}

fn pairs(text: &str) -> Map<String, Value> {
    let read = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), json!(value.trim().parse::<u64>().ok()?)))
    };
    text.lines().filter_map(read).collect()
}

fn field(text: &str, name: &str) -> u64 {
    pairs(text).get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn cpu(cgroup: &Cgroup) -> Value {
    let (cpu, account) = (cgroup.directory_of("cpu"), cgroup.directory_of("cpuacct"));
    let stat = text(cpu, "cpu.stat");
    let usage = if account.is_some() { number(account, "cpuacct.usage") } else { field(&stat, "usage_usec") * 1000 };
    let each: Vec<u64> =
        text(account, "cpuacct.usage_percpu").split_whitespace().filter_map(|one| one.parse().ok()).collect();
    let split = text(account, "cpuacct.stat");
    // Clock ticks of a hundredth of a second.
    let ticks = |name: &str, v2: &str| {
        if account.is_some() { field(&split, name) * 10_000_000 } else { field(&stat, v2) * 1000 }
    };
    json!({
        "usage": { "total": usage, "percpu": each, "kernel": ticks("system", "system_usec"), "user": ticks("user", "user_usec") },
        "throttling": { "periods": field(&stat, "nr_periods"), "throttledPeriods": field(&stat, "nr_throttled"), "throttledTime": field(&stat, "throttled_time") },
    })
}

fn memory(cgroup: &Cgroup) -> Value {
    let directory = cgroup.directory_of("memory");
    let entry = |v1: &str, v2: &str| {
        if number(directory, &format!("{v1}.usage_in_bytes")) > 0 || v2.is_empty() {
            json!({
                "limit": number(directory, &format!("{v1}.limit_in_bytes")),
                "usage": number(directory, &format!("{v1}.usage_in_bytes")),
                "max": number(directory, &format!("{v1}.max_usage_in_bytes")),
                "failcnt": number(directory, &format!("{v1}.failcnt")),
            })
        } else {
            json!({ "limit": number(directory, &format!("{v2}.max")), "usage": number(directory, &format!("{v2}.current")), "max": number(directory, &format!("{v2}.peak")), "failcnt": 0 })
        }
    };
    let raw = pairs(&text(directory, "memory.stat"));
    let cache = raw.get("total_cache").or_else(|| raw.get("cache")).or_else(|| raw.get("file")).cloned();
    json!({
        "cache": cache.unwrap_or(json!(0)),
        "usage": entry("memory", "memory"),
        "swap": entry("memory.memsw", "memory.swap"),
        "kernel": entry("memory.kmem", ""),
        "kernelTCP": entry("memory.kmem.tcp", ""),
        "raw": raw,
    })
}

fn pids(cgroup: &Cgroup) -> Value {
    let directory = cgroup.directory_of("pids");
    json!({ "current": number(directory, "pids.current"), "limit": number(directory, "pids.max") })
}

fn blkio(cgroup: &Cgroup) -> Value {
    let directory = cgroup.directory_of("blkio");
    let entries = |name: &str| -> Vec<Value> {
        let read = |line: &str| {
            let mut words = line.split_whitespace();
            let (major, minor) = words.next()?.split_once(':')?;
            let (op, value) = (words.next()?, words.next()?.parse::<u64>().ok()?);
            Some(
                json!({ "major": major.parse::<u64>().ok()?, "minor": minor.parse::<u64>().ok()?, "op": op, "value": value }),
            )
        };
        text(directory, name).lines().filter_map(read).collect()
    };
    json!({
        "ioServiceBytesRecursive": entries("blkio.throttle.io_service_bytes_recursive"),
        "ioServicedRecursive": entries("blkio.throttle.io_serviced_recursive"),
    })
}
