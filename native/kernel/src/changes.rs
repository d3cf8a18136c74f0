//! What a container has changed of its image's files: its own layer against those below, as overlayfs reads them
//! (Documentation/filesystems/overlayfs.rst: whiteouts, opaque directories). Every name is looked up in the directory that it is in, so that no
//! link leads anywhere else.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, openat, statat};
use rustix::io::Errno;
use serde::Serialize;

use crate::directory::names_in;
use crate::error::{Result, Step};
use crate::spec::Rootfs;
use crate::tar::whiteout::{is_opaque, is_whiteout};

/// Deeper than any path that a program can name at once.
const MOST_LEVELS: usize = 4096;

/// One path of a container that is not as the image has it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What has become of it.
    pub kind: Kind,
    /// Absolute; what is no text in it is replaced.
    pub path: String,
}

/// What has become of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The image has not got it.
    Added,
    /// Written anew, or with another owner or mode; or something below it is.
    Changed,
    /// The image has it.
    Deleted,
}

/// In the order of the paths, each directory before what is in it.
pub fn changes(rootfs: &Rootfs) -> Result<Vec<Change>> {
    let step = || "compare the container's files with its image's";
    let upper = open_directory(CWD, &rootfs.upper).step(step)?;
    let below = rootfs.layers.iter().map(|layer| open_directory(CWD, layer)).collect::<io::Result<Vec<_>>>();
    let mut found = Vec::new();
    let root = Pair { upper, below: below.step(step)?, covered: false };
    compare(&root, "", MOST_LEVELS, &mut found).step(step)?;
    Ok(found)
}

/// A directory of the container's own layer and those of the image's layers in the same place, topmost first.
struct Pair {
    upper: OwnedFd,
    below: Vec<OwnedFd>,
    /// Whether it is opaque or in an opaque one: of the image nothing is seen in it.
    covered: bool,
}

fn compare(pair: &Pair, path: &str, levels: usize, found: &mut Vec<Change>) -> io::Result<()> {
    let mut names = BTreeSet::from_iter(names_in(&pair.upper)?);
    if pair.covered {
        names.append(&mut visible(&pair.below)?);
    }
    for name in names {
        let path = format!("{path}/{}", name.to_string_lossy());
        let before = Before::find(&pair.below, &name)?;
        match stat_of(&pair.upper, &name)? {
            Some(now) if !is_whiteout(&now) => compare_one(pair, (&name, &now, before), (path, levels), found)?,
            _ if before.stat.is_some() => found.push(Change { kind: Kind::Deleted, path }),
            _ => {}
        }
    }
    Ok(())
}

fn compare_one(
    pair: &Pair,
    (name, now, before): (&CStr, &Stat, Before),
    (path, levels): (String, usize),
    found: &mut Vec<Change>,
) -> io::Result<()> {
    let mut inside = Vec::new();
    if is_directory(now) {
        let levels = levels.checked_sub(1).filter(|left| *left > 0).ok_or(Errno::NAMETOOLONG)?;
        // One that can't be opened has been exchanged by the running container meanwhile.
        if let Ok(upper) = open_directory(&pair.upper, name) {
            let covered = pair.covered || is_opaque(&upper);
            compare(&Pair { upper, below: before.directories, covered }, &path, levels, &mut inside)?;
        }
    }
    let kind = match &before.stat {
        None => Some(Kind::Added),
        Some(stat) if is_directory(stat) && is_directory(now) => {
            (!inside.is_empty() || !is_alike(stat, now)).then_some(Kind::Changed)
        }
        Some(_) => Some(Kind::Changed),
    };
    found.extend(kind.map(|kind| Change { kind, path }));
    found.append(&mut inside);
    Ok(())
}

/// A name as the layers below have it.
struct Before {
    /// None when they have not, or hide it.
    stat: Option<Stat>,
    /// The directories of that name that are merged, topmost first.
    directories: Vec<OwnedFd>,
}

impl Before {
    fn find(below: &[OwnedFd], name: &CStr) -> io::Result<Self> {
        let mut before = Self { stat: None, directories: Vec::new() };
        for layer in below {
            let Some(stat) = stat_of(layer, name)? else { continue };
            // What is no directory covers all that is below it, and is itself covered by a directory above.
            if !is_directory(&stat) {
                before.stat = before.stat.or(Some(stat).filter(|stat| !is_whiteout(stat)));
                break;
            }
            before.stat = before.stat.or(Some(stat));
            let directory = open_directory(layer, name)?;
            let ends = is_opaque(&directory);
            before.directories.push(directory);
            if ends {
                break;
            }
        }
        Ok(before)
    }
}

