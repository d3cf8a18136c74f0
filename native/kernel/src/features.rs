//! What the native runtime needs of a kernel, looked for before anything is made, so that a lack is one clear message.

use std::fs;
use std::io;
use std::path::Path;

/// Something the kernel lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What it is called.
    pub feature: &'static str,
    /// What it is needed for.
    pub needed_for: &'static str,
    /// What the user can do.
    pub hint: String,
}

/// Everything that is lacking; empty on a kernel of use.
pub fn missing() -> Vec<Missing> {
    let filesystems = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let mut missing: Vec<Missing> =
        NAMESPACES.iter().filter(|(kind, ..)| !namespace(kind)).map(describe_namespace).collect();
    for (name, needed_for, option) in FILESYSTEMS {
        if !has_filesystem(&filesystems, name) {
            let hint = format!("load or build the kernel with {option} (modprobe {name})");
            missing.push(Missing { feature: name, needed_for, hint });
        }
    }
    for (name, number, since) in CALLS {
        if !has_call(number) {
            let hint = format!("the native runtime needs Linux 5.12 or newer ({name} came with {since})");
            missing.push(Missing { feature: name, needed_for: "the sandbox of a container", hint });
        }
    }
    missing
}

const NAMESPACES: [(&str, &str, &str); 6] = [
    ("pid", "processes of a container's own", "CONFIG_PID_NS"),
    ("mnt", "a root file system of a container's own", "CONFIG_NAMESPACES"),
    ("uts", "a container's host name", "CONFIG_UTS_NS"),
    ("ipc", "a container's shared memory", "CONFIG_IPC_NS"),
    ("net", "a container's network", "CONFIG_NET_NS"),
    ("cgroup", "a container's view of its control group", "CONFIG_CGROUPS"),
];

const FILESYSTEMS: [(&str, &str, &str); 2] = [
    ("overlay", "the image's layers under a container's files", "CONFIG_OVERLAY_FS"),
    ("mqueue", "/dev/mqueue", "CONFIG_POSIX_MQUEUE"),
];

const CALLS: [(&str, libc::c_long, &str); 5] = [
    ("openat2", libc::SYS_openat2, "5.6"),
    ("clone3", libc::SYS_clone3, "5.3"),
    ("pidfd_open", libc::SYS_pidfd_open, "5.3"),
    ("fsopen", libc::SYS_fsopen, "5.2"),
    ("mount_setattr", libc::SYS_mount_setattr, "5.12"),
];

fn describe_namespace((kind, needed_for, option): &(&'static str, &'static str, &'static str)) -> Missing {
    Missing { feature: kind, needed_for, hint: format!("build the kernel with {option}") }
}

fn namespace(kind: &str) -> bool {
    Path::new("/proc/self/ns").join(kind).exists()
}

/// A module that is not loaded yet is not listed, but mounting loads it.
fn has_filesystem(listed: &str, name: &str) -> bool {
    listed.lines().any(|line| line.split('\t').nth(1) == Some(name)) || module_exists(name)
}

fn module_exists(name: &str) -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let modules = fs::read_to_string(format!("/lib/modules/{}/modules.dep", release.trim())).unwrap_or_default();
    modules.lines().any(|line| line.split(".ko").next().is_some_and(|path| path.ends_with(&format!("/{name}"))))
}

/// Every one of them refuses these arguments; only a kernel without the call says that there is none.
fn has_call(number: libc::c_long) -> bool {
    // SAFETY: null pointers, zero lengths and an impossible descriptor: the call can only fail.
    let result = unsafe { libc::syscall(number, -1, 0, 0, 0, 0, 0) };
    result >= 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ENOSYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_kernel_lacks_nothing_but_a_strange_call_is_found_lacking() {
        assert_eq!(missing(), []);
        assert!(!has_call(100_000));
    }

    #[test]
    fn a_file_system_is_known_by_its_whole_name() {
        assert!(has_filesystem("nodev\tsysfs\nnodev\toverlay\n\text4\n", "overlay"));
        assert!(!has_filesystem("nodev\toverlayed\n", "no-such-file-system"));
    }
}
