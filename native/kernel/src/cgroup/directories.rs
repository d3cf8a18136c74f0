//! The directories that are control groups: how they are made with their parents, walked, and removed.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::error::{Result, Step};

/// Visits the group and all that were made inside.
pub fn in_tree(directory: &Path, visit: &mut dyn FnMut(&Path)) {
    visit(directory);
    for inner in made_inside(directory) {
        in_tree(&inner, visit);
    }
}

/// The groups that were made in this one. Most have none, which its number of links tells (`kernfs_refresh_inode`: 2, and one for each): the list
/// of its twenty files need not be read.
fn made_inside(directory: &Path) -> Vec<PathBuf> {
    if fs::metadata(directory).map_or(true, |found| found.nlink() == 2) {
        return Vec::new();
    }
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

/// Makes a group's directory. Another container's end may remove the common parent in between, so it is tried again.
pub fn make_directory(directory: &Path) -> Result<()> {
    let step = || format!("create the control group `{}`", directory.display());
    let make = || {
        directory.parent().map_or(Ok(()), make_parent)?;
        match fs::create_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    };
    for _ in 0..10 {
        match make() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other.step(step),
        }
    }
    make().step(step)
}

/// The mark of a group that was made here for the sake of one inside it, and is to go with the last of them.
const OURS: u32 = 0o1755;

/// Whether the group has that mark.
pub fn is_ours(group: &Path) -> bool {
    fs::metadata(group).is_ok_and(|found| found.mode() & 0o7777 == OURS)
}

/// A parent that somebody has prepared (`cgroup_parent`) stays.
pub fn remove_own_parents(mountpoint: &Path, directory: &Path) {
    let within = |parent: &&Path| *parent != mountpoint && parent.starts_with(mountpoint);
    for parent in directory.ancestors().skip(1).take_while(within) {
        if !is_ours(parent) || fs::remove_dir(parent).is_err() {
            return;
        }
    }
}

fn make_parent(directory: &Path) -> io::Result<()> {
    if directory.exists() {
        return Ok(());
    }
    directory.parent().map_or(Ok(()), make_parent)?;
    match fs::create_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.and_then(|()| fs::set_permissions(directory, Permissions::from_mode(OURS))),
    }
}

/// A group is busy for a moment after its last process has ended.
pub fn remove_tree(directory: &Path) -> Result<()> {
    for inner in made_inside(directory) {
        remove_tree(&inner)?;
    }
    let mut wait = Duration::from_micros(200);
    loop {
        match fs::remove_dir(directory) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) && wait < Duration::from_secs(1) => sleep(wait),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => return other.step(|| format!("remove the control group `{}`", directory.display())),
        }
        wait *= 2;
    }
}
