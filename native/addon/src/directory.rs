//! What a file system is told of a directory.

use std::os::fd::AsFd;

use kernel::error::{Result, Step};
use napi_derive::napi;
use rustix::fs::{IFlags, Mode, OFlags, ioctl_getflags, ioctl_setflags, open};

use crate::error::crossing;

/// Tells the file system that what is in the subdirectories of `path` belongs together and each of them by itself, as chattr(1) does with `+T`:
/// ext4 then puts each into a block group of its own. A group in which thousands of files have been deleted within the last minutes is searched for a
/// place that was not used so lately, for each new file anew, and that can take half of a start. Other file systems may not know the word.
#[napi]
pub fn spread_subdirectories(path: String) -> napi::Result<()> {
    mark(&path).map_err(|error| crossing(&error))
}

fn mark(path: &str) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = open(path, flags, Mode::empty()).step(|| format!("open `{path}`"))?;
    let directory = directory.as_fd();
    let _ = ioctl_getflags(directory).and_then(|now| ioctl_setflags(directory, now | IFlags::TOPDIR));
    Ok(())
}
