//! The groups of a container that others look after: what they see of it, change in it and run in it.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;

use super::hierarchy::{self, Hierarchy, Version};
use super::{Cgroup, Group};
use crate::error::{KernelError, Result};
use crate::mounts::{Recursion, clone_of};
use crate::oci::OciResources;

/// Whether v2 has the controllers of this machine.
pub fn is_unified_here() -> Result<bool> {
    let is_main = |one: &Hierarchy| one.version == Version::V2 && one.is_main();
    Ok(hierarchy::mounted()?.iter().any(is_main))
}

impl Cgroup {
    /// Sends a signal to every process.
    pub fn signal(&self, signal: i32) {
        for pid in self.pids() {
            // SAFETY: kill(2) takes two integers; the pid was just read from a group of ours.
            unsafe { libc::kill(pid, signal) };
        }
    }

    /// The groups inside these of the given names, `CONTROLLER[,CONTROLLER]:NAME` or `NAME` for all. They must be there.
    pub fn below(mut self, names: &[String]) -> Result<Self> {
        for name in names {
            let (controllers, below) =
                name.split_once(':').map_or((None, name.as_str()), |(one, rest)| (Some(one), rest));
            let meant = |group: &Group| {
                controllers.is_none_or(|list| list.split(',').any(|controller| group.hierarchy.has(controller)))
            };
            let refused =
                |why: String| KernelError::new(format!("use the control group \"{name}\""), io::Error::other(why));
            // In runc's words: tools look for them.
            if !self.groups.iter().any(meant) {
                return Err(refused(format!("unknown controller {}", controllers.unwrap_or_default())));
            }
            if below.split('/').any(|part| part == "..") {
                return Err(refused(format!("{below} is not a sub cgroup path")));
            }
            for group in self.groups.iter_mut().filter(|group| meant(group)) {
                let directory = group.directory.join(below.trim_start_matches('/'));
                if !directory.is_dir() {
                    let file = directory.join("cgroup.procs");
                    return Err(refused(format!("adding pid to {}: no such file or directory", file.display())));
                }
                group.directory = directory;
            }
        }
        Ok(self)
    }

    /// Sets other limits; what is not spoken of stays.
    pub fn update(&self, resources: &OciResources) -> Result<()> {
        super::refusals::refuse_unknown(self, resources)?;
        self.make(resources)
    }

    /// Whether they stand still or are about to.
    pub fn is_frozen(&self) -> bool {
        let read = |group: &Group, name: &str| fs::read_to_string(group.directory.join(name)).unwrap_or_default();
        match self.with("freezer") {
            Some(group) => matches!(read(group, "freezer.state").trim(), "FROZEN" | "FREEZING"),
            None => self.of(Version::V2).any(|group| read(group, "cgroup.freeze").trim() == "1"),
        }
    }

    /// Detached copies of the mounts from the groups' directories on, by the names of their controllers: what a container sees
    /// of control groups that has no namespace of its own for them. The whole of v2 has no name.
    pub fn views(&self) -> Result<Vec<(String, OwnedFd)>> {
        let version = if self.unified().is_some() { Version::V2 } else { Version::V1 };
        let view = |group: &Group| {
            let controllers = group.hierarchy.controllers.join(",");
            let name = if version == Version::V2 { String::new() } else { controllers };
            let name = name.strip_prefix("name=").map_or(name.clone(), str::to_owned);
            Ok((name, clone_of(&group.directory, Recursion::Single)?))
        };
        self.of(version).map(view).collect()
    }
}
