//! Kernel parameters of a container: only those that belong to one of its namespaces, never the machine's.

use std::io::{self, Write};
use std::os::fd::BorrowedFd;

use rustix::fs::{OFlags, fstatfs};

use crate::error::{KernelError, Result, Step};
use crate::oci::OciLinux;
use crate::root;

const PROC: i64 = 0x9fa0;

/// Writes them to the container's own /proc, which must still be writable.
pub fn apply(root: BorrowedFd<'_>, linux: &OciLinux) -> Result<()> {
    let own = |kind: &str| linux.namespaces.iter().any(|namespace| namespace.kind == kind);
    for (name, value) in &linux.sysctl {
        let step = || format!("set the kernel parameter \"{name}\"");
        if !namespace_of(name).is_some_and(own) {
            let cause = io::Error::new(io::ErrorKind::PermissionDenied, "it is the whole machine's");
            return Err(KernelError::new(step(), cause).code("permission-denied"));
        }
        let path = format!("/proc/sys/{}", path_of(name));
        let file = root::open(root, &path, OFlags::WRONLY | OFlags::NOFOLLOW).step(step)?;
        // What the container put in the place of the kernel's files would be written to as the machine's root.
        if fstatfs(&file).step(step)?.f_type != PROC {
            return Err(KernelError::new(
                step(),
                io::Error::other("\"/proc/sys\" of the container is not the kernel's"),
            ));
        }
        std::fs::File::from(file).write_all(value.as_bytes()).step(step)?;
    }
    Ok(())
}

/// sysctl(8)'s two spellings: whichever of `.` and `/` comes first separates, the other belongs to a name.
fn path_of(name: &str) -> String {
    match name.find(['.', '/']).map(|at| name.as_bytes()[at]) {
        Some(b'.') => name
            .chars()
            .map(|one| match one {
                '.' => '/',
                '/' => '.',
                other => other,
            })
            .collect(),
        _ => name.to_owned(),
    }
}

/// The namespace that a parameter belongs to; `None` is the machine.
fn namespace_of(name: &str) -> Option<&'static str> {
    const OF_IPC: [&str; 8] = [
        "kernel/msgmax",
        "kernel/msgmnb",
        "kernel/msgmni",
        "kernel/sem",
        "kernel/shmall",
        "kernel/shmmax",
        "kernel/shmmni",
        "kernel/shm_rmid_forced",
    ];
    let path = path_of(name);
    if path.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    if path == "kernel/domainname" {
        return Some("uts");
    }
    let ipc = OF_IPC.contains(&path.as_str()) || path.starts_with("fs/mqueue/");
    if ipc { Some("ipc") } else { path.starts_with("net/").then_some("network") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_belongs_to_a_namespace_may_be_set() {
        for name in [
            "net.ipv4.ip_forward",
            "net/ipv4/conf/eth0.1/rp_filter",
            "kernel.shmmax",
            "fs.mqueue.msg_max",
            "kernel.domainname",
        ] {
            assert!(namespace_of(name).is_some(), "{name}");
        }
        for name in [
            "kernel.core_pattern",
            "kernel.hostname",
            "vm.swappiness",
            "net/../kernel/core_pattern",
            "net..",
            "",
            "net",
        ] {
            assert!(namespace_of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_name_may_hold_the_other_separator() {
        assert_eq!(path_of("net.ipv4.conf.eth0/1.rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
        assert_eq!(path_of("net/ipv4/conf/eth0.1/rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
    }
}
