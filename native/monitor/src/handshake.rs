//! The one line that the monitor says on its standard output: whether it did what it was started for.

use std::io::Write;
use std::os::fd::OwnedFd;

use kernel::spec::ContainerStateRecord;
use rustix::fs::{Mode, OFlags};
use serde_json::json;

use crate::control::failure::Failure;

/// The container runs.
pub fn succeed(state: &ContainerStateRecord) {
    say(&json!({ "ok": true, "state": state }));
}

/// It is done. Whoever asked may unmount what our complaints went to.
pub fn done() {
    if let Ok(null) = null() {
        let _ = rustix::stdio::dup2_stderr(&null);
    }
    say(&json!({ "ok": true }));
}

/// It could not be done, and nothing is left of a container that could not be started.
pub fn fail(failure: &Failure) {
    say(&json!({ "ok": false, "error": failure }));
}

/// Whoever started us may be gone: then there is nobody to tell, and the container runs all the same.
fn say(line: &serde_json::Value) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    if let Ok(null) = null() {
        let _ = rustix::stdio::dup2_stdout(&null);
    }
}

fn null() -> rustix::io::Result<OwnedFd> {
    rustix::fs::open("/dev/null", OFlags::RDWR, Mode::empty())
}
