//! The file tree of a bundle: its root is a directory of somebody else's. Everything is mounted while the host's files can
//! still be seen, so that hooks may add to it; then the tree becomes the root of the process.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, mount_move, unmount};
use rustix::process::{chdir, chroot, fchdir, pivot_root};

use super::cgroup_view::{self, View};
use super::source::{self, Source};
use super::{Attributes, Recursion, attach, clone_of, device, hide, id_map, place, set_attributes};
use crate::cgroup::Cgroup;
use crate::error::{KernelError, Result, Step};
use crate::oci::{OciDevice, OciMount, OciSpec};
use crate::root;

/// What of the host becomes part of the tree, opened by a process that may.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Most are opened when their turn comes: mounts are listed in the order in which they were opened.
    sources: Vec<Option<Source>>,
    /// What shows other owners in idmapped mounts, by their place.
    owners: &'a Owners,
    devices: Option<Vec<(String, OwnedFd)>>,
    groups: Vec<(String, OwnedFd)>,
}

/// The user namespaces that idmapped mounts show the owners of files by, by the place of the mount in the list.
pub type Owners = [Option<OwnedFd>];

/// Has a detached copy of the mount at this place of the list show other owners.
pub type Lend<'a> = &'a dyn Fn(&OwnedFd, usize) -> Result<()>;

/// How the tree becomes the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// `pivot_root`: nothing of the host's files stays reachable.
    Pivot,
    /// The mount is moved to the root, where that is a ramdisk which can't be pivoted.
    Move,
    /// The mount namespace is somebody else's, and stays as it is.
    Chroot,
}

/// What a tree is made of.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The document.
    pub oci: &'a OciSpec,
    /// Its root directory, absolute.
    pub rootfs: &'a Path,
    /// Device nodes, the ones that every container has among them.
    pub devices: &'a [OciDevice],
    /// How it is entered.
    pub entrance: Entrance,
    /// Whether it has a namespace that shows it its own control groups alone; without one, they are bound.
    pub own_groups: bool,
}

/// Those of all mounts. Only a process of the host's own namespaces can make them.
pub fn owners(mounts: &[OciMount], own_users: Option<BorrowedFd<'_>>) -> Result<Vec<Option<OwnedFd>>> {
    mounts.iter().map(|mount| id_map::owners(mount, own_users)).collect()
}

/// Makes a detached copy of the mount at this place of the list show its owners.
pub fn show_owners(mounts: &[OciMount], owners: &Owners, tree: &OwnedFd, at: usize) -> Result<()> {
    match (mounts.get(at), owners.get(at)) {
        (Some(mount), Some(Some(owners))) => id_map::apply(tree, owners, mount),
        _ => Ok(()),
    }
}

impl<'a> Parts<'a> {
    /// Opens everything. Where the container has users of its own, it may not make devices, and gets the host's.
    pub fn open(
        plan: &Plan<'_>,
        bundle: &Path,
        cgroup: &Cgroup,
        owners: &'a Owners,
        has_own_users: bool,
    ) -> Result<Self> {
        let early = has_own_users || plan.entrance == Entrance::Chroot;
        let mounts = &plan.oci.mounts;
        // What lies in the container's own root is looked up when everything before it in the list is mounted.
        let lies_inside = |mount: &OciMount| bundle.join(&mount.source).starts_with(plan.rootfs);
        let open = |(at, mount): (usize, &OciMount)| match early && !lies_inside(mount) {
            true => open_source(mount, bundle, has_own_users, |tree| show_owners(mounts, owners, tree, at)),
            false => Ok(None),
        };
        let sources = mounts.iter().enumerate().map(open).collect::<Result<_>>()?;
        let devices = has_own_users.then(|| bind_devices(plan.devices)).transpose()?;
        let groups = if plan.own_groups { Vec::new() } else { cgroup.views()? };
        Ok(Self { sources, owners, devices, groups })
    }
}

fn open_source(
    mount: &OciMount,
    bundle: &Path,
    is_locked: bool,
    show_owners: impl FnOnce(&OwnedFd) -> Result<()>,
) -> Result<Option<Source>> {
    place::is_bind(mount).then(|| source::open_of_bundle(mount, bundle, is_locked, show_owners)).transpose()
}

