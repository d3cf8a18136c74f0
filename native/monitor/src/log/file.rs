//! The log's file: entries appended in batches, rotated by size. A full disk costs entries, never the container's time.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use kernel::spec::LogSpec;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};

/// A batch is written when it has grown to this, even while more output is waiting.
const BATCH_BYTES: usize = 128 * 1024;

/// An open log file and the entries that are not yet in it.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    max_size: u64,
    max_files: u32,
    batch: Vec<u8>,
    dropped: u64,
}

impl LogFile {
    /// Opens the log for appending, or none for the driver `none`. An entry that a killed monitor left torn gets its end.
    pub fn open(spec: &LogSpec) -> Result<Option<Self>> {
        if spec.driver == "none" {
            return Ok(None);
        }
        let step = || format!("open the log `{}`", spec.path.display());
        let mut options = File::options();
        let mut file = options.read(true).append(true).create(true).mode(0o640).open(&spec.path).step(step)?;
        let size = file.metadata().step(step)?.len();
        let torn = size > 0 && !ends_with_newline(&mut file);
        Ok(Some(Self {
            path: spec.path.clone(),
            file,
            size,
            max_size: spec.max_size_bytes.unwrap_or(u64::MAX),
            max_files: spec.max_files.unwrap_or(1),
            batch: if torn { vec![b'\n'] } else { Vec::new() },
            dropped: 0,
        }))
    }

    /// Adds one entry, which `write` appends to the batch. As with Docker, a file grows until it has reached its size.
    pub fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.size + self.batch.len() as u64 >= self.max_size {
            self.flush();
            self.rotate();
        }
        write(&mut self.batch);
        if self.batch.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Writes the batch. What the disk refuses is counted and forgotten.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let written = write_as_much_as_fits(&mut self.file, &self.batch);
        self.size += written as u64;
        if written < self.batch.len() {
            self.cut_torn_entry(written);
        }
        self.batch.clear();
    }

    /// How many entries the disk has refused and no entry tells about.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Writes an entry that tells about those which were refused; they are forgotten when the disk takes it.
    pub fn report_dropped(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let refused = std::mem::take(&mut self.dropped);
        self.append(write);
        self.flush();
        if self.dropped > 0 {
            self.dropped = refused;
        }
    }

    fn cut_torn_entry(&mut self, written: usize) {
        let whole = memchr::memrchr(b'\n', &self.batch[..written]).map_or(0, |at| at + 1);
        self.dropped += memchr::memchr_iter(b'\n', &self.batch[whole..]).count() as u64;
        let size = self.size - (written - whole) as u64;
        if self.file.set_len(size).is_ok() {
            self.size = size;
        }
    }

    /// `log` becomes `log.1`, `log.1` becomes `log.2` and so on; with one file alone it is emptied. Where that is refused,
    /// or while a reader looks the files up, the present file goes on growing.
    fn rotate(&mut self) {
        let Some(_lock) = lock_names(&self.path) else { return };
        // Not left to be replaced: ext4 writes a file out to the disk before it takes another's place.
        if self.max_files > 1 {
            let _ = fs::remove_file(numbered(&self.path, self.max_files - 1));
        }
        for number in (1..self.max_files.saturating_sub(1)).rev() {
            // Refused when there is no such file yet.
            let _ = fs::rename(numbered(&self.path, number), numbered(&self.path, number + 1));
        }
        if self.max_files > 1 && fs::rename(&self.path, numbered(&self.path, 1)).is_err() {
            return;
        }
        let mut options = File::options();
        // Truncated only when it was not renamed, so nothing is lost that was to be kept.
        let opened = options.append(true).create(true).mode(0o640).open(&self.path);
        if let Ok(file) = opened
            && (self.max_files > 1 || file.set_len(0).is_ok())
        {
            self.file = file;
            self.size = 0;
        }
    }
}

/// Of src/runtime/log/files.ts: who finds files by names that change meanwhile finds one twice, or misses one. Nobody is waited for: a reader that has been
/// stopped must not stop a container. Files whose lock can't be opened are rotated all the same.
fn lock_names(path: &Path) -> Option<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::CREATE | OFlags::CLOEXEC;
    let Ok(lock) = open(path.with_file_name("log.lock"), flags, Mode::RUSR | Mode::WUSR) else { return Some(None) };
    flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok().then_some(Some(lock))
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn ends_with_newline(file: &mut File) -> bool {
    let mut last = [0];
    let read = file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last));
    read.is_err() || last == *b"\n"
}

fn write_as_much_as_fits(file: &mut File, bytes: &[u8]) -> usize {
    let mut written = 0;
    while written < bytes.len() {
        match file.write(&bytes[written..]) {
            Ok(0) => break,
            Ok(count) => written += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(path: &Path, max_size_bytes: Option<u64>, max_files: Option<u32>) -> LogSpec {
        LogSpec { driver: "json-file".into(), path: path.into(), max_size_bytes, max_files, forward: None }
    }

    fn write(log: &mut LogFile, entries: impl IntoIterator<Item = u32>) {
        for number in entries {
            log.append(|batch| writeln!(batch, "entry {number}").unwrap());
        }
        log.flush();
    }

    #[test]
    fn files_rotate_at_their_size_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&spec(&path, Some(16), Some(3))).unwrap().unwrap();
        write(&mut log, 0..9);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("log"), "entry 8\n");
        assert_eq!(read("log.1"), "entry 6\nentry 7\n");
        assert_eq!(read("log.2"), "entry 4\nentry 5\n");
        assert!(!folder.path().join("log.3").exists());
    }

    #[test]
    fn nothing_is_renamed_while_a_reader_looks_the_files_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&spec(&path, Some(16), Some(3))).unwrap().unwrap();
        write(&mut log, 0..1);
        let reader = lock_names(&path);
        write(&mut log, 1..5);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 5);
        drop(reader);
        write(&mut log, 5..6);
        assert_eq!(fs::read_to_string(&path).unwrap(), "entry 5\n");
    }

    #[test]
    fn one_file_alone_is_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&spec(&path, Some(16), None)).unwrap().unwrap();
        write(&mut log, 0..3);
        assert_eq!(fs::read_to_string(&path).unwrap(), "entry 2\n");
        assert!(!folder.path().join("log.1").exists());
    }

    #[test]
    fn a_torn_entry_gets_its_end_and_the_size_counts_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "torn").unwrap();
        let mut log = LogFile::open(&spec(&path, Some(1000), Some(2))).unwrap().unwrap();
        write(&mut log, [1]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "torn\nentry 1\n");
        assert_eq!(log.size, 13);
    }

    #[test]
    fn a_full_disk_costs_entries_and_the_log_says_how_many() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&spec(&path, None, None)).unwrap().unwrap();
        let disk = std::mem::replace(&mut log.file, File::options().append(true).open("/dev/full").unwrap());
        write(&mut log, 0..5);
        assert_eq!(log.dropped(), 5);
        log.report_dropped(|batch| batch.extend_from_slice(b"lost\n"));
        assert_eq!(log.dropped(), 5);
        log.file = disk;
        log.report_dropped(|batch| batch.extend_from_slice(b"lost\n"));
        write(&mut log, [6]);
        assert_eq!(log.dropped(), 0);
        assert_eq!(fs::read_to_string(&path).unwrap(), "lost\nentry 6\n");
    }
}
