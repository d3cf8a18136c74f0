//! Makes one entry in its parent directory, with owner, mode, attributes and time, through descriptors only: a name
//! that could be a link is never changed by path.

use super::archive::{Archive, Entry, Kind, shown};
use super::header::malformed;
use super::remove::remove_tree;
use super::tree::{Directory, Tree, type_of};
use super::{tree::Place, whiteout};
use crate::error::{KernelError, Result, Step};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT, Uid, XattrFlags};
use rustix::io::Errno;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::Rc;

/// Which owner entries get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// The archive's: needs root.
    Archive,
    /// Whoever unpacks. Devices are left out then.
    Caller,
}

/// Makes entries.
pub struct Placer {
    /// The target.
    pub tree: Tree,
    owners: Owners,
    /// Nothing becomes another kind of thing: what is in the place of a directory, or a directory itself, is not removed.
    keeps_kinds: bool,
    me: (u32, u32),
    /// Directories whose time, and maybe mode, can only be set when nothing more comes into them.
    late: Vec<LateDirectory>,
}

struct LateDirectory {
    path: Box<[u8]>,
    mode: u32,
    mtime: (i64, u32),
}

impl Placer {
    /// Places entries below the tree's root.
    pub fn new(tree: Tree, owners: Owners) -> Self {
        let me = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        Self { tree, owners, keeps_kinds: false, me, late: Vec::new() }
    }

    /// The same for a directory that is somebody's already: no entry replaces a directory by something else, or something
    /// else by a directory.
    #[must_use]
    pub fn keeping_kinds(self) -> Self {
        Self { keeps_kinds: true, ..self }
    }

    /// Makes the entry whose normalised name is `place`; its data comes from `archive`. Returns the bytes written.
    pub fn place(&mut self, entry: &Entry, place: &Place, archive: &mut Archive<'_, '_>) -> Result<u64> {
        if place.base().is_empty() {
            self.place_root(entry).step(|| step(entry))?;
            return Ok(0);
        }
        let parent = self.tree.directory(place.parent())?;
        match entry.kind {
            Kind::File => return self.place_file(entry, place, (parent, archive)),
            Kind::Directory => self.place_directory(entry, place, &parent),
            Kind::Symlink => self.place_symlink(entry, place.base(), &parent),
            Kind::Hardlink => return self.place_hardlink(entry, place.base(), &parent).map(|()| 0),
            Kind::CharDevice | Kind::BlockDevice | Kind::Fifo => self.place_node(entry, place.base(), &parent),
        }
        .step(|| step(entry))?;
        Ok(0)
    }

    /// Sets what had to wait for the end; the innermost directories first.
    pub fn finish(&mut self) -> Result<()> {
        for late in std::mem::take(&mut self.late).into_iter().rev() {
            // An entry that came later may have replaced it.
            let Ok(directory) = self.tree.existing(&late.path) else { continue };
            let done = self.finish_directory(&directory.fd, &late);
            done.step(|| format!("unpack `{}`", shown(&late.path)))?;
        }
        Ok(())
    }

    fn finish_directory(&self, fd: &OwnedFd, late: &LateDirectory) -> io::Result<()> {
        if self.owners == Owners::Caller {
            rustix::fs::fchmod(fd, Mode::from_raw_mode(late.mode))?;
        }
        Ok(rustix::fs::futimens(fd, &times(late.mtime))?)
    }

    fn place_root(&mut self, entry: &Entry) -> io::Result<()> {
        if entry.kind != Kind::Directory {
            return Err(malformed("the root of an archive can only be a directory"));
        }
        let root = self.tree.root().try_clone()?;
        self.set_directory(&root, entry)?;
        self.late.push(LateDirectory { path: Box::default(), mode: entry.mode, mtime: entry.mtime });
        Ok(())
    }

    fn place_file(&mut self, entry: &Entry, place: &Place, from: (Rc<Directory>, &mut Archive<'_, '_>)) -> Result<u64> {
        let (parent, archive) = from;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let create = || rustix::fs::openat(&parent.fd, place.base(), flags, Mode::RUSR | Mode::WUSR);
        let fd = self.replacing(&parent.fd, place.base(), create).step(|| step(entry))?;
        let written = match &entry.sparse {
            None => write_whole(&fd, archive, entry)?,
            Some(map) => write_sparse(&fd, archive, (entry, map))?,
        };
        self.set_file(&fd, entry, &parent).step(|| step(entry))?;
        Ok(written)
    }

    fn set_file(&self, fd: &OwnedFd, entry: &Entry, parent: &Directory) -> io::Result<()> {
        let owned_already = (entry.uid, entry.gid) == self.me && !parent.gives_group;
        if !owned_already && let Some((uid, gid)) = self.owner(entry) {
            rustix::fs::fchown(fd, Some(uid), Some(gid))?;
        }
        // After the owner: changing that takes setuid and capabilities away.
        rustix::fs::fchmod(fd, Mode::from_raw_mode(entry.mode))?;
        self.set_xattrs(entry, |name, value| rustix::fs::fsetxattr(fd, name, value, XattrFlags::empty()))?;
        Ok(rustix::fs::futimens(fd, &times(entry.mtime))?)
    }

