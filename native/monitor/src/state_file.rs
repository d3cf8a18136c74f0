//! `state.json`: the record that the monitor keeps of its container. Replaced whole, and only when something has changed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use kernel::identity;
use kernel::spec::{ContainerStateRecord, MonitorSpec, Status};

/// What the kernel writes and reads without anybody in between.
const PAGE: usize = 4096;

/// The record and the file it is kept in.
pub struct StateFile {
    path: PathBuf,
    record: ContainerStateRecord,
    changed: bool,
    /// Whether it has been told that the disk refuses the record.
    refused: bool,
}

impl StateFile {
    /// Reads what earlier monitors left. A file that is missing or can't be understood counts as one that says `created`.
    pub fn read(spec: &MonitorSpec) -> Self {
        let path = spec.paths.state.clone();
        let record = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, record: record.unwrap_or_else(|| fresh(&spec.container_id)), changed: false, refused: false }
    }

    /// The record as it is now.
    pub fn record(&self) -> &ContainerStateRecord {
        &self.record
    }

    /// The record, to be changed.
    pub fn change(&mut self) -> &mut ContainerStateRecord {
        self.changed = true;
        &mut self.record
    }

    /// Writes the record when it has changed; tells whether it had. What is refused is tried again each time, and told once.
    pub fn save(&mut self) -> Result<bool> {
        if !self.changed {
            return Ok(false);
        }
        self.record.boot_id = Some(identity::boot_id().to_owned());
        let replaced = replace(&self.path, &self.record);
        // A disk without room for another file has the present one's.
        match replaced.or_else(|error| overwrite(&self.path, &self.record).map_err(|_| error)) {
            Err(_) if self.refused => Ok(false),
            outcome => {
                (self.changed, self.refused) = (outcome.is_err(), outcome.is_err());
                outcome.map(|()| true)
            }
        }
    }
}

fn replace(path: &Path, record: &ContainerStateRecord) -> Result<()> {
    let unfinished = path.with_extension("json.tmp");
    let write = || {
        fs::write(&unfinished, serde_json::to_vec(record)?)?;
        fs::rename(&unfinished, path)
    };
    write().step(|| format!("write `{}`", path.display())).inspect_err(|_| {
        let _ = fs::remove_file(&unfinished);
    })
}

/// In place, and only what fits into the blocks that the file has. It is no moment half written for those who read: it
/// lies in one page. What the probes said may have to stay out.
fn overwrite(path: &Path, record: &ContainerStateRecord) -> io::Result<()> {
    let text = serde_json::to_vec(&ContainerStateRecord { health: None, ..record.clone() })?;
    let mut file = File::options().write(true).open(path)?;
    let found = file.metadata()?;
    let padding = usize::try_from(found.len()).unwrap_or_default().saturating_sub(text.len());
    if text.len() + padding > PAGE || ((text.len() + padding) as u64) > found.blocks() * 512 {
        return Err(io::Error::from(io::ErrorKind::StorageFull));
    }
    file.write_all(&[text, vec![b' '; padding]].concat())
}

fn fresh(container_id: &str) -> ContainerStateRecord {
    ContainerStateRecord {
        version: 1,
        container_id: container_id.to_owned(),
        status: Status::Created,
        pid: 0,
        exit_code: 0,
        oom_killed: false,
        error: String::new(),
        started_at_ms: 0,
        finished_at_ms: 0,
        restart_count: 0,
        stopped_by_user: false,
        health: None,
        endpoints: Vec::new(),
        ports: Vec::new(),
        monitor: None,
        boot_id: None,
    }
}
