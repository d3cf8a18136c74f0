//! Paths of a container, resolved inside its root: no symlink, `..` or magic link of the image leads out of it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat2, readlinkat};
use rustix::io::Errno;

use crate::error::{KernelError, Result, Step};

const INSIDE: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);

/// As many as the kernel follows in one path.
const MOST_LINKS: u32 = 40;

/// Opens what is there.
pub fn open(root: impl AsFd, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    openat2(root, relative(path), flags | OFlags::CLOEXEC, Mode::empty(), INSIDE).map_err(io::Error::from)
}

/// Opens a directory as a handle, making what is missing of it with mode 0755, also where a dangling symlink points to.
pub fn make_directory(root: impl AsFd, path: &str) -> Result<OwnedFd> {
    let root = root.as_fd();
    if let Ok(found) = open(root, path, OFlags::PATH | OFlags::DIRECTORY) {
        return Ok(found);
    }
    make_missing(root, path, MOST_LINKS)?;
    open(root, path, OFlags::PATH | OFlags::DIRECTORY).step(|| format!("open the directory `{path}` in the container"))
}

fn make_missing(root: BorrowedFd<'_>, path: &str, links_left: u32) -> Result<()> {
    let mut made = String::new();
    for part in parts(path) {
        let path = format!("{made}/{part}");
        let parent = std::mem::replace(&mut made, path);
        let step = || format!("create the directory `{made}` in the container");
        if let Some(link) = make_one(root, &made).step(step)? {
            if links_left == 0 {
                return Err(KernelError::new(step(), io::Error::from(Errno::LOOP)));
            }
            make_missing(root, &behind_link(&parent, &link), links_left - 1)?;
        }
    }
    Ok(())
}

/// Opens a file as a handle, making an empty one where nothing is, also where a dangling symlink points to.
pub fn make_file(root: impl AsFd, path: &str) -> Result<OwnedFd> {
    let root = root.as_fd();
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(found) = open(root, &path, OFlags::PATH) {
            return Ok(found);
        }
        let (parent, name) = split(&path)?;
        let directory = make_directory(root, parent)?;
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        let step = || format!("create the file `{path}` in the container");
        match openat2(&directory, name, flags, Mode::from_raw_mode(0o644), INSIDE) {
            Ok(_) => return open(root, &path, OFlags::PATH).step(step),
            Err(Errno::EXIST) => {
                let link = readlinkat(&directory, name, Vec::new()).step(step)?;
                path = behind_link(parent, &link.to_string_lossy());
            }
            Err(error) => return Err(KernelError::new(step(), error)),
        }
    }
    Err(KernelError::new(format!("create the file `{path}` in the container"), io::Error::from(Errno::LOOP)))
}

fn behind_link(parent: &str, link: &str) -> String {
    if link.starts_with('/') { link.to_owned() } else { format!("{parent}/{link}") }
}

/// The parent and the last name of a path; the root itself has none.
pub fn split(path: &str) -> Result<(&str, &str)> {
    let trimmed = path.trim_end_matches('/');
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    if name.is_empty() || name == ".." || name == "." {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "it has no last name");
        return Err(KernelError::new(format!("use the path `{path}`"), cause));
    }
    Ok((if parent.is_empty() { "/" } else { parent }, name))
}

/// Makes one directory in its parent, which is there. Where a dangling symlink stands, the answer is what it points to.
fn make_one(root: BorrowedFd<'_>, path: &str) -> io::Result<Option<String>> {
    if open(root, path, OFlags::PATH | OFlags::DIRECTORY).is_ok() {
        return Ok(None);
    }
    let (parent, name) = split(path).map_err(|error| error.cause)?;
    let directory = open(root, parent, OFlags::PATH | OFlags::DIRECTORY)?;
    match mkdirat(&directory, name, Mode::from_raw_mode(0o755)) {
        Ok(()) => Ok(None),
        Err(Errno::EXIST) => match readlinkat(&directory, name, Vec::new()) {
            Ok(link) => Ok(Some(link.to_string_lossy().into_owned())),
            Err(_) => Err(io::Error::from(Errno::NOTDIR)),
        },
        Err(error) => Err(error.into()),
    }
}

fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str().unwrap_or_default()),
            Component::ParentDir => {
                parts.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    parts
}

/// openat2 with an empty path needs another flag; `.` means the same.
fn relative(path: &str) -> &str {
    let trimmed = path.trim_start_matches('/');
    if trimmed.is_empty() { "." } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn handle(path: &Path) -> OwnedFd {
        rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).expect("opens")
    }

    #[test]
    fn nothing_of_the_image_leads_out_of_its_root() {
        let outside = tempfile::tempdir().expect("a directory");
        let image = outside.path().join("root");
        fs::create_dir(&image).expect("made");
        symlink("/", image.join("up")).expect("made");
        symlink("../../..", image.join("dots")).expect("made");
        for path in ["/up/made", "/dots/made", "/../made", "made"] {
            make_directory(handle(&image), path).expect("made inside");
            assert!(image.join("made").is_dir(), "{path} ended inside");
            fs::remove_dir(image.join("made")).expect("removed");
        }
    }

    #[test]
    fn what_a_dangling_link_points_to_is_made_inside() {
        let image = tempfile::tempdir().expect("a directory");
        symlink("/run/deep", image.path().join("run-link")).expect("made");
        symlink("run-link/lock", image.path().join("lock")).expect("made");
        symlink("endless", image.path().join("endless")).expect("made");
        make_directory(handle(image.path()), "/lock/one").expect("made");
        assert!(image.path().join("run/deep/lock/one").is_dir());
        assert!(make_directory(handle(image.path()), "/endless/one").is_err());
        fs::write(image.path().join("file"), "").expect("written");
        assert!(make_directory(handle(image.path()), "/file/one").is_err());
    }

    #[test]
    fn a_dangling_link_leads_to_the_file_that_is_made() {
        let image = tempfile::tempdir().expect("a directory");
        fs::create_dir(image.path().join("etc")).expect("made");
        symlink("../run/stub/resolv.conf", image.path().join("etc/resolv.conf")).expect("made");
        make_file(handle(image.path()), "/etc/resolv.conf").expect("made");
        assert!(fs::metadata(image.path().join("run/stub/resolv.conf")).expect("there").is_file());
        symlink("endless", image.path().join("endless")).expect("made");
        assert!(make_file(handle(image.path()), "/endless").is_err());
    }
}