    fn place_directory(&mut self, entry: &Entry, place: &Place, parent: &Directory) -> io::Result<()> {
        let mut covers_lower = false;
        match rustix::fs::mkdirat(&parent.fd, place.base(), Mode::RWXU) {
            Ok(()) => {}
            Err(Errno::EXIST) => match type_of(&parent.fd, place.base())? {
                Some((FileType::Directory, _)) => {}
                _ if self.keeps_kinds => return Err(io::Error::other("what is there is no directory")),
                found => {
                    // A whiteout before it in this layer: what lower layers have in it stays hidden.
                    covers_lower = found == Some((FileType::CharacterDevice, 0));
                    self.replacing(&parent.fd, place.base(), || {
                        rustix::fs::mkdirat(&parent.fd, place.base(), Mode::RWXU)
                    })?;
                }
            },
            Err(cause) => return Err(cause.into()),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&parent.fd, place.base(), flags, Mode::empty())?;
        self.set_directory(&fd, entry)?;
        if covers_lower {
            whiteout::make_opaque(&fd)?;
        }
        let directory = Directory { fd, gives_group: entry.mode & 0o2000 != 0 };
        self.tree.remember(place.path(), directory);
        self.late.push(LateDirectory { path: place.path().into(), mode: entry.mode, mtime: entry.mtime });
        Ok(())
    }

    fn set_directory(&self, fd: &OwnedFd, entry: &Entry) -> io::Result<()> {
        if let Some((uid, gid)) = self.owner(entry) {
            rustix::fs::fchown(fd, Some(uid), Some(gid))?;
        }
        // Only root may fill a directory that forbids it; others set the mode at the end.
        let mode = if self.owners == Owners::Caller { entry.mode | 0o700 } else { entry.mode };
        rustix::fs::fchmod(fd, Mode::from_raw_mode(mode))?;
        self.set_xattrs(entry, |name, value| rustix::fs::fsetxattr(fd, name, value, XattrFlags::empty()))
    }

    fn place_symlink(&mut self, entry: &Entry, base: &[u8], parent: &Directory) -> io::Result<()> {
        self.replacing(&parent.fd, base, || rustix::fs::symlinkat(&entry.link[..], &parent.fd, base))?;
        self.set_unopened(entry, base, parent)
    }

