//! Mounts made by descriptor: a file system or a copy of a tree is prepared detached, then attached to a handle.

mod bind_flags;
pub mod bundle_tree;
pub mod cgroup_view;
mod device;
mod hide;
mod id_map;
pub mod options;
pub mod overlay;
mod place;
mod shared_memory;
mod source;
pub mod subpath;
pub mod tree;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::CWD;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};

use crate::error::{Result, Step};

const AT_RECURSIVE: libc::c_int = 0x8000;

/// A new, detached mount of a file system. `parameters` are its own options: a flag, or a key and value.
pub fn filesystem(kind: &str, parameters: &[(&str, Option<&str>)], attributes: MountAttrFlags) -> Result<OwnedFd> {
    let step = || format!("mount a new `{kind}`");
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC).map_err(io::Error::from).step(step)?;
    for (key, value) in parameters {
        match value {
            Some(value) => fsconfig_set_string(context.as_fd(), *key, *value),
            None => fsconfig_set_flag(context.as_fd(), *key),
        }
        .map_err(|errno| explain(&context, errno.into()))
        .step(|| format!("set `{key}` of a new `{kind}`"))?;
    }
    fsconfig_create(context.as_fd()).map_err(|errno| explain(&context, errno.into())).step(step)?;
    fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes).map_err(io::Error::from).step(step)
}

/// A detached copy of the mount at a path (with everything mounted below, if `recursive`).
pub fn clone_of(source: &Path, recursive: Recursion) -> Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive == Recursion::Whole {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    open_tree(CWD, source, flags).map_err(io::Error::from).step(|| format!("bind `{}`", source.display()))
}

/// A detached copy of what a handle refers to.
pub fn clone_of_handle(handle: impl AsFd, recursive: Recursion) -> io::Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    if recursive == Recursion::Whole {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    open_tree(handle, "", flags).map_err(io::Error::from)
}

/// Whether what is mounted below counts too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Recursion {
    #[default]
    Single,
    Whole,
}

/// What mount_setattr(2) changes of a detached mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `MOUNT_ATTR_*` to set.
    pub set: u64,
    /// `MOUNT_ATTR_*` to clear.
    pub clear: u64,
    /// `MS_PRIVATE`, `MS_SLAVE`, `MS_SHARED` or `MS_UNBINDABLE`; 0 leaves it.
    pub propagation: u64,
}

/// Changes attributes of a detached or attached mount (mount_setattr(2), Linux 5.12).
pub fn set_attributes(mount: impl AsFd, attributes: Attributes, recursive: Recursion) -> io::Result<()> {
    change(mount, attributes, 0, recursive)
}

/// struct mount_attr of linux/mount.h, version 0; its last field is the descriptor of a user namespace.
fn change(mount: impl AsFd, attributes: Attributes, users: u64, recursive: Recursion) -> io::Result<()> {
    let structure = [attributes.set, attributes.clear, attributes.propagation, users];
    let flags = libc::AT_EMPTY_PATH | if recursive == Recursion::Whole { AT_RECURSIVE } else { 0 };
    // SAFETY: an empty path with AT_EMPTY_PATH, and a structure of the length that is passed.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            flags,
            structure.as_ptr(),
            size_of_val(&structure),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Attaches a detached mount on top of what a handle refers to.
pub fn attach(mount: impl AsFd, target: BorrowedFd<'_>) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount.as_fd(), "", target, "", flags).map_err(io::Error::from)
}

/// The file system's own words about its refusal (read from the context), which say more than the errno.
fn explain(context: &OwnedFd, error: io::Error) -> io::Error {
    let mut message = [0u8; 512];
    match rustix::io::read(context, &mut message) {
        Ok(length) if length > 2 => {
            let text = String::from_utf8_lossy(&message[2..length]);
            io::Error::new(error.kind(), format!("{error} ({})", text.trim_end()))
        }
        _ => error,
    }
}
