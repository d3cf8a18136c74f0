//! Signals to the monitor itself, as readable events. SIGTERM and SIGINT ask it to stop the container.

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};

use kernel::error::{KernelError, Result};

/// A hang-up is taken and forgotten: the terminal that a user started us from is none of ours. A child's end only wakes us.
const TAKEN: [i32; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGCHLD];
const ASKING: [i32; 2] = [libc::SIGTERM, libc::SIGINT];

/// Blocks the signals and returns a descriptor that is readable when one came.
pub fn open() -> Result<OwnedFd> {
    // SAFETY: an all-zero signal set is a valid value, and sigemptyset makes it a defined one.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid and ours; the mask that is changed is that of the only thread; -1 asks for a new descriptor.
    let fd = unsafe {
        libc::sigemptyset(&raw mut set);
        for signal in TAKEN {
            libc::sigaddset(&raw mut set, signal);
        }
        libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
        libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    if fd < 0 {
        return Err(KernelError::new("take signals as events", io::Error::last_os_error()));
    }
    // SAFETY: the descriptor was just made and has no other owner.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Whether one of them that asks for an end is waiting to be taken, where nobody takes them.
pub fn is_asked_to_end() -> bool {
    // SAFETY: an all-zero signal set is a valid value, and sigpending fills it.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid and ours.
    unsafe {
        libc::sigpending(&raw mut set);
        ASKING.into_iter().any(|signal| libc::sigismember(&raw const set, signal) == 1)
    }
}

/// Takes the signals that have come; tells whether one of them asks for a stop.
pub fn stop_asked(signals: impl AsFd) -> bool {
    let mut asked = false;
    let mut info = [0_u8; size_of::<libc::signalfd_siginfo>()];
    while let Ok(count) = rustix::io::read(&signals, &mut info[..])
        && count == info.len()
    {
        // The number is the first field of the record.
        asked |= ASKING.contains(&i32::from_ne_bytes([info[0], info[1], info[2], info[3]]));
    }
    asked
}
