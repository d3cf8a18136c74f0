//! The first process of a container, from its birth to its program. Runs in the child.

use std::convert::Infallible;
use std::fs;
use std::os::fd::AsFd;

use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::system::{setdomainname, sethostname};

use super::confine::{Bond, confine, own_keyring};
use super::namespaces::{Namespaces, enter};
use super::program::Program;
use super::report::Reporter;
use super::{StartOptions, Stdio, init, stdio};
use crate::cgroup::Cgroup;
use crate::error::{KernelError, Result, Step};
use crate::mounts::cgroup_view::View;
use crate::mounts::tree;
use crate::oci::OciSpec;
use crate::process::user;
use crate::seccomp::Filter;
use crate::spec::MonitorSpec;
use crate::sysctl;

/// What the child is told by its parent.
#[derive(Debug)]
pub struct First<'a> {
    /// The specification.
    pub spec: &'a MonitorSpec,
    /// Namespaces that were not made at birth.
    pub namespaces: &'a Namespaces,
    /// The control groups, already made.
    pub cgroup: &'a Cgroup,
    /// The system calls that the program may make; without one, all.
    pub filter: Option<&'a Filter>,
    /// The caller's options.
    pub options: &'a StartOptions<'a>,
}

/// Builds everything around this process and executes the program. Returns only with the reason why it could not.
pub fn run(first: &First<'_>, reporter: &Reporter) -> Result<Infallible> {
    let First { spec, options, .. } = first;
    let process = &spec.oci.process;
    set_parent_process_death_signal(Some(Signal::KILL)).step(|| "bind the container to its monitor")?;
    set_oom_score(process.oom_score_adj)?;
    enter_namespaces(first)?;
    name_host(&spec.oci)?;
    let view = View::of_this_process(first.cgroup)?;
    let root = tree::build(spec, &options.etc, &view)?;
    sysctl::apply(root.as_fd(), &spec.oci.linux)?;
    let identity = user::lookup(root.as_fd(), &spec.user, &spec.group_add)?;
    stdio::take(&options.stdio, root.as_fd(), reporter)?;
    if matches!(options.stdio, Stdio::Terminal { .. }) {
        stdio::mount_console(root.as_fd())?;
    }
    stdio::give_to(identity.uid)?;
    tree::seal(spec, root.as_fd())?;
    let program = Program::read(process, &identity)?;
    own_keyring();
    confine(process, &identity, Bond::Parent, first.filter)?;
    if spec.init { init::run(&program, reporter) } else { program.execute(reporter) }
}

/// By way of the host's /proc, before there is another. A number that needs a right we lack is refused, as it was asked for.
pub fn set_oom_score(score: Option<i32>) -> Result<()> {
    let Some(score) = score else { return Ok(()) };
    fs::write("/proc/self/oom_score_adj", score.to_string())
        .step(|| format!("set the out-of-memory score {score}"))
        .map_err(|error| error.code("permission-denied").hint("a score below the monitor's own needs CAP_SYS_RESOURCE"))
}

/// The control groups come before their namespace, whose root is the group that a process is in when it makes it.
fn enter_namespaces(first: &First<'_>) -> Result<()> {
    first.cgroup.join()?;
    if first.namespaces.is_new(libc::CLONE_NEWCGROUP) {
        unshare(libc::CLONE_NEWCGROUP, "control group")?;
    }
    match first.options.network {
        Some(network) => enter(network, libc::CLONE_NEWNET).step(|| "join the container's network namespace")?,
        None if first.namespaces.is_new(libc::CLONE_NEWNET) => unshare(libc::CLONE_NEWNET, "network")?,
        None => {}
    }
    first.namespaces.join()
}

fn unshare(flag: libc::c_int, name: &str) -> Result<()> {
    // SAFETY: unshare takes an integer; neither flag has to do with memory or descriptors.
    if unsafe { libc::unshare(flag) } == 0 {
        return Ok(());
    }
    let cause = std::io::Error::last_os_error();
    Err(KernelError::new(format!("make a {name} namespace"), cause).code("kernel-lacks"))
}

/// Only in a namespace of the container's own: the host's name is not ours to change.
pub fn name_host(oci: &OciSpec) -> Result<()> {
    if !oci.linux.namespaces.iter().any(|namespace| namespace.kind == "uts") {
        return Ok(());
    }
    if let Some(name) = oci.hostname.as_ref().filter(|name| !name.is_empty()) {
        sethostname(name.as_bytes()).step(|| format!("set the host name \"{name}\""))?;
    }
    if let Some(name) = oci.domainname.as_ref().filter(|name| !name.is_empty()) {
        setdomainname(name.as_bytes()).step(|| format!("set the domain name \"{name}\""))?;
    }
    Ok(())
}
