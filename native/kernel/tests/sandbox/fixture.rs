//! A root file system of Debian's static busybox, specifications as the driver writes them, and containers run to their end.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use kernel::error::KernelError;
use kernel::net::namespace::{create_netns, enter};
use kernel::oci::OciProcess;
use kernel::sandbox::{EtcFiles, ExecOptions, StartOptions, Started, Stdio, exec, start};
use kernel::spec::MonitorSpec;
use serde_json::{Value, json};
use tempfile::TempDir;

const BUSYBOX: &str = "/bin/busybox";

/// What the tests need of the machine, made once.
pub struct Machine {
    directory: TempDir,
}

/// How a program ended and what it wrote.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The test's ends of a program's pipes.
pub struct Pipes {
    pub stdin: File,
    pub stdout: File,
    pub stderr: File,
}

impl Machine {
    pub fn find() -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("containers need root".into());
        }
        let busybox = fs::read(BUSYBOX).map_err(|_| "needs /bin/busybox (apt-get install busybox-static)")?;
        own_namespaces();
        let directory = tempfile::tempdir_in("/var/tmp").map_err(|error| error.to_string())?;
        fill(&directory.path().join("layer"), &busybox);
        build(&directory.path().join("layer/bin/probe"), "probe.c", &["-static"]);
        build(&directory.path().join("loader"), "loader.c", &["-static", "-nostdlib", "-fno-stack-protector"]);
        Ok(Self { directory })
    }

    /// Where the tests put what belongs to the host.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Stands for a loader of the attacker's.
    pub fn loader(&self) -> PathBuf {
        self.directory.path().join("loader")
    }

    pub fn layer(&self) -> PathBuf {
        self.directory.path().join("layer")
    }

    /// A container that has not been started, with an empty directory of its own.
    pub fn container(&self, argv: &[&str]) -> Container {
        let directory = tempfile::tempdir_in(self.directory.path()).expect("a directory");
        let document = document(&self.layer(), directory.path(), argv);
        Container { document, directory, etc: EtcFiles::default() }
    }

    /// Runs a line of shell in a container that is changed before.
    pub fn shell_with(&self, line: &str, change: impl FnOnce(&mut Container)) -> Ended {
        let mut container = self.container(&["/bin/sh", "-c", line]);
        change(&mut container);
        container.run().expect("the program runs")
    }

    pub fn shell(&self, line: &str) -> Ended {
        self.shell_with(line, |_| {})
    }

    /// What a line of shell writes in a plain container; it must succeed.
    pub fn says(&self, line: &str) -> String {
        let ended = self.shell(line);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{line}");
        ended.stdout.trim_end().to_owned()
    }
}

pub struct Container {
    pub document: Value,
    pub directory: TempDir,
    pub etc: EtcFiles,
}

impl Container {
    pub fn spec(&self) -> MonitorSpec {
        serde_json::from_value(self.document.clone()).expect("a specification")
    }

    pub fn process(&mut self) -> &mut Value {
        &mut self.document["oci"]["process"]
    }

    pub fn add_mount(&mut self, destination: &str, kind: &str, source: &str, options: &[&str]) {
        let mount = json!({ "destination": destination, "type": kind, "source": source, "options": options });
        self.document["oci"]["mounts"].as_array_mut().expect("a list").push(mount);
    }

    pub fn start(&self) -> Result<(Running, Pipes), KernelError> {
        let (stdio, pipes) = pipes();
        let started = start(&self.spec(), StartOptions { network: None, stdio, etc: self.etc.clone() })?;
        Ok((Running::of(started), pipes))
    }

    pub fn run(&self) -> Result<Ended, KernelError> {
        let (running, pipes) = self.start()?;
        let (stdout, stderr) = pipes.read();
        Ok(Ended { code: running.end(), stdout, stderr })
    }

    /// Its exit code, with a terminal that nobody reads.
    pub fn run_in_terminal(&mut self) -> Result<i32, KernelError> {
        self.process()["terminal"] = json!(true);
        let stdio = Stdio::Terminal { rows: 0, columns: 0 };
        let started = start(&self.spec(), StartOptions { network: None, stdio, etc: self.etc.clone() })?;
        Ok(Running::of(started).end())
    }
}

/// A container that is gone when this is, however a test ends.
pub struct Running {
    pub started: Started,
    waited: bool,
}

impl Running {
    pub fn of(started: Started) -> Self {
        Self { started, waited: false }
    }

