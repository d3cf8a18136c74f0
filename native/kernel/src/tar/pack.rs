//! Packs a file or directory into a tar stream, through descriptors only: whatever somebody exchanges meanwhile, nothing
//! is read that does not lie where the packing began.

use std::collections::HashMap;
use std::ffi::CString;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, Stat, fgetxattr, fstat, fstatfs, open, openat, readlinkat};
use rustix::io::Errno;

use super::archive::shown;
use super::header::malformed;
use super::tree::MAX_NAME;
use super::whiteout::{HIDDEN, OPAQUE, is_opaque, is_whiteout};
use super::write::{END, Entry, Type, filler, headers};
use crate::directory::names_in;
use crate::error::{Result, Step};

/// File systems that only look like files, without end: a copy of a whole container stops at them.
const NO_FILES: [u64; 2] = [0x9fa0, 0x6265_6572];

const BUFFER: usize = 128 * 1024;

/// Writes what `handle` (opened with `O_PATH`) refers to as `name`, with all that is in it, and the archive's end. With the
/// name `.` a directory's content comes without a name before it.
pub fn pack(handle: OwnedFd, name: &[u8], out: impl Write) -> Result<()> {
    let mut packer = Packer::new(out, Form::Plain);
    packer.add(&handle, name.to_vec()).step(|| step(name))?;
    packer.finish()
}

/// Writes what is in a directory, each under its path from there, and the archive's end: a whole file system, or a layer of one.
pub fn pack_content(root: &OwnedFd, form: Form, out: impl Write) -> Result<()> {
    let mut packer = Packer::new(out, form);
    packer.enter(root, Vec::new()).step(|| step(b"/"))?;
    packer.finish()
}

fn step(path: &[u8]) -> String {
    format!("copy `{}`", shown(path))
}

/// How a directory's content is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// As a layer of an image: what hides something of the layers below, as overlayfs keeps it, by the names that say so.
    Layer,
}

struct Packer<W> {
    out: W,
    form: Form,
    /// Files of several names, by device and inode.
    links: HashMap<(u64, u64), Vec<u8>>,
    levels: Vec<Level>,
    buffer: Vec<u8>,
}

/// A directory that is being read.
struct Level {
    directory: OwnedFd,
    path: Vec<u8>,
    /// Last one first.
    names: Vec<CString>,
}

impl<W: Write> Packer<W> {
    fn new(out: W, form: Form) -> Self {
        Self { out, form, links: HashMap::new(), levels: Vec::new(), buffer: vec![0; BUFFER] }
    }

    /// All that is in the directories that were entered.
    fn finish(mut self) -> Result<()> {
        while let Some(level) = self.levels.last_mut() {
            let Some(base) = level.names.pop() else {
                self.levels.pop();
                continue;
            };
            let path = below(&level.path, base.as_bytes());
            match openat(&level.directory, &base, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
                // It has gone since the directory was read.
                Err(Errno::NOENT) => {}
                opened => {
                    let handle = opened.step(|| step(&path))?;
                    self.add(&handle, path.clone()).step(|| step(&path))?;
                }
            }
        }
        self.out.write_all(&END).and_then(|()| self.out.flush()).step(|| "write the archive")
    }

