//! Names by which a layer removes what lower layers have, and how overlayfs says the same.

use super::header::malformed;
use rustix::fs::{FileType, Mode, Stat, XattrFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;

/// What a name means in a layer.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// An ordinary entry.
    Plain,
    /// Hides this name of the same directory in lower layers.
    Hide(&'a [u8]),
    /// Hides everything that lower layers have in this directory.
    Opaque,
    /// Book-keeping of an old storage driver.
    Ignored,
}

/// Before the name of what is hidden.
pub const HIDDEN: &[u8] = b".wh.";
/// The name of the file that makes its directory opaque.
pub const OPAQUE: &[u8] = b".wh..wh..opq";

/// Reads the last part of a name; tricks such as `.wh...` are refused.
pub fn meaning(base: &[u8]) -> io::Result<Meaning<'_>> {
    let Some(hidden) = base.strip_prefix(HIDDEN) else { return Ok(Meaning::Plain) };
    match hidden {
        b".wh..opq" => Ok(Meaning::Opaque),
        b"" | b"." | b".." => Err(malformed("a whiteout must name an entry of its own directory")),
        _ if hidden.starts_with(b".wh.") => Ok(Meaning::Ignored),
        _ => Ok(Meaning::Hide(hidden)),
    }
}

/// Whether a directory on the way is an old storage driver's own.
#[must_use]
pub fn is_bookkeeping(parent: &[u8]) -> bool {
    parent.split(|&b| b == b'/').any(|part| part.starts_with(b".wh..wh."))
}

/// Hides `name`. What this very layer has under that name stays, and covers the lower ones.
pub fn hide(parent: &OwnedFd, name: &[u8]) -> io::Result<()> {
    match rustix::fs::mknodat(parent, name, FileType::CharacterDevice, Mode::empty(), 0) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => hide_below(parent, name),
        Err(cause) => Err(cause.into()),
    }
}

fn hide_below(parent: &OwnedFd, name: &[u8]) -> io::Result<()> {
    use rustix::fs::OFlags;
    match rustix::fs::openat(
        parent,
        name,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    ) {
        Ok(directory) => make_opaque(&directory),
        // A file of this layer covers the lower one as it is.
        Err(Errno::NOTDIR | Errno::LOOP) => Ok(()),
        Err(cause) => Err(cause.into()),
    }
}

/// Hides what lower layers have in `directory`. Only root may use the first name; the second needs the mount option `userxattr`.
pub fn make_opaque(directory: &OwnedFd) -> io::Result<()> {
    let name = if rustix::process::geteuid().is_root() { "trusted.overlay.opaque" } else { "user.overlay.opaque" };
    Ok(rustix::fs::fsetxattr(directory, name, b"y", XattrFlags::empty())?)
}

/// How overlayfs keeps what was removed.
#[must_use]
pub fn is_whiteout(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0
}

/// The word that root writes, or the one that users may.
#[must_use]
pub fn is_opaque(directory: &OwnedFd) -> bool {
    let says = |name| rustix::fs::fgetxattr(directory, name, &mut [0u8; 4][..]).is_ok();
    says("trusted.overlay.opaque") || says("user.overlay.opaque")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whiteouts_name_an_entry_of_their_own_directory() {
        assert_eq!(meaning(b"file").unwrap(), Meaning::Plain);
        assert_eq!(meaning(b".wh.file").unwrap(), Meaning::Hide(b"file"));
        assert_eq!(meaning(b".wh..hidden").unwrap(), Meaning::Hide(b".hidden"));
        assert_eq!(meaning(b".wh..wh..opq").unwrap(), Meaning::Opaque);
        assert_eq!(meaning(b".wh..wh.plnk").unwrap(), Meaning::Ignored);
        for trick in [&b".wh."[..], b".wh..", b".wh..."] {
            assert!(meaning(trick).is_err());
        }
    }
}
