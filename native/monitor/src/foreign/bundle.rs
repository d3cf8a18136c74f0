//! The bundle that a runtime is handed: the document, and beside it a directory where the root will be mounted, for the runtime alone.

use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;

use kernel::copy_up;
use kernel::error::{KernelError, Result, Step};
use kernel::mounts::overlay;
use kernel::process::user;
use kernel::root;
use kernel::sandbox::StartOptions;
use kernel::spec::MonitorSpec;
use rustix::fs::OFlags;
use serde_json::Value;

use super::{document, write};

/// On the disk, but for its root.
pub struct Bundle {
    /// Absolute.
    pub directory: PathBuf,
    /// The layers, mounted and not yet attached anywhere, and where they are to be.
    pub root: (OwnedFd, PathBuf),
}

impl Bundle {
    /// Reads the container's own document once more: what we don't know of it is handed over as well.
    pub fn write(spec: &MonitorSpec, options: &StartOptions<'_>) -> Result<Self> {
        let directory = spec.paths.container_dir.join("runtime").join("bundle");
        let place = directory.join("rootfs");
        fs::create_dir_all(&place).step(|| format!("create `{}`", place.display()))?;
        let layers = overlay::mount(&spec.rootfs)?;
        fill_volumes(spec, &layers)?;
        let identity = user::lookup(layers.as_fd(), &spec.user, &spec.group_add)?;
        let process = document::process(&spec.oci.process, &identity, &options.stdio);
        let network =
            options.network.map(|fd| PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), fd.as_raw_fd())));
        let config = document::config(read_oci(spec)?, process, &options.etc, network.as_deref());
        write(&directory.join("config.json"), &config)?;
        Ok(Self { directory, root: (layers, place) })
    }
}

fn read_oci(spec: &MonitorSpec) -> Result<Value> {
    let path = spec.paths.container_dir.join("spec.json");
    let step = || format!("read `{}`", path.display());
    let mut document: Value = serde_json::from_slice(&fs::read(&path).step(step)?).step(step)?;
    match document["oci"].take() {
        oci @ Value::Object(_) => Ok(oci),
        _ => Err(KernelError::new(step(), std::io::Error::from(std::io::ErrorKind::InvalidData)).code("state-broken")),
    }
}

/// A new volume gets what the image has at its place.
fn fill_volumes(spec: &MonitorSpec, layers: &OwnedFd) -> Result<()> {
    for mount in spec.oci.mounts.iter().filter(|mount| spec.copy_up.contains(&mount.destination)) {
        let Ok(inside) = root::open(layers, &mount.destination, OFlags::PATH | OFlags::DIRECTORY) else { continue };
        let volume = File::open(&mount.source).step(|| format!("open the volume `{}`", mount.source))?;
        copy_up::fill(inside.as_fd(), volume.as_fd())?;
    }
    Ok(())
}
