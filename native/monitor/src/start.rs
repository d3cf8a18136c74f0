//! The way from a document to a running container. Whatever was made before a failure is unmade by its own drop.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use kernel::cgroup::Cgroup;
use kernel::error::Result;
use kernel::identity;
use kernel::sandbox::{self, StartOptions, Started};
use kernel::spec::{ContainerStateRecord, MonitorIdentity, MonitorSpec, Status};

use crate::attached::Attached;
use crate::backoff::Backoff;
use crate::control::failure::Failure;
use crate::control::listener::Listener;
use crate::control::request::Size;
use crate::foreign::Runtime;
use crate::health::{Health, check};
use crate::keeper::{self, Keeper};
use crate::lock::Lock;
use crate::log::Log;
use crate::monitor::{BUFFER_BYTES, Container, Monitor, Restarts, read_spec};
use crate::network::Network;
use crate::open_files::OpenFiles;
use crate::program::{Owner, Program};
use crate::reactor::{READABLE, Reactor};
use crate::state_file::StateFile;
use crate::streams::{self, Stdin, Streams};
use crate::token::Token;
use crate::{complaint, etc_files, home, signals};
use kernel::timestamp::unix_ms;

/// Starts the container of this directory. After a failure nothing is left of it but `state.json`, which says why.
pub fn start(container_dir: &Path, attached: Option<Attached>) -> std::result::Result<Monitor, Failure> {
    let of = |error: &_| Failure::from(error);
    let spec = read_spec(container_dir).map_err(|error| of(&error))?;
    let lock = Lock::take(&spec.paths.container_dir).map_err(|error| of(&error))?;
    let earlier = StateFile::read(&spec);
    match launch_first(spec.clone(), earlier, keeper::resumed(), attached) {
        Ok(monitor) => Ok(Monitor { lock: Some(lock), ..monitor }),
        Err(error) => {
            let failure = Failure::of_start(&error);
            give_up(&spec, &failure);
            Err(failure)
        }
    }
}

fn launch_first(
    mut spec: MonitorSpec,
    mut state: StateFile,
    resumed: Option<Backoff>,
    attached: Option<Attached>,
) -> Result<Monitor> {
    let open_files = OpenFiles::raise();
    open_files.restore(&mut spec.oci.process);
    let identity = identity::of(rustix::process::getpid().as_raw_nonzero().get())?;
    let reactor = Reactor::new()?;
    let signals = reactor.watch(signals::open()?, Token::Signals.pack(), READABLE)?;
    let backoff = resumed.unwrap_or_default();
    let home = home::watch(&reactor, &spec.paths.container_dir).map_err(complaint::write).ok();
    let keeper = Keeper::begin(&spec, &identity, backoff, &reactor).map_err(complaint::write).ok();
    let network = Network::connect(&spec, &identity, &reactor)?;
    let etc = etc_files::write(&spec, &network.addresses())?;
    let log = Log::open(&spec.log)?;
    let listener = Listener::open(&reactor, &spec.paths.control_socket)?;
    clear_leftovers(&spec)?;
    begin(state.change(), identity, &network, resumed.is_some());
    let restarts = Restarts { policy: spec.restart, backoff, at: None };
    let mut monitor = Monitor {
        spec,
        reactor,
        state,
        log,
        network,
        etc,
        container: None,
        programs: BTreeMap::new(),
        clients: BTreeMap::new(),
        listener: Some(listener),
        restarts,
        stopping: None,
        health: None,
        home,
        keeper,
        lock: None,
        signals,
        buffer: vec![0; BUFFER_BYTES].into(),
        open_files,
        terminal_size: Size::default(),
        last_id: 0,
        farewell: None,
        left_alone: false,
    };
    attached.map_or(Ok(()), |attached| monitor.welcome(attached))?;
    monitor.launch()?;
    monitor.state.save().inspect_err(|_| monitor.abandon())?;
    Ok(monitor)
}

