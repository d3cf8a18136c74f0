//! A note about an `up -d` that found nothing to do, and whether the world still is as it was then (ADR 19). src/cli/settled/note.ts writes them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use kernel::file_version::version_of;
use kernel::identity::{boot_id, is_alive};
use kernel::net::repair::repair_networks;
use kernel::spec::{ContainerStateRecord, HealthStatus, MonitorIdentity, Status};
use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;

use crate::question::Question;

const VERSION: u32 = 2;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    version: u32,
    boot_id: String,
    /// Whoever works on the project holds it.
    project_lock: PathBuf,
    networks_dir: PathBuf,
    /// The version of each file and directory.
    files: Vec<(PathBuf, String)>,
    /// What stood at each path that was asked about.
    kinds: Vec<(PathBuf, Kind)>,
    realpaths: Vec<(PathBuf, PathBuf)>,
    containers: Vec<SeenContainer>,
    said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    File,
    Directory,
    Nothing,
}

/// A running container. Its state is written anew by each probe of its health, which most often changes nothing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeenContainer {
    state_path: PathBuf,
    state_version: String,
    health: Option<HealthStatus>,
    monitor: MonitorIdentity,
}

#[derive(Debug, Deserialize)]
struct Said {
    out: String,
    err: String,
}

/// The text of the note on this question, if there is one.
pub fn find(run_dir: &Path, question: &Question) -> Option<String> {
    fs::read_to_string(run_dir.join("settled").join(format!("{}.json", question.digest()))).ok()
}

/// Says what was said before, with the networks' rules made good, if all stands as it stood. A note that can't be read is no note; and while
/// somebody is at work on the project, there is no answer.
pub fn answer(text: &str) -> bool {
    let Ok(note) = serde_json::from_str::<Note>(text) else { return false };
    let Some(_held) = try_lock(&note.project_lock) else { return false };
    if !note.stands() {
        return false;
    }
    repair_networks(&note.networks_dir);
    // Where the outputs can't be written to, nobody can be told.
    let _ = say(stdout(), &note.said.out);
    let _ = say(stderr(), &note.said.err);
    true
}

fn try_lock(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(file)
}

impl Note {
    fn stands(&self) -> bool {
        self.version == VERSION
            && self.boot_id == boot_id()
            && self.files.iter().all(|(path, version)| version_of(path) == *version)
            && self.kinds.iter().all(|(path, kind)| kind_of(path) == *kind)
            && self.realpaths.iter().all(|(path, real)| real_path_of(path) == *real)
            && self.containers.iter().all(SeenContainer::stands)
    }
}

impl SeenContainer {
    fn stands(&self) -> bool {
        is_alive(&self.monitor) && (version_of(&self.state_path) == self.state_version || self.is_as_seen())
    }

    fn is_as_seen(&self) -> bool {
        let text = fs::read(&self.state_path).unwrap_or_default();
        serde_json::from_slice::<ContainerStateRecord>(&text).is_ok_and(|state| {
            state.status == Status::Running
                && state.health.map(|health| health.status) == self.health
                && state.monitor.as_ref() == Some(&self.monitor)
        })
    }
}

/// Something that can't be looked at is a file: reading it tells why.
fn kind_of(path: &Path) -> Kind {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Kind::Directory,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Kind::Nothing,
        _ => Kind::File,
    }
}

