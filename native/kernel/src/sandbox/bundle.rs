//! From somebody else's bundle to a first process that waits before its program, or goes on to it. Unlike a monitor's
//! container it outlives the caller, and whoever has the right to may end it.

mod herald;
mod init;
pub mod joined;
pub mod users;

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::Serialize;

use self::herald::Scene;
use super::Stdio;
use super::clone::{Birth, Child, spawn};
use super::namespaces::Namespaces;
use super::report::{Heard, Listener, Stop, channel};
use super::stay_unreadable;
use crate::cgroup::Cgroup;
use crate::error::{KernelError, Result, Step};
use crate::hooks::state_json;
use crate::mounts::bundle_tree::{self, Owners, Parts, Plan};
use crate::oci::OciSpec;
use crate::process::rlimits;
use crate::seccomp::Filter;

/// What is to be created.
#[derive(Debug)]
pub struct Order<'a> {
    /// The document.
    pub oci: &'a OciSpec,
    /// Where the document was; absolute.
    pub bundle: &'a Path,
    /// The file tree.
    pub plan: Plan<'a>,
    /// Below the root of each hierarchy.
    pub cgroup_path: &'a str,
    /// What the program reads from and writes to.
    pub stdio: Stdio,
    /// Whether a terminal of the caller's shows what the container's own gets.
    pub relayed: bool,
    /// How many descriptors after the standard ones the program keeps.
    pub preserved: u32,
    /// A fifo, open for both; the first process waits until something is written to it. Without one it goes on.
    pub hold: Option<OwnedFd>,
    /// Whether the container gets a session keyring of its own.
    pub keyring: bool,
    /// What hooks in the container read.
    pub state: HookState<'a>,
}

/// A container's state in the specification's words.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct HookState<'a> {
    pub oci_version: &'a str,
    pub id: &'a str,
    pub status: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    pub pid: i32,
    pub bundle: &'a Path,
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub annotations: &'a std::collections::BTreeMap<String, String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(pid: &i32) -> bool {
    *pid == 0
}

impl Order<'_> {
    /// The process that asks is the container's first.
    fn state_of_container(&self) -> Result<Vec<u8>> {
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        state_json(&HookState { pid, ..self.state.clone() })
    }
}

/// Where the caller has a part to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Everything is mounted, and the process still sees the host's files.
    Mounted,
    /// The process's descriptor of this number is for whoever decides on its system calls.
    Listening(i32),
    /// Only the program is to follow.
    Ready,
}

/// A first process that is still being made.
#[derive(Debug)]
pub struct Newborn<'a> {
    /// In the caller's pid namespace.
    pub pid: i32,
    /// The same, held.
    pub pidfd: &'a OwnedFd,
    /// The master side, with `Stdio::Terminal`, until somebody takes it.
    pub terminal: &'a mut Option<OwnedFd>,
}

/// A first process. It is a child of the caller, who waits for it or ends before it does.
#[derive(Debug)]
pub struct Created {
    /// In the caller's pid namespace.
    pub pid: i32,
    /// Becomes readable when it ends.
    pub pidfd: OwnedFd,
    /// Where all processes of the container are.
    pub cgroup: Cgroup,
    /// The master side, with `Stdio::Terminal`, if nobody has taken it.
    pub terminal: Option<OwnedFd>,
    listener: Listener,
}

impl Created {
    /// Waits until the program is executed: without a hold, it is the next thing.
    pub fn await_program(&self) -> Result<()> {
        match self.listener.listen()? {
            Heard { failure: None, executing: true, .. } => Ok(()),
            heard => Err(heard.failure.unwrap_or_else(died)),
        }
    }

    /// Ends everything.
    pub fn abandon(self) {
        self.cgroup.kill();
        Child { pid: self.pid, pidfd: self.pidfd }.reap();
        let _ = self.cgroup.remove();
    }
}

/// Makes the container up to where only its program is to follow. After an error nothing is left of it.
pub fn create(order: &Order<'_>, attend: &mut dyn FnMut(Turn, Newborn<'_>) -> Result<()>) -> Result<Created> {
    stay_unreadable()?;
    let linux = &order.oci.linux;
    let namespaces = Namespaces::read(&linux.namespaces)?;
    let filter = linux.seccomp.as_ref().map(Filter::compile).transpose()?;
    let cgroup = Cgroup::create(order.cgroup_path, &linux.resources)?;
    let scene = Scene { order, namespaces: &namespaces, cgroup: &cgroup, filter: filter.as_ref() };
    match launch(&scene, attend) {
        Ok((child, terminal, listener)) => {
            let Child { pid, pidfd } = child;
            Ok(Created { pid, pidfd, cgroup, terminal, listener })
        }
        Err(error) => {
            cgroup.kill();
            let _ = cgroup.remove();
            Err(error)
        }
    }
}

type Launched = (Child, Option<OwnedFd>, Listener);

