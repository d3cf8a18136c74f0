//! Whether files and processes are those that somebody has seen before. Many are asked about in one call.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use napi_derive::napi;

use crate::process::is_alive_since;

/// What tells the states of files and directories apart, for each path: `INODE SIZE MODIFIED CHANGED`, the times in nanoseconds since 1970
/// (stat(2)). Empty where nothing is; `?` for what can't be looked at, and for devices and pipes: nothing tells what they will say.
#[napi]
pub fn file_versions(paths: Vec<String>) -> Vec<String> {
    paths.iter().map(|path| version_of(path)).collect()
}

/// Whether every process is still the one that started at that time (field 22 of /proc/PID/stat), and no zombie. The caller has compared
/// the boot id.
#[napi]
pub fn are_alive(pids: Vec<i32>, start_times: Vec<i64>) -> bool {
    pids.len() == start_times.len()
        && pids.iter().zip(&start_times).all(|(pid, start_time)| is_alive_since(*pid, *start_time))
}

const UNKNOWABLE: &str = "?";

fn version_of(path: &str) -> String {
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
        let folder = std::env::temp_dir().join(format!("tscompose-standing-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file").to_str().unwrap().to_owned();
        assert_eq!(version_of(&path), "");
        fs::write(&path, "one").unwrap();
        let first = version_of(&path);
        assert_eq!(version_of(&path), first);
        fs::write(&path, "other").unwrap();
        assert_ne!(version_of(&path), first);
        assert_eq!(version_of(&format!("{path}/below")), "");
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(version_of("/dev/null"), UNKNOWABLE);
    }

    #[test]
    fn a_process_is_known_by_its_start() {
        let own = i32::try_from(std::process::id()).unwrap();
        let started = crate::process::started_at(own).unwrap();
        assert!(are_alive(vec![own, own], vec![started, started]));
        assert!(!are_alive(vec![own, own], vec![started, started + 1]));
        assert!(!are_alive(vec![own], vec![]));
    }
}
