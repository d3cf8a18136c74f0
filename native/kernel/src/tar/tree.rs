//! The directory an archive is unpacked into. Every name is resolved below it, with the kernel treating it as the root:
//! links of the archive, absolute or not, can't lead out. Directories in use stay open.

use super::archive::shown;
use super::header::malformed;
use crate::error::{KernelError, Result, Step};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// The kernel takes no longer path; a longer one could never be used in the container either.
pub const MAX_NAME: usize = 4095;
const MAX_COMPONENT: usize = 255;
const MAX_LINKS: usize = 40;
const MAX_OPEN: usize = 128;
const AGAIN_TIMES: usize = 64;
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open directory below the root.
pub struct Directory {
    /// Opened for reading, so that attributes can be set through it.
    pub fd: OwnedFd,
    /// New files take their group from it, whoever makes them.
    pub gives_group: bool,
}

/// The target directory.
pub struct Tree {
    root: Rc<Directory>,
    open: HashMap<Box<[u8]>, Rc<Directory>>,
    last: (Vec<u8>, Rc<Directory>),
}

/// A name in the archive, normalised: no leading slash, no `.`, no `..`, no doubled slashes.
#[derive(Default)]
pub struct Place {
    path: Vec<u8>,
    base_at: usize,
}

impl Place {
    /// Normalises `name`; an absolute one starts at the archive's root. Climbing above that is refused.
    pub fn set(&mut self, name: &[u8]) -> std::io::Result<()> {
        self.path.clear();
        if name.contains(&0) {
            return Err(malformed("its name has a NUL in it"));
        }
        for part in name.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." if self.path.is_empty() => return Err(malformed("its name leads out of the archive")),
                b".." => {
                    let end = self.path.iter().rposition(|&b| b == b'/').unwrap_or(0);
                    self.path.truncate(end);
                }
                part if part.len() > MAX_COMPONENT => {
                    return Err(malformed("a part of its name is longer than 255 bytes"));
                }
                part => {
                    if !self.path.is_empty() {
                        self.path.push(b'/');
                    }
                    self.path.extend_from_slice(part);
                }
            }
        }
        if self.path.len() > MAX_NAME {
            return Err(malformed("its name is longer than 4095 bytes"));
        }
        self.base_at = self.path.iter().rposition(|&b| b == b'/').map_or(0, |slash| slash + 1);
        Ok(())
    }

    /// The whole name.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// The directory it is in; empty at the root.
    #[must_use]
    pub fn parent(&self) -> &[u8] {
        &self.path[..self.base_at.saturating_sub(1)]
    }

    /// The last part; empty for the root itself.
    #[must_use]
    pub fn base(&self) -> &[u8] {
        &self.path[self.base_at..]
    }
}

impl Tree {
    /// Takes the directory to be the root.
    pub fn new(root: OwnedFd) -> Result<Self> {
        let root = Rc::new(Directory::new(root).step(|| "open the target directory")?);
        Ok(Self { last: (Vec::new(), root.clone()), root, open: HashMap::new() })
    }

    /// The target directory itself.
    #[must_use]
    pub fn root(&self) -> &OwnedFd {
        &self.root.fd
    }

    /// The directory at `path`, which is normalised; it and those above it are made when they are missing.
    pub fn directory(&mut self, path: &[u8]) -> Result<Rc<Directory>> {
        if let Some(found) = self.known(path) {
            return Ok(found);
        }
        let fd = match self.open_below(path) {
            Ok(fd) => fd,
            Err(Errno::NOENT | Errno::NOSYS | Errno::AGAIN) => self.walk(path).map_err(|cause| refused(path, cause))?,
            Err(cause) => return Err(refused(path, cause.into())),
        };
        let directory = Directory::new(fd).map_err(|cause| refused(path, cause.into()))?;
        Ok(self.remember(path, directory))
    }

    /// The directory at `path` if it is there; makes nothing.
    pub fn existing(&mut self, path: &[u8]) -> Result<Rc<Directory>> {
        if let Some(found) = self.known(path) {
            return Ok(found);
        }
        let fd = self.open_below(path).map_err(|cause| refused(path, cause.into()))?;
        let directory = Directory::new(fd).map_err(|cause| refused(path, cause.into()))?;
        Ok(self.remember(path, directory))
    }

    /// Keeps a directory open that was just made.
    pub fn remember(&mut self, path: &[u8], directory: Directory) -> Rc<Directory> {
        if self.open.len() >= MAX_OPEN {
            self.open.clear();
        }
        let directory = Rc::new(directory);
        self.open.insert(path.into(), directory.clone());
        self.last.0.clear();
        self.last.0.extend_from_slice(path);
        self.last.1 = directory.clone();
        directory
    }