fn bind_devices(devices: &[OciDevice]) -> Result<Vec<(String, OwnedFd)>> {
    devices
        .iter()
        .map(|device| Ok((device.path.clone(), clone_of(Path::new(&device.path), Recursion::Single)?)))
        .collect()
}

/// Mounts everything and returns a handle of the new root. What this process may not show other owners in, it lends to whoever
/// may.
pub fn build(
    plan: &Plan<'_>,
    bundle: &Path,
    mut parts: Parts<'_>,
    view: &View,
    lend: Option<Lend<'_>>,
) -> Result<OwnedFd> {
    // SAFETY: umask takes and returns an integer.
    unsafe { libc::umask(0) };
    let root = attach_root(plan)?;
    let owners = parts.owners;
    let show = |tree: &OwnedFd, at: usize| match (owners.get(at), lend) {
        (Some(Some(_)), Some(lend)) => lend(tree, at),
        _ => show_owners(&plan.oci.mounts, owners, tree, at),
    };
    for (at, mount) in plan.oci.mounts.iter().enumerate() {
        if mount.kind == "cgroup" && !plan.own_groups {
            cgroup_view::bind(root::make_directory(&root, &mount.destination)?.as_fd(), mount, &parts.groups)?;
        } else {
            let source = match parts.sources.get_mut(at).and_then(Option::take) {
                Some(source) => Some(source),
                // The kernel knows what is locked there.
                None => open_source(mount, bundle, false, |tree| show(tree, at))?,
            };
            let mount = if is_dev(&mount.destination) { &writable(mount) } else { mount };
            place::mount(root.as_fd(), mount, source, view)?;
        }
    }
    let own_devices = !plan.oci.mounts.iter().any(|mount| is_dev(&mount.destination) && place::is_bind(mount));
    if own_devices {
        match &parts.devices {
            Some(devices) => device::bind_all(root.as_fd(), devices)?,
            None => device::make_all(root.as_fd(), plan.devices)?,
        }
    }
    Ok(root)
}

/// What is made in /dev comes after its mount; the right to write there is taken away at the end.
fn writable(mount: &OciMount) -> OciMount {
    let mut mount = mount.clone();
    if !place::is_bind(&mount) {
        mount.options.retain(|option| option != "ro");
    }
    mount
}

fn seal_dev(plan: &Plan<'_>, root: BorrowedFd<'_>) -> Result<()> {
    let is_read_only = |mount: &&OciMount| mount.options.iter().any(|option| option == "ro") && !place::is_bind(mount);
    let Some(mount) = plan.oci.mounts.iter().filter(|mount| is_dev(&mount.destination)).find(is_read_only) else {
        return Ok(());
    };
    let step = || format!("make \"{}\" read-only", mount.destination);
    let place = root::open(root, &mount.destination, OFlags::PATH).step(step)?;
    let read_only = Attributes { set: super::options::READ_ONLY, ..Attributes::default() };
    set_attributes(place, read_only, Recursion::Single).step(step)
}

fn is_dev(destination: &str) -> bool {
    destination.trim_matches('/') == "dev"
}

/// Makes the tree this process's root.
pub fn enter(plan: &Plan<'_>, root: &OwnedFd) -> Result<()> {
    let step = || "change the root";
    match plan.entrance {
        Entrance::Pivot => pivot(root).step(step)?,
        Entrance::Move => {
            hide_below(plan.rootfs)?;
            fchdir(root).and_then(|()| mount_move(".", "/")).and_then(|()| chroot(".")).step(step)?;
        }
        Entrance::Chroot => fchdir(root).and_then(|()| chroot(".")).step(step)?,
    }
    chdir("/").step(step)?;
    set_propagation(plan)?;
    root::make_directory(root, &plan.oci.process.cwd)?;
    Ok(())
}

/// The last step: hides what is to be hidden and takes the right to write away.
pub fn seal(plan: &Plan<'_>, root: BorrowedFd<'_>) -> Result<()> {
    hide::read_only(root, &plan.oci.linux.readonly_paths)?;
    hide::masked(root, &plan.oci.linux.masked_paths)?;
    seal_dev(plan, root)?;
    if plan.oci.root.as_ref().is_some_and(|root| root.readonly) && plan.entrance != Entrance::Chroot {
        let read_only = Attributes { set: super::options::READ_ONLY, ..Attributes::default() };
        set_attributes(root, read_only, Recursion::Single).step(|| "make the container's root read-only")?;
    }
    Ok(())
}