    pub fn exec(&self, process: &OciProcess, user: &str) -> Result<Ended, KernelError> {
        let (stdio, pipes) = pipes();
        let executed = exec(&self.started, ExecOptions { process, user, group_add: &[], stdio })?;
        let (stdout, stderr) = pipes.read();
        Ok(Ended { code: wait(executed.pid), stdout, stderr })
    }

    pub fn wait(&mut self) -> i32 {
        self.waited = true;
        wait(self.started.pid)
    }

    /// Waits for the end and takes away what is left.
    pub fn end(mut self) -> i32 {
        let code = self.wait();
        self.started.cgroup.remove().expect("the groups are removed");
        code
    }

    pub fn kill(self) -> i32 {
        self.started.cgroup.kill();
        self.end()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.waited {
            self.started.cgroup.kill();
            wait(self.started.pid);
        }
        let _ = self.started.cgroup.remove();
    }
}

impl Pipes {
    /// Closes standard input and reads both outputs to their ends.
    pub fn read(self) -> (String, String) {
        drop(self.stdin);
        let (mut stdout, mut stderr) = (self.stdout, self.stderr);
        (text(&mut stdout), text(&mut stderr))
    }

    pub fn write(&mut self, line: &str) {
        self.stdin.write_all(line.as_bytes()).expect("written");
    }
}

pub fn wait(pid: i32) -> i32 {
    let mut status = 0;
    // SAFETY: waitpid fills the status it is given.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    if libc::WIFSIGNALED(status) { 128 + libc::WTERMSIG(status) } else { libc::WEXITSTATUS(status) }
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    // A terminal whose other side is gone answers with EIO.
    let _ = file.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn pipes() -> (Stdio, Pipes) {
    let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("a pipe");
    let ((stdin, write_in), (read_out, stdout), (read_err, stderr)) = (pipe(), pipe(), pipe());
    let file = |descriptor: OwnedFd| File::from(descriptor);
    let pipes = Pipes { stdin: file(write_in), stdout: file(read_out), stderr: file(read_err) };
    (Stdio::Pipes { stdin, stdout, stderr }, pipes)
}

/// Namespaces that stand for the machine's: what gets out of a container is seen there, and harms nobody. The mounts are shared,
/// so that one that gets out would be seen.
fn own_namespaces() {
    use rustix::mount::{MountPropagationFlags, mount_change};
    // SAFETY: unshare takes an integer; these flags have to do with neither memory nor descriptors.
    assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC) }, 0);
    for kind in [MountPropagationFlags::PRIVATE, MountPropagationFlags::SHARED] {
        mount_change("/", kind | MountPropagationFlags::REC).expect("changed");
    }
    enter(create_netns().expect("made").as_fd()).expect("entered");
}

