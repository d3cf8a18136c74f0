//! The log file: appended to, rotated by size, never a reason for the container to wait on a full disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use kernel::spec::LogSpec;

/// An open log with its rotation rule.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    size_bytes: u64,
    max_size_bytes: u64,
    max_files: u32,
    dropped: u64,
}

impl LogFile {
    /// Opens the log for appending, or none for the driver `none`.
    pub fn open(spec: &LogSpec) -> Result<Option<Self>> {
        if spec.driver == "none" {
            return Ok(None);
        }
        let step = || format!("open the log `{}`", spec.path.display());
        let file = append_to(&spec.path).step(step)?;
        let size_bytes = file.metadata().step(step)?.len();
        let max_size_bytes = spec.max_size_bytes.unwrap_or(u64::MAX);
        let max_files = spec.max_files.unwrap_or(1).max(1);
        Ok(Some(Self { path: spec.path.clone(), file, size_bytes, max_size_bytes, max_files, dropped: 0 }))
    }

    /// Writes whole entries. What can't be written is counted and lost: the container must go on.
    pub fn write(&mut self, entries: &[u8]) {
        if self.size_bytes > 0 && self.size_bytes.saturating_add(entries.len() as u64) > self.max_size_bytes {
            self.rotate();
        }
        match self.file.write_all(entries) {
            Ok(()) => self.size_bytes += entries.len() as u64,
            Err(error) => self.drop_entries(entries, &error),
        }
    }

    fn drop_entries(&mut self, entries: &[u8], error: &io::Error) {
        if self.dropped == 0 {
            eprintln!("the log `{}` can't be written: {error}; output is lost until it can", self.path.display());
        }
        self.dropped += entries.iter().filter(|&&byte| byte == b'\n').count() as u64;
        // A torn entry would spoil the next one.
        let _ = self.file.set_len(self.size_bytes);
    }

    /// `log` becomes `log.1`, `log.1` becomes `log.2`, and the oldest goes.
    fn rotate(&mut self) {
        let numbered = |number: u32| PathBuf::from(format!("{}.{number}", self.path.display()));
        for number in (1..self.max_files.saturating_sub(1)).rev() {
            let _ = fs::rename(numbered(number), numbered(number + 1));
        }
        let moved = if self.max_files > 1 { fs::rename(&self.path, numbered(1)) } else { fs::remove_file(&self.path) };
        if let (Ok(()), Ok(file)) = (moved, append_to(&self.path)) {
            self.file = file;
            self.size_bytes = 0;
        }
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o640).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(directory: &Path, max_size_bytes: Option<u64>, max_files: Option<u32>) -> LogFile {
        let spec = LogSpec { driver: "json-file".into(), path: directory.join("log"), max_size_bytes, max_files };
        LogFile::open(&spec).expect("opens").expect("a file")
    }

    fn text(directory: &Path, name: &str) -> String {
        fs::read_to_string(directory.join(name)).unwrap_or_default()
    }

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let directory = tempfile::tempdir().expect("a directory");
        open(directory.path(), None, None).write(b"one\n");
        open(directory.path(), None, None).write(b"two\n");
        assert_eq!(text(directory.path(), "log"), "one\ntwo\n");
    }

    #[test]
    fn rotation_keeps_as_many_files_as_asked() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut log = open(directory.path(), Some(5), Some(3));
        for entry in ["aaaa\n", "bbbb\n", "cccc\n", "dddd\n"] {
            log.write(entry.as_bytes());
        }
        let found = ["log", "log.1", "log.2", "log.3"].map(|name| text(directory.path(), name));
        assert_eq!(found, ["dddd\n", "cccc\n", "bbbb\n", ""]);
    }

    #[test]
    fn one_file_alone_starts_afresh() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut log = open(directory.path(), Some(5), Some(1));
        log.write(b"aaaa\n");
        log.write(b"bbbb\n");
        assert_eq!(text(directory.path(), "log"), "bbbb\n");
    }
}