/// The names that can be seen in merged directories.
fn visible(directories: &[OwnedFd]) -> io::Result<BTreeSet<CString>> {
    let mut names = BTreeSet::new();
    for directory in directories {
        names.extend(names_in(directory)?);
    }
    let mut seen = BTreeSet::new();
    for name in names {
        if Before::find(directories, &name)?.stat.is_some() {
            seen.insert(name);
        }
    }
    Ok(seen)
}

fn stat_of(directory: &OwnedFd, name: &CStr) -> io::Result<Option<Stat>> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

fn open_directory(at: impl AsFd, name: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(at, name, flags, Mode::empty())?)
}

fn is_directory(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Directory
}

/// Of directories. When one was last written to says no more than what is told of its content.
fn is_alike(a: &Stat, b: &Stat) -> bool {
    let told = |stat: &Stat| (stat.st_mode, stat.st_uid, stat.st_gid);
    told(a) == told(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    struct Layers {
        folder: tempfile::TempDir,
    }

    impl Layers {
        /// Two of an image, the topmost first, and the container's own.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for name in ["top", "bottom", "upper"] {
                fs::create_dir(folder.path().join(name)).unwrap();
            }
            Self { folder }
        }

        fn write(&self, path: &str) -> PathBuf {
            let file = self.folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "text").unwrap();
            file
        }

        fn opaque(&self, path: &str) {
            let directory = open_directory(CWD, self.folder.path().join(path)).unwrap();
            let flags = rustix::fs::XattrFlags::empty();
            rustix::fs::fsetxattr(&directory, "user.overlay.opaque", b"y", flags).unwrap();
        }

        fn changes(&self) -> Vec<String> {
            let layer = |name: &str| self.folder.path().join(name);
            let rootfs = Rootfs {
                layers: vec![layer("top"), layer("bottom")],
                upper: layer("upper"),
                work: PathBuf::new(),
                read_only: false,
            };
            let letter = |kind| match kind {
                Kind::Added => 'A',
                Kind::Changed => 'C',
                Kind::Deleted => 'D',
            };
            changes(&rootfs).unwrap().iter().map(|one| format!("{} {}", letter(one.kind), one.path)).collect()
        }
    }

    #[test]
    fn what_was_added_or_changed_is_told_with_the_directories_on_the_way() {
        let layers = Layers::new();
        layers.write("bottom/etc/passwd");
        layers.write("upper/etc/passwd");
        layers.write("upper/a/b/c");
        assert_eq!(layers.changes(), ["A /a", "A /a/b", "A /a/b/c", "C /etc", "C /etc/passwd"]);
    }

    #[test]
    fn a_directory_that_was_only_passed_through_is_not_told() {
        let layers = Layers::new();
        layers.write("bottom/etc/passwd");
        fs::create_dir(layers.folder.path().join("upper/etc")).unwrap();
        assert_eq!(layers.changes(), Vec::<String>::new());
    }

    #[test]
    fn an_opaque_directory_has_lost_what_the_layers_below_show_in_it() {
        let layers = Layers::new();
        layers.write("bottom/var/old");
        layers.write("bottom/var/kept");
        layers.write("bottom/var/lib/deep");
        layers.write("bottom/var/lib/same");
        layers.write("upper/var/kept");
        layers.write("upper/var/lib/same");
        layers.write("upper/var/new");
        layers.opaque("upper/var");
        assert_eq!(
            layers.changes(),
            ["C /var", "C /var/kept", "C /var/lib", "D /var/lib/deep", "C /var/lib/same", "A /var/new", "D /var/old"]
        );
    }

    #[test]
    fn what_an_upper_layer_of_the_image_covers_was_never_there() {
        let layers = Layers::new();
        layers.write("bottom/srv/deep");
        layers.write("top/srv");
        layers.write("upper/srv/deep");
        assert_eq!(layers.changes(), ["C /srv", "A /srv/deep"]);
    }

    #[test]
    fn no_link_of_a_layer_is_followed() {
        let layers = Layers::new();
        symlink(Path::new("/etc"), layers.folder.path().join("top/link")).unwrap();
        layers.write("upper/link/passwd");
        assert_eq!(layers.changes(), ["C /link", "A /link/passwd"]);
    }
}
