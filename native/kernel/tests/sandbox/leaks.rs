//! What a container could leave behind on the machine: mounts, control groups, processes, descriptors.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub struct Snapshot(BTreeSet<String>);

impl Snapshot {
    pub fn take() -> Self {
        let mut found = BTreeSet::new();
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
        found.extend(mounts.lines().map(|line| format!("mount {line}")));
        for hierarchy in fs::read_dir("/sys/fs/cgroup").expect("control groups").flatten() {
            groups_below(&hierarchy.path(), 3, &mut found);
        }
        let own = std::process::id();
        let children = fs::read_to_string(format!("/proc/self/task/{own}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().map(|pid| format!("child {pid}")));
        let descriptors = fs::read_dir("/proc/self/fd").expect("descriptors").flatten();
        found.extend(descriptors.map(|entry| format!("descriptor {}", entry.file_name().to_string_lossy())));
        Self(found)
    }

    pub fn what_is_new(&self) -> Vec<String> {
        Self::take().0.difference(&self.0).cloned().collect()
    }
}

/// Only groups that look like ours: other work on the machine goes on.
fn groups_below(directory: &Path, depth: u32, found: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        if entry.path().to_string_lossy().contains(&format!("tscompose-test-{}", std::process::id())) {
            found.insert(format!("group {}", entry.path().display()));
        }
        if depth > 0 {
            groups_below(&entry.path(), depth - 1, found);
        }
    }
}