/// A killed monitor leaves its control groups behind, and programs in them if they share the host's processes.
fn clear_leftovers(spec: &MonitorSpec) -> Result<()> {
    let cgroup = Cgroup::open(&spec.oci.linux.cgroups_path)?;
    if !cgroup.is_there() {
        return Ok(());
    }
    if !cgroup.pids().is_empty() {
        cgroup.kill();
    }
    cgroup.remove()
}

/// Nothing of an earlier life counts, as with Docker, except when that was; unless this one goes on from a killed monitor.
fn begin(record: &mut ContainerStateRecord, identity: MonitorIdentity, network: &Network, resumed: bool) {
    record.error.clear();
    if !resumed {
        record.restart_count = 0;
    }
    record.stopped_by_user = false;
    record.endpoints = network.endpoints();
    record.ports = network.ports();
    record.monitor = Some(identity);
}

fn give_up(spec: &MonitorSpec, failure: &Failure) {
    let mut state = StateFile::read(spec);
    let record = state.change();
    record.status = if record.started_at_ms == 0 { Status::Created } else { Status::Exited };
    record.pid = 0;
    record.exit_code = failure.exit_code.unwrap_or(128);
    record.error.clone_from(&failure.message);
    (record.endpoints, record.ports, record.monitor) = (Vec::new(), Vec::new(), None);
    state.save().map(drop).unwrap_or_else(complaint::write);
}

impl Monitor {
    /// Starts the container's first program, at first and at every restart.
    pub fn launch(&mut self) -> Result<()> {
        let process = &self.spec.oci.process;
        let stdin = if self.spec.stdin_open { Stdin::Open } else { Stdin::Null };
        let Size { rows, columns } = self.terminal_size;
        let (stdio, prepared) =
            if process.terminal { streams::terminal(rows, columns) } else { streams::pipes(stdin)? };
        let options = StartOptions { network: self.network.namespace(), stdio, etc: self.etc.clone() };
        let mut started = match Runtime::of(&self.spec) {
            Some(runtime) => runtime.start(&options)?,
            None => sandbox::start(&self.spec, options)?,
        };
        let terminal = started.terminal.take();
        let program = self.next_id();
        let watched = self.watch_first(program, &started, prepared, terminal);
        self.container = Some(Container { started, program, since: Instant::now() });
        let watched = watched.inspect_err(|_| self.abandon())?;
        let pid = watched.pid;
        self.programs.insert(program, watched);
        self.record_start(pid);
        Ok(())
    }

    fn watch_first(
        &self,
        id: u32,
        started: &Started,
        prepared: streams::Prepared,
        terminal: Option<std::os::fd::OwnedFd>,
    ) -> Result<Program> {
        use kernel::error::Step;
        let streams = Streams::open(&self.reactor, id, prepared, terminal)?;
        let pidfd = started.pidfd.try_clone().step(|| "duplicate a descriptor")?;
        Program::watch(&self.reactor, id, Owner::Container, (started.pid, pidfd), streams)
    }

    fn record_start(&mut self, pid: i32) {
        let now = Instant::now();
        self.health = self.spec.healthcheck.as_ref().map(|spec| Health::new(spec, now));
        let record = self.state.change();
        record.status = Status::Running;
        record.pid = pid;
        record.exit_code = 0;
        record.oom_killed = false;
        record.started_at_ms = unix_ms(std::time::SystemTime::now());
        record.health = self.health.as_ref().map(|_| check::restarted(record.health.take()));
        self.tell("start", &[]);
    }

    /// Ends a container that was started and can't be kept.
    fn abandon(&mut self) {
        if let Some(Container { started, .. }) = self.container.take() {
            started.cgroup.kill();
            let _ = rustix::process::pidfd_send_signal(&started.pidfd, rustix::process::Signal::KILL);
            let options = rustix::process::WaitIdOptions::EXITED;
            let _ = rustix::process::waitid(
                rustix::process::WaitId::PidFd(std::os::fd::AsFd::as_fd(&started.pidfd)),
                options,
            );
            Runtime::of(&self.spec).iter().for_each(Runtime::forget);
            started.cgroup.remove().unwrap_or_else(complaint::write);
        }
    }
}
