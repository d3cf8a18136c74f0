//! One mount of the list at its place in the container: made new or bound, attached to a handle that lies inside the root.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, fstatfs, openat, openat2};

use super::cgroup_view::View;
use super::source::Source;
use super::{Attributes, Recursion, attach, cgroup_view, filesystem, options, set_attributes};
use crate::copy_up;
use crate::error::{KernelError, Result, Step};
use crate::oci::OciMount;
use crate::root;

const PROC: i64 = 0x9fa0;

/// Files of /proc that may be mounted over; anything else there would let a container deceive other tools, or us.
const REPLACEABLE: [&str; 11] = [
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/net/dev",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/sys/crypto/fips_enabled",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/uptime",
];

/// Whether it binds what is there instead of making something new.
pub fn is_bind(mount: &OciMount) -> bool {
    let is_asked = mount.kind == "bind" || mount.options.iter().any(|option| option == "bind" || option == "rbind");
    is_asked && !options::is_remount(mount)
}

/// Makes the mount. `source` is what it binds, if it binds.
pub fn mount(root: BorrowedFd<'_>, mount: &OciMount, source: Option<Source>, view: &View) -> Result<()> {
    match source {
        Some(source) => bind(root, &mount.destination, &source),
        None if options::is_remount(mount) => change(root, mount),
        None if mount.kind == "cgroup" => cgroup_view::mount(plain_directory(root, mount)?.as_fd(), mount, view),
        None => make(root, mount),
    }
}

/// The files that every container has from us.
pub fn etc_files(root: BorrowedFd<'_>, files: &[(&'static str, Source)]) -> Result<()> {
    files.iter().try_for_each(|(destination, source)| bind(root, destination, source))
}

fn make(root: BorrowedFd<'_>, mount: &OciMount) -> Result<()> {
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let was_there = root::open(root, &mount.destination, OFlags::PATH).is_ok();
    let target = if mount.kind == "tmpfs" && mount.destination != "/dev" {
        target(root, &mount.destination, true)?
    } else {
        plain_directory(root, mount)?
    };
    let source = if mount.source.is_empty() { mount.kind.as_str() } else { mount.source.as_str() };
    let mut parameters = vec![("source", Some(source))];
    parameters.extend(&parsed.parameters);
    // What a tmpfs hides gives it its mode, unless another is asked for.
    let mode = format!("{:o}", fstat(&target).step(|| step(&mount.destination))?.st_mode & 0o7777);
    if was_there && mount.kind == "tmpfs" && !parsed.parameters.iter().any(|(key, _)| *key == "mode") {
        parameters.push(("mode", Some(&mode)));
    }
    let made = filesystem(&mount.kind, &parameters, options::fsmount_flags(parsed.attributes))?;
    if parsed.copies_up {
        let inside = openat(&made, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        copy_up::fill(target.as_fd(), inside.step(|| step(&mount.destination))?.as_fd())?;
    }
    attach(&made, target.as_fd()).step(|| step(&mount.destination))?;
    spread(&made, &parsed).step(|| step(&mount.destination))
}

/// The mount that is there already gets other attributes.
fn change(root: BorrowedFd<'_>, mount: &OciMount) -> Result<()> {
    let step = || format!("change the options of the mount \"{}\"", mount.destination);
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let target = root::open(root, &mount.destination, OFlags::PATH).step(step)?;
    let attributes = Attributes { propagation: 0, ..parsed.attributes };
    set_attributes(&target, attributes, Recursion::Single).step(step)?;
    spread(&target, &parsed).step(step)
}

/// What holds for everything below, and whether later mounts are seen on the other side.
fn spread(mount: &OwnedFd, parsed: &options::Options<'_>) -> io::Result<()> {
    if parsed.recursive != Attributes::default() {
        set_attributes(mount, parsed.recursive, Recursion::Whole)?;
    }
    let propagation = parsed.attributes.propagation;
    if propagation == 0 {
        return Ok(());
    }
    set_attributes(mount, Attributes { propagation, ..Attributes::default() }, parsed.propagation_recursion)
}

fn bind(root: BorrowedFd<'_>, destination: &str, source: &Source) -> Result<()> {
    let target = target(root, destination, source.is_directory).map_err(other_kind)?;
    if let Some(directory) = &source.to_fill {
        copy_up::fill(target.as_fd(), directory.as_fd())?;
    }
    attach(&source.tree, target.as_fd()).step(|| step(destination)).map_err(other_kind)
}

fn other_kind(error: KernelError) -> KernelError {
    match error.cause.raw_os_error() {
        Some(libc::ENOTDIR | libc::EISDIR) => {
            error.hint("a directory can't be mounted onto a file, nor a file onto a directory")
        }
        _ => error,
    }
}

/// A handle of the place, made when it is missing.
fn target(root: BorrowedFd<'_>, destination: &str, is_directory: bool) -> Result<OwnedFd> {
    let target =
        if is_directory { root::make_directory(root, destination)? } else { root::make_file(root, destination)? };
    let found = FileType::from_raw_mode(fstat(&target).step(|| step(destination))?.st_mode);
    if !is_directory && found == FileType::Directory {
        return Err(KernelError::new(step(destination), io::Error::from_raw_os_error(libc::EISDIR)));
    }
    let kind = fstatfs(&target).step(|| step(destination))?.f_type;
    if kind == PROC && !REPLACEABLE.contains(&destination) {
        let cause = io::Error::new(io::ErrorKind::PermissionDenied, "it is inside \"/proc\"");
        return Err(KernelError::new(step(destination), cause).code("permission-denied"));
    }
    Ok(target)
}

/// The kernel's own file systems are only mounted where they belong: an image with a symlink there is refused.
fn plain_directory(root: BorrowedFd<'_>, mount: &OciMount) -> Result<OwnedFd> {
    let destination = mount.destination.as_str();
    root::make_directory(root, destination)?;
    let relative = destination.trim_start_matches('/');
    let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat2(root, relative, flags, Mode::empty(), how).step(|| step(destination)).map_err(|error| {
        error
            .hint(format!("it must be mounted on ordinary directory, and the image has a symlink in \"{destination}\""))
    })
}

fn step(destination: &str) -> String {
    format!("mount \"{destination}\"")
}
