//! Runs this program again from a place that nothing in a container can write to: its own file in a detached mount that is
//! read-only. A container's process can find its way to the file that its parent was executed from (/proc/PID/exe).

use std::env;
use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags, openat};

use crate::error::{Result, Step};
use crate::mounts::{Attributes, Recursion, clone_of, overlay, set_attributes};

const MOUNT_ATTR_RDONLY: u64 = 0x1;

/// Tells the second start from the first. It is taken out of the environment before anything else runs.
const MARK: &str = "TSCOMPOSE_MONITOR_PROTECTED";

/// What keeps the file from being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// A read-only mount of the file. It costs next to nothing, and belongs to no namespace in which it could be changed.
    Mount,
    /// An overlay that has no place to write to: a file system of its own, for a program that soon ends.
    Overlay,
}

impl Seal {
    fn word(self) -> &'static str {
        match self {
            Self::Mount => "mount",
            Self::Overlay => "overlay",
        }
    }
}

/// A read-only mount of the program's file, to be executed, and the word in the environment that tells the program that it was: whoever starts a
/// program of ours many times seals it once.
pub fn sealed(program: &Path) -> Result<(OwnedFd, String)> {
    let mount = read_only_mount(program).step(|| format!("make a read-only copy of \"{}\"", program.display()))?;
    Ok((mount, format!("{MARK}={}", Seal::Mount.word())))
}

/// Returns in the protected copy, and what protects it: an overlay can't be had of every file system. In the first start it
/// does not return, or fails.
pub fn protect(wanted: Seal) -> Result<Seal> {
    if let Some(word) = env::var_os(MARK) {
        // SAFETY: called first thing in a program with one thread.
        unsafe { env::remove_var(MARK) };
        return Ok(if word == Seal::Overlay.word() { Seal::Overlay } else { Seal::Mount });
    }
    let (program, seal) = protected_copy(wanted).step(|| "make a read-only copy of the monitor")?;
    Err(execute(&program, seal)).step(|| "execute the read-only copy of the monitor")
}

/// From the protected copy: the same program with the same arguments once more, and this beside its environment. Only returns
/// when it failed.
pub fn again(name: &str, value: &str) -> io::Error {
    // SAFETY: called in a process with one thread.
    unsafe { env::set_var(name, value) };
    match std::fs::File::open("/proc/self/exe") {
        Ok(program) => execute(&program.into(), Seal::Mount),
        Err(error) => error,
    }
}

fn protected_copy(wanted: Seal) -> io::Result<(OwnedFd, Seal)> {
    let own = Path::new("/proc/self/exe").read_link()?;
    if wanted == Seal::Overlay
        && let Some(program) = in_overlay(&own)
    {
        return Ok((program, Seal::Overlay));
    }
    Ok((read_only_mount(&own)?, Seal::Mount))
}

fn read_only_mount(program: &Path) -> io::Result<OwnedFd> {
    let mount = clone_of(program, Recursion::Single).map_err(|error| error.cause)?;
    set_attributes(mount.as_fd(), Attributes { set: MOUNT_ATTR_RDONLY, ..Attributes::default() }, Recursion::Single)?;
    Ok(mount)
}

fn in_overlay(own: &Path) -> Option<OwnedFd> {
    let (directory, name) = (own.parent()?, own.file_name()?);
    let mount = overlay::sealed(directory).ok()?;
    openat(mount, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()
}

/// Only returns when it failed.
fn execute(program: &OwnedFd, seal: Seal) -> io::Error {
    let text = |value: OsString| CString::new(value.into_vec()).unwrap_or_default();
    let arguments: Vec<CString> = env::args_os().map(text).collect();
    let mut environment: Vec<CString> = env::vars_os()
        .map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            text(name)
        })
        .collect();
    environment.push(text(format!("{MARK}={}", seal.word()).into()));
    let pointers = |list: &[CString]| list.iter().map(|one| one.as_ptr()).chain([std::ptr::null()]).collect::<Vec<_>>();
    let (arguments, environment) = (pointers(&arguments), pointers(&environment));
    // SAFETY: both lists end with a null pointer, and what they point to lives until the call is over.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            program.as_raw_fd(),
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH,
        );
    }
    io::Error::last_os_error()
}
