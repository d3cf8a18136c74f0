//! `delete`: nothing of a container stays.

use std::thread::sleep;
use std::time::{Duration, Instant};

use kernel::hooks;

use crate::complaint::Log;
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::store::Store;
use crate::words::{Failure, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    let (id, force) = (parsed.id(), parsed.has("force"));
    let container = match Container::load(global, id) {
        Ok(container) => container,
        Err(_) if force => {
            Store::of(global, id)?.remove()?;
            return Ok(0);
        }
        Err(failure) => return Err(failure),
    };
    match container.status() {
        Status::Stopped => {}
        Status::Created => end(&container)?,
        _ if force => end(&container)?,
        other => return Err(fail(format!("cannot delete container {id} that is not stopped: {}", other.word()))),
    }
    forget(&container, log)?;
    Ok(0)
}

fn end(container: &Container) -> Result<(), Failure> {
    if container.pid().is_some() {
        super::kill::send(container, libc::SIGKILL, false)?;
    }
    let until = Instant::now() + Duration::from_secs(10);
    while container.pid().is_some() {
        if Instant::now() > until {
            return Err(fail("container init still running"));
        }
        sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Takes its groups away, then what is remembered of it, and tells who wanted to know.
pub fn forget(container: &Container, log: &mut Log) -> Result<(), Failure> {
    let cgroup = container.cgroup()?;
    cgroup.kill();
    cgroup.remove()?;
    let after = container.document().map(|oci| oci.hooks.poststop);
    container.store.remove()?;
    if let Ok(poststop) = after {
        let state = hooks::state_json(&container.hook_state(Status::Stopped))?;
        if let Err(error) = hooks::run_all("poststop", &poststop, &state) {
            log.warning(&error.to_string());
        }
    }
    Ok(())
}
