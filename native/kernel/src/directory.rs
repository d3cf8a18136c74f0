//! What is in a directory, by its handle.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::AsFd;

use rustix::fs::Dir;

/// All names but the directory's own two, sorted by their bytes.
pub fn names_in(directory: impl AsFd) -> io::Result<Vec<CString>> {
    let is_own = |name: &CStr| name == c"." || name == c"..";
    let mut names = Vec::new();
    for found in Dir::read_from(directory)? {
        let found = found?;
        if !is_own(found.file_name()) {
            names.push(found.file_name().to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
