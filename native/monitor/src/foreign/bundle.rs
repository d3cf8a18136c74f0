//! The bundle that a runtime is handed: the document, and beside it a directory where the root will be mounted, for the runtime alone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::iter;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use kernel::copy_up;
use kernel::error::{KernelError, Result, Step};
use kernel::mounts::{Recursion, clone_of_handle, overlay, subpath};
use kernel::process::user;
use kernel::root;
use kernel::sandbox::StartOptions;
use kernel::spec::MonitorSpec;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use serde_json::{Value, json};

use super::{document, write};

/// On the disk, but for its root.
pub struct Bundle {
    /// Absolute.
    pub directory: PathBuf,
    /// Its root and the parts of volumes, mounted and not yet attached anywhere, and where they are to be.
    pub mounts: Vec<(OwnedFd, PathBuf)>,
}

impl Bundle {
    /// Reads the container's own document once more: what we don't know of it is handed over as well.
    pub fn write(spec: &MonitorSpec, options: &StartOptions<'_>) -> Result<Self> {
        let directory = spec.paths.container_dir.join("runtime").join("bundle");
        let place = directory.join("rootfs");
        fs::create_dir_all(&place).step(|| format!("create `{}`", place.display()))?;
        let layers = overlay::mount(&spec.rootfs)?;
        let mut oci = read_oci(spec)?;
        let parts = find_parts(spec, &directory, &mut oci)?;
        fill_volumes(spec, &layers, &parts)?;
        let identity = user::lookup(layers.as_fd(), &spec.user, &spec.group_add)?;
        let process = document::process(&spec.oci.process, &identity, &options.stdio);
        let network =
            options.network.map(|fd| PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), fd.as_raw_fd())));
        let config = document::config(oci, process, &options.etc, network.as_deref());
        write(&directory.join("config.json"), &config)?;
        Ok(Self { directory, mounts: iter::once((layers, place)).chain(parts.into_values()).collect() })
    }
}

fn read_oci(spec: &MonitorSpec) -> Result<Value> {
    let path = spec.paths.container_dir.join("spec.json");
    let step = || format!("read `{}`", path.display());
    let mut document: Value = serde_json::from_slice(&fs::read(&path).step(step)?).step(step)?;
    match document["oci"].take() {
        oci @ Value::Object(_) => Ok(oci),
        _ => Err(KernelError::new(step(), io::Error::from(io::ErrorKind::InvalidData)).code("state-broken")),
    }
}

/// Parts of volumes by their destination. The runtime would follow the path once more, and gets a place of the bundle as the source, where the part is
/// that we have found.
fn find_parts(spec: &MonitorSpec, directory: &Path, oci: &mut Value) -> Result<BTreeMap<String, (OwnedFd, PathBuf)>> {
    let mut parts = BTreeMap::new();
    for (at, mount) in spec.oci.mounts.iter().enumerate() {
        let Some(subpath) = spec.subpaths.get(&mount.destination) else { continue };
        let step = || format!("bind a part of `{}`", mount.source);
        let part = clone_of_handle(subpath::open(Path::new(&mount.source), subpath)?, Recursion::Whole).step(step)?;
        let place = directory.join(format!("part-{at}"));
        let made = if is_directory(&part).step(step)? { fs::create_dir_all(&place) } else { fs::write(&place, "") };
        made.step(|| format!("create `{}`", place.display()))?;
        oci["mounts"][at]["source"] = json!(place);
        parts.insert(mount.destination.clone(), (part, place));
    }
    Ok(parts)
}

fn is_directory(handle: &OwnedFd) -> io::Result<bool> {
    Ok(FileType::from_raw_mode(fstat(handle)?.st_mode) == FileType::Directory)
}

/// A new volume, or an empty part of one, gets what the image has at its place.
fn fill_volumes(spec: &MonitorSpec, layers: &OwnedFd, parts: &BTreeMap<String, (OwnedFd, PathBuf)>) -> Result<()> {
    for mount in spec.oci.mounts.iter().filter(|mount| spec.copy_up.contains(&mount.destination)) {
        let Ok(inside) = root::open(layers, &mount.destination, OFlags::PATH | OFlags::DIRECTORY) else { continue };
        let step = || format!("open the volume `{}`", mount.source);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let volume = match parts.get(&mount.destination) {
            Some((part, _)) if !is_directory(part).step(step)? => continue,
            Some((part, _)) => openat(part, ".", flags, Mode::empty()),
            None => openat(CWD, mount.source.as_str(), flags, Mode::empty()),
        };
        copy_up::fill(inside.as_fd(), volume.step(step)?.as_fd())?;
    }
    Ok(())
}
