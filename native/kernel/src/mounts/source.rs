//! What is bound from the host into a container, as detached copies: opened before the container has a root of its own,
//! attached after.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use super::options::{self, Options};
use super::{
    Attributes, Recursion, bind_flags, clone_of, clone_of_handle, place, set_attributes, shared_memory, subpath,
};
use crate::error::{KernelError, Result, Step};
use crate::oci::OciMount;
use crate::sandbox::EtcFiles;
use crate::spec::MonitorSpec;

/// A detached mount, ready to be attached.
#[derive(Debug)]
pub struct Source {
    /// The mount.
    pub tree: OwnedFd,
    /// Whether its target is a directory.
    pub is_directory: bool,
    /// The directory itself, writable whatever the mount's options say, when it may have to be filled from the image.
    pub to_fill: Option<OwnedFd>,
}

/// All of a container, by their place in the list of mounts, and those of /etc.
#[derive(Debug)]
pub struct Sources {
    listed: Vec<Option<Source>>,
    etc: Vec<(&'static str, Source)>,
}

impl Sources {
    /// Opens every one; fails with `mount-source-missing`.
    pub fn open(spec: &MonitorSpec, etc: &EtcFiles) -> Result<Self> {
        let listed = spec.oci.mounts.iter().map(|mount| {
            let fill = spec.copy_up.contains(&mount.destination);
            if mount.kind == shared_memory::KIND {
                let tree = shared_memory::open(Path::new(&mount.source))?;
                return Ok(Some(Source { tree, is_directory: true, to_fill: None }));
            }
            let part = spec.subpaths.get(&mount.destination).map(String::as_str);
            if place::is_bind(mount) { open(mount, part, fill).map(Some) } else { Ok(None) }
        });
        Ok(Self { listed: listed.collect::<Result<_>>()?, etc: open_etc(spec, etc)? })
    }

    /// The one of this mount; each can be taken once.
    pub fn take(&mut self, at: usize) -> Option<Source> {
        self.listed.get_mut(at).and_then(Option::take)
    }

    /// Those of /etc, with their destinations.
    pub fn etc(&self) -> &[(&'static str, Source)] {
        &self.etc
    }
}

fn open(mount: &OciMount, part: Option<&str>, fill: bool) -> Result<Source> {
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let path = Path::new(&mount.source);
    // What is found is mounted and filled by this one handle: another look might find something else.
    let part = part.map(|part| subpath::open(path, part)).transpose()?;
    let recursion = parsed.bind_recursion.unwrap_or(Recursion::Single);
    let tree = match &part {
        Some(part) => clone_of_handle(part, recursion).step(|| format!("bind a part of `{}`", mount.source))?,
        None => clone_of(path, recursion).map_err(missing)?,
    };
    apply(&tree, &parsed).step(|| format!("set the options of the mount \"{}\"", mount.destination))?;
    let is_directory = is_directory(&tree)?;
    let to_fill = match (&part, fill && is_directory) {
        (_, false) => None,
        (Some(part), true) => Some(open_directory(part, Path::new("."))?),
        (None, true) => Some(open_directory(CWD, path)?),
    };
    Ok(Source { tree, is_directory, to_fill })
}

/// What a mount of a bundle binds; a relative source lies in the bundle. `show_owners` makes the copy an idmapped mount, if it
/// is to be one. Of a locked one nothing may be cleared that the host has set.
pub fn open_of_bundle(
    mount: &OciMount,
    bundle: &Path,
    is_locked: bool,
    show_owners: impl FnOnce(&OwnedFd) -> Result<()>,
) -> Result<Source> {
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let path = bundle.join(&mount.source);
    let tree = clone_of(&path, parsed.bind_recursion.unwrap_or(Recursion::Single)).map_err(missing)?;
    show_owners(&tree)?;
    let step = || format!("set the options of the mount \"{}\"", mount.destination);
    isolate(&tree, &parsed).step(step)?;
    bind_flags::apply(&tree, mount, &parsed, is_locked)?;
    spread(&tree, &parsed).step(step)?;
    let is_directory = is_directory(&tree)?;
    Ok(Source { tree, is_directory, to_fill: None })
}

/// `rw` leaves a mount as it is: what the host has mounted read-only does not become writable in a container.
fn apply(tree: &OwnedFd, parsed: &Options<'_>) -> io::Result<()> {
    isolate(tree, parsed)?;
    let Attributes { set, clear, .. } = parsed.attributes;
    let clear = clear & !options::READ_ONLY;
    if set != 0 || clear != 0 {
        set_attributes(tree, Attributes { set, clear, propagation: 0 }, Recursion::Single)?;
    }
    spread(tree, parsed)
}

/// A copy of a shared mount is shared too: what is mounted inside it later would appear on the host.
fn isolate(tree: &OwnedFd, parsed: &Options<'_>) -> io::Result<()> {
    let recursion = parsed.bind_recursion.unwrap_or(Recursion::Single);
    let asked = parsed.attributes.propagation;
    let propagation = if asked == 0 { libc::MS_PRIVATE } else { asked };
    set_attributes(tree, Attributes { propagation, ..Attributes::default() }, recursion)
}

/// What also holds for everything that is mounted below.
fn spread(tree: &OwnedFd, parsed: &Options<'_>) -> io::Result<()> {
    if parsed.recursive != Attributes::default() {
        set_attributes(tree, parsed.recursive, Recursion::Whole)?;
    }
    Ok(())
}

fn open_etc(spec: &MonitorSpec, etc: &EtcFiles) -> Result<Vec<(&'static str, Source)>> {
    let files: [(&'static str, &Option<PathBuf>); 3] =
        [("/etc/hosts", &etc.hosts), ("/etc/hostname", &etc.hostname), ("/etc/resolv.conf", &etc.resolv_conf)];
    let mut sources = Vec::new();
    for (destination, file) in files {
        // What the user mounts there is what he wants to have there.
        let taken = spec.oci.mounts.iter().any(|mount| mount.destination == destination);
        if let (Some(file), false) = (file, taken) {
            let access = if spec.rootfs.read_only { "ro" } else { "rw" };
            let options = ["bind", "private", access].map(str::to_owned).to_vec();
            let (destination_text, source) = (destination.to_owned(), file.to_string_lossy().into_owned());
            let kind = "bind".to_owned();
            let (uid_mappings, gid_mappings) = (Vec::new(), Vec::new());
            let mount = OciMount { destination: destination_text, kind, source, options, uid_mappings, gid_mappings };
            sources.push((destination, open(&mount, None, false)?));
        }
    }
    Ok(sources)
}

fn is_directory(tree: &OwnedFd) -> Result<bool> {
    let found = fstat(tree.as_fd()).step(|| "look at the source of a mount")?;
    Ok(FileType::from_raw_mode(found.st_mode) == FileType::Directory)
}

fn open_directory(at: impl AsFd, path: &Path) -> Result<OwnedFd> {
    openat(at, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .step(|| format!("open \"{}\"", path.display()))
}

fn missing(error: KernelError) -> KernelError {
    match error.cause.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR) => error.code("mount-source-missing"),
        _ => error,
    }
}
