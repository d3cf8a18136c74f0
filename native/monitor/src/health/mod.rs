//! Health probes: when they run, and what their results mean.

pub mod check;
pub mod connect;
mod probe;

use std::time::Instant;

use kernel::error::{KernelError, Result};
use kernel::oci::OciProcess;
use kernel::sandbox::{ExecOptions, Stdio};
use kernel::spec::{HealthStatus, HealthcheckSpec, ProbeRecord, Status};

use self::check::Check;
use self::probe::Probe;
use crate::monitor::Monitor;
use crate::program::{Owner, Program};
use crate::streams::{self, Stdin, Streams};
use crate::token::ProgramId;

/// The probes of a running container.
pub struct Health {
    check: Check,
    /// When the next one begins; none while one runs, or while the container is paused.
    next: Option<Instant>,
    running: Option<(ProgramId, Probe)>,
}

impl Health {
    /// For a container that has just been started.
    pub fn new(spec: &HealthcheckSpec, now: Instant) -> Self {
        let check = Check::new(spec, now);
        let next = Some(now + check.wait(HealthStatus::Starting, now));
        Self { check, next, running: None }
    }

    /// When there is something to do.
    pub fn deadline(&self) -> Option<Instant> {
        self.next.or_else(|| self.running.as_ref().and_then(|(_, probe)| probe.deadline()))
    }

    /// Takes what the probe writes.
    pub fn push(&mut self, bytes: &[u8]) {
        if let Some((_, probe)) = &mut self.running {
            probe.push(bytes);
        }
    }
}

impl Monitor {
    /// Begins the next probe, or ends one that has taken too long.
    pub fn probe(&mut self, now: Instant) {
        let Some(health) = &mut self.health else { return };
        if let Some((id, probe)) = &mut health.running {
            probe.time_out();
            if let Some(program) = self.programs.get(id) {
                program.kill_group();
            }
            return;
        }
        health.next = None;
        let Some(spec) = self.spec.healthcheck.clone() else { return };
        let id = self.next_id();
        let probe = Probe::new(&spec, now);
        match self.run_probe(id, &spec) {
            Ok(program) => {
                self.programs.insert(id, program);
                if let Some(health) = &mut self.health {
                    health.running = Some((id, probe));
                }
            }
            Err(error) => self.enter_probe(probe.began, probe.fail(error.to_string())),
        }
    }

    fn run_probe(&self, id: ProgramId, spec: &HealthcheckSpec) -> Result<Program> {
        let gone = || KernelError::new("run the health check", rustix::io::Errno::SRCH);
        let container = self.container.as_ref().ok_or_else(gone)?;
        let (stdio, prepared) = streams::pipes(Stdin::Null)?;
        if connect::is_ours(&spec.test)
            && let Stdio::Pipes { stdout, stderr, .. } = stdio
        {
            let started = connect::start(&spec.test, container.started.pid, (stdout, stderr))?;
            let streams = Streams::open(&self.reactor, id, prepared, None)?;
            return Program::watch(&self.reactor, id, Owner::Probe, started, streams);
        }
        let args = probe::arguments(spec);
        let process = OciProcess { terminal: false, args, ..self.spec.oci.process.clone() };
        let (user, group_add) = (self.spec.user.as_str(), self.spec.group_add.as_slice());
        let options = ExecOptions { process: &process, user, group_add, stdio };
        let executed = self.execute_beside(container, options)?;
        let streams = Streams::open(&self.reactor, id, prepared, None)?;
        Program::watch(&self.reactor, id, Owner::Probe, (executed.pid, executed.pidfd), streams)
    }

    /// The probe's program has ended, and what it wrote has been read.
    pub fn finish_probe(&mut self, id: ProgramId, exit_code: i32) {
        let Some(health) = &mut self.health else { return };
        // One of an earlier life of the container says nothing about this one.
        if let Some((_, probe)) = health.running.take_if(|(running, _)| *running == id) {
            self.enter_probe(probe.began, probe.finish(exit_code));
        }
    }

    fn enter_probe(&mut self, began: Instant, result: ProbeRecord) {
        let is_paused = self.state.record().status == Status::Paused;
        let Some(health) = &mut self.health else { return };
        let Some(record) = &mut self.state.change().health else { return };
        let before = record.status;
        health.check.enter(record, result, began);
        let after = record.status;
        let now = Instant::now();
        health.next = Some(now + health.check.wait(record.status, now)).filter(|_| !is_paused);
        if after != before {
            self.tell(&format!("health_status: {}", word_for(after)), &[]);
        }
    }

    /// A paused container can't answer.
    pub fn suspend_probes(&mut self) {
        if let Some(health) = &mut self.health {
            health.next = None;
        }
    }

    /// It can again.
    pub fn resume_probes(&mut self) {
        let Some(record) = &self.state.record().health else { return };
        if let Some(health) = self.health.as_mut().filter(|health| health.running.is_none()) {
            let now = Instant::now();
            health.next = Some(now + health.check.wait(record.status, now));
        }
    }
}

fn word_for(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Starting => "starting",
        HealthStatus::Healthy => "healthy",
        HealthStatus::Unhealthy => "unhealthy",
    }
}
