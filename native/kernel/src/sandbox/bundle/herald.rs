//! The process before the first: it goes where the container is to be born, has it born there as its sibling, tells of it and
//! ends. Only a process that stands in another user namespace can make further namespaces belong to that one.

use std::fmt::Write;
use std::fs;

use super::{Order, init};
use crate::cgroup::Cgroup;
use crate::error::{Result, Step};
use crate::mounts::bundle_tree::Parts;
use crate::process::schedule;
use crate::sandbox::clone::{Birth, spawn_sibling};
use crate::sandbox::first::set_oom_score;
use crate::sandbox::namespaces::{CLONE_NEWTIME, Namespaces};
use crate::sandbox::report::{Reporter, Stop};
use crate::seccomp::Filter;

/// What is ready before anything is born.
#[derive(Debug)]
pub struct Scene<'a> {
    /// What is asked for.
    pub order: &'a Order<'a>,
    /// Made and joined ones.
    pub namespaces: &'a Namespaces,
    /// The control groups, already made.
    pub cgroup: &'a Cgroup,
    /// The system calls that the program may make; without one, all.
    pub filter: Option<&'a Filter>,
}

/// Runs in a child of the runtime that was born into the v2 group.
pub fn run(scene: &Scene<'_>, parts: Parts<'_>, reporter: &Reporter) -> Result<()> {
    let linux = &scene.order.oci.linux;
    set_oom_score(scene.order.oci.process.oom_score_adj)?;
    scene.cgroup.join()?;
    schedule::use_all_processors();
    if scene.namespaces.is_new(CLONE_NEWTIME) {
        make_time(scene)?;
    }
    scene.namespaces.join_all()?;
    let birth = Birth { namespaces: scene.namespaces.at_birth_inside(), cgroup: None };
    let child = spawn_sibling(birth, || {
        let Err(error) = init::run(scene, parts, reporter);
        reporter.failed(&error);
    })
    .step(|| format!("create the container's first process in {} namespaces", linux.namespaces.len()))?;
    reporter.tell(Stop::Born(child.pid))
}

/// Clocks can be set only while nobody is in the namespace; the next child is.
fn make_time(scene: &Scene<'_>) -> Result<()> {
    // SAFETY: unshare takes an integer.
    if unsafe { libc::unshare(CLONE_NEWTIME) } != 0 {
        let cause = std::io::Error::last_os_error();
        return Err(crate::error::KernelError::new("make a time namespace", cause).code("kernel-lacks"));
    }
    let offsets = scene.order.oci.linux.time_offsets.iter().fold(String::new(), |mut text, (clock, offset)| {
        let _ = writeln!(text, "{clock} {} {}", offset.secs, offset.nanosecs);
        text
    });
    if offsets.is_empty() {
        return Ok(());
    }
    fs::write("/proc/self/timens_offsets", &offsets).step(|| format!("set the clocks \"{}\"", offsets.trim_end()))
}
