//! How the kernel hands out processors and disks to a process: its policy, its class, and the processors it may use.

use std::io;

use crate::error::{KernelError, Result};
use crate::oci::{OciIoPriority, OciScheduler};

const POLICIES: [(&str, u32); 7] = [
    ("SCHED_OTHER", 0),
    ("SCHED_FIFO", 1),
    ("SCHED_RR", 2),
    ("SCHED_BATCH", 3),
    ("SCHED_ISO", 4),
    ("SCHED_IDLE", 5),
    ("SCHED_DEADLINE", 6),
];

const FLAGS: [(&str, u64); 7] = [
    ("SCHED_FLAG_RESET_ON_FORK", 0x01),
    ("SCHED_FLAG_RECLAIM", 0x02),
    ("SCHED_FLAG_DL_OVERRUN", 0x04),
    ("SCHED_FLAG_KEEP_POLICY", 0x08),
    ("SCHED_FLAG_KEEP_PARAMS", 0x10),
    ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20),
    ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
];

/// struct sched_attr of linux/sched/types.h, version 0.
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// Sets the policy of the calling process.
pub fn set_policy(scheduler: &OciScheduler) -> Result<()> {
    let refuse = |cause| KernelError::new(format!("set the scheduler \"{}\"", scheduler.policy), cause);
    let unknown = |what: &str| refuse(io::Error::new(io::ErrorKind::InvalidInput, format!("\"{what}\" is not known")));
    let policy = POLICIES.iter().find(|(name, _)| *name == scheduler.policy);
    let (_, policy) = policy.ok_or_else(|| unknown(&scheduler.policy))?;
    let flags = scheduler.flags.iter().try_fold(0, |all, flag| {
        let known = FLAGS.iter().find(|(name, _)| name == flag);
        known.map(|(_, bit)| all | bit).ok_or_else(|| unknown(flag))
    })?;
    let OciScheduler { nice, priority, runtime, deadline, period, .. } = *scheduler;
    let size = u32::try_from(size_of::<Attributes>()).unwrap_or(48);
    let attributes = Attributes { size, policy: *policy, flags, nice, priority, runtime, deadline, period };
    // SAFETY: the structure is the kernel's, tells its own size and outlives the call.
    if unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) } == 0 {
        return Ok(());
    }
    Err(refuse(io::Error::last_os_error()))
}

/// Sets the class of the calling process at its disks.
pub fn set_io_class(io: &OciIoPriority) -> Result<()> {
    const WHO_PROCESS: libc::c_int = 1;
    const CLASS_SHIFT: i32 = 13;
    let refuse = |cause| KernelError::new(format!("set the disk priority \"{}\"", io.class), cause);
    let class = match io.class.as_str() {
        "IOPRIO_CLASS_RT" => 1,
        "IOPRIO_CLASS_BE" => 2,
        "IOPRIO_CLASS_IDLE" => 3,
        _ => return Err(refuse(io::Error::new(io::ErrorKind::InvalidInput, "there is no such class"))),
    };
    // SAFETY: ioprio_set takes integers.
    if unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, class << CLASS_SHIFT | io.priority) } == 0 {
        return Ok(());
    }
    Err(refuse(io::Error::last_os_error()))
}

/// Lets the calling process use every processor that its control group has, whatever the caller was bound to.
pub fn use_all_processors() {
    let all = [0xffu8; 128];
    // SAFETY: the mask and its size belong together. A refusal leaves what was there.
    unsafe { libc::syscall(libc::SYS_sched_setaffinity, 0, all.len(), all.as_ptr()) };
}

/// The processors of a list as a mask.
pub fn mask_of(list: &str) -> u128 {
    parse(list)
        .unwrap_or_default()
        .into_iter()
        .filter(|&number| number < 128)
        .fold(0, |mask, number| mask | 1 << number)
}

/// Sets the processors of a process: a list such as `0-2,5`.
pub fn set_processors(pid: libc::pid_t, list: &str) -> Result<()> {
    let refuse = |cause| KernelError::new(format!("use the processors \"{list}\""), cause);
    let numbers = parse(list).ok_or_else(|| {
        refuse(io::Error::new(io::ErrorKind::InvalidInput, "it is not a list of numbers and ranges of them"))
    })?;
    // SAFETY: all zeros is an empty set, and every number is below the size of it.
    let set = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        numbers.into_iter().for_each(|number| libc::CPU_SET(number, &mut set));
        set
    };
    // SAFETY: the set and its size belong together.
    if unsafe { libc::sched_setaffinity(pid, size_of_val(&set), &raw const set) } == 0 {
        return Ok(());
    }
    Err(refuse(io::Error::last_os_error()))
}

fn parse(list: &str) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for part in list.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if last < first || last >= 1024 {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_processors_is_numbers_and_ranges() {
        assert_eq!(parse("0-2,5"), Some(vec![0, 1, 2, 5]));
        for wrong in ["", "2-1", "x", "1,", "99999", "-1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
