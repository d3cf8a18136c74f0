//! Locks of the kernel on files. The holder is a descriptor: whoever closes it, or dies, gives the lock back.

use std::os::fd::{IntoRawFd, OwnedFd, RawFd};
use std::thread;

use kernel::error::{KernelError, Result, Step};
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;

use crate::error::crossing;

/// Takes the lock on `path` (made when missing) if it is free: the descriptor that holds it, or `null`.
/// `mode` is `exclusive` or `shared`. `closeSync` of the descriptor gives the lock back.
#[napi]
pub fn try_lock_file(path: String, mode: String) -> napi::Result<Option<RawFd>> {
    let file = open_lock(&path).map_err(|error| crossing(&error))?;
    match flock(&file, operation(&mode, Wait::No)) {
        Ok(()) => Ok(Some(file.into_raw_fd())),
        Err(Errno::AGAIN) => Ok(None),
        Err(errno) => Err(crossing(&refusal(&path, errno))),
    }
}

/// Waits for the lock on `path` and hands its descriptor to `done(error, descriptor)`. The waiting is done by a thread
/// of its own that does not keep Node alive: a caller who no longer wants the lock may leave.
#[napi]
pub fn lock_file(path: String, mode: String, done: Function<'_, RawFd, ()>) -> napi::Result<()> {
    let done = done.build_threadsafe_function().callee_handled::<true>().weak::<true>().build()?;
    thread::Builder::new()
        .name("lock".into())
        .spawn(move || {
            let answer = wait_for_lock(&path, &mode).map(IntoRawFd::into_raw_fd);
            done.call(answer.map_err(|error| crossing(&error)), ThreadsafeFunctionCallMode::NonBlocking);
        })
        .map_err(|cause| crossing(&KernelError::new("start a thread that waits for a lock", cause)))?;
    Ok(())
}

fn wait_for_lock(path: &str, mode: &str) -> Result<OwnedFd> {
    let file = open_lock(path)?;
    loop {
        match flock(&file, operation(mode, Wait::Yes)) {
            Ok(()) => return Ok(file),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(refusal(path, errno)),
        }
    }
}

fn open_lock(path: &str) -> Result<OwnedFd> {
    open(path, OFlags::RDONLY | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)
        .step(|| format!("open the lock \"{path}\""))
}

fn refusal(path: &str, errno: Errno) -> KernelError {
    KernelError::new(format!("lock \"{path}\""), errno)
}

#[derive(Clone, Copy)]
enum Wait {
    No,
    Yes,
}

fn operation(mode: &str, wait: Wait) -> FlockOperation {
    match (mode, wait) {
        ("shared", Wait::Yes) => FlockOperation::LockShared,
        ("shared", Wait::No) => FlockOperation::NonBlockingLockShared,
        (_, Wait::Yes) => FlockOperation::LockExclusive,
        (_, Wait::No) => FlockOperation::NonBlockingLockExclusive,
    }
}
