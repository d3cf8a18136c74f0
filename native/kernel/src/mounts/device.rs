//! The nodes and links of a container's /dev.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, makedev, mknodat, symlinkat};
use rustix::io::Errno;

use super::attach;
use crate::error::{Result, Step};
use crate::oci::OciDevice;
use crate::root;

const LINKS: [(&str, &str); 5] = [
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("pts/ptmx", "ptmx"),
];

/// Makes every node that is asked for, and the links that programs expect. What is mounted there already stays.
pub fn make_all(root: BorrowedFd<'_>, devices: &[OciDevice]) -> Result<()> {
    let directory = root::make_directory(root, "/dev")?;
    for device in devices {
        make(root, &directory, device)?;
    }
    make_links(root, &directory)
}

/// The same where this process may not make devices: the host's own, taken before, are mounted in their place.
pub fn bind_all(root: BorrowedFd<'_>, devices: &[(String, OwnedFd)]) -> Result<()> {
    let directory = root::make_directory(root, "/dev")?;
    for (path, device) in devices {
        let target = root::make_file(root, path)?;
        attach(device, target.as_fd()).step(|| format!("mount the device \"{path}\""))?;
    }
    make_links(root, &directory)
}

fn make_links(root: BorrowedFd<'_>, directory: &OwnedFd) -> Result<()> {
    // Only where the kernel has it, as elsewhere.
    let core = root::open(root, "/proc/kcore", OFlags::PATH).is_ok().then_some(("/proc/kcore", "core"));
    for (target, name) in LINKS.into_iter().chain(core) {
        match symlinkat(target, directory, name) {
            Err(Errno::EXIST) => {}
            other => other.step(|| format!("make the link \"/dev/{name}\""))?,
        }
    }
    Ok(())
}

fn make(root: BorrowedFd<'_>, dev: &OwnedFd, device: &OciDevice) -> Result<()> {
    let step = || format!("make the device \"{}\"", device.path);
    let (parent, name) = root::split(&device.path)?;
    let made;
    let directory = if parent == "/dev" {
        dev.as_fd()
    } else {
        made = root::make_directory(root, parent)?;
        made.as_fd()
    };
    let kind = match device.kind.as_str() {
        "b" => FileType::BlockDevice,
        "p" => FileType::Fifo,
        _ => FileType::CharacterDevice,
    };
    let mode = Mode::from_raw_mode(device.file_mode.unwrap_or(0o666) & 0o7777);
    match mknodat(directory, name, kind, mode, makedev(device.major, device.minor)) {
        Err(Errno::EXIST) => return Ok(()),
        other => other.step(step)?,
    }
    let (uid, gid) = (device.uid.unwrap_or(0), device.gid.unwrap_or(0));
    if (uid, gid) == (0, 0) {
        return Ok(());
    }
    chownat(directory, name, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)), AtFlags::SYMLINK_NOFOLLOW).step(step)
}