fn real_path_of(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// All of it, also where a parent has set the pipe non-blocking and has not read yet.
fn say(mut stream: impl Write, text: &str) -> io::Result<()> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match stream.write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(Duration::from_millis(2)),
            Err(error) => return Err(error),
        }
    }
    stream.flush()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use kernel::identity;
    use tempfile::TempDir;

    use super::*;

    /// A folder with a file, a link to it, and the state of a container whose monitor is this process.
    fn world() -> (TempDir, Note) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("compose.yaml"), "services: {}").unwrap();
        symlink("compose.yaml", at("link")).unwrap();
        let monitor = identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        write_state(&at("state.json"), Status::Running, HealthStatus::Healthy, &monitor);
        let note = Note {
            version: VERSION,
            boot_id: boot_id().to_owned(),
            project_lock: at("lock"),
            networks_dir: at("networks"),
            files: vec![(at("compose.yaml"), version_of(at("compose.yaml"))), (at("web.env"), String::new())],
            kinds: vec![(at(""), Kind::Directory), (at("link"), Kind::File), (at(".env"), Kind::Nothing)],
            realpaths: vec![(at("link"), at("compose.yaml").canonicalize().unwrap()), (at("gone"), at("gone"))],
            containers: vec![SeenContainer {
                state_version: version_of(at("state.json")),
                state_path: at("state.json"),
                health: Some(HealthStatus::Healthy),
                monitor,
            }],
            said: Said { out: String::new(), err: String::new() },
        };
        (folder, note)
    }

    fn write_state(path: &Path, status: Status, health: HealthStatus, monitor: &MonitorIdentity) {
        let state = serde_json::json!({
            "version": 1, "containerId": "c", "status": status, "pid": 7, "exitCode": 0, "oomKilled": false, "error": "", "startedAtMs": 1,
            "finishedAtMs": 0, "restartCount": 0, "stoppedByUser": false, "health": { "status": health, "failingStreak": 0, "log": [] },
            "endpoints": [], "ports": [], "monitor": monitor,
        });
        fs::write(path, state.to_string()).unwrap();
    }

    #[test]
    fn what_stands_as_it_stood_stands() {
        let (_folder, note) = world();
        assert!(note.stands());
    }

    #[test]
    fn a_change_of_anything_is_seen() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 6] = [
            ("a file's content", |at| fs::write(at.join("compose.yaml"), "services: { web: {} }").unwrap()),
            ("a file that is gone", |at| fs::remove_file(at.join("compose.yaml")).unwrap()),
            ("a file that was not there", |at| fs::write(at.join("web.env"), "").unwrap()),
            ("a path with nothing at it", |at| fs::create_dir(at.join(".env")).unwrap()),
            ("a file that is a directory", |at| {
                fs::remove_file(at.join("link")).unwrap();
                fs::create_dir(at.join("link")).unwrap();
            }),
            ("where a link leads", |at| {
                fs::write(at.join("other.yaml"), "").unwrap();
                fs::remove_file(at.join("link")).unwrap();
                symlink("other.yaml", at.join("link")).unwrap();
            }),
        ];
        for (what, change) in changes {
            let (folder, note) = world();
            change(folder.path());
            assert!(!note.stands(), "{what}");
        }
    }

    #[test]
    fn another_version_or_boot_is_not_believed() {
        let (_folder, note) = world();
        assert!(!Note { version: VERSION + 1, ..note }.stands());
        let (_folder, note) = world();
        assert!(!Note { boot_id: "another".into(), ..note }.stands());
    }

    #[test]
    fn a_state_that_was_written_anew_is_read() {
        let (folder, mut note) = world();
        let path = folder.path().join("state.json");
        note.containers[0].state_version = "just written".into();
        assert!(note.stands());
        let monitor = note.containers[0].monitor.clone();
        write_state(&path, Status::Running, HealthStatus::Unhealthy, &monitor);
        assert!(!note.stands());
        write_state(&path, Status::Paused, HealthStatus::Healthy, &monitor);
        assert!(!note.stands());
        write_state(&path, Status::Running, HealthStatus::Healthy, &MonitorIdentity { pid: 1, ..monitor });
        assert!(!note.stands());
        fs::remove_file(&path).unwrap();
        assert!(!note.stands());
    }

    #[test]
    fn a_monitor_has_to_live() {
        let (_folder, mut note) = world();
        note.containers[0].monitor.start_time += 1;
        assert!(!note.stands());
    }

    #[test]
    fn whoever_is_at_work_on_the_project_is_not_overtaken() {
        let (folder, _) = world();
        let path = folder.path().join("lock");
        assert!(try_lock(&path).is_none());
        let holder = File::create(&path).unwrap();
        flock(&holder, FlockOperation::LockExclusive).unwrap();
        assert!(try_lock(&path).is_none());
        drop(holder);
        assert!(try_lock(&path).is_some());
    }

    #[test]
    fn a_damaged_note_is_none() {
        assert!(!answer("{\"version\":2"));
    }
}
