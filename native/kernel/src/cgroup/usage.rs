//! What the programs in a container's control groups use, and which they are. Reads, changes nothing.

use std::fs;

use super::Cgroup;
use super::hierarchy::Version;

/// Sums since the group was made, and what is held now. What no hierarchy counts is 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Time on processors.
    pub cpu_us: u64,
    /// Memory without what the kernel can take back at once (file pages that nobody has used for a while), as Docker counts.
    pub memory_bytes: u64,
    /// The limit, where there is one.
    pub memory_limit_bytes: Option<u64>,
    /// Read from block devices.
    pub read_bytes: u64,
    /// Written to them.
    pub written_bytes: u64,
    /// Processes and threads.
    pub tasks: u64,
}

/// A limit of v1 from here on means none: the kernel rounds the largest number to pages.
const NO_LIMIT: u64 = 1 << 62;

impl Cgroup {
    /// What is used.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage { cpu_us: self.cpu_us(), tasks: self.number("pids", "pids.current"), ..Usage::default() };
        self.add_memory(&mut usage);
        self.add_block_io(&mut usage);
        usage
    }

    fn cpu_us(&self) -> u64 {
        if let Some(text) = self.text("cpuacct", "cpuacct.usage") {
            return text.trim().parse::<u64>().unwrap_or(0) / 1000;
        }
        let of_v2 = || self.of(Version::V2).find_map(|group| fs::read_to_string(group.directory.join("cpu.stat")).ok());
        of_v2().and_then(|text| field(&text, "usage_usec")).unwrap_or(0)
    }

    fn add_memory(&self, usage: &mut Usage) {
        let unified = self.text("memory", "memory.current").is_some();
        let (current, limit, idle) = if unified {
            ("memory.current", "memory.max", "inactive_file")
        } else {
            ("memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file")
        };
        let stat = self.text("memory", "memory.stat").unwrap_or_default();
        usage.memory_bytes = self.number("memory", current).saturating_sub(field(&stat, idle).unwrap_or(0));
        let limit = self.text("memory", limit).and_then(|text| text.trim().parse().ok());
        usage.memory_limit_bytes = limit.filter(|limit| *limit < NO_LIMIT);
    }

    fn add_block_io(&self, usage: &mut Usage) {
        if let Some(text) = self.text("io", "io.stat") {
            (usage.read_bytes, usage.written_bytes) = (sum_of_v2(&text, "rbytes="), sum_of_v2(&text, "wbytes="));
        } else if let Some(text) = self.text("blkio", "blkio.throttle.io_service_bytes_recursive") {
            (usage.read_bytes, usage.written_bytes) = (sum_of_v1(&text, "Read"), sum_of_v1(&text, "Write"));
        }
    }

    fn number(&self, controller: &str, file: &str) -> u64 {
        self.text(controller, file).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn text(&self, controller: &str, file: &str) -> Option<String> {
        fs::read_to_string(self.directory_of(controller)?.join(file)).ok()
    }
}

/// `NAME VALUE` among lines of that form.
fn field(text: &str, name: &str) -> Option<u64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
    text.lines().find_map(value)
}

/// `254:0 Read 4096`, a line for each device and kind.
fn sum_of_v1(text: &str, kind: &str) -> u64 {
    let value = |line: &str| {
        let mut words = line.split(' ').skip(1);
        words.next().filter(|word| *word == kind)?;
        words.next()?.parse::<u64>().ok()
    };
    text.lines().filter_map(value).sum()
}

/// `254:0 rbytes=4096 wbytes=0 …`, a line for each device.
fn sum_of_v2(text: &str, key: &str) -> u64 {
    let value = |line: &str| line.split(' ').find_map(|word| word.strip_prefix(key)?.parse::<u64>().ok());
    text.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::OciResources;

    #[test]
    fn numbers_are_found_among_lines() {
        assert_eq!(field("inactive_file 7\ntotal_inactive_file 9\n", "total_inactive_file"), Some(9));
        assert_eq!(field("inactive_file_x 7\n", "inactive_file"), None);
        assert_eq!(sum_of_v1("254:0 Read 5\n254:0 Write 2\n7:0 Read 1\n254:0 Total 8\nTotal 8\n", "Read"), 6);
        assert_eq!(sum_of_v2("254:0 rbytes=5 wbytes=2 rios=1\n7:0 rbytes=1 wbytes=0\n", "rbytes="), 6);
        assert_eq!(sum_of_v2("", "rbytes="), 0);
    }

    #[test]
    fn what_programs_use_is_counted_those_in_inner_groups_too() {
        if !rustix::process::geteuid().is_root() {
            return println!("skipped: control groups need root");
        }
        let cgroup =
            Cgroup::create(&format!("/tscompose-test-{}-usage/one", std::process::id()), &OciResources::default());
        let cgroup = cgroup.expect("made");
        let mut child = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("spawned");
        for group in &cgroup.groups {
            let inner = group.directory.join("inner");
            fs::create_dir(&inner).expect("made");
            // A cpuset wants its processors named before it takes processes.
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let _ = fs::read_to_string(group.directory.join(file)).map(|value| fs::write(inner.join(file), value));
            }
            fs::write(inner.join("cgroup.procs"), child.id().to_string()).expect("joined");
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        let (usage, pids) = (cgroup.usage(), cgroup.pids());
        child.kill().expect("killed");
        child.wait().expect("ended");
        cgroup.remove().expect("removed");
        assert_eq!(pids, [i32::try_from(child.id()).expect("a pid")]);
        assert!(usage.cpu_us > 10_000, "{usage:?}");
        assert_eq!(usage.tasks, 1);
    }

    #[test]
    fn a_group_that_is_not_there_uses_nothing() {
        let cgroup = Cgroup::open("/tscompose-test-absent").expect("opened");
        assert_eq!((cgroup.usage(), cgroup.pids()), (Usage::default(), Vec::new()));
    }
}
