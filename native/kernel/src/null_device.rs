//! The null device of a container. Whoever owns its node may change that for all who use it: a container is never handed the machine's.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, fchmod, fstat, makedev, mknodat, openat};
use rustix::mount::MountAttrFlags;

use crate::error::{KernelError, Result, Step};
use crate::mounts::filesystem;
use crate::root;

/// Opens it below the container's root. An image, a mount or the container itself could have put anything in its place: it must really be it.
pub fn open(root: BorrowedFd<'_>, flags: OFlags) -> Result<OwnedFd> {
    let step = || "open the container's \"/dev/null\"";
    let null = root::open(root, "/dev/null", flags | OFlags::NOFOLLOW).step(step)?;
    if is_one(&null).step(step)? {
        return Ok(null);
    }
    Err(KernelError::new(step(), io::Error::other("it is not the null device")))
}

/// A node that nobody else has, in a file system that nobody else sees: for what is handed to another runtime, which may give it to the container's
/// user.
pub fn private() -> Result<OwnedFd> {
    let step = || "make a null device";
    let place = filesystem("tmpfs", &[("nr_inodes", Some("2"))], MountAttrFlags::MOUNT_ATTR_NOEXEC)?;
    let mode = Mode::from_raw_mode(0o666);
    mknodat(&place, "null", FileType::CharacterDevice, mode, makedev(1, 3)).step(step)?;
    let null = openat(&place, "null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step(step)?;
    // Whatever our umask has taken away.
    fchmod(&null, mode).step(step)?;
    Ok(null)
}

/// Whether that is the null device, whoever's node it is.
pub fn is_one(descriptor: impl AsFd) -> io::Result<bool> {
    let found = fstat(descriptor)?;
    Ok(FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice && found.st_rdev == makedev(1, 3))
}
