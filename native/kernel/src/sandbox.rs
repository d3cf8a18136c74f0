//! From a specification to a running first process, and further processes beside it. The caller must have one thread:
//! the child goes on with a copy of its memory, and would wait for ever on a lock another thread held.

pub mod bundle;
mod clone;
mod confine;
mod first;
mod init;
mod launch;
mod namespaces;
mod program;
mod report;
mod search;
mod second;
mod stdio;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

pub use self::clone::{Birth, Child, spawn};
use self::first::First;
use self::launch::{Launched, launch};
pub(crate) use self::namespaces::enter as enter_namespace;
use self::namespaces::{Namespaces, with_children_in};
use crate::cgroup::Cgroup;
use crate::error::{KernelError, Result, Step};
use crate::oci::OciProcess;
use crate::seccomp::Filter;
use crate::spec::MonitorSpec;

/// What `start` needs beyond the specification.
#[derive(Debug)]
pub struct StartOptions<'a> {
    /// The network namespace to live in. Without one: a new, empty one when the specification lists `network`, else the caller's.
    pub network: Option<BorrowedFd<'a>>,
    /// What the program reads from and writes to.
    pub stdio: Stdio,
    /// Files that are mounted over the image's own.
    pub etc: EtcFiles,
}

/// The three descriptors of a program.
#[derive(Debug)]
pub enum Stdio {
    /// The program's own ends; the caller's copies are closed when the call returns.
    Pipes {
        /// What it reads.
        stdin: OwnedFd,
        /// What it writes.
        stdout: OwnedFd,
        /// Its complaints.
        stderr: OwnedFd,
    },
    /// The caller's own three.
    Inherited,
    /// A new terminal of the container's own devpts; the other end comes back as `terminal`.
    Terminal {
        /// Height; 0 leaves it unset.
        rows: u16,
        /// Width; 0 leaves it unset.
        columns: u16,
    },
}

/// Files on the host, already written; `None` keeps the image's.
#[derive(Debug, Clone, Default)]
pub struct EtcFiles {
    /// Mounted at /etc/hosts.
    pub hosts: Option<PathBuf>,
    /// Mounted at /etc/hostname.
    pub hostname: Option<PathBuf>,
    /// Mounted at /etc/resolv.conf.
    pub resolv_conf: Option<PathBuf>,
}

/// A container whose first program has been executed.
#[derive(Debug)]
pub struct Started {
    /// The first process, in the caller's pid namespace. It is a child of the caller, who has to wait for it.
    pub pid: i32,
    /// Becomes readable when the first process ends.
    pub pidfd: OwnedFd,
    /// Where all processes of the container are; the caller removes it after the end.
    pub cgroup: Cgroup,
    /// The master side, with `Stdio::Terminal`.
    pub terminal: Option<OwnedFd>,
    /// The system calls that its processes may make, ready for further ones.
    filter: Option<Filter>,
}

impl Started {
    /// One that another runtime has made and that is a child of the caller. Its filter is that runtime's business.
    #[must_use]
    pub fn by_another(pid: i32, pidfd: OwnedFd, cgroup: Cgroup, terminal: Option<OwnedFd>) -> Self {
        Self { pid, pidfd, cgroup, terminal, filter: None }
    }
}

/// What `exec` needs beyond the container.
#[derive(Debug)]
pub struct ExecOptions<'a> {
    /// The program, its environment, directory, capabilities and limits.
    pub process: &'a OciProcess,
    /// As the user wrote it; looked up in the container.
    pub user: &'a str,
    /// Further groups, names or numbers.
    pub group_add: &'a [String],
    /// What the program reads from and writes to.
    pub stdio: Stdio,
}

/// A further process in a running container. It is a child of the caller.
#[derive(Debug)]
pub struct Executed {
    /// In the caller's pid namespace.
    pub pid: i32,
    /// Becomes readable when the process ends.
    pub pidfd: OwnedFd,
    /// The master side, with `Stdio::Terminal`.
    pub terminal: Option<OwnedFd>,
}

/// Builds the sandbox and returns when its first program has been executed. After an error nothing is left of it.
pub fn start(spec: &MonitorSpec, options: StartOptions<'_>) -> Result<Started> {
    stay_unreadable()?;
    let linux = &spec.oci.linux;
    let namespaces = Namespaces::read(&linux.namespaces)?;
    let filter = linux.seccomp.as_ref().map(Filter::compile).transpose()?;
    if filter.as_ref().is_some_and(Filter::asks) {
        let cause = std::io::Error::from(std::io::ErrorKind::Unsupported);
        return Err(KernelError::new("let another process decide on system calls", cause)
            .code("unsupported")
            .hint("take SCMP_ACT_NOTIFY out of the profile"));
    }
    let cgroup = Cgroup::create(&linux.cgroups_path, &linux.resources)?;
    let first = First { spec, namespaces: &namespaces, cgroup: &cgroup, filter: filter.as_ref(), options: &options };
    match launch_first(&first) {
        Ok(Launched { child, terminal }) => {
            Ok(Started { pid: child.pid, pidfd: child.pidfd, cgroup, terminal, filter })
        }
        Err(error) => {
            cgroup.kill();
            let _ = cgroup.remove();
            Err(error)
        }
    }
}

fn launch_first(first: &First<'_>) -> Result<Launched> {
    let birthplace = first.cgroup.birthplace()?;
    let birth = Birth { namespaces: first.namespaces.at_birth(), cgroup: birthplace.as_ref().map(AsFd::as_fd) };
    with_children_in(first.namespaces.joined_pid(), || launch(birth, |reporter| first::run(first, reporter)))
}

/// Runs a program in the container and returns when it has been executed.
pub fn exec(container: &Started, options: ExecOptions<'_>) -> Result<Executed> {
    stay_unreadable()?;
    let first = container.pidfd.as_fd();
    let birthplace = container.cgroup.birthplace()?;
    let birth = Birth { namespaces: 0, cgroup: birthplace.as_ref().map(AsFd::as_fd) };
    let Launched { child, terminal } =
        with_children_in(Some(first), || launch(birth, |reporter| second::run(container, &options, reporter)))?;
    Ok(Executed { pid: child.pid, pidfd: child.pidfd, terminal })
}

/// A child is visible in the container before it executes its program; nothing there may look into its memory or files.
fn stay_unreadable() -> Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).step(|| "keep the monitor's memory to itself")
}

/// The exit code that Docker gives a container whose program could not be run.
pub fn exit_code(error: &KernelError) -> i32 {
    match error.code {
        "executable-not-found" => 127,
        "executable-denied" => 126,
        _ => match error.cause.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR) => 127,
            Some(libc::EACCES | libc::EISDIR) => 126,
            _ => 128,
        },
    }
}
