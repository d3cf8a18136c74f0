//! clone3(2): a child with a copy of this process's memory, in namespaces of its own, and a descriptor that stands for it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};

/// `CLONE_INTO_CGROUP`, which the libc crate has in a type that is too narrow.
const INTO_CGROUP: u64 = 1 << 33;

/// A child that nobody has waited for yet.
#[derive(Debug)]
pub struct Child {
    /// In this process's pid namespace.
    pub pid: i32,
    /// Readable when it has ended.
    pub pidfd: OwnedFd,
}

impl Child {
    /// Ends it for certain and takes its exit status away.
    pub fn reap(self) {
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
        let ended = WaitIdOptions::EXITED;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::PidFd(self.pidfd.as_fd()), ended) {}
    }
}

/// Where a child is born.
#[derive(Debug, Clone, Copy, Default)]
pub struct Birth<'a> {
    /// `CLONE_NEW*` of what it gets anew.
    pub namespaces: libc::c_int,
    /// Its control group of v2, if it is not to be this process's.
    pub cgroup: Option<BorrowedFd<'a>>,
}

/// Whose child is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parent {
    Caller,
    CallersParent,
}

/// Runs `body` in a child, which ends where `body` does. This process must have one thread.
pub fn spawn(birth: Birth<'_>, body: impl FnOnce()) -> io::Result<Child> {
    spawn_for(Parent::Caller, birth, body)
}

/// The same, but the child is the caller's sibling: its parent waits for it, and the caller may end before it does.
pub fn spawn_sibling(birth: Birth<'_>, body: impl FnOnce()) -> io::Result<Child> {
    spawn_for(Parent::CallersParent, birth, body)
}

fn spawn_for(parent: Parent, birth: Birth<'_>, body: impl FnOnce()) -> io::Result<Child> {
    let mut pidfd: RawFd = -1;
    // SAFETY: all zeros is what clone3(2) documents for an absent argument.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = u64::from((birth.namespaces | libc::CLONE_PIDFD).cast_unsigned());
    if parent == Parent::CallersParent {
        arguments.flags |= u64::from(libc::CLONE_PARENT.cast_unsigned());
    }
    if let Some(cgroup) = birth.cgroup {
        arguments.flags |= INTO_CGROUP;
        arguments.cgroup = u64::from(cgroup.as_raw_fd().cast_unsigned());
    }
    arguments.pidfd = (&raw mut pidfd) as u64;
    // A sibling tells their parent by the caller's own signal, and may not name one.
    arguments.exit_signal = if parent == Parent::Caller { u64::from(libc::SIGCHLD.cast_unsigned()) } else { 0 };
    // SAFETY: without CLONE_VM the child has a memory of its own, as after fork; with one thread no lock is held in it.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw mut arguments, size_of_val(&arguments)) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // A panic must not go on in the frames of the parent, whose work this copy has no part in.
            let _ = catch_unwind(AssertUnwindSafe(body));
            // SAFETY: leaves at once, without the exit handlers of the process this is a copy of.
            unsafe { libc::_exit(1) }
        }
        // SAFETY: the kernel has just given us this descriptor, and nobody else owns it.
        pid => Ok(Child { pid: i32::try_from(pid).unwrap_or(-1), pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }),
    }
}
