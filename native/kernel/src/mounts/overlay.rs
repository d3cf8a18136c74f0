//! The container's root file system: an overlay of the image's layers and the container's own directory. And one of a directory
//! of the host's that nobody can write to.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_string, fsmount, fsopen};

use super::explain;
use crate::error::{KernelError, Result, Step};
use crate::spec::Rootfs;

/// Mounts it, detached. The upper and work directories are made when they are missing.
pub fn mount(rootfs: &Rootfs) -> Result<OwnedFd> {
    for directory in [&rootfs.upper, &rootfs.work] {
        fs::create_dir_all(directory).step(|| format!("create `{}`", directory.display()))?;
    }
    let context = open()?;
    set_layers(&context, &rootfs.layers)?;
    // What a container has changed can be read from its own layer alone, whatever this kernel's defaults.
    for option in ["redirect_dir", "metacopy"] {
        set(&context, option, "off".as_ref())?;
    }
    for (key, directory) in [("upperdir", &rootfs.upper), ("workdir", &rootfs.work)] {
        set(&context, key, directory.as_os_str())?;
    }
    make(&context, MountAttrFlags::empty())
}

/// A directory as it is, detached. With nothing above it there is nowhere to write to, whatever rights over mounts somebody has
/// who gets hold of a file in it.
pub fn sealed(directory: &Path) -> Result<OwnedFd> {
    let context = open()?;
    // There must be two, neither of which lies in the other; nobody looks for anything in the second.
    set_layers(&context, &[directory.to_owned(), PathBuf::from("/dev")])?;
    make(&context, MountAttrFlags::MOUNT_ATTR_RDONLY | MountAttrFlags::MOUNT_ATTR_NOSUID)
}

fn step() -> String {
    "mount the container's overlayfs".to_owned()
}

fn open() -> Result<OwnedFd> {
    fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC).map_err(io::Error::from).step(step).map_err(lacks)
}

fn make(context: &OwnedFd, attributes: MountAttrFlags) -> Result<OwnedFd> {
    fsconfig_create(context.as_fd()).map_err(|errno| explain(context, errno.into())).step(step)?;
    fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes).map_err(io::Error::from).step(step)
}

/// `lowerdir+` takes one layer at a time and any number of them (Linux 6.8); before it all stand in one string.
fn set_layers(context: &OwnedFd, layers: &[PathBuf]) -> Result<()> {
    let Some((first, others)) = layers.split_first() else {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "the image has no layer");
        return Err(KernelError::new(step(), cause));
    };
    if fsconfig_set_string(context.as_fd(), "lowerdir+", first.as_os_str()).is_ok() {
        return others.iter().try_for_each(|layer| set(context, "lowerdir+", layer.as_os_str()));
    }
    let joined = layers.iter().map(|layer| escaped(&layer.to_string_lossy())).collect::<Vec<_>>().join(":");
    set(context, "lowerdir", joined.as_ref())
}

fn set(context: &OwnedFd, key: &str, value: &std::ffi::OsStr) -> Result<()> {
    fsconfig_set_string(context.as_fd(), key, value)
        .map_err(|errno| explain(context, errno.into()))
        .step(|| format!("set {key} of the container's overlayfs to `{}`", value.to_string_lossy()))
}

/// In the one string, colons and backslashes of a path are escaped.
fn escaped(path: &str) -> String {
    path.replace('\\', "\\\\").replace(':', "\\:")
}

fn lacks(error: KernelError) -> KernelError {
    error.code("kernel-lacks").hint("the native runtime needs a kernel with overlayfs (CONFIG_OVERLAY_FS)")
}
