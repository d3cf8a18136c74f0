//! Whether this process lives in a chroot: a root that is not its mount namespace's own. pivot_root(2) is
//! about the namespace's root: what lies outside the chroot would stay below that of a container if it were not left before.

use std::io;
use std::os::fd::AsFd;
use std::thread;

use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, statx};
use rustix::process::{PidfdFlags, getpid, pidfd_open};

use crate::error::{KernelError, Result, Step};
use crate::sandbox::enter_namespace;

/// Asks the kernel: a thread that enters the mount namespace it is already in comes to the root of that. Needs root.
pub fn is_chrooted() -> Result<bool> {
    let asked = thread::spawn(|| {
        let before = root()?;
        return_to_root_of_namespace()?;
        Ok(!is_same(&before, &root()?))
    });
    asked.join().unwrap_or_else(|_| Err(KernelError::new("look for the root", io::ErrorKind::Other)))
}

/// Only this thread moves: it stops sharing its root with the others before.
fn return_to_root_of_namespace() -> Result<()> {
    let step = || "look for the root of the mount namespace";
    // SAFETY: unshare takes an integer; the flag has to do with neither memory nor descriptors.
    if unsafe { libc::unshare(libc::CLONE_FS) } != 0 {
        return Err(KernelError::new(step(), io::Error::last_os_error()));
    }
    let own = pidfd_open(getpid(), PidfdFlags::empty()).step(step)?;
    enter_namespace(own.as_fd(), libc::CLONE_NEWNS).step(step)
}

fn root() -> Result<Statx> {
    statx(CWD, "/", AtFlags::NO_AUTOMOUNT, StatxFlags::INO | StatxFlags::MNT_ID).step(|| "look at \"/\"")
}

fn is_same(one: &Statx, other: &Statx) -> bool {
    (one.stx_mnt_id, one.stx_ino, one.stx_dev_major, one.stx_dev_minor)
        == (other.stx_mnt_id, other.stx_ino, other.stx_dev_major, other.stx_dev_minor)
}
