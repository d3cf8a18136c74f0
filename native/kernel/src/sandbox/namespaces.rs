//! Which namespaces a container gets anew, which it joins, and which it shares with the host.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use crate::error::{KernelError, Result, Step};
use crate::oci::OciNamespace;

/// The list of the specification, with the files of those that are joined opened.
#[derive(Debug)]
pub struct Namespaces {
    new: libc::c_int,
    joined: Vec<(libc::c_int, OwnedFd)>,
}

impl Namespaces {
    /// Reads the list; what it does not name is shared with the caller.
    pub fn read(list: &[OciNamespace]) -> Result<Self> {
        let mut namespaces = Self { new: 0, joined: Vec::new() };
        for namespace in list {
            let flag = flag_of(&namespace.kind)?;
            match &namespace.path {
                None => namespaces.new |= flag,
                Some(path) => {
                    let file = File::open(path).step(|| format!("open the namespace \"{}\"", path.display()))?;
                    namespaces.joined.push((flag, file.into()));
                }
            }
        }
        Ok(namespaces)
    }

    /// The ones that a child is born into. The control groups' has to wait until the child is in its group.
    pub fn at_birth(&self) -> libc::c_int {
        self.new & !(libc::CLONE_NEWCGROUP | libc::CLONE_NEWNET)
    }

    /// Whether the child makes this one itself.
    pub fn is_new(&self, flag: libc::c_int) -> bool {
        self.new & flag != 0
    }

    /// The pid namespace that children of the caller are to be born into.
    pub fn joined_pid(&self) -> Option<BorrowedFd<'_>> {
        self.joined.iter().find(|(flag, _)| *flag == libc::CLONE_NEWPID).map(|(_, file)| file.as_fd())
    }

    /// Moves the calling process into every other one that is joined.
    pub fn join(&self) -> Result<()> {
        for (flag, file) in self.joined.iter().filter(|(flag, _)| *flag != libc::CLONE_NEWPID) {
            enter(file.as_fd(), *flag).step(|| "join a namespace")?;
        }
        Ok(())
    }
}

/// Runs `act` while children of this process are born into another pid namespace.
pub fn with_children_in<T>(pid_namespace: Option<BorrowedFd<'_>>, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let Some(other) = pid_namespace else { return act() };
    let own = File::open("/proc/self/ns/pid").step(|| "open \"/proc/self/ns/pid\"")?;
    // A process's descriptor stands for its namespaces as well (Linux 5.8).
    enter(other, libc::CLONE_NEWPID).step(|| "join the container's pid namespace").map_err(ended)?;
    let outcome = act();
    enter(own.as_fd(), libc::CLONE_NEWPID).step(|| "return to the monitor's pid namespace")?;
    outcome
}

/// A process that is gone has no namespaces any more.
pub fn ended(error: KernelError) -> KernelError {
    match error.cause.raw_os_error() {
        Some(libc::ESRCH) => error.code("container-not-running"),
        _ => error,
    }
}

/// setns(2). A process's descriptor takes several flags at once.
pub fn enter(file: BorrowedFd<'_>, flags: libc::c_int) -> io::Result<()> {
    // SAFETY: setns takes two integers and touches no memory of ours.
    if unsafe { libc::setns(file.as_raw_fd(), flags) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn flag_of(kind: &str) -> Result<libc::c_int> {
    Ok(match kind {
        "pid" => libc::CLONE_NEWPID,
        "mount" => libc::CLONE_NEWNS,
        "uts" => libc::CLONE_NEWUTS,
        "ipc" => libc::CLONE_NEWIPC,
        "network" => libc::CLONE_NEWNET,
        "cgroup" => libc::CLONE_NEWCGROUP,
        other => {
            let cause = io::Error::from(io::ErrorKind::Unsupported);
            return Err(KernelError::new(format!("make a \"{other}\" namespace"), cause).code("unsupported"));
        }
    })
}
