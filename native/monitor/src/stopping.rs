//! Signals, stops and pauses: what others want of the running container.

use std::time::{Duration, Instant};

use kernel::spec::Status;
use rustix::io::Errno;

use crate::complaint;
use crate::control::failure::Failure;
use crate::monitor::{Monitor, Stopping};
use crate::program::Program;

/// Signals by which a program is asked to end. Others may have been sent for another reason, and the container lived on.
const ENDING: [i32; 4] = [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGQUIT];

impl Stopping {
    /// Whether a container that ended with this code did so because of us.
    pub fn explains(&self, exit_code: i32) -> bool {
        self.for_certain || ENDING.contains(&self.signal) || exit_code == 128 + self.signal
    }
}

impl Monitor {
    /// A client wants the container to stop, and it stays stopped. A second stop can only shorten the grace time.
    pub fn stop_for_a_client(&mut self, signal: Option<i32>, grace_ms: Option<u64>) -> Result<(), Failure> {
        let again = self.stopping.is_some_and(|stopping| stopping.for_certain);
        if signal.is_some() || !again {
            self.ask_to_end(signal.unwrap_or(self.spec.stop.signal))?;
        }
        self.state.change().stopped_by_user = true;
        self.stop_within(grace_ms.unwrap_or(self.spec.stop.grace_ms), signal, true);
        Ok(())
    }

    /// The host wants us to end, as it does when it is shut down. That is no wish of the user's: the policy counts at the next boot.
    pub fn stop_for_the_host(&mut self) {
        match self.ask_to_end(self.spec.stop.signal) {
            Ok(()) => self.stop_within(self.spec.stop.grace_ms, None, false),
            Err(failure) => complaint::write(failure.message),
        }
    }

    /// Sends the signal, or calls the next start off.
    fn ask_to_end(&mut self, signal: i32) -> Result<(), Failure> {
        if self.first_program().is_some() {
            self.signal(signal)?;
            self.wake();
        }
        Ok(())
    }

    fn stop_within(&mut self, grace_ms: u64, signal: Option<i32>, by_user: bool) {
        // A grace time beyond what can be counted is as good as none at all.
        let deadline = Instant::now().checked_add(Duration::from_millis(grace_ms));
        let earlier = self.stopping.filter(|stopping| stopping.for_certain);
        let deadline = earlier.and_then(|earlier| earlier.deadline).into_iter().chain(deadline).min();
        let by_user = by_user || earlier.is_some_and(|earlier| earlier.by_user);
        let signal = signal.unwrap_or(self.spec.stop.signal);
        self.stopping = Some(Stopping { deadline, signal, by_user, for_certain: true });
        if self.container.is_none() && self.farewell.is_none() {
            self.end_for_good();
        }
    }

    /// The grace time is over.
    pub fn end_grace(&mut self) {
        if let Some(stopping) = &mut self.stopping {
            stopping.deadline = None;
        }
        if let Some(container) = &self.container {
            container.started.cgroup.kill();
        }
        // In case that it has left its control groups.
        if self.first_program().is_some() {
            let _ = self.signal(libc::SIGKILL);
        }
    }

    /// Passes a signal on.
    pub fn signal(&self, signal: i32) -> Result<(), Failure> {
        send(self.first_program().ok_or_else(not_running)?, signal)?;
        self.tell("kill", &[("signal", signal.to_string())]);
        Ok(())
    }

    /// Passes a signal on that, if the container ends of it, was the user's wish. A waiting restart is called off.
    pub fn kill(&mut self, signal: i32) -> Result<(), Failure> {
        if self.container.is_none() {
            self.state.change().stopped_by_user = true;
            self.stop_within(0, Some(signal), true);
            return Ok(());
        }
        self.signal(signal)?;
        if signal == libc::SIGKILL || signal == self.spec.stop.signal {
            self.wake();
        }
        if self.stopping.is_none_or(|stopping| !stopping.for_certain) {
            self.stopping = Some(Stopping { deadline: None, signal, by_user: true, for_certain: false });
        }
        Ok(())
    }

    /// Stops all processes where they are.
    pub fn pause(&mut self) -> Result<(), Failure> {
        let container = self.container.as_ref().ok_or_else(not_running)?;
        if self.state.record().status == Status::Paused {
            return Err(Failure::new("refused", "the container is paused already"));
        }
        container.started.cgroup.freeze().map_err(|error| Failure::from(&error))?;
        self.state.change().status = Status::Paused;
        self.tell("pause", &[]);
        self.suspend_probes();
        Ok(())
    }

    /// Lets them go on.
    pub fn unpause(&mut self) -> Result<(), Failure> {
        let container = self.container.as_ref().ok_or_else(not_running)?;
        if self.state.record().status != Status::Paused {
            return Err(Failure::new("refused", "the container is not paused"));
        }
        container.started.cgroup.thaw().map_err(|error| Failure::from(&error))?;
        self.state.change().status = Status::Running;
        self.tell("unpause", &[]);
        self.resume_probes();
        Ok(())
    }

    /// A signal reaches a paused program only when it goes on.
    fn wake(&mut self) {
        if self.state.record().status == Status::Paused
            && let Err(failure) = self.unpause()
        {
            complaint::write(failure.message);
        }
    }

    fn first_program(&self) -> Option<&Program> {
        self.programs.get(&self.container.as_ref()?.program)
    }
}

fn send(program: &Program, signal: i32) -> Result<(), Failure> {
    program.signal(signal).map_err(|errno| match errno {
        Errno::INVAL => Failure::new("refused", format!("there is no signal {signal}")),
        errno => Failure::new("refused", format!("send signal {signal}: {errno}")),
    })
}

fn not_running() -> Failure {
    Failure::new("container-not-running", "the container is not running")
}
