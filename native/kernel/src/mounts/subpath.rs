//! A part of a volume: containers that have written to the volume choose what is found there, so that no link of theirs leads out
//! of it, and what was found is held by descriptor.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

use crate::error::{KernelError, Result};

/// A link that leads out is refused, as Docker refuses it, rather than taken for one of the container's own.
const INSIDE: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// The kernel gives up when something was renamed while it followed a `..`; somebody who renames without end is refused.
const MOST_TRIES: u32 = 128;

/// A handle of the path inside of the volume. Fails with `mount-source-missing`.
pub fn open(volume: &Path, subpath: &str) -> Result<OwnedFd> {
    let failed = |errno| explain(format!("find \"{subpath}\" in \"{}\"", volume.display()), errno);
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let root = openat(CWD, volume, flags | OFlags::DIRECTORY, Mode::empty()).map_err(failed)?;
    let mut tries = (0..MOST_TRIES).map(|_| openat2(&root, subpath, flags, Mode::empty(), INSIDE));
    let found = tries.find(|found| !matches!(found, Err(Errno::AGAIN)));
    found.unwrap_or(Err(Errno::AGAIN)).map_err(failed)
}

fn explain(step: String, errno: Errno) -> KernelError {
    match errno {
        Errno::NOENT | Errno::NOTDIR => KernelError::new(step, errno)
            .code("mount-source-missing")
            .hint("the subpath of a volume must be there already"),
        Errno::XDEV => KernelError::new(step, io::Error::other("it leads out of the volume"))
            .hint("only what lies in the volume can be mounted"),
        _ => KernelError::new(step, errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn found(volume: &Path, subpath: &str) -> std::result::Result<u64, &'static str> {
        let inode = |handle: OwnedFd| rustix::fs::fstat(handle).expect("there").st_ino;
        open(volume, subpath).map(inode).map_err(|error| error.code)
    }

    #[test]
    fn links_inside_are_followed_and_none_leads_out() {
        let outside = tempfile::tempdir().expect("a directory");
        let volume = outside.path().join("volume");
        fs::create_dir_all(volume.join("part/inner")).expect("made");
        fs::write(volume.join("part/inner/file"), "").expect("written");
        for (target, name) in
            [("part/inner", "near"), ("/etc", "etc"), ("../..", "part/up"), ("nothing", "dangling"), ("loop", "loop")]
        {
            symlink(target, volume.join(name)).expect("made");
        }
        symlink(&volume, volume.join("itself")).expect("made");
        let inode = |path: &str| {
            use std::os::unix::fs::MetadataExt;
            Ok(fs::metadata(volume.join(path)).expect("there").ino())
        };
        assert_eq!(found(&volume, "part/inner"), inode("part/inner"));
        assert_eq!(found(&volume, "./near/../inner/file"), inode("part/inner/file"));
        for missing in ["nothing", "dangling", "part/inner/file/deeper", "part/nothing/inner"] {
            assert_eq!(found(&volume, missing), Err("mount-source-missing"), "{missing}");
        }
        for refused in ["etc", "part/up", "..", "near/../../../volume", "itself", "loop", "/etc"] {
            assert_eq!(found(&volume, refused), Err("refused"), "{refused}");
        }
    }
}
