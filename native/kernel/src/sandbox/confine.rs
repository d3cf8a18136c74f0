//! What every process of a container takes on before its program: user, capabilities, limits and directory, and nothing
//! of the monitor's.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Signal, fchdir, getcwd, set_parent_process_death_signal};
use rustix::thread::set_no_new_privs;

use crate::error::{KernelError, Result, Step};
use crate::oci::OciProcess;
use crate::process::capabilities::{self, Sets};
use crate::process::rlimits;
use crate::process::user::Identity;
use crate::root;
use crate::seccomp::Filter;

/// Whether the process is to end with its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// The container's first process: nobody could end it or learn of its end any more.
    Parent,
    /// A further one: it ends with the container's first.
    Container,
}

/// Takes the user, capabilities, limits and filter that the process is to have, and goes to its directory. Only its
/// program is to follow: from here on every system call is one that the profile has to allow.
pub fn confine(process: &OciProcess, identity: &Identity, bond: Bond, filter: Option<&Filter>) -> Result<()> {
    enter_directory(process)?;
    // Nothing is opened any more: a program may be given fewer descriptors than are open here.
    rlimits::apply(&process.rlimits)?;
    let sets = become_somebody(process, identity, bond)?;
    close_the_rest(0)?;
    seal(process, sets, filter).map(drop)
}

/// Takes the user on, and answers which capabilities are left to be taken.
pub fn become_somebody(process: &OciProcess, identity: &Identity, bond: Bond) -> Result<Sets> {
    let sets = sets_of(process, identity)?;
    capabilities::drop_bounding(sets.bounding)?;
    capabilities::keep_across_setuid()?;
    become_user(identity)?;
    // Every change of user takes this away.
    if bond == Bond::Parent {
        set_parent_process_death_signal(Some(Signal::KILL)).step(|| "bind the container to its monitor")?;
    }
    reset_signals();
    // SAFETY: umask takes and returns an integer.
    unsafe { libc::umask(process.user.umask.unwrap_or(0o022)) };
    Ok(sets)
}

/// The filter can only be installed with CAP_SYS_ADMIN or when new privileges are forbidden. The later it comes, the fewer
/// calls a profile must allow that its program does not need.
pub fn seal(process: &OciProcess, sets: Sets, filter: Option<&Filter>) -> Result<Option<OwnedFd>> {
    if process.no_new_privileges {
        capabilities::apply(sets)?;
        set_no_new_privs(true).step(|| "forbid new privileges")?;
        return filter.map_or(Ok(None), Filter::install);
    }
    let mut listener = None;
    if let Some(filter) = filter {
        capabilities::raise_permitted()?;
        listener = filter.install()?;
    }
    capabilities::apply(sets)?;
    Ok(listener)
}

/// What execve would leave to an ordinary user is taken before it, so that nothing is done with more.
fn sets_of(process: &OciProcess, identity: &Identity) -> Result<Sets> {
    let sets = capabilities::resolve(&process.capabilities)?;
    if identity.uid == 0 {
        return Ok(sets);
    }
    Ok(Sets { effective: sets.ambient, permitted: sets.ambient, ..sets })
}

fn become_user(identity: &Identity) -> Result<()> {
    let Identity { uid, gid, .. } = *identity;
    // The raw calls: the C library's would look for other threads to take along.
    // SAFETY: the list and its length belong together; the other calls take integers.
    let results = unsafe {
        [
            libc::syscall(libc::SYS_setgroups, identity.additional_gids.len(), identity.additional_gids.as_ptr()),
            libc::syscall(libc::SYS_setresgid, gid, gid, gid),
            libc::syscall(libc::SYS_setresuid, uid, uid, uid),
        ]
    };
    if results.contains(&-1) {
        return Err(KernelError::new(format!("become user {uid}:{gid}"), io::Error::last_os_error()));
    }
    Ok(())
}

/// A directory outside the root would be a way out of it: links of /proc to what is open here are not followed, and the
/// kernel does not give it a path that begins with a slash.
pub fn enter_directory(process: &OciProcess) -> Result<()> {
    let path = if process.cwd.is_empty() { "/" } else { &process.cwd };
    let step = || format!("enter the working directory \"{path}\"");
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, "/", flags, Mode::empty()).step(step)?;
    let directory = root::open(&root, path, flags).step(step)?;
    fchdir(directory).step(step)?;
    let reached = getcwd(Vec::new()).step(step)?;
    if reached.as_bytes().starts_with(b"/") {
        return Ok(());
    }
    Err(KernelError::new(step(), io::Error::other("it is outside the container")).code("permission-denied"))
}

/// A program starts with no signal blocked or ignored, whatever the monitor and those before it do with them.
fn reset_signals() {
    // The kernel's own structure, all zeros: the default action. The C library would not let go of 32 and 33.
    let default = [0u64; 4];
    for signal in 1..=64 {
        // SAFETY: the structure and the size of its mask are the kernel's; 9 and 19 are refused and need no change.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null_mut::<u64>(), 8) };
    }
    let none = 0u64;
    // SAFETY: a mask of the kernel's size.
    unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, std::ptr::null_mut::<u64>(), 8);
    }
}

/// No descriptor but the three standard ones and so many after them outlives execve, whoever forgot to say so.
pub fn close_the_rest(preserved: u32) -> Result<()> {
    let first = 3 + preserved;
    // SAFETY: the flag only marks descriptors; none is closed under its owner.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if result == 0 {
        return Ok(());
    }
    mark_one_by_one(first.cast_signed()).step(|| "mark descriptors to be closed")
}

/// Before Linux 5.11.
fn mark_one_by_one(first: i32) -> io::Result<()> {
    for entry in std::fs::read_dir("/proc/self/fd")?.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok());
        if let Some(number) = number.filter(|&number| number >= first) {
            // SAFETY: fcntl with integers; a number that is closed by now is refused.
            unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}

/// The session's keys are the caller's; a container gets a keyring of its own, where there are keyrings.
pub fn own_keyring() {
    const JOIN_SESSION_KEYRING: libc::c_long = 1;
    // SAFETY: a null name asks for an anonymous keyring.
    unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
}
