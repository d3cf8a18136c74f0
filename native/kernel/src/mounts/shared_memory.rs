//! /dev/shm of another container: part of what containers share that share their IPC. It is taken out of the other's mount
//! namespace, where the host's paths mean nothing, and whatever lies at its place there must really be a tmpfs.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstatfs, openat2};
use rustix::process::{chroot, fchdir};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

use super::{Attributes, Recursion, clone_of_handle, set_attributes};
use crate::error::{KernelError, Result, Step};

/// The kind of mount that names the other's mount namespace as its source.
pub const KIND: &str = "shared-memory";

const TMPFS: i64 = 0x0102_1994;
const NOSUID_NODEV_NOEXEC: u64 = 0x2 | 0x4 | 0x8;

/// A detached copy of the mount, made in the namespace at `path`; the caller is back in its own afterwards.
pub fn open(path: &Path) -> Result<OwnedFd> {
    let step = || format!("enter the mount namespace \"{}\"", path.display());
    let other = File::open(path).step(step).map_err(|error| error.code("container-not-running"))?;
    let own = File::open("/proc/self/ns/mnt").step(|| "open \"/proc/self/ns/mnt\"")?;
    let root = File::open("/").step(|| "open the root")?;
    let directory = File::open(".").step(|| "open the current directory")?;
    enter(other.as_fd()).step(step)?;
    let taken = take();
    enter(own.as_fd()).step(|| "return to the container's mount namespace")?;
    // Joining a mount namespace also leads to its root, which need not be the caller's.
    fchdir(&root).and_then(|()| chroot(".")).step(|| "return to the root")?;
    fchdir(&directory).step(|| "return to the current directory")?;
    taken
}

fn take() -> Result<OwnedFd> {
    let step = || "share \"/dev/shm\" of the other container";
    let how = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let found = openat2(CWD, "/dev/shm", flags, Mode::empty(), how).step(step)?;
    if fstatfs(&found).step(step)?.f_type != TMPFS {
        return Err(KernelError::new(step(), io::Error::other("it is not a tmpfs")));
    }
    let tree = clone_of_handle(found.as_fd(), Recursion::Single).step(step)?;
    let quiet = Attributes { set: NOSUID_NODEV_NOEXEC, ..Attributes::default() };
    set_attributes(&tree, quiet, Recursion::Single).step(step)?;
    Ok(tree)
}

fn enter(namespace: BorrowedFd<'_>) -> io::Result<()> {
    Ok(move_into_thread_name_spaces(namespace, ThreadNameSpaceType::MOUNT)?)
}
