//! Fills an empty volume from what the image has at its place: content, owners, modes, times, extended attributes, hard
//! links; and the directory's own owner and mode, as Docker does at a named volume's first use.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid, XattrFlags, chownat,
    fchmod, fchown, fgetxattr, flistxattr, flock, fremovexattr, fsetxattr, futimens, linkat, mkdirat, mknodat, openat,
    readlinkat, statat, symlinkat, utimensat,
};

use rustix::io::Errno;

use crate::error::{Result, Step};
use crate::tar::remove::remove_tree;

/// Copies below `source` (a directory of the container) into `destination` when that is empty.
/// Where the image has nothing there, nothing happens.
pub fn fill(source: BorrowedFd<'_>, destination: BorrowedFd<'_>) -> Result<()> {
    let step = || "fill the volume from the image";
    // Two containers may start with the same new volume.
    flock(destination, FlockOperation::LockExclusive).step(step)?;
    let outcome = fill_locked(source, destination).step(step);
    let _ = flock(destination, FlockOperation::Unlock);
    outcome
}

/// A copy that was cut off has left its mark, and is begun again from nothing.
fn fill_locked(source: BorrowedFd<'_>, destination: BorrowedFd<'_>) -> io::Result<()> {
    if is_marked(destination) {
        empty(destination)?;
    } else if !is_empty(destination)? {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let source = openat(source, c".", flags, Mode::empty())?;
    mark(destination)?;
    Copy { links: HashMap::new() }.directory(source.as_fd(), destination)?;
    unmark(destination)
}

/// Only root can set or see it, and nothing copies it.
const MARK: &CStr = c"trusted.tscompose.filling";

fn is_marked(directory: BorrowedFd<'_>) -> bool {
    fgetxattr(directory, MARK, &mut [0u8; 8][..]).is_ok()
}

/// A file system without such attributes keeps no mark; there a copy that is cut off stays as it is.
fn mark(directory: BorrowedFd<'_>) -> io::Result<()> {
    match fsetxattr(directory, MARK, b"1", XattrFlags::empty()) {
        Ok(()) | Err(Errno::NOTSUP | Errno::PERM) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn unmark(directory: BorrowedFd<'_>) -> io::Result<()> {
    match fremovexattr(directory, MARK) {
        Ok(()) | Err(Errno::NOTSUP | Errno::PERM | Errno::NODATA) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn empty(directory: BorrowedFd<'_>) -> io::Result<()> {
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            remove_tree(directory, &entry.file_name().to_owned())?;
        }
    }
    Ok(())
}

fn is_empty(directory: BorrowedFd<'_>) -> io::Result<bool> {
    for entry in Dir::read_from(directory)? {
        if !matches!(entry?.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Remembers where a file with several names was copied to first, relative to nothing: by descriptor and name.
struct Copy {
    links: HashMap<(u64, u64), (OwnedFd, CString)>,
}

impl Copy {
    fn directory(&mut self, source: BorrowedFd<'_>, target: BorrowedFd<'_>) -> io::Result<()> {
        for entry in Dir::read_from(source)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                self.entry(source, target, name)?;
            }
        }
        let status = rustix::fs::fstat(source)?;
        attributes(source, target)?;
        fchown(target, owner(&status), group(&status))?;
        fchmod(target, Mode::from_raw_mode(status.st_mode))?;
        Ok(futimens(target, &times(&status))?)
    }

    fn entry(&mut self, source: BorrowedFd<'_>, target: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
        let status = statat(source, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => {
                mkdirat(target, name, Mode::RWXU)?;
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let (from, to) =
                    (openat(source, name, flags, Mode::empty())?, openat(target, name, flags, Mode::empty())?);
                self.directory(from.as_fd(), to.as_fd())
            }
            kind => {
                if let Some((directory, first)) = self.links.get(&(status.st_dev, status.st_ino)) {
                    return Ok(linkat(directory, first, target, name, AtFlags::empty())?);
                }
                node(source, target, name, (kind, &status))?;
                if status.st_nlink > 1 {
                    let place = (rustix::io::fcntl_dupfd_cloexec(target, 0)?, name.to_owned());
                    self.links.insert((status.st_dev, status.st_ino), place);
                }
                Ok(())
            }
        }
    }
}

fn node(
    source: BorrowedFd<'_>,
    target: BorrowedFd<'_>,
    name: &CStr,
    (kind, status): (FileType, &Stat),
) -> io::Result<()> {
    match kind {
        FileType::RegularFile => return regular(source, target, name, status),
        FileType::Symlink => symlinkat(readlinkat(source, name, Vec::new())?.as_c_str(), target, name)?,
        _ => mknodat(target, name, kind, Mode::from_raw_mode(status.st_mode), status.st_rdev)?,
    }
    chownat(target, name, Some(owner_id(status)), Some(group_id(status)), AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(utimensat(target, name, &times(status), AtFlags::SYMLINK_NOFOLLOW)?)
}

fn regular(source: BorrowedFd<'_>, target: BorrowedFd<'_>, name: &CStr, status: &Stat) -> io::Result<()> {
    let from = openat(source, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let to = openat(target, name, flags, Mode::from_raw_mode(0o600))?;
    // Within the kernel: copy_file_range or sendfile, whatever the two file systems can.
    io::copy(&mut File::from(from.try_clone()?), &mut File::from(to.try_clone()?))?;
    fchown(&to, owner(status), group(status))?;
    // After the owner, because changing it clears the set-user-id bits and the capabilities.
    fchmod(&to, Mode::from_raw_mode(status.st_mode))?;
    attributes(from.as_fd(), to.as_fd())?;
    Ok(futimens(&to, &times(status))?)
}

/// Extended attributes, without overlayfs's own.
fn attributes(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
    let mut names = vec![0u8; 64 * 1024];
    let length = match flistxattr(from, &mut names[..]) {
        Ok(length) => length,
        Err(Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in
        names[..length].split_inclusive(|&byte| byte == 0).filter_map(|name| CStr::from_bytes_with_nul(name).ok())
    {
        if name.to_bytes().starts_with(b"trusted.overlay.") || name == MARK {
            continue;
        }
        let mut value = vec![0u8; 64 * 1024];
        let size = fgetxattr(from, name, &mut value[..])?;
        fsetxattr(to, name, &value[..size], XattrFlags::empty())?;
    }
    Ok(())
}

fn owner_id(status: &Stat) -> Uid {
    Uid::from_raw(status.st_uid)
}

fn group_id(status: &Stat) -> Gid {
    Gid::from_raw(status.st_gid)
}

fn owner(status: &Stat) -> Option<Uid> {
    Some(owner_id(status))
}

fn group(status: &Stat) -> Option<Gid> {
    Some(group_id(status))
}

#[allow(clippy::cast_possible_wrap)]
fn times(status: &Stat) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: status.st_atime, tv_nsec: status.st_atime_nsec as i64 },
        last_modification: Timespec { tv_sec: status.st_mtime, tv_nsec: status.st_mtime_nsec as i64 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    fn image() -> tempfile::TempDir {
        let image = tempfile::tempdir().expect("a directory");
        let at = |name: &str| image.path().join(name);
        fs::create_dir(at("sub")).expect("made");
        fs::write(at("sub/file"), "content").expect("written");
        fs::set_permissions(at("sub/file"), fs::Permissions::from_mode(0o4755)).expect("set");
        fs::hard_link(at("sub/file"), at("twin")).expect("linked");
        symlink("/nowhere", at("link")).expect("linked");
        fs::set_permissions(image.path(), fs::Permissions::from_mode(0o1770)).expect("set");
        image
    }

    #[test]
    fn everything_comes_over_as_it_is() {
        let (image, volume) = (image(), tempfile::tempdir().expect("a directory"));
        fill(File::open(image.path()).expect("opens").as_fd(), File::open(volume.path()).expect("opens").as_fd())
            .expect("filled");
        let at = |name: &str| volume.path().join(name);
        assert_eq!(fs::read_to_string(at("twin")).expect("there"), "content");
        let (file, twin) = (fs::metadata(at("sub/file")).expect("there"), fs::metadata(at("twin")).expect("there"));
        assert_eq!((file.ino(), file.mode() & 0o7777), (twin.ino(), 0o4755));
        assert_eq!(file.mtime_nsec(), fs::metadata(image.path().join("twin")).expect("there").mtime_nsec());
        assert_eq!(fs::read_link(at("link")).expect("a link"), Path::new("/nowhere"));
        assert_eq!(fs::metadata(volume.path()).expect("there").mode() & 0o7777, 0o1770);
    }

    #[test]
    fn a_copy_that_was_cut_off_is_begun_again() {
        let (image, volume) = (image(), tempfile::tempdir().expect("a directory"));
        fs::create_dir_all(volume.path().join("half/made")).expect("made");
        let destination = File::open(volume.path()).expect("opens");
        mark(destination.as_fd()).expect("marked");
        if !is_marked(destination.as_fd()) {
            return println!("skipped: trusted attributes need root and a file system that has them");
        }
        fill(File::open(image.path()).expect("opens").as_fd(), destination.as_fd()).expect("filled");
        assert!(!volume.path().join("half").exists() && volume.path().join("twin").exists());
        assert!(!is_marked(destination.as_fd()));
    }

    #[test]
    fn a_volume_with_content_is_left_alone() {
        let (image, volume) = (image(), tempfile::tempdir().expect("a directory"));
        fs::write(volume.path().join("mine"), "").expect("written");
        fill(File::open(image.path()).expect("opens").as_fd(), File::open(volume.path()).expect("opens").as_fd())
            .expect("nothing to do");
        assert_eq!(fs::read_dir(volume.path()).expect("reads").count(), 1);
    }
}
