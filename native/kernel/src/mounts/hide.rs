//! Paths of a container that can't be seen or can't be written to: parts of /proc and /sys that belong to the machine.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, OFlags, fstat};
use rustix::mount::{MountAttrFlags, OpenTreeFlags, open_tree};

use super::{Attributes, Recursion, attach, clone_of_handle, filesystem, set_attributes};
use crate::error::{Result, Step};
use crate::{null_device, root};

const MOUNT_ATTR_RDONLY: u64 = 0x1;

/// Covers files with /dev/null and directories with an empty one. What is not there needs no cover.
pub fn masked(root: BorrowedFd<'_>, paths: &[String]) -> Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    let null = null_device::open(root, OFlags::PATH)?;
    let mut empty: Option<OwnedFd> = None;
    for path in paths {
        let step = || format!("hide \"{path}\"");
        let Some(target) = open(root, path).step(step)? else { continue };
        let kind = FileType::from_raw_mode(fstat(&target).step(step)?.st_mode);
        if kind != FileType::Directory {
            attach(clone_of_handle(&null, Recursion::Single).step(step)?, target.as_fd()).step(step)?;
            continue;
        }
        // One empty directory for all; a copy can be made of it when it is attached.
        let cover = match &empty {
            Some(cover) => clone_of_handle(cover, Recursion::Single).step(step)?,
            None => nothing()?,
        };
        attach(&cover, target.as_fd()).step(step)?;
        empty.get_or_insert(cover);
    }
    Ok(())
}

/// Mounts what is there over itself without the right to write, with everything mounted below.
pub fn read_only(root: BorrowedFd<'_>, paths: &[String]) -> Result<()> {
    for path in paths {
        let step = || format!("make \"{path}\" read-only");
        let Some(target) = open(root, path).step(step)? else { continue };
        let copy = clone_whole(&target).step(step)?;
        let attributes = Attributes { set: MOUNT_ATTR_RDONLY, ..Attributes::default() };
        set_attributes(&copy, attributes, Recursion::Whole).step(step)?;
        attach(copy, target.as_fd()).step(step)?;
    }
    Ok(())
}

fn open(root: BorrowedFd<'_>, path: &str) -> io::Result<Option<OwnedFd>> {
    match root::open(root, path, OFlags::PATH) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A directory with room for nothing.
fn nothing() -> Result<OwnedFd> {
    let flags = MountAttrFlags::MOUNT_ATTR_RDONLY
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    filesystem("tmpfs", &[("nr_blocks", Some("1")), ("nr_inodes", Some("1"))], flags)
}

fn clone_whole(target: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH
        | OpenTreeFlags::AT_RECURSIVE;
    open_tree(target, "", flags).map_err(io::Error::from)
}
