//! A further process in a bundle's container, by whoever has the right to: the namespaces are those of its first process.

use std::convert::Infallible;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::init::announce;
use super::{take_descriptor, users};
use crate::cgroup::Cgroup;
use crate::error::{Result, Step};
use crate::oci::{OciPersonality, OciProcess};
use crate::process::{capabilities, personality, rlimits, schedule, user};
use crate::sandbox::clone::Birth;
use crate::sandbox::confine::{Bond, become_somebody, close_the_rest, enter_directory, own_keyring, seal};
use crate::sandbox::first::set_oom_score;
use crate::sandbox::launch::{Launched, launch_and_attend};
use crate::sandbox::namespaces::{CLONE_NEWTIME, ended, enter, with_children_in};
use crate::sandbox::program::Program;
use crate::sandbox::report::{Reporter, Stop};
use crate::sandbox::{Executed, Stdio, stay_unreadable, stdio};
use crate::seccomp::Filter;

/// What is to run where.
#[derive(Debug)]
pub struct Joining<'a> {
    /// The container's first process, which the caller has proven.
    pub pid: i32,
    /// The same, held.
    pub pidfd: BorrowedFd<'a>,
    /// Where the process is counted and limited.
    pub cgroup: &'a Cgroup,
    /// The system calls that it may make.
    pub filter: Option<&'a Filter>,
    /// The program and what it may do.
    pub process: &'a OciProcess,
    /// Which kind of Linux it finds.
    pub personality: Option<&'a OciPersonality>,
    /// What it reads from and writes to.
    pub stdio: Stdio,
    /// Whether a terminal of the caller's shows what the program's own gets.
    pub relayed: bool,
    /// How many descriptors after the standard ones it keeps.
    pub preserved: u32,
}

/// Runs a program in the container and returns when it has been executed.
///
/// `attend` is handed the descriptor by which a filter asks, and the number of the process.
pub fn exec(joining: &Joining<'_>, attend: impl Fn(OwnedFd, i32) -> Result<()>) -> Result<Executed> {
    stay_unreadable()?;
    let namespaces = other_namespaces(joining.pid);
    let birthplace = joining.cgroup.birthplace()?;
    let birth = Birth { namespaces: 0, cgroup: birthplace.as_ref().map(AsFd::as_fd) };
    let body = |reporter: &Reporter| run(joining, namespaces, reporter);
    let Launched { child, terminal } = with_children_in(Some(joining.pidfd), || {
        launch_and_attend(birth, body, |stop, child| match stop {
            Stop::Listening(number) => attend(take_descriptor(&child.pidfd, number)?, child.pid),
            _ => Ok(()),
        })
    })?;
    Ok(Executed { pid: child.pid, pidfd: child.pidfd, terminal })
}

/// Only what differs from the caller's can be entered: nobody may join the user namespace that he is in.
fn other_namespaces(pid: i32) -> libc::c_int {
    const KINDS: [(&str, libc::c_int); 7] = [
        ("user", libc::CLONE_NEWUSER),
        ("mnt", libc::CLONE_NEWNS),
        ("uts", libc::CLONE_NEWUTS),
        ("ipc", libc::CLONE_NEWIPC),
        ("net", libc::CLONE_NEWNET),
        ("cgroup", libc::CLONE_NEWCGROUP),
        ("time", CLONE_NEWTIME),
    ];
    let differs = |kind: &str| {
        fs::read_link(format!("/proc/self/ns/{kind}")).ok() != fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()
    };
    KINDS.iter().filter(|(kind, _)| differs(kind)).fold(0, |all, (_, flag)| all | flag)
}

fn run(joining: &Joining<'_>, namespaces: libc::c_int, reporter: &Reporter) -> Result<Infallible> {
    let Joining { process, .. } = joining;
    set_oom_score(process.oom_score_adj)?;
    joining.cgroup.join()?;
    schedule::use_all_processors();
    if let Some(affinity) = &process.exec_cpu_affinity
        && !affinity.initial.is_empty()
    {
        schedule::set_processors(0, &affinity.initial)?;
    }
    rlimits::apply(&process.rlimits)?;
    let root = enter_all(joining, namespaces)?;
    let identity = user::of_numbers(root.as_fd(), &process.user)?;
    stdio::take(&joining.stdio, root.as_fd(), reporter)?;
    if joining.relayed && matches!(joining.stdio, Stdio::Terminal { .. }) {
        stdio::keep_line_ends()?;
    }
    stdio::give_to(identity.uid)?;
    take_shares(process)?;
    joining.personality.map_or(Ok(()), personality::apply)?;
    let program = Program::read(process, &identity)?;
    own_keyring();
    close_the_rest(joining.preserved)?;
    program.find()?;
    enter_directory(process)?;
    become_somebody(process, &identity, Bond::Container)?;
    let sets = capabilities::resolve(&process.capabilities)?;
    announce(seal(process, sets, joining.filter)?, reporter)?;
    program.execute(reporter)
}

/// The root and the working directory become the container's, when its mounts are its own.
fn enter_all(joining: &Joining<'_>, namespaces: libc::c_int) -> Result<OwnedFd> {
    let step = || "enter the container";
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let chrooted = openat(CWD, format!("/proc/{}/root", joining.pid), flags, Mode::empty()).step(step)?;
    if namespaces != 0 {
        enter(joining.pidfd, namespaces).step(step).map_err(ended)?;
    }
    if namespaces & libc::CLONE_NEWUSER != 0 {
        users::become_root()?;
    }
    if namespaces & libc::CLONE_NEWNS == 0 {
        rustix::process::fchdir(&chrooted).and_then(|()| rustix::process::chroot(".")).step(step)?;
    }
    openat(CWD, "/", flags, Mode::empty()).step(|| "open the container's root")
}

fn take_shares(process: &OciProcess) -> Result<()> {
    if let Some(scheduler) = &process.scheduler {
        schedule::set_policy(scheduler)?;
    }
    if let Some(priority) = &process.io_priority {
        schedule::set_io_class(priority)?;
    }
    match &process.exec_cpu_affinity {
        Some(affinity) if !affinity.last.is_empty() => schedule::set_processors(0, &affinity.last),
        _ => Ok(()),
    }
}
