//! A container's directory with its document, and the monitor that runs it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Connection, subscribe};
use crate::leaks;

const BUSYBOX: &str = "/bin/busybox";

/// Far more than anything here takes, so that a test that fails ends all the same.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Why containers can't be run here; says so.
pub fn lacking() -> bool {
    let reason = if !rustix::process::geteuid().is_root() {
        "containers need root"
    } else if !Path::new(BUSYBOX).exists() {
        "needs /bin/busybox (apt-get install busybox-static)"
    } else {
        return false;
    };
    println!("skipped: {reason}");
    true
}

/// A container that has not been started.
pub struct Container {
    pub document: Value,
    directory: TempDir,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Container {
    /// Whose first program is a line of shell.
    pub fn shell(line: &str) -> Self {
        Self::of(&["/bin/sh", "-c", line])
    }

    pub fn of(argv: &[&str]) -> Self {
        let directory = tempfile::Builder::new().prefix("tscompose-test-").tempdir_in("/var/tmp").expect("a directory");
        fill(&directory.path().join("layer"));
        let document = document(directory.path(), argv);
        Self { document, directory, environment: Vec::new() }
    }

    /// With variables for the monitor.
    pub fn watched_with(mut self, variables: impl IntoIterator<Item = (&'static str, PathBuf)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// With another field of its document.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        match self.document.pointer_mut(pointer) {
            Some(field) => *field = value,
            None => self.document[pointer.trim_start_matches('/')] = value,
        }
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn id(&self) -> String {
        self.directory.path().file_name().expect("a name").to_string_lossy().into_owned()
    }

    /// Starts a monitor; answers with its first line.
    pub fn try_start(&self) -> (Child, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tscompose-monitor"));
        self.launch(command.arg("run").arg(self.directory.path()).stdin(Stdio::null()))
    }

    /// Starts a monitor for somebody who listens from the start; the connection is behind its first answer.
    pub fn start_for(self, wish: &Value) -> (Running, Connection) {
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "exec \"$@\" 3<&0 </dev/null", "sh", env!("CARGO_BIN_EXE_tscompose-monitor"), "run"])
            .arg(self.directory.path())
            .arg(wish.to_string())
            .stdin(OwnedFd::from(theirs));
        let (monitor, answer) = self.launch(&mut command);
        drop(command);
        assert_eq!(answer["ok"], true, "{answer}");
        let mut connection = Connection::of(ours);
        assert_eq!(connection.line().expect("an answer")["ok"], true);
        (Running { container: self, monitor, answer: answer["state"].clone() }, connection)
    }

    fn launch(&self, command: &mut Command) -> (Child, Value) {
        fs::write(self.path("spec.json"), self.document.to_string()).expect("written");
        let complaints = fs::File::options().create(true).append(true).open(self.path("monitor.log")).expect("opened");
        let mut monitor = command
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .expect("the monitor runs");
        let mut stdout = BufReader::new(monitor.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).expect("the end");
        assert_eq!(rest, "", "one line is all");
        (monitor, serde_json::from_str(&line).unwrap_or_else(|_| panic!("not an answer: {line:?}")))
    }

    pub fn start(self) -> Running {
        let (monitor, answer) = self.try_start();
        assert_eq!(answer["ok"], true, "{answer}");
        Running { container: self, monitor, answer: answer["state"].clone() }
    }

    /// A start that fails: its error. Nothing may be left.
    pub fn refused(&self) -> Value {
        let (mut monitor, answer) = self.try_start();
        assert_eq!(answer["ok"], false, "{answer}");
        assert!(!monitor.wait().expect("ended").success());
        leaks::check(&self.id(), self.directory.path());
        answer["error"].clone()
    }

    pub fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("state.json")).expect("a state")).expect("JSON")
    }

    /// The log's entries, as `stream: text`. Of the one that is being written now a part may be there: the kernel shows what is written page by page.
    pub fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).expect("a log");
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let entries = whole.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        entries.map(|entry| format!("{}: {}", text(&entry["stream"]), text(&entry["log"]))).collect()
    }
}

/// A container with its monitor. Both are gone when this is, however a test ends.
pub struct Running {
    pub container: Container,
    pub monitor: Child,
    /// What the monitor said at the start.
    pub answer: Value,
}

impl Running {
    pub fn connect(&self) -> Connection {
        Connection::open(&self.container.path("run/socket"))
    }

    /// A request that is answered with one line.
    pub fn ask(&self, request: &Value) -> Value {
        self.connect().ask(request)
    }

    pub fn state(&self) -> Value {
        self.ask(&json!({ "op": "state" }))["state"].clone()
    }

