//! Unpacks one stream into a directory that is not there yet. It is filled under another name beside its place and
//! renamed at the end: nobody ever sees half of it.

use super::archive::{Archive, Entry, shown};
use super::header::malformed;
use super::place::{Owners, Placer};
use super::remove::remove_path;
use super::source::{Chunks, Input, Limits, Totals, with_source};
use super::tree::{Place, Tree};
use super::whiteout::{self, Meaning};
use crate::error::{KernelError, Result, Step};
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How names such as `.wh.x` are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As whiteouts, in the form overlayfs wants.
    Overlay,
    /// As the names they are.
    Plain,
}

/// How to unpack.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What whiteouts become.
    pub form: Form,
    /// Which owner entries get.
    pub owners: Owners,
    /// When to give up.
    pub limits: Limits,
}

/// What was unpacked.
#[derive(Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Digests and sizes of the stream.
    pub totals: Totals,
    /// Bytes in files.
    pub content_bytes: u64,
    /// Entries in the archive.
    pub entries: u64,
}

/// Fills `target`, an empty directory that only we can reach.
pub fn unpack_into(target: &Path, input: Input, options: (Options, &AtomicBool)) -> Result<Unpacked> {
    let (options, cancelled) = options;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = rustix::fs::open(target, flags, Mode::empty()).step(|| format!("open `{}`", target.display()))?;
    rustix::fs::fchmod(&root, Mode::from_raw_mode(0o755)).step(|| format!("open `{}`", target.display()))?;
    let mut placer = Placer::new(Tree::new(root)?, options.owners);
    let ((content_bytes, entries), totals) =
        with_source(input, options.limits, cancelled, |chunks| place_all(chunks, &mut placer, options.form))?;
    placer.finish()?;
    Ok(Unpacked { totals, content_bytes, entries })
}

/// Adds to a directory that is there and belongs to somebody: its own owner and mode stay, and so does what kind of thing
/// each name in it is.
pub fn unpack_over(target: OwnedFd, input: Input, options: (Options, &AtomicBool)) -> Result<Unpacked> {
    let (options, cancelled) = options;
    let mut placer = Placer::new(Tree::new(target)?, options.owners).keeping_kinds();
    let ((content_bytes, entries), totals) = with_source(input, options.limits, cancelled, |chunks| {
        place_each(chunks, |entry, place, archive| match place.base() {
            b"" => Ok(0),
            _ => placer.place(entry, place, archive),
        })
    })?;
    placer.finish()?;
    Ok(Unpacked { totals, content_bytes, entries })
}

/// Unpacks to `target`, which must not be there.
pub fn unpack(target: &Path, input: Input, options: (Options, &AtomicBool)) -> Result<Unpacked> {
    let temporary = Temporary::beside(target)?;
    let unpacked = unpack_into(temporary.path(), input, options)?;
    temporary.move_to(target)?;
    Ok(unpacked)
}

fn place_all(chunks: &mut Chunks<'_>, placer: &mut Placer, form: Form) -> Result<(u64, u64)> {
    place_each(chunks, |entry, place, archive| {
        if form == Form::Overlay && place_whiteout(placer, entry, place)? {
            return Ok(0);
        }
        placer.place(entry, place, archive)
    })
}

/// Bytes in files, and how many entries there were.
fn place_each(
    chunks: &mut Chunks<'_>,
    mut place_one: impl FnMut(&Entry, &Place, &mut Archive<'_, '_>) -> Result<u64>,
) -> Result<(u64, u64)> {
    let mut archive = Archive::new(chunks);
    let (mut entry, mut place) = (Entry::default(), Place::default());
    let mut content_bytes = 0;
    while archive.next(&mut entry)? {
        place.set(&entry.name).step(|| format!("unpack `{}`", shown(&entry.name)))?;
        content_bytes += place_one(&entry, &place, &mut archive)?;
    }
    Ok((content_bytes, archive.entries()))
}

/// True when the entry's name is a command and not a thing.
fn place_whiteout(placer: &mut Placer, entry: &Entry, place: &Place) -> Result<bool> {
    let step = || format!("unpack `{}`", shown(&entry.name));
    if whiteout::is_bookkeeping(place.parent()) {
        return Ok(true);
    }
    match whiteout::meaning(place.base()).step(step)? {
        // A directory of such a name can't be a whiteout.
        Meaning::Hide(_) if entry.kind == super::archive::Kind::Directory => return Ok(false),
        Meaning::Plain => return Ok(false),
        Meaning::Ignored => {}
        Meaning::Opaque => {
            let directory = placer.tree.directory(place.parent())?;
            whiteout::make_opaque(&directory.fd).step(step)?;
        }
        Meaning::Hide(hidden) => {
            let directory = placer.tree.directory(place.parent())?;
            whiteout::hide(&directory.fd, hidden).step(step)?;
        }
    }
    Ok(true)
}

/// A directory that is removed again unless it found its place.
pub struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    /// Makes an empty directory next to `target`, closed to others.
    pub fn beside(target: &Path) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let parent = target
            .parent()
            .ok_or_else(|| malformed("it has no parent"))
            .step(|| format!("make `{}`", target.display()))?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let clock = rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_nsec;
        let path = parent.join(format!(".partial-{}-{number}-{clock}", std::process::id()));
        rustix::fs::mkdir(&path, Mode::RWXU).step(|| format!("make `{}`", path.display()))?;
        Ok(Self { path, kept: false })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its place. When something is there already that stays, and the answer is false.
    pub fn move_to_free(mut self, target: &Path) -> Result<bool> {
        use rustix::fs::{CWD, RenameFlags};
        match rustix::fs::renameat_with(CWD, &self.path, CWD, target, RenameFlags::NOREPLACE) {
            Ok(()) => self.kept = true,
            Err(rustix::io::Errno::EXIST) => {}
            Err(cause) => return Err(cause).step(|| format!("rename to `{}`", target.display())),
        }
        Ok(self.kept)
    }

    fn move_to(self, target: &Path) -> Result<()> {
        if self.move_to_free(target)? {
            return Ok(());
        }
        Err(KernelError::new(
            format!("unpack to `{}`", target.display()),
            io::Error::from(io::ErrorKind::AlreadyExists),
        ))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // The error that brought us here matters more; what stays is swept by name later.
            let _ = remove_path(&self.path);
        }
    }
}
