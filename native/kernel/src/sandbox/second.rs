//! A further process in a running container: born into its pid namespace, then moved into all others. Runs in the child.

use std::convert::Infallible;
use std::os::fd::AsFd;

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::confine::{Bond, confine, own_keyring};
use super::first::set_oom_score;
use super::namespaces::{ended, enter};
use super::program::Program;
use super::report::Reporter;
use super::{ExecOptions, Started, stdio};
use crate::error::{Result, Step};
use crate::process::user;

/// Everything of the container's but its pid namespace, which only a process's children can be moved to.
const NAMESPACES: libc::c_int =
    libc::CLONE_NEWNS | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC | libc::CLONE_NEWNET | libc::CLONE_NEWCGROUP;

/// Enters the container and executes the program. Returns only with the reason why it could not.
pub fn run(container: &Started, options: &ExecOptions<'_>, reporter: &Reporter) -> Result<Infallible> {
    let process = options.process;
    let Started { cgroup, filter, .. } = container;
    set_oom_score(process.oom_score_adj)?;
    cgroup.join()?;
    // The root and the working directory become the container's with its mount namespace.
    enter(container.pidfd.as_fd(), NAMESPACES).step(|| "enter the container").map_err(ended)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, "/", flags, Mode::empty()).step(|| "open the container's root")?;
    let identity = user::lookup(root.as_fd(), options.user, options.group_add)?;
    stdio::take(&options.stdio, root.as_fd(), reporter)?;
    stdio::give_to(identity.uid)?;
    let program = Program::read(process, &identity)?;
    own_keyring();
    confine(process, &identity, Bond::Container, filter.as_ref())?;
    program.execute(reporter)
}
