//! Signals to processes that can be proven: a pid alone proves nothing, it may have been given to somebody else.

use kernel::error::{KernelError, Step};
use kernel::identity;
use napi_derive::napi;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::crossing;

/// Sends `signal` to the process `pid` if that is still the one which started at `start_time` (field 22 of
/// /proc/PID/stat) and no zombie. Tells whether it was; nothing is sent otherwise. The caller has compared the boot id.
#[napi]
pub fn signal_process(pid: i32, start_time: i64, signal: i32) -> napi::Result<bool> {
    send(pid, start_time, signal).map_err(|error| crossing(&error))
}

fn send(pid: i32, start_time: i64, signal: i32) -> kernel::error::Result<bool> {
    let step = || format!("send signal {signal} to process {pid}");
    // 0 and negative numbers mean groups of processes, 1 is the machine's own.
    let target = Some(pid).filter(|pid| *pid > 1).and_then(Pid::from_raw);
    let (Some(target), Some(signal)) = (target, Signal::from_named_raw(signal)) else {
        return Err(KernelError::new(step(), Errno::INVAL));
    };
    let process = match pidfd_open(target, PidfdFlags::empty()) {
        Err(Errno::SRCH) => return Ok(false),
        other => other.step(step)?,
    };
    // Read after the descriptor was opened: from then on it can't come to mean another process.
    if !identity::start_time(pid).is_ok_and(|found| i64::try_from(found) == Ok(start_time)) {
        return Ok(false);
    }
    match pidfd_send_signal(process, signal) {
        Err(Errno::SRCH) => Ok(false),
        other => other.map(|()| true).step(step),
    }
}
