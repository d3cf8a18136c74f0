//! Whether a file is the one that somebody has seen before.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What can't be looked at, and devices and pipes: nothing tells what they will say.
const UNKNOWABLE: &str = "?";

/// What tells the states of a file or a directory apart: `INODE SIZE MODIFIED CHANGED`, the times in nanoseconds since 1970 (stat(2)). Empty where
/// nothing is.
pub fn version_of(path: impl AsRef<Path>) -> String {
    match fs::metadata(path) {
        Ok(found) if found.is_file() || found.is_dir() => text_of(&found),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => String::new(),
        _ => UNKNOWABLE.into(),
    }
}

fn text_of(found: &Metadata) -> String {
    let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    let modified = nanoseconds(found.mtime(), found.mtime_nsec());
    let changed = nanoseconds(found.ctime(), found.ctime_nsec());
    format!("{} {} {modified} {changed}", found.ino(), found.size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_another_version_after_each_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(version_of(&path), "");
        fs::write(&path, "one").unwrap();
        let first = version_of(&path);
        assert_eq!(version_of(&path), first);
        fs::write(&path, "other").unwrap();
        assert_ne!(version_of(&path), first);
        assert_eq!(version_of(path.join("below")), "");
        assert_eq!(version_of("/dev/null"), UNKNOWABLE);
    }
}