    /// Waits until the state is as wanted, as it is pushed.
    pub fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        subscribe(self).find(|state| wanted(state)).expect("the state that was waited for")
    }

    /// The process that takes over when the monitor is killed.
    pub fn keeper(&self) -> Option<Pid> {
        let pid = self.monitor.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let name = |pid: &str| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let keeper = children.split_whitespace().find(|child| name(child) == "tscompose-keep\n")?;
        Pid::from_raw(keeper.parse().expect("a pid"))
    }

    /// Kills both at once, so that nobody takes over.
    pub fn kill_with_keeper(&mut self) {
        let signal = |pid, signal| rustix::process::kill_process(pid, signal).expect("sent");
        let monitor = Pid::from_child(&self.monitor);
        signal(monitor, Signal::STOP);
        signal(self.keeper().expect("a keeper"), Signal::KILL);
        signal(monitor, Signal::KILL);
        self.monitor.wait().expect("reaped");
    }

    pub fn stop(self) -> Ended {
        let answer = self.ask(&json!({ "op": "stop" }));
        assert_eq!(answer["ok"], true, "{answer}");
        self.wait()
    }

    /// Waits for the monitor's own end. Nothing may be left.
    pub fn wait(mut self) -> Ended {
        assert!(wait_for_end(&mut self.monitor), "the monitor has not ended");
        leaks::check(&self.container.id(), self.container.directory.path());
        let complaints = fs::read_to_string(self.container.path("monitor.log")).expect("a file");
        assert_eq!(complaints, "");
        Ended { state: self.container.state(), log: self.container.log() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper() {
            let _ = rustix::process::kill_process(keeper, Signal::STOP);
            let _ = self.monitor.kill();
            let _ = rustix::process::kill_process(keeper, Signal::KILL);
        }
        let _ = self.monitor.kill();
        let _ = self.monitor.wait();
        leaks::remove_groups(&self.container.id());
    }
}

/// What is left when everything is over.
pub struct Ended {
    pub state: Value,
    pub log: Vec<String>,
}

pub fn wait_for_end(process: &mut Child) -> bool {
    eventually(|| process.try_wait().expect("a child").is_some())
}

/// Looks again and again, for a long time.
pub fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn fill(layer: &Path) {
    for directory in ["bin", "etc", "proc", "sys", "dev", "tmp"] {
        fs::create_dir_all(layer.join(directory)).expect("made");
    }
    fs::copy(BUSYBOX, layer.join("bin/busybox")).expect("copied");
    fs::set_permissions(layer.join("bin/busybox"), fs::Permissions::from_mode(0o755)).expect("set");
    for applet in "sh cat echo sleep true false stty tty kill head tr yes touch test hostname nslookup nc httpd ip seq \
                   ps printf mkdir wc dd"
        .split_whitespace()
    {
        symlink("busybox", layer.join("bin").join(applet)).expect("linked");
    }
    fs::write(layer.join("etc/passwd"), "root:x:0:0:root:/:/bin/sh\nweb:x:33:33::/:/bin/sh\n").expect("written");
    fs::write(layer.join("etc/plain"), "not a program\n").expect("written");
}

fn document(directory: &Path, argv: &[&str]) -> Value {
    let id = directory.file_name().expect("a name").to_string_lossy().into_owned();
    for name in ["upper", "work"] {
        fs::create_dir(directory.join(name)).expect("made");
    }
    json!({
        "version": 1,
        "containerId": id,
        "containerName": format!("name-of-{id}"),
        "oci": oci(&id, argv),
        "user": "",
        "groupAdd": [],
        "rootfs": {
            "layers": [directory.join("layer")], "upper": directory.join("upper"), "work": directory.join("work"), "readOnly": false,
        },
        "copyUp": [],
        "stdinOpen": false,
        "log": { "driver": "json-file", "path": directory.join("log") },
        "restart": { "kind": "no", "maxRetries": 0 },
        "stop": { "signal": 15, "graceMs": 10_000 },
        "network": { "kind": "none" },
        "ports": [],
        "extraHosts": [],
        "dns": { "servers": [], "search": [], "options": [] },
        "init": false,
        "paths": { "state": directory.join("state.json"), "controlSocket": directory.join("run/socket"), "containerDir": directory },
    })
}

/// A process as the document has it, for the container and for an exec.
pub fn process(argv: &[&str]) -> Value {
    let none: [&str; 0] = [];
    let capabilities =
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
    json!({
        "terminal": false,
        "args": argv,
        "env": ["PATH=/bin", "GREETING=hello"],
        "cwd": "/",
        "capabilities": { "bounding": capabilities, "effective": capabilities, "permitted": capabilities, "inheritable": none, "ambient": none },
        "rlimits": none,
        "noNewPrivileges": false,
    })
}

fn oci(id: &str, argv: &[&str]) -> Value {
    let namespaces: Vec<Value> =
        ["mount", "cgroup", "pid", "ipc", "uts", "network"].iter().map(|kind| json!({ "type": kind })).collect();
    let none: [&str; 0] = [];
    let quiet = ["nosuid", "noexec", "nodev"];
    json!({
        "ociVersion": "1.2.0",
        "hostname": "inside",
        "process": process(argv),
        "root": { "path": "rootfs", "readonly": false },
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc", "options": quiet },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "noexec", "mode=755", "size=65536k"] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
            { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"] },
        ],
        "linux": {
            "namespaces": namespaces,
            "cgroupsPath": format!("/tscompose-test-monitor/{id}"),
            "maskedPaths": ["/proc/kcore"],
            "readonlyPaths": ["/proc/sys"],
            "devices": [{ "path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666, "uid": 0, "gid": 0 }],
            "sysctl": {},
            "resources": { "devices": none },
        },
    })
}
