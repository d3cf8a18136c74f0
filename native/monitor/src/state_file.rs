//! `state.json`: the record that the monitor keeps of its container. Replaced whole, and only when something has changed.

use std::fs;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use kernel::spec::{ContainerStateRecord, MonitorSpec, Status};

/// The record and the file it is kept in.
pub struct StateFile {
    path: PathBuf,
    record: ContainerStateRecord,
    changed: bool,
}

impl StateFile {
    /// Reads what earlier monitors left. A file that is missing or can't be understood counts as one that says `created`.
    pub fn read(spec: &MonitorSpec) -> Self {
        let path = spec.paths.state.clone();
        let record = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, record: record.unwrap_or_else(|| fresh(&spec.container_id)), changed: false }
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

    /// Writes the record when it has changed; tells whether it had.
    pub fn save(&mut self) -> Result<bool> {
        if !self.changed {
            return Ok(false);
        }
        self.changed = false;
        replace(&self.path, &self.record).map(|()| true)
    }
}

fn replace(path: &Path, record: &ContainerStateRecord) -> Result<()> {
    let unfinished = path.with_extension("json.tmp");
    let write = || {
        fs::write(&unfinished, serde_json::to_vec(record)?)?;
        fs::rename(&unfinished, path)
    };
    write().step(|| format!("write `{}`", path.display()))
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
    }
}
