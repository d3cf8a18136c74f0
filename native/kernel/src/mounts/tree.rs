//! The container's file tree: its root, what is mounted on it, its devices, and what is hidden or read-only in it. Runs
//! in the container's own mount namespace; the host sees nothing of it, and nothing is left when the namespace ends.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::thread;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount};
use rustix::process::{PidfdFlags, chdir, fchdir, getpid, pidfd_open, pivot_root};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

use super::cgroup_view::View;
use super::source::Sources;
use super::{Attributes, Recursion, attach, clone_of_handle, device, hide, overlay, place, set_attributes};
use crate::cgroup::hierarchy::{self, Version};
use crate::error::{KernelError, Result, Step};
use crate::root;
use crate::sandbox::EtcFiles;
use crate::spec::MonitorSpec;

const MOUNT_ATTR_RDONLY: u64 = 0x1;

/// Makes the tree this process's root and returns a handle of it. Everything can still be written to.
pub fn build(spec: &MonitorSpec, etc: &EtcFiles, view: &View) -> Result<OwnedFd> {
    // What is bound from the host is looked up first, while the host's paths mean the host's files.
    let mut sources = Sources::open(spec, etc)?;
    // SAFETY: umask takes and returns an integer.
    unsafe { libc::umask(0) };
    let root = enter_root(spec)?;
    for (at, mount) in spec.oci.mounts.iter().enumerate() {
        place::mount(root.as_fd(), mount, sources.take(at), view)?;
    }
    place::etc_files(root.as_fd(), sources.etc())?;
    let own_devices = !spec.oci.mounts.iter().any(|mount| mount.destination == "/dev" && place::is_bind(mount));
    if own_devices {
        device::make_all(root.as_fd(), &spec.oci.linux.devices)?;
    }
    root::make_directory(&root, &spec.oci.process.cwd)?;
    Ok(root)
}

/// The files of a container that does not run: its layers and what is bound into it, in a mount namespace of this
/// process's own, and without becoming its root. Whoever calls holds the container's lock: the layers are mounted once.
pub fn build_at_rest(spec: &MonitorSpec) -> Result<OwnedFd> {
    let mut spec = spec.clone();
    spec.oci.mounts.retain(place::is_bind);
    let mut sources = Sources::open(&spec, &EtcFiles::default())?;
    let layers = overlay::mount(&spec.rootfs)?;
    let place = spec.paths.container_dir.as_path();
    unshare_mounts().step(|| "make a mount namespace")?;
    let handle = openat(CWD, place, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .step(|| format!("open \"{}\"", place.display()))?;
    attach(&layers, handle.as_fd()).step(|| "attach the container's root")?;
    for (at, mount) in spec.oci.mounts.iter().enumerate() {
        place::mount(layers.as_fd(), mount, sources.take(at), &View::Separate(Vec::new()))?;
    }
    if spec.rootfs.read_only {
        let read_only = Attributes { set: MOUNT_ATTR_RDONLY, ..Attributes::default() };
        set_attributes(&layers, read_only, Recursion::Single).step(|| "make the container's root read-only")?;
    }
    Ok(layers)
}

/// For a program that works with mounts beside us: what it mounts is seen by nobody else, and these are attached there for it. Where both versions of
/// control groups are mounted it sees the first alone, as some programs can't work with both.
pub fn step_aside(mounts: &[(OwnedFd, PathBuf)]) -> Result<()> {
    unshare_mounts().step(|| "make a mount namespace")?;
    let hierarchies = hierarchy::mounted()?;
    if hierarchies.iter().any(|one| one.version == Version::V1) {
        for second in hierarchies.iter().filter(|one| one.version == Version::V2) {
            unmount(&second.mountpoint, UnmountFlags::DETACH).step(|| "hide a control group hierarchy")?;
        }
    }
    mounts.iter().try_for_each(|(mount, place)| {
        let handle = openat(CWD, place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            .step(|| format!("open \"{}\"", place.display()))?;
        attach(mount, handle.as_fd()).step(|| format!("attach \"{}\"", place.display()))
    })
}

/// A copy of the mount that a handle of another mount namespace refers to, without what is mounted on it there. Only who is in that namespace may
/// copy it: a thread goes there, the rest of this process stays.
pub fn bare(root: OwnedFd, namespace: OwnedFd) -> Result<OwnedFd> {
    let copy = thread::spawn(move || {
        unshare_root()?;
        move_into_thread_name_spaces(namespace.as_fd(), ThreadNameSpaceType::MOUNT)?;
        clone_of_handle(root, Recursion::Single)
    });
    copy.join().unwrap_or_else(|_| Err(io::Error::other("it broke off"))).step(|| "copy the container's root")
}

/// This thread's root and working directory become its own.
fn unshare_root() -> io::Result<()> {
    // SAFETY: unshare takes an integer; this flag has nothing to do with memory or descriptors.
    if unsafe { libc::unshare(libc::CLONE_FS) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn unshare_mounts() -> io::Result<()> {
    // SAFETY: unshare takes an integer; this flag has nothing to do with memory or descriptors.
    if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?)
}

/// The last step: hides what is to be hidden and takes the right to write away.
pub fn seal(spec: &MonitorSpec, root: BorrowedFd<'_>) -> Result<()> {
    hide::read_only(root, &spec.oci.linux.readonly_paths)?;
    hide::masked(root, &spec.oci.linux.masked_paths)?;
    if spec.rootfs.read_only {
        let read_only = Attributes { set: MOUNT_ATTR_RDONLY, ..Attributes::default() };
        set_attributes(root, read_only, Recursion::Single).step(|| "make the container's root read-only")?;
    }
    Ok(())
}

/// Mounts the layers over the container's own directory, where only this namespace sees it, and changes the root.
fn enter_root(spec: &MonitorSpec) -> Result<OwnedFd> {
    let mount = overlay::mount(&spec.rootfs)?;
    let place = spec.paths.container_dir.as_path();
    let handle = openat(CWD, place, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .step(|| format!("open \"{}\"", place.display()))?;
    leave_chroot().step(|| "go to the root of the container's mounts")?;
    let step = || "keep the container's mounts to itself";
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).step(step)?;
    attach(&mount, handle.as_fd()).step(|| "attach the container's root")?;
    pivot(&mount).step(|| "change the root").map_err(needs_real_root)?;
    openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step(|| "open the root")
}

/// Joining its own mount namespace takes a process to that namespace's root. In a chroot, changing only the chroot would leave
/// all that lies outside of it below the container, and whoever enters the container's namespace later would land there.
fn leave_chroot() -> io::Result<()> {
    let own = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(move_into_thread_name_spaces(own.as_fd(), ThreadNameSpaceType::MOUNT)?)
}

/// With both names the same, the old root lies on top of the new one, from where it is taken away.
fn pivot(root: &OwnedFd) -> rustix::io::Result<()> {
    fchdir(root)?;
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    chdir("/")
}

fn needs_real_root(error: KernelError) -> KernelError {
    match error.cause.raw_os_error() {
        Some(libc::EINVAL) => error.hint("the host's root must be a mount of its own, not the initial ramdisk"),
        _ => error,
    }
}