/// A mount of its own for the root directory, at its own place.
fn attach_root(plan: &Plan<'_>) -> Result<OwnedFd> {
    let step = || format!("use \"{}\" as the container's root", plan.rootfs.display());
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // In somebody else's mount namespace everything stays where it is made, and goes by `umount -R` of the root directory.
    if plan.entrance != Entrance::Chroot {
        isolate(plan).step(step)?;
    }
    let place = openat(CWD, plan.rootfs, flags, Mode::empty()).step(step)?;
    let tree = clone_of(plan.rootfs, Recursion::Whole)?;
    attach(&tree, place.as_fd()).step(step)?;
    Ok(tree)
}

fn isolate(plan: &Plan<'_>) -> io::Result<()> {
    let propagation = match requested(plan) {
        Some(word) => word,
        None => MountPropagationFlags::DOWNSTREAM,
    };
    mount_change("/", propagation | MountPropagationFlags::REC)?;
    isolate_parent(plan.rootfs)
}

/// `pivot_root` refuses a root whose mount, or the mount that it is in, passes changes on to others.
fn isolate_parent(rootfs: &Path) -> io::Result<()> {
    let parent: PathBuf = parent_mount(rootfs)?;
    Ok(mount_change(&parent, MountPropagationFlags::PRIVATE)?)
}

/// The longest mountpoint that a path lies in.
fn parent_mount(path: &Path) -> io::Result<PathBuf> {
    let text = fs::read_to_string("/proc/self/mountinfo")?;
    let places = text.lines().filter_map(|line| line.split(' ').nth(4)).map(|place| PathBuf::from(unescaped(place)));
    let longest = places.filter(|place| path.starts_with(place)).max_by_key(|place| place.as_os_str().len());
    Ok(longest.unwrap_or_else(|| "/".into()))
}

/// Spaces and the like are written in octal.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

fn requested(plan: &Plan<'_>) -> Option<MountPropagationFlags> {
    match plan.oci.linux.rootfs_propagation.as_deref() {
        Some("shared" | "rshared") => Some(MountPropagationFlags::SHARED),
        Some("slave" | "rslave") => Some(MountPropagationFlags::DOWNSTREAM),
        Some("private" | "rprivate") => Some(MountPropagationFlags::PRIVATE),
        Some("unbindable" | "runbindable") => Some(MountPropagationFlags::UNBINDABLE),
        _ => None,
    }
}

/// Whether what is mounted in the container later is seen elsewhere, and the other way round.
fn set_propagation(plan: &Plan<'_>) -> Result<()> {
    let Some(flags) = requested(plan).filter(|_| plan.entrance != Entrance::Chroot) else { return Ok(()) };
    mount_change("/", flags).step(|| "set the propagation of the container's root")
}

/// With both names the same, the old root lies on top of the new one, from where it is taken away.
fn pivot(root: &OwnedFd) -> rustix::io::Result<()> {
    let old = openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    fchdir(root)?;
    pivot_root(".", ".")?;
    fchdir(old)?;
    // What is unmounted here is to stay mounted on the host.
    mount_change(".", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)?;
    unmount(".", UnmountFlags::DETACH)?;
    chdir("/")
}

/// Without a pivot the host's mounts stay below; its /proc and /sys must not be reached from there.
fn hide_below(rootfs: &Path) -> Result<()> {
    let text = fs::read_to_string("/proc/self/mountinfo").step(|| "read /proc/self/mountinfo")?;
    for line in text.lines() {
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let place = unescaped(before.split(' ').nth(4).unwrap_or_default());
        let kind = after.split(' ').next().unwrap_or_default();
        if !matches!(kind, "proc" | "sysfs") || Path::new(&place).starts_with(rootfs) {
            continue;
        }
        let step = || format!("hide the host's \"{place}\"");
        let _ = mount_change(place.as_str(), MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC);
        let name = CString::new(place.as_str()).map_err(io::Error::from).step(step)?;
        match unmount(&name, UnmountFlags::DETACH) {
            Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::PERM) => {}
            Err(error) => return Err(KernelError::new(step(), error)),
        }
    }
    Ok(())
}
