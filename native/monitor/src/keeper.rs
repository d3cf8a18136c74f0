//! The monitor's keeper: a child of it that does nothing but wait for its end. When the monitor is killed, the keeper ends what
//! is left of the container, writes that down and, where the restart policy wants it, becomes the next monitor.

use std::env;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use kernel::cgroup::Cgroup;
use kernel::error::{Result, Step};
use kernel::identity;
use kernel::net::endpoint;
use kernel::reexec;
use kernel::sandbox::{self, Birth, Child};
use kernel::spec::{ContainerStateRecord, MonitorIdentity, MonitorSpec, NetworkSpec, RestartSpec, Status};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::process::{PidfdFlags, pidfd_open};

use crate::backoff::{Backoff, wants_restart};
use crate::monitor::Monitor;
use crate::reactor::{READABLE, Reactor, Watched};
use crate::state_file::StateFile;
use crate::token::Token;
use crate::{complaint, events, removal, signals};
use kernel::timestamp::unix_ms;

/// How long the next monitor's container has waited, in milliseconds. Tells it that it goes on from a killed one.
const RESUMED: &str = "TSCOMPOSE_MONITOR_WAITED_MS";

/// The word of src/runtime/container/state.ts for the same.
const MONITOR_LOST: &str =
    "monitor-lost: the process that watched over this container was killed, and the container with it";

/// The exit code of what goes down with its monitor: killed.
const KILLED: i32 = 137;

/// A child that waits for our end. It goes with this, as nobody is to take over what has come to its own end.
pub struct Keeper {
    child: Option<Child>,
    _watch: Watched<OwnedFd>,
}

/// What a keeper knows when its monitor is gone.
struct Charge<'a> {
    spec: &'a MonitorSpec,
    monitor: &'a MonitorIdentity,
    backoff: Backoff,
    since: Instant,
}

/// Whether this monitor goes on from a killed one.
pub fn is_resumed() -> bool {
    env::var_os(RESUMED).is_some()
}

/// Told to a monitor that takes over: how long its container has waited for that.
pub fn resumed() -> Option<Backoff> {
    let waited = env::var(RESUMED).ok()?.parse().ok()?;
    // SAFETY: called in a program with one thread.
    unsafe { env::remove_var(RESUMED) };
    Some(Backoff::after(Duration::from_millis(waited)))
}

impl Keeper {
    /// Starts one for this process.
    pub fn begin(spec: &MonitorSpec, monitor: &MonitorIdentity, backoff: Backoff, reactor: &Reactor) -> Result<Self> {
        let own = pidfd_open(rustix::process::getpid(), PidfdFlags::empty()).step(|| "hold this process")?;
        let charge = Charge { spec, monitor, backoff, since: Instant::now() };
        let child = sandbox::spawn(Birth::default(), || charge.keep(own.as_fd())).step(|| "start the keeper")?;
        let pidfd = child.pidfd.try_clone().step(|| "duplicate a descriptor")?;
        let watch = reactor.watch(pidfd, Token::Keeper.pack(), READABLE)?;
        Ok(Self { child: Some(child), _watch: watch })
    }

    /// Leaves everything to it.
    pub fn let_work(mut self) {
        self.child = None;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            child.reap();
        }
    }
}

impl Monitor {
    /// The restart policy that counts from now on, for us and for whoever takes over.
    pub fn take_policy(&mut self, restart: RestartSpec) {
        self.restarts.policy = restart;
        self.spec.restart = restart;
        self.replace_keeper();
    }

    /// The keeper has been killed, or knows too little. Whoever does that and then kills us is quicker than most.
    pub fn replace_keeper(&mut self) {
        self.keeper = None;
        let Some(monitor) = self.state.record().monitor.clone() else { return };
        let begun = Keeper::begin(&self.spec, &monitor, self.restarts.backoff, &self.reactor);
        self.keeper = begun.map_err(complaint::write).ok();
    }
}

