//! What a layer becomes on disk, and what hostile ones don't: tables of archives. Owners, devices and whiteouts need root.

mod escapes;
mod forms;
mod streams;
#[path = "../tar_fixture/mod.rs"]
mod tar_fixture;

use kernel::error::KernelError;
use kernel::tar::layer::{Expected, unpack_layer};
use kernel::tar::place::Owners;
use kernel::tar::source::{Compression, Input, Limits};
use kernel::tar::unpack::{Form, Options, Unpacked, unpack};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tar_fixture::{Fields, Tar, gzip, zstd};
use tempfile::TempDir;

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: owners, devices and whiteouts can only be made by root");
    }
    root
}

fn options() -> Options {
    let owners = if rustix::process::geteuid().is_root() { Owners::Archive } else { Owners::Caller };
    Options { form: Form::Overlay, owners, limits: Limits::default() }
}

fn input(archive: &[u8]) -> Input {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(archive).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    Input { file, expected: None, copy: None }
}

/// A place to unpack in, with a sentinel beside the target that nothing may touch.
struct Ground {
    dir: TempDir,
}

impl Ground {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("etc")).unwrap();
        fs::write(dir.path().join("etc/passwd"), "outside").unwrap();
        Self { dir }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn unpack(&self, archive: &[u8]) -> Result<Unpacked, KernelError> {
        let result = unpack(&self.root(), input(archive), (options(), &AtomicBool::new(false)));
        assert_eq!(fs::read_to_string(self.dir.path().join("etc/passwd")).unwrap(), "outside");
        assert_eq!(
            fs::read_dir(self.dir.path().join("etc")).unwrap().count(),
            1,
            "something came in beside the sentinel"
        );
        let expected_entries = if result.is_ok() { 2 } else { 1 };
        assert_eq!(fs::read_dir(self.dir.path()).unwrap().count(), expected_entries, "a partial tree stayed");
        result
    }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn inode(path: impl AsRef<Path>) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

/// An etc/passwd inside, to be found instead of the one outside.
fn with_passwd() -> Tar {
    Tar::default().dir("etc", 0o770).file("/etc/passwd", "inside")
}
