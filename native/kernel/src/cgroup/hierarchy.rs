//! The control group hierarchies that are really mounted: v1, v2, or both at once (hybrid).

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Result, Step};

/// One mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Where its root is mounted.
    pub mountpoint: PathBuf,
    /// v1 or v2.
    pub version: Version,
    /// Its controllers; a v1 hierarchy with a name and none has `name=systemd`.
    pub controllers: Vec<String>,
}

/// The kernel's two designs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Version {
    V1,
    V2,
}

impl Hierarchy {
    /// Whether this hierarchy has the controller.
    pub fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|one| one == controller)
    }

    /// Whether this is where processes are limited. A hybrid host's v2 has at most the controllers that v1 left over.
    pub fn is_main(&self) -> bool {
        ["cpu", "memory", "pids"].iter().any(|controller| self.has(controller))
    }
}

/// Where the machine's own are. What is mounted elsewhere is somebody else's, such as the root of another runtime's container.
const STANDARD: &str = "/sys/fs/cgroup";

/// What is mounted for this process. A directory below /sys/fs/cgroup that is no mount does not count.
pub fn mounted() -> Result<Vec<Hierarchy>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").step(|| "read /proc/self/mountinfo")?;
    Ok(read_mounts(&mounts, controllers_of_v2))
}

fn read_mounts(mounts: &str, v2_controllers: impl Fn(&Path) -> Vec<String>) -> Vec<Hierarchy> {
    let mut all: Vec<Hierarchy> = mounts.lines().filter_map(|line| read_line(line, &v2_controllers)).collect();
    let is_standard = |one: &Hierarchy| one.mountpoint.starts_with(STANDARD);
    if all.iter().any(is_standard) {
        all.retain(is_standard);
    }
    let mut found: Vec<Hierarchy> = Vec::new();
    for hierarchy in all {
        let same =
            |known: &Hierarchy| (known.version, &known.controllers) == (hierarchy.version, &hierarchy.controllers);
        if !found.iter().any(same) {
            found.push(hierarchy);
        }
    }
    found
}

/// One line of proc_pid_mountinfo(5). Only writable mounts of a hierarchy's root are of use.
fn read_line(line: &str, v2_controllers: impl Fn(&Path) -> Vec<String>) -> Option<Hierarchy> {
    let (before, after) = line.split_once(" - ")?;
    let mut tail = after.split(' ');
    let (kind, options) = (tail.next()?, tail.nth(1)?);
    let mut head = before.split(' ').skip(3);
    let (root, mountpoint) = (head.next()?, PathBuf::from(unescaped(head.next()?)));
    let is_read_only = head.next()?.split(',').any(|option| option == "ro");
    if root != "/" || is_read_only {
        return None;
    }
    match kind {
        "cgroup" => Some(Hierarchy { mountpoint, version: Version::V1, controllers: controllers_of_v1(options) }),
        "cgroup2" => {
            let controllers = v2_controllers(&mountpoint);
            Some(Hierarchy { mountpoint, version: Version::V2, controllers })
        }
        _ => None,
    }
}

fn controllers_of_v1(options: &str) -> Vec<String> {
    const NOT_CONTROLLERS: [&str; 8] =
        ["rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods", "none"];
    let known = |option: &&str| !NOT_CONTROLLERS.contains(option) && !option.starts_with("release_agent=");
    options.split(',').filter(known).map(str::to_owned).collect()
}

fn controllers_of_v2(mountpoint: &Path) -> Vec<String> {
    let text = fs::read_to_string(mountpoint.join("cgroup.controllers")).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Spaces and the like are written in octal.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Hierarchy> {
        read_line(line, |_| vec!["memory".into(), "pids".into()])
    }

    #[test]
    fn a_v1_hierarchy_tells_its_controllers_by_its_options() {
        let line = "31 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct";
        let found = read(line).expect("a hierarchy");
        assert_eq!(found.mountpoint, Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert_eq!(found.controllers, ["cpu", "cpuacct"]);
        let named = read("38 24 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd").expect("one");
        assert_eq!(named.controllers, ["name=systemd"]);
    }

    #[test]
    fn v2_and_foreign_lines_are_told_apart() {
        let found = read("29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate").expect("a hierarchy");
        assert_eq!((found.version, found.has("pids")), (Version::V2, true));
        assert_eq!(read("22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw"), None);
        assert_eq!(read("31 24 0:27 /docker/x /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu"), None);
        assert_eq!(read("31 24 0:27 / /run/root/sys/fs/cgroup/cpu ro,nosuid - cgroup cgroup rw,cpu"), None);
    }

    #[test]
    fn what_another_runtime_has_mounted_is_not_the_machines() {
        let line = |place: &str, controller: &str| format!("31 24 0:27 / {place} rw - cgroup cgroup rw,{controller}");
        let own = [line("/sys/fs/cgroup/cpu", "cpu"), line("/sys/fs/cgroup/pids", "pids")];
        let foreign = [line("/run/bundle/cgroup/cpu", "cpu"), line("/run/bundle/cgroup/hugetlb", "hugetlb")];
        let places = |lines: &[String]| {
            let found = read_mounts(&lines.join("\n"), |_| Vec::new());
            found.into_iter().map(|one| one.mountpoint.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(places(&[&foreign[..], &own].concat()), ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/pids"]);
        assert_eq!(places(&foreign).len(), 2, "unless there is nothing else");
    }
}
