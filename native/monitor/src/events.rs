//! The journal of what happens to containers (`events.log`): one line of JSON for each event, of all containers of this data directory.
//! Whoever follows it needs no daemon; whoever writes it never fails because of it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use kernel::spec::MonitorSpec;
use rustix::fs::{FlockOperation, flock};
use serde::Serialize;

use crate::complaint;
use crate::monitor::Monitor;
use crate::token::ProgramId;

/// When it is longer, it becomes `events.log.1` and the one before goes.
const LONGEST: u64 = 4 << 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    /// Too large for a number of JavaScript's.
    time_ns: String,
    container_id: &'a str,
    action: &'a str,
    attributes: serde_json::Map<String, serde_json::Value>,
}

impl Monitor {
    /// Enters an event into the journal.
    pub fn tell(&self, action: &str, attributes: &[(&str, String)]) {
        tell_of(&self.spec, action, attributes);
    }

    /// The name of an exec in the journal.
    pub fn exec_id(&self, program: ProgramId) -> String {
        let id = &self.spec.container_id;
        format!("{}{program:012x}", id.get(..52).unwrap_or(id))
    }
}

/// The same for whoever is no monitor.
pub fn tell_of(spec: &MonitorSpec, action: &str, attributes: &[(&str, String)]) {
    let Some(path) = &spec.paths.events else { return };
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())).collect();
    let container_id = spec.container_id.as_str();
    let event = Event { time_ns: elapsed.as_nanos().to_string(), container_id, action, attributes };
    if let Err(error) = append(path, &event) {
        complaint::write(format_args!("write `{}`: {error}", path.display()));
    }
}

fn append(path: &Path, event: &Event<'_>) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    let mut file = open_locked(path)?;
    file.write_all(&line)?;
    if file.metadata()?.len() > LONGEST {
        let mut older = path.as_os_str().to_owned();
        older.push(".1");
        fs::rename(path, older)?;
    }
    Ok(())
}

/// Somebody may have moved it away between the opening and the lock.
fn open_locked(path: &Path) -> io::Result<File> {
    loop {
        let file = File::options().append(true).create(true).mode(0o600).open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        if fs::metadata(path).is_ok_and(|found| found.ino() == file.metadata().map_or(0, |own| own.ino())) {
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_journal_becomes_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.log");
        fs::write(&path, vec![b'\n'; usize::try_from(LONGEST).unwrap()]).unwrap();
        let attributes = serde_json::Map::new();
        let event = Event { time_ns: "1".into(), container_id: "c", action: "start", attributes };
        append(&path, &event).unwrap();
        append(&path, &event).unwrap();
        let line = "{\"timeNs\":\"1\",\"containerId\":\"c\",\"action\":\"start\",\"attributes\":{}}\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        assert!(fs::read_to_string(folder.path().join("events.log.1")).unwrap().ends_with(line));
    }
}
