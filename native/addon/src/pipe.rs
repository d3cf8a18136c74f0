//! A pipe of this process: one end is fed by Node, the other is read by the native part.

use std::os::fd::IntoRawFd;

use kernel::error::Step;
use napi_derive::napi;
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use crate::error::crossing;

/// Large enough that the two sides seldom wait for each other.
const BYTES: usize = 1 << 20;

/// The descriptors `[read, write]`; both are the caller's to close.
#[napi]
pub fn open_pipe() -> napi::Result<Vec<i32>> {
    let ends = pipe_with(PipeFlags::CLOEXEC).step(|| "make a pipe");
    let (read, write) = ends.map_err(|error| crossing(&error))?;
    // Who has many pipes already may be allowed no large ones: a small one does as well.
    let _ = fcntl_setpipe_size(&write, BYTES);
    Ok(vec![read.into_raw_fd(), write.into_raw_fd()])
}
