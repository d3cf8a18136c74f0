//! What happens when the container's first program has ended: a restart by policy, or the end of everything.

use std::time::{Duration, Instant};

use kernel::sandbox;
use kernel::spec::{HealthStatus, Status};

use crate::backoff::wants_restart;
use crate::complaint;
use crate::control::client::Role;
use crate::foreign::Runtime;
use crate::monitor::Monitor;
use crate::token::ProgramId;
use kernel::timestamp::unix_ms;

impl Monitor {
    /// The first program has ended, and with it the container.
    pub fn end_of_container(&mut self, program: ProgramId, exit_code: i32) {
        let Some(container) = self.container.take() else { return };
        let cgroup = &container.started.cgroup;
        // Without a process namespace of its own the others would live on.
        cgroup.kill();
        self.drain_output(program);
        self.log.finish();
        self.programs.remove(&program);
        let oom_killed = cgroup.oom_kills() > 0;
        Runtime::of(&self.spec).iter().for_each(Runtime::forget);
        cgroup.remove().unwrap_or_else(complaint::write);
        self.detach_clients(exit_code);
        self.record_end(exit_code, oom_killed);
        self.tell_of_end(exit_code, container.since.elapsed());
        match self.time_to_restart(exit_code, container.since.elapsed()) {
            Some(wait) => self.schedule_restart(wait),
            None => self.end_for_good(),
        }
    }

    fn record_end(&mut self, exit_code: i32, oom_killed: bool) {
        self.health = None;
        let record = self.state.change();
        record.pid = 0;
        record.exit_code = exit_code;
        record.oom_killed = oom_killed;
        record.finished_at_ms = unix_ms(std::time::SystemTime::now());
        // As with Docker: nothing that has ended is healthy.
        if let Some(health) = &mut record.health {
            health.status = HealthStatus::Unhealthy;
        }
    }

    fn tell_of_end(&self, exit_code: i32, ran: Duration) {
        if self.state.record().oom_killed {
            self.tell("oom", &[]);
        }
        let duration = ran.as_secs().to_string();
        self.tell("die", &[("execDuration", duration), ("exitCode", exit_code.to_string())]);
        if self.stopping.is_some_and(|stopping| stopping.for_certain) {
            self.tell("stop", &[]);
        }
    }

    fn detach_clients(&mut self, exit_code: i32) {
        for client in self.clients.values_mut() {
            if matches!(client.role, Role::Attached { .. }) {
                client.send_exit(exit_code);
            }
        }
    }

    fn time_to_restart(&mut self, exit_code: i32, ran: Duration) -> Option<Duration> {
        if let Some(stopping) = self.stopping.take_if(|stopping| stopping.explains(exit_code)) {
            self.state.change().stopped_by_user = stopping.by_user;
            return None;
        }
        self.stopping = None;
        let restarts = self.state.record().restart_count;
        let wait = self.restarts.backoff.next(ran);
        wants_restart(self.restarts.policy, exit_code, restarts).then_some(wait)
    }

    fn schedule_restart(&mut self, wait: Duration) {
        self.restarts.at = Some(Instant::now() + wait);
        let record = self.state.change();
        record.status = Status::Restarting;
        record.restart_count += 1;
    }

    /// The waiting time is over. A container that can't be started again has ended for good.
    pub fn restart(&mut self) {
        self.restarts.at = None;
        if let Err(error) = self.launch() {
            let record = self.state.change();
            record.error = error.to_string();
            record.exit_code = sandbox::exit_code(&error);
            self.end_for_good();
        }
    }

    /// Takes everything down, writes the last state, and lets go of the container: from then on another monitor may run it.
    pub fn end_for_good(&mut self) {
        self.restarts.at = None;
        self.stopping = None;
        self.left_alone = !self.is_heard();
        self.network.disconnect();
        self.listener = None;
        let record = self.state.change();
        record.status = Status::Exited;
        (record.endpoints, record.ports, record.monitor) = (Vec::new(), Vec::new(), None);
        self.state.save().map(drop).unwrap_or_else(complaint::write);
        self.lock = None;
        self.dismiss_clients();
        self.say_farewell();
    }
}
