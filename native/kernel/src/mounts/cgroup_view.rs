//! /sys/fs/cgroup of a container: its own groups only, by way of its own control group namespace.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{Mode, mkdirat, symlinkat};
use rustix::mount::MountAttrFlags;

use super::{Attributes, Recursion, attach, clone_of, filesystem, options, set_attributes};
use crate::cgroup::Cgroup;
use crate::error::{Result, Step};
use crate::oci::OciMount;
use crate::root;

/// Which of the kernel's two designs a container sees.
#[derive(Debug)]
pub enum View {
    /// The v2 hierarchy alone, because it has the controllers.
    Unified,
    /// The same as the machine has it mounted, for a container that shares the machine's control group namespace. A new mount
    /// there would set the hierarchy's options anew, for everybody on the machine.
    Machine(OwnedFd),
    /// Each hierarchy of v1, by its controllers.
    Separate(Vec<String>),
}

impl View {
    /// Asks the host's /proc, so that it must be called before the process has another one.
    pub fn of_this_process(cgroup: &Cgroup) -> Result<Self> {
        match cgroup.unified() {
            None => own_v1_hierarchies(cgroup).map(Self::Separate),
            Some(mountpoint) if is_in_first_namespace()? => clone_of(mountpoint, Recursion::Single).map(Self::Machine),
            Some(_) => Ok(Self::Unified),
        }
    }
}

/// The kernel's own has the same number on every machine (`PROC_CGROUP_INIT_INO`).
fn is_in_first_namespace() -> Result<bool> {
    const FIRST: u64 = 0xEFFF_FFFB;
    let found = fs::metadata("/proc/self/ns/cgroup").step(|| "look at \"/proc/self/ns/cgroup\"")?;
    Ok(found.ino() == FIRST)
}

/// Mounts the container's own groups where it has no namespace that would show them alone: `groups` are copies of the host's
/// mounts from each group's directory on, under the names of their controllers.
pub fn bind(target: BorrowedFd<'_>, mount: &OciMount, groups: &[(String, OwnedFd)]) -> Result<()> {
    let step = || "mount \"/sys/fs/cgroup\"";
    let attributes = options::parse(mount.options.iter().map(String::as_str)).attributes;
    let attributes = Attributes { clear: 0, propagation: libc::MS_PRIVATE, ..attributes };
    let quiet = |group: &OwnedFd| set_attributes(group, attributes, Recursion::Single).step(step);
    if let [(name, group)] = groups
        && name.is_empty()
    {
        quiet(group)?;
        return attach(group, target).step(step);
    }
    let directory = filesystem("tmpfs", &[("source", Some("cgroup")), ("mode", Some("755"))], MountAttrFlags::empty())?;
    attach(&directory, target).step(step)?;
    for (name, group) in groups {
        quiet(group)?;
        attach(group, root::make_directory(&directory, name)?.as_fd()).step(step)?;
        for alias in name.split(',').filter(|alias| alias != name) {
            symlinkat(name, &directory, alias).step(step)?;
        }
    }
    set_attributes(&directory, Attributes { set: attributes.set, ..Attributes::default() }, Recursion::Single)
        .step(step)
}

/// Mounts the v2 hierarchy, or where v1 has the controllers a directory with each of its hierarchies.
pub fn mount(target: BorrowedFd<'_>, mount: &OciMount, view: &View) -> Result<()> {
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let flags = options::fsmount_flags(parsed.attributes);
    let step = || "mount \"/sys/fs/cgroup\"";
    let hierarchies = match view {
        View::Unified => {
            let made = filesystem("cgroup2", &[("source", Some("cgroup"))], flags)?;
            return attach(made, target).step(step);
        }
        View::Machine(mount) => {
            let own = Attributes { propagation: libc::MS_PRIVATE, ..parsed.attributes };
            return set_attributes(mount, own, Recursion::Single).and_then(|()| attach(mount, target)).step(step);
        }
        View::Separate(hierarchies) => hierarchies,
    };
    let writable = options::fsmount_flags(options::without_read_only(parsed.attributes));
    let directory = filesystem("tmpfs", &[("source", Some("cgroup")), ("mode", Some("755"))], writable)?;
    for controllers in hierarchies {
        let name = controllers.strip_prefix("name=").unwrap_or(controllers);
        mkdirat(&directory, name, Mode::from_raw_mode(0o755)).step(step)?;
        for alias in name.split(',').filter(|alias| *alias != name) {
            symlinkat(name, &directory, alias).step(step)?;
        }
    }
    attach(&directory, target).step(step)?;
    for controllers in hierarchies {
        let name = controllers.strip_prefix("name=").unwrap_or(controllers);
        let place = root::make_directory(&directory, name)?;
        attach(hierarchy(controllers, flags)?, place.as_fd()).step(step)?;
    }
    if flags.contains(MountAttrFlags::MOUNT_ATTR_RDONLY) {
        let read_only =
            Attributes { set: u64::from(MountAttrFlags::MOUNT_ATTR_RDONLY.bits()), ..Attributes::default() };
        set_attributes(&directory, read_only, Recursion::Single).step(step)?;
    }
    Ok(())
}

/// Controllers are flags of the file system, a name is a key and value.
fn hierarchy(controllers: &str, flags: MountAttrFlags) -> Result<OwnedFd> {
    let mut parameters = vec![("source", Some("cgroup"))];
    match controllers.split_once('=') {
        // Without a controller it has to be said that none is wanted.
        Some((key, value)) => parameters.extend([("none", None), (key, Some(value))]),
        None => parameters.extend(controllers.split(',').map(|controller| (controller, None))),
    }
    filesystem("cgroup", &parameters, flags)
}

/// From /proc/self/cgroup of the container's process: `NUMBER:CONTROLLERS:PATH`. The line of v2 has no controllers. Where the
/// container has no group of its own, as in a hierarchy that is mounted for others only, all groups would be seen.
fn own_v1_hierarchies(cgroup: &Cgroup) -> Result<Vec<String>> {
    let text = fs::read_to_string("/proc/self/cgroup").step(|| "read \"/proc/self/cgroup\"")?;
    let controllers = text.lines().filter_map(|line| line.split(':').nth(1));
    let is_own = |controllers: &&str| controllers.split(',').any(|one| cgroup.directory_of(one).is_some());
    Ok(controllers.filter(is_own).map(str::to_owned).collect())
}
