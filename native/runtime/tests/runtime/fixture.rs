//! A bundle of one test's own, and the runtime on it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tscompose-runtime");

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A bundle whose container has a name of its own; ended and deleted with the test.
pub struct Bundle {
    pub directory: TempDir,
    pub id: String,
}

/// `None` tells that this machine can't run containers, and why.
pub fn bundle(args: &[&str]) -> Option<Bundle> {
    let busybox = ["/usr/bin/busybox", "/bin/busybox"].into_iter().find(|path| Path::new(path).exists());
    let (true, Some(busybox)) = (rustix::process::geteuid().is_root(), busybox) else {
        eprintln!("skipped: containers need root and busybox-static");
        return None;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let rootfs = directory.path().join("rootfs");
    fs::create_dir_all(rootfs.join("bin")).expect("made");
    fs::copy(busybox, rootfs.join("bin/busybox")).expect("copied");
    for name in ["sh", "cat", "echo", "true", "false", "id", "sleep", "kill", "test", "ls", "tty", "touch"] {
        symlink("busybox", rootfs.join("bin").join(name)).expect("linked");
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let bundle = Bundle { directory, id: format!("runtime-test-{}-{number}", std::process::id()) };
    let spec = Command::new(PROGRAM).args(["spec", "--bundle"]).arg(bundle.directory.path()).status();
    assert!(spec.expect("ran").success());
    bundle.change(|document| {
        document["process"]["terminal"] = json!(false);
        document["process"]["args"] = json!(args);
        document["root"]["readonly"] = json!(false);
        document["process"]["rlimits"] = json!([]);
    });
    Some(bundle)
}

impl Bundle {
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn change(&self, change: impl FnOnce(&mut Value)) {
        let file = self.path("config.json");
        let mut document = serde_json::from_str(&fs::read_to_string(&file).expect("read")).expect("JSON");
        change(&mut document);
        fs::write(file, document.to_string()).expect("written");
    }

    /// The command with its root, not run yet.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--root").arg(self.path("state")).args(words).current_dir(self.directory.path());
        command.stdin(Stdio::null());
        command
    }

    /// Runs it. What a container inherits must not keep the test waiting, so that output goes to files.
    pub fn runtime(&self, words: &[&str]) -> Output {
        let open = |name: &str| fs::File::create(self.path(name)).expect("made");
        let mut command = self.command(words);
        let status = command.stdout(open("stdout")).stderr(open("stderr")).status().expect("ran");
        let read = |name: &str| fs::read(self.path(name)).expect("read");
        Output { status, stdout: read("stdout"), stderr: read("stderr") }
    }

    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.runtime(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn refused(&self, words: &[&str]) -> String {
        let output = self.runtime(words);
        assert!(!output.status.success(), "{words:?} succeeded");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub fn state(&self) -> Value {
        serde_json::from_str(&self.ok(&["state", &self.id])).expect("JSON")
    }

    pub fn wait_for(&self, status: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        while self.state()["status"] != status {
            assert!(Instant::now() < until, "not {status}: {}", self.state());
            sleep(Duration::from_millis(10));
        }
    }

    /// Deletes the container, and proves that nothing of it is left.
    pub fn finish(&self) {
        self.ok(&["delete", "--force", &self.id]);
        assert!(!self.path("state").join(&self.id).exists());
        let groups = Command::new("find").args(["/sys/fs/cgroup", "-name", &self.id]).output().expect("ran");
        assert_eq!(String::from_utf8_lossy(&groups.stdout), "", "a control group stays");
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = self.command(&["delete", "--force", &self.id]).stderr(Stdio::null()).status();
    }
}