fn launch(scene: &Scene<'_>, attend: &mut dyn FnMut(Turn, Newborn<'_>) -> Result<()>) -> Result<Launched> {
    let users = users_of(scene)?;
    let Order { plan, bundle, .. } = scene.order;
    let owners = bundle_tree::owners(&plan.oci.mounts, users.as_ref().map(AsFd::as_fd))?;
    let parts = Parts::open(plan, bundle, scene.cgroup, &owners, users.is_some())?;
    let birthplace = scene.cgroup.birthplace()?;
    let (listener, reporter) = channel()?;
    let birth = Birth { namespaces: 0, cgroup: birthplace.as_ref().map(AsFd::as_fd) };
    let herald = spawn(birth, || {
        if let Err(error) = herald::run(scene, parts, &reporter) {
            reporter.failed(&error);
        }
    })
    .step(|| "create the container's process")?;
    drop(reporter);
    let mut heard = Heard::default();
    let born = match listener.listen_until_stop(&mut heard) {
        Ok(Some(Stop::Born(pid))) => adopt(pid),
        Ok(_) => Err(heard.failure.take().unwrap_or_else(died)),
        Err(error) => Err(error),
    };
    herald.reap();
    let child = born?;
    match accompany(scene, &child, &owners, (&listener, &mut heard), attend) {
        Ok(()) => Ok((child, heard.terminal, listener)),
        Err(error) => {
            child.reap();
            Err(error)
        }
    }
}

/// It has not been waited for, so that the number is still its own.
fn adopt(pid: i32) -> Result<Child> {
    let step = || format!("open the process {pid}");
    let number = Pid::from_raw(pid).ok_or_else(died)?;
    Ok(Child { pid, pidfd: pidfd_open(number, PidfdFlags::empty()).step(step)? })
}

/// The user namespace that the container has or is to have, when files are to be shown with its owners.
fn users_of(scene: &Scene<'_>) -> Result<Option<OwnedFd>> {
    let linux = &scene.order.oci.linux;
    if !scene.namespaces.has_own_users() {
        return Ok(None);
    }
    let joined = linux.namespaces.iter().find(|one| one.kind == "user").and_then(|one| one.path.as_ref());
    match joined {
        Some(path) => File::open(path).step(|| format!("open \"{}\"", path.display())).map(|file| Some(file.into())),
        None => users::namespace_of(&linux.uid_mappings, &linux.gid_mappings).map(Some),
    }
}

fn accompany(
    scene: &Scene<'_>,
    child: &Child,
    owners: &Owners,
    (listener, heard): (&Listener, &mut Heard),
    attend: &mut dyn FnMut(Turn, Newborn<'_>) -> Result<()>,
) -> Result<()> {
    let linux = &scene.order.oci.linux;
    if scene.namespaces.is_new(libc::CLONE_NEWUSER) {
        users::map(child.pid, &linux.uid_mappings, &linux.gid_mappings)?;
    }
    // While it still has the caller's numbers, which later would take CAP_SYS_RESOURCE.
    rlimits::apply_to(child.pid, &scene.order.oci.process.rlimits)?;
    listener.go_on()?;
    loop {
        let stop = listener.listen_until_stop(heard)?;
        let turn = match stop {
            Some(Stop::Owners(at)) => {
                let tree = heard.lent.take().ok_or_else(died)?;
                bundle_tree::show_owners(&scene.order.oci.mounts, owners, &tree, at)?;
                listener.go_on()?;
                continue;
            }
            Some(Stop::Mounted) => Turn::Mounted,
            Some(Stop::Listening(number)) => Turn::Listening(number),
            Some(Stop::Ready) => Turn::Ready,
            Some(Stop::Born(_)) | None => return Err(heard.failure.take().unwrap_or_else(died)),
        };
        attend(turn, Newborn { pid: child.pid, pidfd: &child.pidfd, terminal: &mut heard.terminal })?;
        listener.go_on()?;
        if turn == Turn::Ready {
            return Ok(());
        }
    }
}

fn died() -> KernelError {
    let cause = std::io::Error::other("it was killed while it was being set up");
    KernelError::new("start the container's first process", cause).hint("is its memory limit large enough?")
}

/// A copy of a descriptor of the process, by its number there.
pub fn take_descriptor(pidfd: impl AsFd, number: i32) -> Result<OwnedFd> {
    // SAFETY: pidfd_getfd takes three integers and returns a new descriptor or -1.
    let taken = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_fd().as_raw_fd(), number, 0) };
    match RawFd::try_from(taken) {
        // SAFETY: the kernel has just given us this descriptor, and nobody else owns it.
        Ok(taken @ 0..) => Ok(unsafe { OwnedFd::from_raw_fd(taken) }),
        _ => Err(KernelError::new("take a descriptor of the container", std::io::Error::last_os_error())),
    }
}

/// Sends a signal to a process that is held by descriptor; done when it has ended already.
pub fn signal(pidfd: &OwnedFd, signal: Signal) -> Result<()> {
    match pidfd_send_signal(pidfd, signal) {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        other => other.step(|| "send a signal to the container"),
    }
}
