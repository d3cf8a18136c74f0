//! What goes wrong where nobody can be told, for monitor.log.

use std::fmt::Display;
use std::io::Write;

use kernel::timestamp;

/// Writes a line to standard error. Unlike `eprintln!` it survives a disk that is full.
pub fn write(what: impl Display) {
    let now = timestamp::rfc3339(std::time::SystemTime::now());
    let _ = writeln!(std::io::stderr(), "{now} {what}");
}
