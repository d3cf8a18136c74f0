//! User namespaces: which numbers inside are which outside.

use std::fmt::Write;
use std::fs::{self, File};
use std::os::fd::OwnedFd;

use rustix::process::{Signal, WaitOptions, kill_process, waitpid};

use crate::error::{KernelError, Result, Step};
use crate::oci::OciIdMapping;
use crate::sandbox::clone::{Birth, spawn};

/// Writes the maps of a process that was born into a new user namespace.
pub fn map(pid: i32, uids: &[OciIdMapping], gids: &[OciIdMapping]) -> Result<()> {
    for (name, mappings) in [("uid_map", uids), ("gid_map", gids)] {
        if !mappings.is_empty() {
            let file = format!("/proc/{pid}/{name}");
            fs::write(&file, lines(mappings))
                .step(|| format!("write \"{}\" to \"{name}\"", lines(mappings).trim_end()))?;
        }
    }
    Ok(())
}

fn lines(mappings: &[OciIdMapping]) -> String {
    mappings.iter().fold(String::new(), |mut text, one| {
        let _ = writeln!(text, "{} {} {}", one.container_id, one.host_id, one.size);
        text
    })
}

/// A user namespace that exists only for its maps.
pub fn namespace_of(uids: &[OciIdMapping], gids: &[OciIdMapping]) -> Result<OwnedFd> {
    let step = || "make a user namespace for a mount";
    let birth = Birth { namespaces: libc::CLONE_NEWUSER, cgroup: None };
    let wait_for_end = || {
        // SAFETY: pause takes nothing and returns only after a signal.
        let _ = unsafe { libc::pause() };
    };
    let child = spawn(birth, wait_for_end).step(step)?;
    let namespace = map(child.pid, uids, gids)
        .and_then(|()| File::open(format!("/proc/{}/ns/user", child.pid)).step(step).map(OwnedFd::from));
    if let Some(pid) = rustix::process::Pid::from_raw(child.pid) {
        let _ = kill_process(pid, Signal::KILL);
        let _ = waitpid(Some(pid), WaitOptions::empty());
    }
    namespace
}

/// Takes the numbers of the namespace's own root, without which what is made there would belong to nobody.
pub fn become_root() -> Result<()> {
    // The raw calls: the C library's would look for other threads to take along.
    // SAFETY: all take integers, and a length of zero with no list.
    let results = unsafe {
        [
            libc::syscall(libc::SYS_setresgid, 0, 0, 0),
            libc::syscall(libc::SYS_setresuid, 0, 0, 0),
            libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()),
        ]
    };
    if results[..2].contains(&-1) {
        let error = KernelError::new("become root in the user namespace", std::io::Error::last_os_error());
        return Err(error.hint("the mappings of the user namespace must have the user and group 0 inside"));
    }
    Ok(())
}
