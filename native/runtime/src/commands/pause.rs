//! `pause` and `resume`.

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, fail};

/// Stops all processes.
pub fn pause(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    match container.status() {
        Status::Running | Status::Created => container.cgroup()?.freeze()?,
        other => return Err(fail(format!("container not running or created: {}", other.word()))),
    }
    Ok(0)
}

/// Lets them go on.
pub fn resume(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    if !container.cgroup()?.is_frozen() {
        return Err(fail("container not paused"));
    }
    container.cgroup()?.thaw()?;
    Ok(0)
}
