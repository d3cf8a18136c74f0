//! `start`: the program that waits is executed.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use kernel::hooks;
use rustix::event::{PollFd, PollFlags, poll};

use crate::complaint::Log;
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, While, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    match container.status() {
        Status::Created => {}
        Status::Stopped => return Err(fail("cannot start a container that has stopped")),
        Status::Running => return Err(fail("cannot start an already running container")),
        other => return Err(fail(format!("cannot start a container in the {} state", other.word()))),
    }
    let oci = container.document()?;
    release(&container)?;
    let state = hooks::state_json(&container.hook_state(Status::Running))?;
    if let Err(error) = hooks::run("poststart", &oci.hooks.poststart, &state) {
        log.warning(&error.to_string());
    }
    Ok(0)
}

/// Writes to the fifo and waits until nobody reads it any more, which is when the program has been executed. Of two who start
/// one container, only one finds the fifo.
fn release(container: &Container) -> Result<(), Failure> {
    let (path, taken) = (container.store.fifo(), container.store.fifo().with_extension("taken"));
    let what = || "start the container".to_owned();
    fs::rename(&path, &taken).map_err(|_| fail("cannot start an already running container"))?;
    let opened = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(&taken);
    let mut fifo = opened.map_err(|_| fail("cannot start a container that has stopped"))?;
    fifo.write_all(b"0").while_doing(what)?;
    let mut list = [PollFd::new(&fifo, PollFlags::empty())];
    while let Err(rustix::io::Errno::INTR) = poll(&mut list, None) {}
    fs::remove_file(&taken).while_doing(what)
}
