//! The files of a network: `network.json`, and one record for each container on it, changed only under the network's lock.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::de::DeserializeOwned;

use crate::error::{KernelError, Result, Step};
use crate::identity::is_alive;
use crate::spec::{EndpointRecord, NetworkRecord};

const SUFFIX: &str = ".json";

/// Where the endpoint records of the network in this directory are.
pub fn endpoints_dir(network_dir: &Path) -> PathBuf {
    network_dir.join("endpoints")
}

/// Waits for the network's lock; it is held until the file is dropped, or its holder dies.
pub fn lock(network_dir: &Path) -> Result<File> {
    let (file, path) = open_lock(network_dir)?;
    flock(&file, FlockOperation::LockExclusive).step(|| format!("lock `{}`", path.display()))?;
    Ok(file)
}

/// The network's lock, if it is free now.
pub fn try_lock(network_dir: &Path) -> Result<Option<File>> {
    let (file, path) = open_lock(network_dir)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::AGAIN) => Ok(None),
        other => other.map(|()| Some(file)).step(|| format!("lock `{}`", path.display())),
    }
}

fn open_lock(network_dir: &Path) -> Result<(File, PathBuf)> {
    let path = network_dir.join("lock");
    let step = || format!("lock `{}`", path.display());
    let file = File::options().create(true).append(true).open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KernelError::new(step(), error).code("network-not-found"),
        _ => KernelError::new(step(), error),
    })?;
    Ok((file, path))
}

/// The network's own record.
pub fn read_network(network_dir: &Path) -> Result<NetworkRecord> {
    let path = network_dir.join("network.json");
    read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            KernelError::new(format!("read `{}`", path.display()), error).code("network-not-found")
        }
        _ => KernelError::new(format!("read `{}`", path.display()), error).code("state-broken"),
    })
}

/// All endpoint records, dead ones too.
pub fn read_endpoints(network_dir: &Path) -> Result<Vec<EndpointRecord>> {
    Ok(endpoints(network_dir)?.collect())
}

/// Whether the monitor of any container on it lives: most often the first tells.
pub fn has_live_endpoint(network_dir: &Path) -> bool {
    endpoints(network_dir).is_ok_and(|mut found| found.any(|endpoint| is_alive(&endpoint.monitor)))
}

/// A file that can't be understood is as good as none: it can't claim an address.
fn endpoints(network_dir: &Path) -> Result<impl Iterator<Item = EndpointRecord> + use<>> {
    let directory = endpoints_dir(network_dir);
    let entries = match fs::read_dir(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        other => Some(other.step(|| format!("list `{}`", directory.display()))?),
    };
    let paths = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| is_record(path)).filter_map(|path| read(&path).ok()))
}

/// Writes a container's record, whole or not at all.
pub fn write_endpoint(network_dir: &Path, endpoint: &EndpointRecord) -> Result<()> {
    let path = endpoint_path(network_dir, &endpoint.container_id);
    let unfinished = path.with_extension("tmp");
    let write = || {
        fs::create_dir_all(endpoints_dir(network_dir))?;
        fs::write(&unfinished, serde_json::to_vec(endpoint)?)?;
        fs::rename(&unfinished, &path)
    };
    write().step(|| format!("write `{}`", path.display()))
}

/// Removes a container's record; done when there is none.
pub fn remove_endpoint(network_dir: &Path, container_id: &str) -> Result<()> {
    let path = endpoint_path(network_dir, container_id);
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.step(|| format!("remove `{}`", path.display())),
    }
}

fn endpoint_path(network_dir: &Path, container_id: &str) -> PathBuf {
    endpoints_dir(network_dir).join(format!("{container_id}{SUFFIX}"))
}

fn is_record(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
