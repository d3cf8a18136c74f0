//! The file of a program, found as execvpe(3) finds it but in the container's `PATH`, and the word for why there is none.

use std::ffi::{CStr, CString};
use std::io;

use rustix::fs::FileType;

use crate::error::{KernelError, Result};

/// Executes the program named by the first argument. Returns only with the reason why it could not.
pub fn execute(arguments: &[CString], environment: &[CString], path: &str) -> KernelError {
    let name = arguments.first().map(CString::as_c_str).unwrap_or_default();
    if name.to_bytes().contains(&b'/') {
        return refusal(name, try_file(name, arguments, environment), Place::File);
    }
    for directory in path.split(':') {
        let directory = if directory.is_empty() { "." } else { directory };
        let Ok(file) = CString::new([directory.as_bytes(), b"/", name.to_bytes()].concat()) else { continue };
        let error = try_file(&file, arguments, environment);
        // What may not be executed is passed over, as Docker does; it is not the program that was meant.
        if !matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR | libc::EACCES)) {
            return refusal(name, error, Place::File);
        }
        if error.raw_os_error() == Some(libc::ENOENT) && is_there(&file) {
            return refusal(name, error, Place::File);
        }
    }
    refusal(name, io::Error::from_raw_os_error(libc::ENOENT), Place::SearchPath)
}

/// Looks for the program without executing it.
pub fn find(arguments: &[CString], path: &str) -> Result<()> {
    let name = arguments.first().map(CString::as_c_str).unwrap_or_default();
    if name.to_bytes().contains(&b'/') {
        return look_at(name).map_err(|error| refusal(name, error, Place::File));
    }
    let mut found = io::Error::from_raw_os_error(libc::ENOENT);
    for directory in path.split(':') {
        let Ok(file) = CString::new([directory.as_bytes(), b"/", name.to_bytes()].concat()) else { continue };
        match look_at(&file) {
            Ok(()) => return Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::EACCES) => found = error,
            Err(_) => {}
        }
    }
    Err(refusal(name, found, Place::SearchPath))
}

fn look_at(file: &CStr) -> io::Result<()> {
    let found = rustix::fs::stat(file)?;
    match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => Err(io::Error::from_raw_os_error(libc::EISDIR)),
        _ if found.st_mode & 0o111 == 0 => Err(io::Error::from_raw_os_error(libc::EACCES)),
        _ => Ok(()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    SearchPath,
}

fn try_file(file: &CStr, arguments: &[CString], environment: &[CString]) -> io::Error {
    let pointers = |list: &[CString]| list.iter().map(|one| one.as_ptr()).chain([std::ptr::null()]).collect::<Vec<_>>();
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: both lists end with a null pointer, and what they point to lives until the call is over.
    unsafe { libc::execve(file.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

fn is_there(file: &CStr) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXISTS).is_ok()
}

/// Exit code 127 is for a program that is not there, 126 for one that is but can't be run.
fn refusal(name: &CStr, error: io::Error, place: Place) -> KernelError {
    let step = format!("execute \"{}\"", name.to_string_lossy());
    match error.raw_os_error() {
        Some(libc::ENOENT) if place == Place::SearchPath => {
            let cause = io::Error::new(io::ErrorKind::NotFound, "executable file not found in $PATH");
            KernelError::new(step, cause).code("executable-not-found")
        }
        Some(libc::ENOENT) if is_there(name) || !name.to_bytes().contains(&b'/') => {
            KernelError::new(step, error).code("executable-not-found").hint(
                "the file is there, but the interpreter or loader that it names is not (are its lines ended by CR LF?)",
            )
        }
        Some(libc::ENOENT | libc::ENOTDIR) => KernelError::new(step, error).code("executable-not-found"),
        Some(libc::ENOEXEC) => KernelError::new(step, error)
            .code("executable-denied")
            .hint("it is made for another kind of machine, or is a script whose first line is not #!"),
        _ => KernelError::new(step, error).code("executable-denied"),
    }
}
