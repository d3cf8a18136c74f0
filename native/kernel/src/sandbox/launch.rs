//! A child from its birth to its program: whatever goes wrong in it becomes an error here, and it is gone.

use std::convert::Infallible;
use std::io;

use super::clone::{Birth, Child, spawn};
use super::report::{Heard, Listener, Reporter, Stop, channel};
use crate::error::{KernelError, Result, Step};

/// A child that executes its program, and the master side of its terminal if it has one.
#[derive(Debug)]
pub struct Launched {
    /// Not waited for.
    pub child: Child,
    /// With `Stdio::Terminal`.
    pub terminal: Option<std::os::fd::OwnedFd>,
}

/// Runs `body` in a child that is born there and returns when its program has been executed.
pub fn launch(birth: Birth<'_>, body: impl FnOnce(&Reporter) -> Result<Infallible>) -> Result<Launched> {
    launch_and_attend(birth, body, |_, _| Ok(()))
}

/// The same for a child that waits for its parent on the way.
pub fn launch_and_attend(
    birth: Birth<'_>,
    body: impl FnOnce(&Reporter) -> Result<Infallible>,
    attend: impl Fn(Stop, &Child) -> Result<()>,
) -> Result<Launched> {
    let (listener, reporter) = channel()?;
    let child = spawn(birth, || {
        listener.close_copy();
        let Err(error) = body(&reporter);
        reporter.failed(&error);
    })
    .step(|| "create the container's process")
    .map_err(lacks_namespaces)?;
    drop(reporter);
    let failure = match listen(&listener, &child, attend) {
        Ok(Heard { failure: None, executing: true, terminal, .. }) => return Ok(Launched { child, terminal }),
        Ok(heard) => heard.failure.unwrap_or_else(died),
        Err(error) => error,
    };
    child.reap();
    Err(failure)
}

fn listen(listener: &Listener, child: &Child, attend: impl Fn(Stop, &Child) -> Result<()>) -> Result<Heard> {
    let mut heard = Heard::default();
    while let Some(stop) = listener.listen_until_stop(&mut heard)? {
        attend(stop, child)?;
        listener.go_on()?;
    }
    Ok(heard)
}

fn died() -> KernelError {
    let cause = io::Error::other("it was killed while it was being set up");
    KernelError::new("start the container's first process", cause).hint("is its memory limit large enough?")
}

fn lacks_namespaces(error: KernelError) -> KernelError {
    match error.cause.raw_os_error() {
        Some(libc::EINVAL | libc::ENOSYS) => {
            error.code("kernel-lacks").hint("the kernel needs clone3 and all namespaces")
        }
        Some(libc::EPERM) => error.code("permission-denied").hint("making namespaces needs root"),
        _ => error,
    }
}