    fn add(&mut self, handle: &OwnedFd, path: Vec<u8>) -> io::Result<()> {
        if path.len() > MAX_NAME {
            return Err(malformed("it lies too deep"));
        }
        let stat = fstat(handle)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => self.add_directory(handle, path, &stat),
            FileType::RegularFile => self.add_file(handle, &path, &stat),
            FileType::Symlink => {
                let target = readlinkat(handle, c"", Vec::new())?;
                self.write(&Entry { link: target.to_bytes(), ..entry(&path, Type::Symlink, &stat) })
            }
            FileType::CharacterDevice if self.form == Form::Layer && is_whiteout(&stat) => self.hide(&path, &stat),
            FileType::CharacterDevice => self.write(&entry(&path, Type::CharDevice, &stat)),
            FileType::BlockDevice => self.write(&entry(&path, Type::BlockDevice, &stat)),
            FileType::Fifo => self.write(&entry(&path, Type::Fifo, &stat)),
            // A socket is nothing without the program behind it.
            FileType::Socket | FileType::Unknown => Ok(()),
        }
    }

    fn write(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.out.write_all(&headers(entry))
    }

    fn add_directory(&mut self, handle: &OwnedFd, path: Vec<u8>, stat: &Stat) -> io::Result<()> {
        self.write(&entry(&[&path[..], b"/"].concat(), Type::Directory, stat))?;
        let is_inner = !self.levels.is_empty();
        if is_inner && u64::try_from(fstatfs(handle)?.f_type).is_ok_and(|kind| NO_FILES.contains(&kind)) {
            return Ok(());
        }
        self.enter(handle, path)
    }

    fn enter(&mut self, handle: &OwnedFd, path: Vec<u8>) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(handle, c".", flags, Mode::empty())?;
        if self.form == Form::Layer && is_opaque(&directory) {
            self.write(&marker(&below(&path, OPAQUE), &fstat(&directory)?))?;
        }
        let names = names_backwards(&directory)?;
        self.levels.push(Level { directory, path, names });
        Ok(())
    }

    fn hide(&mut self, path: &[u8], stat: &Stat) -> io::Result<()> {
        let at = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        self.write(&marker(&[&path[..at], HIDDEN, &path[at..]].concat(), stat))
    }

    fn add_file(&mut self, handle: &OwnedFd, path: &[u8], stat: &Stat) -> io::Result<()> {
        let identity = (stat.st_dev, stat.st_ino);
        if stat.st_nlink > 1 {
            if let Some(first) = self.links.get(&identity).cloned() {
                return self.write(&Entry { link: &first, size: 0, ..entry(path, Type::HardLink, stat) });
            }
            self.links.insert(identity, path.to_vec());
        }
        // The handle is that of a regular file: opening it waits for nobody and starts nothing.
        let file =
            open(format!("/proc/self/fd/{}", handle.as_raw_fd()), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        let capability = capability_of(&file);
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        self.write(&Entry { size, xattrs: &capability, ..entry(path, Type::File, stat) })?;
        self.copy(file.into(), size)
    }

    /// Exactly as much as the header has said: a file that shrinks meanwhile ends in zeros, one that grows is cut.
    fn copy(&mut self, mut file: std::fs::File, size: u64) -> io::Result<()> {
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
            let count = file.read(&mut self.buffer[..most])?;
            if count == 0 {
                break;
            }
            self.out.write_all(&self.buffer[..count])?;
            left -= count as u64;
        }
        io::copy(&mut io::repeat(0).take(left + filler(size) as u64), &mut self.out).map(drop)
    }
}

fn below(path: &[u8], base: &[u8]) -> Vec<u8> {
    if path.is_empty() { base.to_vec() } else { [path, b"/", base].concat() }
}

/// An empty file whose name says what is hidden.
fn marker<'a>(name: &'a [u8], stat: &Stat) -> Entry<'a> {
    Entry { mode: 0o600, uid: 0, gid: 0, device: (0, 0), ..entry(name, Type::File, stat) }
}

fn entry<'a>(name: &'a [u8], kind: Type, stat: &Stat) -> Entry<'a> {
    Entry {
        name,
        kind,
        link: b"",
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: 0,
        mtime: stat.st_mtime,
        device: (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev)),
        xattrs: &[],
    }
}

/// What a program may do without being root; other attributes stay where they are, as with Docker.
fn capability_of(file: &OwnedFd) -> Vec<(&'static str, Vec<u8>)> {
    const NAME: &str = "security.capability";
    let mut value = [0; 64];
    match fgetxattr(file, NAME, &mut value) {
        Ok(length) => vec![(NAME, value[..length].to_vec())],
        Err(_) => Vec::new(),
    }
}

/// Sorted backwards, to be taken from the end.
fn names_backwards(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = names_in(directory)?;
    names.reverse();
    Ok(names)
}
