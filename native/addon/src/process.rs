//! Signals to processes that can be proven: a pid alone proves nothing, it may have been given to somebody else.

use std::str::{self, SplitAsciiWhitespace};

use kernel::error::{KernelError, Step};
use napi_derive::napi;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, read};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::crossing;

/// Sends `signal` to the process `pid` if that is still the one which started at `start_time` (field 22 of
/// /proc/PID/stat). Tells whether it was; nothing is sent otherwise. The caller has compared the boot id.
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
    if started_at(pid) != Some(start_time) {
        return Ok(false);
    }
    match pidfd_send_signal(process, signal) {
        Err(Errno::SRCH) => Ok(false),
        other => other.map(|()| true).step(step),
    }
}

/// Since boot, in clock ticks.
fn started_at(pid: i32) -> Option<i64> {
    with_fields(pid, |mut fields| fields.nth(19)?.parse().ok())
}

/// Longer than a line of /proc/PID/stat can be: 52 fields of at most 20 digits, and a short name.
const STAT_BYTES: usize = 2048;

/// Hands over the fields from the third on, the state: the second is the program's name in brackets and may hold spaces and brackets itself.
/// One `read` gets them all; many processes are asked about.
fn with_fields<T>(pid: i32, take: impl FnOnce(SplitAsciiWhitespace<'_>) -> Option<T>) -> Option<T> {
    let mut buffer = [0; STAT_BYTES];
    let file = open(format!("/proc/{pid}/stat"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let length = read(&file, &mut buffer).ok()?;
    let line = buffer.get(..length)?;
    let end = line.iter().rposition(|byte| *byte == b')')?;
    take(str::from_utf8(line.get(end + 1..)?).ok()?.split_ascii_whitespace())
}
