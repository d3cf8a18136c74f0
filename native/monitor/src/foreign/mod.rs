//! A container whose sandbox another OCI runtime makes: it is handed our bundle, and what it starts is watched like a program of our own (ADR 16).

mod bundle;
mod call;
mod console;
mod document;
pub mod orphans;

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use kernel::cgroup::Cgroup;
use kernel::error::{KernelError, Result, Step};
use kernel::process::user;
use kernel::sandbox::{ExecOptions, Executed, StartOptions, Started, Stdio};
use kernel::spec::MonitorSpec;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use self::bundle::Bundle;
use self::call::{Call, Ends};
use self::console::Console;

/// The runtime of one container, and where it keeps what it remembers of it.
pub struct Runtime<'a> {
    program: &'a Path,
    spec: &'a MonitorSpec,
}

/// A process that the runtime has started: our child, as it leaves its own ones to us.
struct Process {
    pid: i32,
    pidfd: OwnedFd,
    terminal: Option<OwnedFd>,
}

impl<'a> Runtime<'a> {
    /// None for a container of our own sandbox.
    pub fn of(spec: &'a MonitorSpec) -> Option<Self> {
        spec.runtime.as_deref().map(|program| Self { program, spec })
    }

    /// Has the sandbox made and its first program executed. After an error nothing is left of it.
    pub fn start(&self, options: &StartOptions<'_>) -> Result<Started> {
        adopt_orphans()?;
        self.forget();
        let linux = &self.spec.oci.linux;
        let cgroup = Cgroup::create(&linux.cgroups_path, &linux.resources)?;
        match self.create_and_start(&cgroup, options) {
            Ok(Process { pid, pidfd, terminal }) => Ok(Started::by_another(pid, pidfd, cgroup, terminal)),
            Err(error) => {
                cgroup.kill();
                self.forget();
                let _ = cgroup.remove();
                Err(error)
            }
        }
    }

    fn create_and_start(&self, cgroup: &Cgroup, options: &StartOptions<'_>) -> Result<Process> {
        let bundle = Bundle::write(self.spec, options)?;
        let create = self.call("create").argument("--bundle").argument(&bundle.directory).mounts(bundle.mounts);
        let process = self.launch(create, &options.stdio)?;
        // What it may not know of: a hierarchy of the other version.
        cgroup.take_in(process.pid)?;
        self.call("start").argument(&self.spec.container_id).run(Ends::Nothing)?;
        Ok(process)
    }

    /// Runs a program in the container and returns when it has been executed.
    pub fn exec(&self, container: &Started, options: &ExecOptions<'_>) -> Result<Executed> {
        let root = format!("/proc/{}/root", container.pid);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, &root, flags, Mode::empty()).step(|| "open the container's root")?;
        let identity = user::lookup(root.as_fd(), options.user, options.group_add)?;
        let path = self.directory().join("process.json");
        write(&path, &document::process(options.process, &identity, &options.stdio))?;
        let exec = self.call("exec").argument("--detach").argument("--process").argument(&path);
        let Process { pid, pidfd, terminal } = self.launch(exec, &options.stdio)?;
        container.cgroup.take_in(pid)?;
        Ok(Executed { pid, pidfd, terminal })
    }

    /// Everything the runtime remembers of the container; done when there is nothing.
    pub fn forget(&self) {
        if self.directory().exists() {
            let _ = self.call("delete").argument("--force").argument(&self.spec.container_id).run(Ends::Nothing);
            let _ = fs::remove_dir_all(self.directory());
        }
    }

    /// A call that starts a process, whose number it leaves in a file.
    fn launch(&self, call: Call<'_>, stdio: &Stdio) -> Result<Process> {
        let pid_file = self.directory().join("pid");
        let call = call.argument("--pid-file").argument(&pid_file);
        let terminal = match stdio {
            Stdio::Terminal { rows, columns } => {
                let console = Console::listen(&self.spec.paths.control_socket)?;
                call.argument("--console-socket")
                    .argument(console.path())
                    .argument(&self.spec.container_id)
                    .run(Ends::Nothing)?;
                Some(console.receive(*rows, *columns)?)
            }
            Stdio::Pipes { stdin, stdout, stderr } => {
                call.argument(&self.spec.container_id).run(Ends::Three([stdin, stdout, stderr]))?;
                None
            }
            Stdio::Inherited => {
                call.argument(&self.spec.container_id).run(Ends::Own)?;
                None
            }
        };
        let text = fs::read_to_string(&pid_file).step(|| format!("read `{}`", pid_file.display()))?;
        let pid = text.trim().parse().ok().and_then(Pid::from_raw).ok_or_else(|| {
            KernelError::new(format!("read `{}`", pid_file.display()), std::io::Error::other("it names no process"))
        })?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).step(|| "hold the container's process")?;
        Ok(Process { pid: pid.as_raw_nonzero().get(), pidfd, terminal })
    }

    fn call(&self, verb: &str) -> Call<'_> {
        Call::new(self.program, &self.directory(), verb)
    }

    fn directory(&self) -> PathBuf {
        self.spec.paths.container_dir.join("runtime")
    }
}

/// The runtime's processes leave theirs behind when they end; they become our children, to be waited for.
fn adopt_orphans() -> Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).step(|| "adopt a runtime's processes")
}

fn write(path: &Path, document: &serde_json::Value) -> Result<()> {
    let step = || format!("write `{}`", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).step(step)?;
    }
    fs::write(path, document.to_string()).step(step)
}