impl Charge<'_> {
    fn keep(&self, monitor: BorrowedFd<'_>) {
        let _ = rustix::thread::set_name(c"tscompose-keep");
        if close_all_but(monitor).is_err() {
            return;
        }
        wait_for_end(monitor);
        match self.take_over() {
            Ok(Some(wait)) => resume(wait),
            Ok(None) => removal::take_away(self.spec),
            Err(error) => complaint::write(error),
        }
    }

    /// Under the lock that commands take to start and sweep the container, so that nobody's work is undone. Answers how
    /// long to wait before the next start, if there is to be one.
    fn take_over(&self) -> Result<Option<Duration>> {
        let lock = self.spec.paths.container_dir.join("lock");
        let Ok(lock) = open(&lock, OFlags::RDONLY | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR) else {
            // The container has been taken away, and with it whatever could speak of its processes.
            return self.sweep().map(|()| None);
        };
        flock(&lock, FlockOperation::LockExclusive).step(|| "lock the container")?;
        let mut state = StateFile::read(self.spec);
        if state.record().monitor.as_ref().is_some_and(identity::is_alive) {
            return Ok(None);
        }
        self.sweep()?;
        if state.record().monitor.as_ref() != Some(self.monitor) {
            return Ok(None);
        }
        let wait = self.next_wait(state.record());
        write_down(state.change(), wait.is_some().then(own_identity).transpose()?);
        state.save()?;
        events::tell_of(self.spec, "die", &[("exitCode", KILLED.to_string())]);
        Ok(wait)
    }

    /// Processes, control groups, addresses, published ports and the socket.
    fn sweep(&self) -> Result<()> {
        let cgroup = Cgroup::open(&self.spec.oci.linux.cgroups_path)?;
        cgroup.kill();
        let removed = cgroup.remove();
        if let NetworkSpec::Networks { endpoints } = &self.spec.network {
            for one in endpoints {
                endpoint::forget(&one.network_dir, &self.spec.container_id)?;
            }
        }
        let _ = std::fs::remove_file(&self.spec.paths.control_socket);
        removed
    }

    /// None when nobody wants the container back, or only a command can tell which processes' namespaces it joins.
    fn next_wait(&self, record: &ContainerStateRecord) -> Option<Duration> {
        let joins = matches!(self.spec.network, NetworkSpec::Container { .. })
            || self.spec.oci.linux.namespaces.iter().any(|namespace| namespace.path.is_some());
        let unwanted = record.stopped_by_user || signals::is_asked_to_end() || joins;
        let mut backoff = self.backoff;
        let wait = backoff.next(self.since.elapsed());
        (!unwanted && wants_restart(self.spec.restart, KILLED, record.restart_count)).then_some(wait)
    }
}

/// The container is down; with a next monitor, it is on its way up again.
fn write_down(record: &mut ContainerStateRecord, next: Option<MonitorIdentity>) {
    record.status = if next.is_some() { Status::Restarting } else { Status::Exited };
    record.restart_count += u32::from(next.is_some());
    record.monitor = next;
    record.pid = 0;
    record.exit_code = KILLED;
    record.error = MONITOR_LOST.to_owned();
    record.finished_at_ms = unix_ms(SystemTime::now());
    record.health = None;
    (record.endpoints, record.ports) = (Vec::new(), Vec::new());
}

fn own_identity() -> Result<MonitorIdentity> {
    identity::of(rustix::process::getpid().as_raw_nonzero().get())
}

/// Whoever stops the container meanwhile ends this process.
fn resume(wait: Duration) {
    sleep(wait);
    complaint::write(reexec::again(RESUMED, &wait.as_millis().to_string()));
}

/// The monitor's descriptors are not ours: some are waited on by others until nobody has them.
fn close_all_but(pidfd: BorrowedFd<'_>) -> Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null").step(|| "open /dev/null")?;
    rustix::stdio::dup2_stdout(&null).step(|| "duplicate a descriptor")?;
    drop(null);
    let kept = pidfd.as_raw_fd().cast_unsigned();
    // SAFETY: of what is closed here this process uses nothing, and it never returns to the owners.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, kept.saturating_sub(1), 0);
        libc::syscall(libc::SYS_close_range, kept + 1, libc::c_uint::MAX, 0);
    }
    Ok(())
}

fn wait_for_end(monitor: BorrowedFd<'_>) {
    while poll(&mut [PollFd::new(&monitor, PollFlags::IN)], None).is_err() {}
}