/// A program of the attacker's, from test/support/attacks; on a machine without a compiler, `TSCOMPOSE_PROBES` has them ready.
fn build(program: &Path, source: &str, options: &[&str]) {
    if let Some(ready) = std::env::var_os("TSCOMPOSE_PROBES") {
        fs::copy(Path::new(&ready).join(source).with_extension(""), program).expect("copied");
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/support/attacks").join(source);
    let built = Command::new("cc").args(["-O1", "-o"]).arg(program).arg(source).args(options).status();
    assert!(built.is_ok_and(|status| status.success()), "needs a C compiler and its static library");
}

fn fill(layer: &Path, busybox: &[u8]) {
    for directory in ["bin", "etc", "proc", "sys", "dev", "data/sub", "root", "tmp"] {
        fs::create_dir_all(layer.join(directory)).expect("made");
    }
    fs::write(layer.join("bin/busybox"), busybox).expect("written");
    fs::set_permissions(layer.join("bin/busybox"), fs::Permissions::from_mode(0o755)).expect("set");
    for applet in "sh cat ls id echo sleep true hostname stat mount touch env pwd tty stty kill ps wc dd test readlink \
                   grep head sort umask mkdir rm chmod ulimit nc ip awk trap getent mknod find tr"
        .split_whitespace()
    {
        symlink("busybox", layer.join("bin").join(applet)).expect("linked");
    }
    let files = [
        ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/data:/bin/sh\n"),
        ("etc/group", "root:x:0:\nweb:x:33:\nlogs:x:4:web\n"),
        ("etc/hosts", "127.0.0.1 of-the-image\n"),
        ("etc/plain", "not a program\n"),
        ("data/file", "from the image\n"),
        ("bin/broken", "#!/no/such/interpreter\n"),
    ];
    for (name, content) in files {
        fs::write(layer.join(name), content).expect("written");
    }
    fs::set_permissions(layer.join("bin/broken"), fs::Permissions::from_mode(0o755)).expect("set");
    fs::set_permissions(layer.join("tmp"), fs::Permissions::from_mode(0o1777)).expect("set");
}

fn document(layer: &Path, directory: &Path, argv: &[&str]) -> Value {
    let id = directory.file_name().expect("a name").to_string_lossy().into_owned();
    json!({
        "version": 1,
        "containerId": id,
        "containerName": "test",
        "oci": oci(&id, argv),
        "user": "",
        "groupAdd": [],
        "rootfs": {
            "layers": [layer], "upper": directory.join("upper"), "work": directory.join("work"), "readOnly": false,
        },
        "copyUp": [],
        "stdinOpen": false,
        "log": { "driver": "none", "path": directory.join("log") },
        "restart": { "kind": "no", "maxRetries": 0 },
        "stop": { "signal": 15, "graceMs": 1000 },
        "network": { "kind": "none" },
        "ports": [],
        "extraHosts": [],
        "dns": { "servers": [], "search": [], "options": [] },
        "init": false,
        "paths": { "state": directory.join("state"), "controlSocket": directory.join("socket"), "containerDir": directory },
    })
}

fn oci(id: &str, argv: &[&str]) -> Value {
    let capabilities: Vec<String> = "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP \
                                     NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE"
        .split_whitespace()
        .map(|name| format!("CAP_{name}"))
        .collect();
    let namespaces: Vec<Value> =
        ["mount", "cgroup", "pid", "ipc", "uts", "network"].iter().map(|kind| json!({ "type": kind })).collect();
    let device = |path: &str, major: u32, minor: u32| json!({ "path": path, "type": "c", "major": major, "minor": minor, "fileMode": 0o666, "uid": 0, "gid": 0 });
    json!({
        "ociVersion": "1.2.0",
        "hostname": "inside",
        "process": {
            "terminal": false,
            "args": argv,
            "env": ["PATH=/usr/bin:/bin", "GREETING=hello"],
            "cwd": "/",
            "capabilities": { "bounding": capabilities, "effective": capabilities, "permitted": capabilities, "inheritable": [], "ambient": [] },
            "rlimits": [],
            "noNewPrivileges": false,
        },
        "root": { "path": "rootfs", "readonly": false },
        "mounts": mounts(),
        "linux": {
            "namespaces": namespaces,
            "cgroupsPath": format!("/tscompose-test-{}/{id}", std::process::id()),
            "maskedPaths": [
                "/proc/kcore", "/proc/keys", "/proc/interrupts", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys/firmware",
                "/proc/not-there",
            ],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            "devices": [
                device("/dev/null", 1, 3), device("/dev/zero", 1, 5), device("/dev/full", 1, 7),
                device("/dev/random", 1, 8), device("/dev/urandom", 1, 9), device("/dev/tty", 5, 0),
            ],
            "sysctl": { "net.ipv4.ip_unprivileged_port_start": "0" },
            "resources": { "devices": device_rules() },
        },
    })
}

fn mounts() -> Value {
    let quiet = ["nosuid", "noexec", "nodev"];
    let quiet_read_only = ["nosuid", "noexec", "nodev", "ro"];
    json!([
        { "destination": "/proc", "type": "proc", "source": "proc", "options": quiet },
        { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "noexec", "strictatime", "mode=755", "size=65536k"] },
        { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": quiet_read_only },
        { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": quiet_read_only },
        { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": quiet },
        { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=67108864"] },
    ])
}

fn device_rules() -> Value {
    let allow = |major: u32, minor: Option<u32>| json!({ "allow": true, "type": "c", "major": major, "minor": minor, "access": "rwm" });
    json!([
        { "allow": false, "access": "rwm" },
        { "allow": true, "type": "c", "access": "m" },
        { "allow": true, "type": "b", "access": "m" },
        allow(1, Some(3)), allow(1, Some(5)), allow(1, Some(7)), allow(1, Some(8)), allow(1, Some(9)),
        allow(5, Some(0)), allow(5, Some(1)), allow(5, Some(2)), allow(136, None),
    ])
}
