//! What a bind of somebody else's document does to the attributes of its source, as runc has it: once one is spoken of, those
//! that are not are cleared. For a container with users of its own, what the host has set is locked.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{StatVfsMountFlags, fstatvfs};

use super::options::{ATIME, NOATIME, NODIRATIME, Options, READ_ONLY, STRICTATIME};
use super::{Attributes, Recursion, set_attributes};
use crate::error::{KernelError, Result};
use crate::oci::OciMount;

const NOSUID: u64 = 0x2;
const NODEV: u64 = 0x4;
const NOEXEC: u64 = 0x8;
const NOSYMFOLLOW: u64 = 0x20_0000;
/// What only the host's root may clear where it has set it.
const LOCKABLE: u64 = READ_ONLY | NOSUID | NODEV | NOEXEC;
const PLAIN: u64 = LOCKABLE | NOSYMFOLLOW;
/// The modes of access times, and whether directories have any. They are one: who asks for a part asks for the whole.
const TIMES: u64 = ATIME | NODIRATIME;

/// Gives a detached copy the attributes that the mount asks for.
pub fn apply(tree: &OwnedFd, mount: &OciMount, parsed: &Options<'_>, is_locked: bool) -> Result<()> {
    let set = |attributes| set_attributes(tree, attributes, Recursion::Single);
    let result = wanted(tree, mount, parsed.attributes, is_locked).and_then(|wanted| wanted.map_or(Ok(()), set));
    // In runc's words: people and tools look for them.
    result.map_err(|cause| {
        let places = format!("error mounting \"{}\" to rootfs at \"{}\"", mount.source, mount.destination);
        KernelError::new(format!("error during container init: {places}"), cause)
    })
}

fn wanted(tree: &OwnedFd, mount: &OciMount, asked: Attributes, is_locked: bool) -> io::Result<Option<Attributes>> {
    if asked.set == 0 && asked.clear == 0 {
        return Ok(None);
    }
    let found = found(tree)?;
    let kept = if is_locked { found & LOCKABLE } else { 0 };
    let times = asks_for_times(mount).then_some(asked.set & TIMES);
    if kept & asked.clear & !asked.set != 0 || is_locked && times.is_some_and(|times| times != found & TIMES) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "operation not permitted"));
    }
    let clear = PLAIN | times.map_or(0, |_| TIMES);
    Ok(Some(Attributes { set: asked.set & PLAIN | kept | times.unwrap_or(0), clear, propagation: 0 }))
}

/// Words that only take something away leave access times as they are, as mount(8) does.
fn asks_for_times(mount: &OciMount) -> bool {
    const ASKING: [&str; 4] = ["noatime", "nodiratime", "relatime", "strictatime"];
    mount.options.iter().any(|option| ASKING.contains(&option.as_str()))
}

fn found(tree: &OwnedFd) -> io::Result<u64> {
    let flags = fstatvfs(tree)?.f_flag;
    let table = [
        (StatVfsMountFlags::RDONLY, READ_ONLY),
        (StatVfsMountFlags::NOSUID, NOSUID),
        (StatVfsMountFlags::NODEV, NODEV),
        (StatVfsMountFlags::NOEXEC, NOEXEC),
        (StatVfsMountFlags::NODIRATIME, NODIRATIME),
        (StatVfsMountFlags::NOATIME, NOATIME),
    ];
    let all = table.iter().filter(|(flag, _)| flags.contains(*flag)).fold(0, |all, (_, attribute)| all | attribute);
    let is_strict = !flags.intersects(StatVfsMountFlags::NOATIME | StatVfsMountFlags::RELATIME);
    Ok(if is_strict { all | STRICTATIME } else { all })
}