    /// To be called when a directory or a link was removed: what is open may no longer be what its name says.
    pub fn forget(&mut self) {
        self.open.clear();
        self.last = (Vec::new(), self.root.clone());
    }

    fn known(&self, path: &[u8]) -> Option<Rc<Directory>> {
        if path.is_empty() {
            return Some(self.root.clone());
        }
        if path == self.last.0 {
            return Some(self.last.1.clone());
        }
        self.open.get(path).cloned()
    }

    fn open_below(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        let below = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let open = || rustix::fs::openat2(&self.root.fd, path, DIRECTORY, Mode::empty(), below);
        // EAGAIN: something was renamed on this machine just then, and the kernel would not vouch for a `..`.
        (0..AGAIN_TIMES)
            .map(|_| open())
            .find(|opened| !matches!(opened, Err(Errno::AGAIN)))
            .unwrap_or(Err(Errno::AGAIN))
    }

    /// Follows `path` part by part, as the kernel would with our root, and makes what is missing. Safe because nobody
    /// else can reach the tree yet.
    fn walk(&self, path: &[u8]) -> std::io::Result<OwnedFd> {
        let mut above: Vec<OwnedFd> = Vec::new();
        let mut rest: Vec<Vec<u8>> = parts_reversed(path);
        let mut links = 0;
        while let Some(part) = rest.pop() {
            let at = above.last().unwrap_or(&self.root.fd);
            if part == b".." {
                above.pop();
                continue;
            }
            match rustix::fs::openat(at, &part[..], DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(next) => above.push(next),
                Err(Errno::NOENT) => {
                    let next = make_directory(at, &part)?;
                    above.push(next);
                }
                Err(Errno::NOTDIR | Errno::LOOP) => {
                    let target =
                        rustix::fs::readlinkat(at, &part[..], Vec::new()).map_err(|_| not_a_directory(&part))?;
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(malformed("there are too many links in its name"));
                    }
                    follow(&target, &mut above, &mut rest);
                }
                Err(cause) => return Err(cause.into()),
            }
        }
        match above.pop() {
            Some(fd) => Ok(fd),
            None => self.root.fd.try_clone(),
        }
    }
}

impl Directory {
    /// Looks at what the directory passes on.
    pub fn new(fd: OwnedFd) -> rustix::io::Result<Self> {
        let mode = Mode::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode);
        Ok(Self { fd, gives_group: mode.contains(Mode::SGID) })
    }
}

fn follow(target: &CStr, above: &mut Vec<OwnedFd>, rest: &mut Vec<Vec<u8>>) {
    let target = target.to_bytes();
    if target.first() == Some(&b'/') {
        above.clear();
    }
    rest.extend(parts_reversed(target));
}

fn parts_reversed(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|&b| b == b'/').rev().filter(|part| !part.is_empty() && *part != b".").map(<[u8]>::to_vec).collect()
}

/// Makes a directory that the archive has no entry for, and opens it.
fn make_directory(parent: &OwnedFd, name: &[u8]) -> std::io::Result<OwnedFd> {
    rustix::fs::mkdirat(parent, name, Mode::RWXU)?;
    let fd = rustix::fs::openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
    rustix::fs::fchmod(&fd, Mode::from_raw_mode(0o755))?;
    Ok(fd)
}

fn not_a_directory(part: &[u8]) -> std::io::Error {
    malformed(format!("`{}` is no directory", shown(part)))
}

fn refused(path: &[u8], cause: std::io::Error) -> KernelError {
    KernelError::new(format!("open the directory `{}` of the archive", shown(path)), cause)
}

/// Whether the entry `name` of `parent` is there, and what it is.
pub fn type_of(parent: &OwnedFd, name: &[u8]) -> rustix::io::Result<Option<(FileType, u64)>> {
    match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some((FileType::from_raw_mode(stat.st_mode), stat.st_rdev))),
        Err(Errno::NOENT) => Ok(None),
        Err(cause) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_below_the_root() {
        let cases: &[(&str, &str, &str)] = &[
            ("./", "", ""),
            ("/etc//passwd", "etc", "passwd"),
            ("./a/./b/", "a", "b"),
            ("a/../b", "", "b"),
            ("a/b/../../c", "", "c"),
        ];
        let mut place = Place::default();
        for (name, parent, base) in cases {
            place.set(name.as_bytes()).unwrap();
            assert_eq!((place.parent(), place.base()), (parent.as_bytes(), base.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_that_lead_out_or_can_not_exist_are_refused() {
        let long = "a/".repeat(3000);
        let wide = "a".repeat(256);
        for name in ["..", "../etc/passwd", "a/../../b", "/..", "a\0b", &long, &wide] {
            assert!(Place::default().set(name.as_bytes()).is_err(), "{}", &name[..name.len().min(20)]);
        }
    }
}
