//! A further process in a running container: born into its pid namespace, then moved into all others. Runs in the child.

use std::convert::Infallible;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::confine::{Bond, close_the_rest, confine, own_keyring};
use super::first::set_oom_score;
use super::namespaces::{ended, enter};
use super::program::Program;
use super::report::Reporter;
use super::{ExecOptions, stdio};
use crate::cgroup::Cgroup;
use crate::error::{Result, Step};
use crate::process::user;

/// Everything of the container's but its pid namespace, which only a process's children can be moved to.
const NAMESPACES: libc::c_int =
    libc::CLONE_NEWNS | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC | libc::CLONE_NEWNET | libc::CLONE_NEWCGROUP;

/// Enters the container of the process `first` and executes the program. Returns only with the reason why it could not.
pub fn run(
    first: BorrowedFd<'_>,
    cgroup: &Cgroup,
    options: &ExecOptions<'_>,
    reporter: &Reporter,
) -> Result<Infallible> {
    let process = options.process;
    set_oom_score(process.oom_score_adj)?;
    cgroup.join()?;
    // The root and the working directory become the container's with its mount namespace.
    enter(first, NAMESPACES).step(|| "enter the container").map_err(ended)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, "/", flags, Mode::empty()).step(|| "open the container's root")?;
    let identity = user::lookup(root.as_fd(), options.user, options.group_add)?;
    stdio::take(&options.stdio, root.as_fd(), reporter)?;
    stdio::give_to(identity.uid)?;
    let program = Program::read(process, &identity)?;
    own_keyring();
    confine(process, &identity, Bond::Container)?;
    close_the_rest()?;
    program.execute(reporter)
}
