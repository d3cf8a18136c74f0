//! Runs this program again from a place that nothing in a container can write to: a read-only detached mount of its own
//! file. A container's process can find its way to the file that its parent was executed from (/proc/PID/exe).

use std::env;
use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use crate::error::{Result, Step};
use crate::mounts::{Attributes, Recursion, clone_of, set_attributes};

const MOUNT_ATTR_RDONLY: u64 = 0x1;

/// Tells the second start from the first. It is taken out of the environment before anything else runs.
const MARK: &str = "TSCOMPOSE_MONITOR_PROTECTED";

/// Returns in the protected copy; in the first start it does not return, or fails.
pub fn protect() -> Result<()> {
    if env::var_os(MARK).is_some() {
        // SAFETY: called first thing in a program with one thread.
        unsafe { env::remove_var(MARK) };
        return Ok(());
    }
    let program = protected_copy().step(|| "make a read-only copy of the monitor")?;
    Err(execute(&program)).step(|| "execute the read-only copy of the monitor")
}

/// From the protected copy: the same program with the same arguments once more, and this beside its environment. Only returns
/// when it failed.
pub fn again(name: &str, value: &str) -> io::Error {
    // SAFETY: called in a process with one thread.
    unsafe { env::set_var(name, value) };
    match std::fs::File::open("/proc/self/exe") {
        Ok(program) => execute(&program.into()),
        Err(error) => error,
    }
}

fn protected_copy() -> io::Result<OwnedFd> {
    let own = Path::new("/proc/self/exe").read_link()?;
    let mount = clone_of(&own, Recursion::Single).map_err(|error| error.cause)?;
    set_attributes(mount.as_fd(), Attributes { set: MOUNT_ATTR_RDONLY, ..Attributes::default() }, Recursion::Single)?;
    Ok(mount)
}

/// Only returns when it failed.
fn execute(program: &OwnedFd) -> io::Error {
    let text = |value: OsString| CString::new(value.into_vec()).unwrap_or_default();
    let arguments: Vec<CString> = env::args_os().map(text).collect();
    let mut environment: Vec<CString> = env::vars_os()
        .map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            text(name)
        })
        .collect();
    environment.push(text(format!("{MARK}=1").into()));
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