    fn place_node(&mut self, entry: &Entry, base: &[u8], parent: &Directory) -> io::Result<()> {
        let (kind, device) = match entry.kind {
            Kind::CharDevice => (FileType::CharacterDevice, rustix::fs::makedev(entry.device.0, entry.device.1)),
            Kind::BlockDevice => (FileType::BlockDevice, rustix::fs::makedev(entry.device.0, entry.device.1)),
            _ => (FileType::Fifo, 0),
        };
        if self.owners == Owners::Caller && kind != FileType::Fifo {
            return Ok(());
        }
        let mode = Mode::from_raw_mode(entry.mode);
        self.replacing(&parent.fd, base, || rustix::fs::mknodat(&parent.fd, base, kind, mode, device))?;
        self.set_unopened(entry, base, parent)?;
        // The process's umask took bits away, and the owner's change others. The descriptor pins what was just made.
        let fd =
            rustix::fs::openat(&parent.fd, base, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        Ok(rustix::fs::chmod(format!("/proc/self/fd/{}", fd.as_raw_fd()), mode)?)
    }

    /// Owner, attributes and time of what can't be opened. None of these calls follows a link.
    fn set_unopened(&self, entry: &Entry, base: &[u8], parent: &Directory) -> io::Result<()> {
        if let Some((uid, gid)) = self.owner(entry) {
            rustix::fs::chownat(&parent.fd, base, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        if !entry.xattrs.is_empty() {
            let mut path = format!("/proc/self/fd/{}/", parent.fd.as_raw_fd()).into_bytes();
            path.extend_from_slice(base);
            self.set_xattrs(entry, |name, value| rustix::fs::lsetxattr(&path[..], name, value, XattrFlags::empty()))?;
        }
        Ok(rustix::fs::utimensat(&parent.fd, base, &times(entry.mtime), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn place_hardlink(&mut self, entry: &Entry, base: &[u8], parent: &Directory) -> Result<()> {
        self.link(entry, base, parent)
            .map_err(|cause| match cause.kind() {
                io::ErrorKind::NotFound => {
                    malformed(format!("its target `{}` is not in the archive", shown(&entry.link)))
                }
                _ => cause,
            })
            .step(|| step(entry))
    }

    /// The target is resolved as names are: inside the archive, the last part not followed.
    fn link(&mut self, entry: &Entry, base: &[u8], parent: &Directory) -> io::Result<()> {
        let mut target = Place::default();
        let outside = || malformed(format!("its target `{}` leads out of the archive", shown(&entry.link)));
        target.set(&entry.link).map_err(|_| outside())?;
        let from = self.tree.existing(target.parent()).map_err(|error| error.cause)?;
        match type_of(&from.fd, target.base())? {
            None => Err(io::ErrorKind::NotFound.into()),
            Some((FileType::Directory, _)) => Err(malformed("a directory can't have a second name")),
            // Removing what is there must not take the target with it.
            Some(_) if is_same((&from.fd, target.base()), (&parent.fd, base)) => Ok(()),
            Some(_) => self.replacing(&parent.fd, base, || {
                rustix::fs::linkat(&from.fd, target.base(), &parent.fd, base, AtFlags::empty())
            }),
        }
    }

    /// Runs `make`; when the name is taken, what has it goes first: a later entry wins.
    fn replacing<T>(
        &mut self,
        parent: &OwnedFd,
        base: &[u8],
        make: impl Fn() -> rustix::io::Result<T>,
    ) -> io::Result<T> {
        match make() {
            Err(Errno::EXIST) => {}
            result => return Ok(result?),
        }
        if self.keeps_kinds && matches!(type_of(parent, base)?, Some((FileType::Directory, _))) {
            return Err(io::Error::other("a directory is in its place"));
        }
        remove_tree(parent, &CString::new(base)?)?;
        self.tree.forget();
        Ok(make()?)
    }

    fn owner(&self, entry: &Entry) -> Option<(Uid, Gid)> {
        (self.owners == Owners::Archive).then(|| (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid)))
    }

    fn set_xattrs(&self, entry: &Entry, set: impl Fn(&[u8], &[u8]) -> rustix::io::Result<()>) -> io::Result<()> {
        for (name, value) in &entry.xattrs {
            // overlayfs obeys these; an image must not command it.
            if name.starts_with(b"trusted.overlay.") || name.starts_with(b"user.overlay.") {
                continue;
            }
            match set(name, value) {
                Ok(()) | Err(Errno::OPNOTSUPP) => {}
                Err(Errno::PERM) if self.owners == Owners::Caller => {}
                // Only files and directories may have attributes of the user's own.
                Err(Errno::PERM) if name.starts_with(b"user.") => {}
                Err(cause) => {
                    return Err(io::Error::new(cause.kind(), format!("set its attribute `{}`: {cause}", shown(name))));
                }
            }
        }
        Ok(())
    }
}

fn is_same(one: (&OwnedFd, &[u8]), other: (&OwnedFd, &[u8])) -> bool {
    let look = |(parent, name): (&OwnedFd, &[u8])| {
        rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| (stat.st_dev, stat.st_ino))
    };
    look(one).is_ok_and(|one| look(other) == Ok(one))
}

fn step(entry: &Entry) -> String {
    format!("unpack `{}`", shown(&entry.name))
}

fn times(mtime: (i64, u32)) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: mtime.0, tv_nsec: mtime.1.into() },
    }
}

fn write_whole(fd: &OwnedFd, archive: &mut Archive<'_, '_>, entry: &Entry) -> Result<u64> {
    let mut written = 0;
    loop {
        let data = archive.data()?;
        if data.is_empty() {
            return Ok(written);
        }
        write_all(fd, data).step(|| step(entry))?;
        written += data.len() as u64;
    }
}

/// Data fills the map's parts in order; what lies between stays a hole.
fn write_sparse(fd: &OwnedFd, archive: &mut Archive<'_, '_>, what: (&Entry, &super::sparse::SparseMap)) -> Result<u64> {
    let (entry, map) = what;
    rustix::fs::ftruncate(fd, map.real_size).step(|| step(entry))?;
    let mut data: &[u8] = &[];
    let mut written = 0;
    for &(offset, length) in &map.parts {
        let (mut at, mut left) = (offset, length);
        while left > 0 {
            if data.is_empty() {
                data = archive.data()?;
            }
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(data.len());
            if now == 0 {
                return Err(KernelError::new(step(entry), malformed("its data is cut off")));
            }
            write_all_at(fd, &data[..now], at).step(|| step(entry))?;
            data = &data[now..];
            at += now as u64;
            left -= now as u64;
            written += now as u64;
        }
    }
    Ok(written)
}

fn write_all(fd: &OwnedFd, mut data: &[u8]) -> rustix::io::Result<()> {
    while !data.is_empty() {
        match rustix::io::write(fd, data) {
            Ok(written) => data = &data[written..],
            Err(Errno::INTR) => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

fn write_all_at(fd: &OwnedFd, mut data: &[u8], mut at: u64) -> rustix::io::Result<()> {
    while !data.is_empty() {
        match rustix::io::pwrite(fd, data, at) {
            Ok(written) => {
                data = &data[written..];
                at += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}
