//! Processes that a runtime has left to us. As long as one of them is not waited for, its container does not come to an end.

/// The number of a child that has ended and is not waited for yet.
pub fn dead_child() -> Option<i32> {
    // SAFETY: an all-zero structure is a valid value, and what waitid leaves in it is read only when it says so.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let look = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        let found = libc::waitid(libc::P_ALL, 0, &raw mut info, look) == 0 && info.si_pid() > 0;
        found.then(|| info.si_pid())
    }
}

/// Waits for one that has ended.
pub fn bury(pid: i32) {
    // SAFETY: without a place for the status, waitpid takes integers.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::WNOHANG) };
}
