//! What a container could leave behind on the machine. Everything of it carries its id, or lies in its directory; other work on
//! the machine goes on meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fixture::eventually;

/// Fails when anything of the container is there.
pub fn check(id: &str, directory: &Path) {
    let found: Vec<String> = [groups(id), processes(id), mounts(id), files(directory)].concat();
    assert_eq!(found, [""; 0], "left behind");
}

/// For tests that end early: the processes in the groups have been killed and need a moment.
pub fn remove_groups(id: &str) {
    eventually(|| group_paths(id).into_iter().all(|group| fs::remove_dir(group).is_ok()));
}

fn groups(id: &str) -> Vec<String> {
    group_paths(id).into_iter().map(|path| format!("control group {}", path.display())).collect()
}

fn group_paths(id: &str) -> Vec<PathBuf> {
    let hierarchies = fs::read_dir("/sys/fs/cgroup").expect("control groups").flatten();
    let roots = hierarchies.map(|entry| entry.path()).chain([PathBuf::from("/sys/fs/cgroup")]);
    roots.map(|root| root.join("tscompose-test-monitor").join(id)).filter(|path| path.exists()).collect()
}

fn processes(id: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let ours = pids.filter(|pid| {
        let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let text = |name: &str| String::from_utf8_lossy(&read(name)).into_owned();
        // What has ended, and waits for the machine's first process to notice, is no longer there.
        let is_zombie = text("status").contains("State:\tZ");
        *pid != std::process::id() && !is_zombie && (text("cmdline") + &text("cgroup")).contains(id)
    });
    ours.map(|pid| format!("process {pid}")).collect()
}

fn mounts(id: &str) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
    mounts.lines().filter(|line| line.contains(id)).map(|line| format!("mount {line}")).collect()
}

fn files(directory: &Path) -> Vec<String> {
    let unwanted = ["run/socket", "state.json.tmp"];
    unwanted.iter().filter(|name| directory.join(name).exists()).map(|name| format!("file {name}")).collect()
}
