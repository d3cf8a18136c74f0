//! Which namespaces a container gets anew, which it joins, and which it shares with the host.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use crate::error::{KernelError, Result, Step};
use crate::oci::OciNamespace;

/// Of linux/sched.h; the libc crate has it in a type of its own.
pub const CLONE_NEWTIME: libc::c_int = 0x80;

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
                    is_namespace_of(&file, flag)
                        .step(|| format!("use \"{}\" as a {} namespace", path.display(), name_of(flag)))?;
                    namespaces.joined.push((flag, file.into()));
                }
            }
        }
        Ok(namespaces)
    }

    /// The ones that a child is born into. The control groups' has to wait until the child is in its group.
    pub fn at_birth(&self) -> libc::c_int {
        self.new & !(libc::CLONE_NEWCGROUP | libc::CLONE_NEWNET | CLONE_NEWTIME)
    }

    /// The ones that a child of a process is born into that stands in the container's control groups already.
    pub fn at_birth_inside(&self) -> libc::c_int {
        self.new & !CLONE_NEWTIME
    }

    /// Whether the container's users are other users outside.
    pub fn has_own_users(&self) -> bool {
        self.is_new(libc::CLONE_NEWUSER) || self.joins(libc::CLONE_NEWUSER)
    }

    fn joins(&self, flag: libc::c_int) -> bool {
        self.joined.iter().any(|(joined, _)| *joined == flag)
    }

    /// Moves the calling process into all that are joined, of processes and users too, as far as its rights reach in either
    /// order: the host's root has them outside of the user namespace, its own root inside.
    pub fn join_all(&self) -> Result<()> {
        let users = |flag: libc::c_int| flag == libc::CLONE_NEWUSER;
        let mut later = Vec::new();
        for (flag, file) in self.joined.iter().filter(|(flag, _)| !users(*flag)) {
            if enter(file.as_fd(), *flag).is_err() {
                later.push((flag, file));
            }
        }
        for (flag, file) in self.joined.iter().filter(|(flag, _)| users(*flag)) {
            enter(file.as_fd(), *flag).step(|| "join the user namespace")?;
        }
        for (flag, file) in later {
            enter(file.as_fd(), *flag).step(|| format!("join the {} namespace", name_of(*flag)))?;
        }
        Ok(())
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

/// `NS_GET_NSTYPE` of linux/nsfs.h tells which kind of namespace a file stands for.
fn is_namespace_of(file: &File, flag: libc::c_int) -> io::Result<()> {
    const NS_GET_NSTYPE: libc::c_ulong = 0xb703;
    // SAFETY: the request takes no argument and only answers a number.
    match unsafe { libc::ioctl(file.as_raw_fd(), NS_GET_NSTYPE as _) } {
        kind if kind == flag => Ok(()),
        kind if kind > 0 => Err(io::Error::other(format!("it is a {} namespace", name_of(kind)))),
        _ => Err(io::Error::other("it is no namespace")),
    }
}

fn name_of(flag: libc::c_int) -> &'static str {
    match flag {
        libc::CLONE_NEWPID => "pid",
        libc::CLONE_NEWNS => "mount",
        libc::CLONE_NEWUTS => "uts",
        libc::CLONE_NEWIPC => "ipc",
        libc::CLONE_NEWNET => "network",
        libc::CLONE_NEWCGROUP => "cgroup",
        libc::CLONE_NEWUSER => "user",
        _ => "time",
    }
}

fn flag_of(kind: &str) -> Result<libc::c_int> {
    Ok(match kind {
        "pid" => libc::CLONE_NEWPID,
        "mount" => libc::CLONE_NEWNS,
        "uts" => libc::CLONE_NEWUTS,
        "ipc" => libc::CLONE_NEWIPC,
        "network" => libc::CLONE_NEWNET,
        "cgroup" => libc::CLONE_NEWCGROUP,
        "user" => libc::CLONE_NEWUSER,
        "time" => CLONE_NEWTIME,
        other => {
            let cause = io::Error::from(io::ErrorKind::Unsupported);
            return Err(KernelError::new(format!("make a \"{other}\" namespace"), cause).code("unsupported"));
        }
    })
}
