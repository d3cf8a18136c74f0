//! Removes a whole tree by descriptors: never follows a link, and needs no more descriptors for deeper trees.

use crate::error::{Result, Step};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

const OPEN_DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes `path` and all below it. Done when it is gone already.
pub fn remove_path(path: &Path) -> Result<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let name = CString::new(name.as_encoded_bytes()).map_err(std::io::Error::from).step(|| "remove a tree")?;
    match rustix::fs::open(parent, OPEN_DIRECTORY & !OFlags::NOFOLLOW, Mode::empty()) {
        Ok(parent) => remove_tree(&parent, &name).step(|| format!("remove `{}`", path.display())),
        Err(Errno::NOENT) => Ok(()),
        Err(cause) => Err(cause).step(|| format!("open `{}`", parent.display())),
    }
}

/// Removes the entry `name` of `parent`, whatever it is.
pub fn remove_tree(parent: impl AsFd, name: &CString) -> rustix::io::Result<()> {
    let parent = parent.as_fd();
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(cause) => return Err(cause),
    }
    if rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR) == Ok(()) {
        return Ok(());
    }
    let tree = open_directory(parent, name)?;
    let mut moved = 0;
    // Each round takes one level away: directories two levels down move up to the first.
    loop {
        let directories = clear_files(&tree)?;
        if directories.is_empty() {
            return rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR);
        }
        for directory in directories {
            remove_level(&tree, &directory, &mut moved)?;
        }
    }
}

fn remove_level(tree: &OwnedFd, name: &CString, moved: &mut u64) -> rustix::io::Result<()> {
    if rustix::fs::unlinkat(tree, name, AtFlags::REMOVEDIR) == Ok(()) {
        return Ok(());
    }
    let level = open_directory(tree.as_fd(), name)?;
    for child in clear_files(&level)? {
        loop {
            *moved += 1;
            match rustix::fs::renameat_with(&level, &child, tree, format!(".removed-{moved}"), RenameFlags::NOREPLACE) {
                Err(Errno::EXIST) => {}
                result => break result?,
            }
        }
    }
    rustix::fs::unlinkat(tree, name, AtFlags::REMOVEDIR)
}

fn open_directory(parent: impl AsFd, name: &CString) -> rustix::io::Result<OwnedFd> {
    let directory = rustix::fs::openat(parent, name, OPEN_DIRECTORY, Mode::empty())?;
    // An owner who is not root may have taken the right to change it away.
    let _ = rustix::fs::fchmod(&directory, Mode::RWXU);
    Ok(directory)
}

/// Unlinks all that is no directory and returns the names of those that are.
fn clear_files(directory: &OwnedFd) -> rustix::io::Result<Vec<CString>> {
    let mut directories = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            directories.push(name.to_owned());
            continue;
        }
        match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            // File systems that don't tell the type.
            Err(Errno::ISDIR | Errno::PERM) if entry.file_type() == FileType::Unknown => {
                directories.push(name.to_owned())
            }
            Err(cause) => return Err(cause),
        }
    }
    Ok(directories)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_in_the_tree_is_removed_and_not_followed() {
        let base = tempfile::tempdir().unwrap();
        let kept = base.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        std::fs::write(kept.join("file"), "x").unwrap();
        let tree = base.path().join("tree");
        std::fs::create_dir_all(tree.join("a/b")).unwrap();
        symlink(&kept, tree.join("a/b/link")).unwrap();
        remove_path(&tree).unwrap();
        assert!(!tree.exists());
        assert!(kept.join("file").exists());
        remove_path(&tree).unwrap();
    }

    #[test]
    fn a_tree_deeper_than_any_path_may_be_long_goes() {
        let base = tempfile::tempdir().unwrap();
        let mut at = rustix::fs::open(base.path(), OPEN_DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "deep", Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "deep", OPEN_DIRECTORY, Mode::empty()).unwrap();
        }
        remove_path(&base.path().join("deep")).unwrap();
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    }
}
