//! A container that is to be removed at its end is taken away by whoever watched over it, in the steps and under the locks of
//! src/runtime/container/remove.ts. What is interrupted leaves the container whole, or a half-made directory that the next command finishes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use kernel::spec::{MonitorSpec, RemovalSpec, Status};
use kernel::tar::remove::remove_path;
use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;
use serde_json::json;

use crate::complaint;
use crate::events;
use crate::lock::Lock;
use crate::state_file::StateFile;

/// Of `config.json`, what has to do with its end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    container_name: String,
    other_name: Option<String>,
    mounts: Vec<Mount>,
}

#[derive(Deserialize)]
struct Mount {
    kind: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Volume {
    anonymous: bool,
}

/// Removes it, if it is to be removed and has ended for good. It is left to whoever was quicker, or has started it again.
pub fn take_away(spec: &MonitorSpec) {
    if let Some(removal) = &spec.removal {
        remove(spec, removal).unwrap_or_else(complaint::write);
    }
}

fn remove(spec: &MonitorSpec, removal: &RemovalSpec) -> Result<()> {
    let _taking_apart = locked(&removal.half_made_lock, FlockOperation::LockShared)?;
    let Some(hidden) = hide(spec, removal)? else { return Ok(()) };
    events::tell_of(spec, "destroy", &[]);
    hidden.iter().try_for_each(|directory| remove_path(directory))
}

/// From here on nobody sees it. Answers what is left of it, the container last, which says what goes with it.
fn hide(spec: &MonitorSpec, removal: &RemovalSpec) -> Result<Option<Vec<PathBuf>>> {
    let directory = &spec.paths.container_dir;
    if !directory.exists() {
        return Ok(None);
    }
    let _container = locked(&directory.join("lock"), FlockOperation::LockExclusive)?;
    let Ok(_monitor) = Lock::take(directory) else { return Ok(None) };
    if StateFile::read(spec).record().status != Status::Exited {
        return Ok(None);
    }
    let _all = locked(&removal.containers_lock, FlockOperation::LockExclusive)?;
    let record: Record = read(&directory.join("config.json"))?;
    let volumes = anonymous_of(&record, removal);
    write_take_along(directory, &volumes)?;
    for name in [Some(&record.container_name), record.other_name.as_ref()].into_iter().flatten() {
        release(&removal.names_dir.join(name), &spec.container_id);
    }
    let half = half_made(directory);
    fs::rename(directory, &half).step(|| format!("hide `{}`", directory.display()))?;
    let unused = volumes.iter().filter(|name| !is_used(name, directory)).map(|name| removal.volumes_dir.join(name));
    let mut hidden = Vec::new();
    for volume in unused {
        let half = half_made(&volume);
        fs::rename(&volume, &half).step(|| format!("hide `{}`", volume.display()))?;
        hidden.push(half);
    }
    hidden.push(half);
    Ok(Some(hidden))
}

/// Names of such volumes are as little chosen by anybody as ids are.
fn anonymous_of(record: &Record, removal: &RemovalSpec) -> Vec<String> {
    let named = record.mounts.iter().filter(|mount| mount.kind == "volume").filter_map(|mount| mount.name.as_ref());
    let drawn = named.filter(|name| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_anonymous = |name: &&String| {
        read::<Volume>(&removal.volumes_dir.join(name).join("volume.json")).is_ok_and(|volume| volume.anonymous)
    };
    drawn.filter(is_anonymous).cloned().collect()
}

/// Whether another container has it. A record that is damaged is asked all the same: nothing else is spelled like that.
fn is_used(volume: &str, container_dir: &Path) -> bool {
    let siblings = container_dir.parent().and_then(|all| fs::read_dir(all).ok()).into_iter().flatten().flatten();
    let whole = siblings.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mentions = |path: PathBuf| {
        fs::read(path).is_ok_and(|text| text.windows(volume.len()).any(|part| part == volume.as_bytes()))
    };
    whole
        .map(|entry| entry.path())
        .any(|path| ["config.json", "config.json.copy"].iter().any(|name| mentions(path.join(name))))
}

/// As src/runtime/container/take-along.ts does.
fn write_take_along(directory: &Path, volumes: &[String]) -> Result<()> {
    let path = directory.join("take-along.json");
    let written = match volumes {
        [] => fs::remove_file(&path).or_else(|error| if is_missing(&error) { Ok(()) } else { Err(error) }),
        _ => fs::write(&path, json!({ "version": 1, "volumes": volumes }).to_string()),
    };
    written.step(|| format!("write `{}`", path.display()))
}

/// Takes the name from this container, and from nobody else. One that stays names nothing, and goes with the next command.
fn release(name: &Path, container_id: &str) {
    if fs::read_to_string(name).is_ok_and(|id| id.trim() == container_id) {
        let _ = fs::remove_file(name);
    }
}

/// Ids and names of anonymous volumes are drawn: no other has the same.
fn half_made(directory: &Path) -> PathBuf {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    directory.with_file_name(format!(".half-{name}"))
}

/// Held until it is dropped.
fn locked(path: &Path, operation: FlockOperation) -> Result<File> {
    let step = || format!("lock `{}`", path.display());
    let file = File::options().create(true).append(true).open(path).step(step)?;
    flock(&file, operation).step(step)?;
    Ok(file)
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let read = || Ok::<_, io::Error>(serde_json::from_slice(&fs::read(path)?)?);
    read().step(|| format!("read `{}`", path.display()))
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
