//! Containers that are to be removed at their end: by their monitor, or its keeper, with what is theirs alone.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::client::STDIN;
use crate::fixture::{Container, eventually, lacking};

/// What the commands write beside a container.
struct Surroundings {
    state: TempDir,
    neighbour: PathBuf,
    /// The names of the anonymous volumes.
    own: String,
    shared: String,
}

impl Surroundings {
    /// The container has two anonymous volumes and a named one; a neighbour uses one of the two as well.
    fn of(container: &Container) -> Self {
        let state = tempfile::tempdir_in("/var/tmp").expect("a directory");
        let mount =
            |name: &str| json!({ "kind": "volume", "name": name, "source": "", "target": "/x", "readOnly": false });
        for directory in ["locks", "names"] {
            fs::create_dir(state.path().join(directory)).expect("made");
        }
        let drawn: String = container.id().bytes().rev().map(|byte| format!("{byte:02x}")).collect();
        let (own, shared) = (format!("{drawn:1<64}"), format!("{drawn:2<64}"));
        for (name, anonymous) in [(own.as_str(), true), (shared.as_str(), true), ("named", false)] {
            let volume = state.path().join("volumes").join(name);
            fs::create_dir_all(volume.join("_data/deep")).expect("made");
            write(&volume.join("volume.json"), &json!({ "version": 1, "volumeName": name, "anonymous": anonymous }));
        }
        let record = json!({
            "containerName": "gone", "mounts": [mount(&own), mount(&shared), mount("named"), { "kind": "tmpfs", "source": "" }],
        });
        write(&container.path("config.json"), &record);
        fs::write(state.path().join("names/gone"), format!("{}\n", container.id())).expect("written");
        let neighbour = container.path("").with_extension("neighbour");
        fs::create_dir(&neighbour).expect("made");
        write(&neighbour.join("config.json"), &json!({ "containerName": "other", "mounts": [mount(&shared)] }));
        Self { state, neighbour, own, shared }
    }

    fn known_to(&self, container: Container) -> Container {
        let at = |name: &str| self.state.path().join(name);
        let removal = json!({
            "halfMadeLock": at("locks/half-made"), "containersLock": at("locks/containers"),
            "namesDir": at("names"), "volumesDir": at("volumes"),
        });
        container.with("/removal", removal)
    }

    fn volumes(&self) -> Vec<String> {
        names(&self.state.path().join("volumes"))
    }

    fn has_name(&self) -> bool {
        self.state.path().join("names/gone").exists()
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.neighbour);
    }
}

fn write(path: &Path, record: &serde_json::Value) {
    fs::write(path, record.to_string()).expect("written");
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .expect("there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Neither under its own name nor under that of what is taken apart.
fn is_gone(directory: &Path) -> bool {
    let name = directory.file_name().expect("a name").to_string_lossy();
    let half = directory.with_file_name(format!(".half-{name}"));
    !directory.exists() && !half.exists()
}

#[test]
fn a_container_goes_at_its_end_with_the_volumes_that_nobody_else_has() {
    if lacking() {
        return;
    }
    let container = Container::shell("mkdir -p /tmp/deep/er; chmod 0 /tmp/deep");
    let around = Surroundings::of(&container);
    let mut running = around.known_to(container).start();
    assert!(running.monitor.wait().expect("ended").success());
    assert!(is_gone(&running.container.path("")));
    assert_eq!(around.volumes(), [around.shared.as_str(), "named"]);
    assert!(!around.has_name());
    assert!(around.neighbour.exists());
}

#[test]
fn a_container_goes_when_its_monitor_was_killed_too() {
    if lacking() {
        return;
    }
    let container = Container::of(&["sleep", "1000"]);
    let around = Surroundings::of(&container);
    let mut running = around.known_to(container).start();
    running.monitor.kill().expect("killed");
    running.monitor.wait().expect("reaped");
    assert!(eventually(|| is_gone(&running.container.path(""))));
    assert_eq!(around.volumes(), [around.shared.as_str(), "named"]);
}

#[test]
fn who_listens_to_the_end_is_left_the_container_to_remove() {
    if lacking() {
        return;
    }
    let container = Container::shell("read line");
    let around = Surroundings::of(&container);
    let container = around.known_to(container).with("/stdinOpen", json!(true));
    let (mut running, mut listener) = container.start_for(&json!({ "stdin": true, "rows": 0, "columns": 0 }));
    listener.send_frame(STDIN, b"on\n");
    assert_eq!(listener.hear_all().code, Some(0));
    running.monitor.wait().expect("ended");
    assert!(running.container.path("state.json").exists() && around.has_name());
}

#[test]
fn a_container_stays_whose_record_can_not_be_read() {
    if lacking() {
        return;
    }
    let container = Container::of(&["true"]);
    let around = Surroundings::of(&container);
    fs::write(container.path("config.json"), "{").expect("written");
    let mut running = around.known_to(container).start();
    running.monitor.wait().expect("ended");
    assert!(running.container.path("state.json").exists() && around.has_name());
    assert_eq!(around.volumes(), [around.own.as_str(), &around.shared, "named"]);
    assert!(fs::read_to_string(running.container.path("monitor.log")).expect("a log").contains("config.json"));
}
