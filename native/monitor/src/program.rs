//! A program that the monitor has started in the container: the first one, an exec, a probe. Its child, to be waited for.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use kernel::error::Result;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, pidfd_send_signal, waitid};

use crate::control::client::Client;
use crate::reactor::{NOTHING, READABLE, Reactor, Watched};
use crate::streams::{Listening, Streams};
use crate::token::{ClientId, ProgramId, Token};

/// How long output is awaited after the end, when children of the program hold its streams: Docker's two seconds.
const DRAINING: Duration = Duration::from_secs(2);

/// Whose program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The container's first one.
    Container,
    /// An exec, for the client who listens.
    Client(ClientId),
    /// An exec nobody listens to any more.
    Nobody,
    /// A health probe.
    Probe,
}

/// A started program.
pub struct Program {
    /// Whose it is.
    pub owner: Owner,
    /// In the host's pid namespace.
    pub pid: i32,
    /// Our ends of its streams.
    pub streams: Streams,
    /// Set when it has ended.
    pub exit_code: Option<i32>,
    /// Until when output is awaited after the end.
    pub drain_until: Option<Instant>,
    pidfd: Watched<OwnedFd>,
}

impl Program {
    /// Begins to watch a program that has been started.
    pub fn watch(
        reactor: &Reactor,
        id: ProgramId,
        owner: Owner,
        started: (i32, OwnedFd),
        streams: Streams,
    ) -> Result<Self> {
        let (pid, pidfd) = started;
        let pidfd = reactor.watch(pidfd, Token::Exit(id).pack(), READABLE)?;
        Ok(Self { owner, pid, streams, exit_code: None, drain_until: None, pidfd })
    }

    /// Takes the exit code when the program has ended. A signal's number counts from 128, as in a shell.
    pub fn reap(&mut self) -> Option<i32> {
        if self.exit_code.is_some() {
            return self.exit_code;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        self.exit_code = match waitid(WaitId::PidFd(self.pidfd.as_fd()), options) {
            Ok(status) => status.map(|status| exit_code(&status)),
            Err(Errno::INTR) => None,
            // Somebody else has waited for it: how it ended can't be known.
            Err(_) => Some(255),
        };
        if self.exit_code.is_some() {
            self.drain_until = Some(Instant::now() + DRAINING);
            let _ = self.pidfd.want(NOTHING);
        }
        self.exit_code
    }

    /// Sends a signal to the program; done when it has ended already.
    pub fn signal(&self, signal: i32) -> std::result::Result<(), Errno> {
        let signal = Signal::from_named_raw(signal).or_else(|| real_time(signal)).ok_or(Errno::INVAL)?;
        match pidfd_send_signal(&self.pidfd, signal) {
            Err(Errno::SRCH) => Ok(()),
            other => other,
        }
    }

    /// Kills the program and, when it leads a process group, all of that.
    pub fn kill_group(&self) {
        let leader = Pid::from_raw(self.pid).filter(|_| self.exit_code.is_none());
        if let Some(pid) = leader.filter(|pid| rustix::process::getpgid(Some(*pid)) == Ok(*pid)) {
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
        let _ = self.signal(libc::SIGKILL);
    }

    /// Reads its output only while its client keeps up.
    pub fn listen(&mut self, clients: &BTreeMap<ClientId, Client>) {
        let keeps_up = match self.owner {
            Owner::Client(id) => clients.get(&id).is_none_or(Client::keeps_up),
            Owner::Container => clients.values().all(|client| !client.misses_nothing || client.keeps_up()),
            Owner::Nobody | Owner::Probe => true,
        };
        self.streams.listen(if keeps_up { Listening::On } else { Listening::Off });
    }

    /// The exit code, when the program and all its output have come to an end.
    pub fn over(&self, now: Instant) -> Option<i32> {
        let is_drained = self.streams.output_ended() || self.drain_until.is_some_and(|until| until <= now);
        self.exit_code.filter(|_| is_drained)
    }

    /// Its client needs more time for what is left.
    pub fn drain_longer(&mut self, now: Instant) {
        self.drain_until = Some(now + DRAINING);
    }

    /// Its client is gone: what it writes is still read, at a terminal too, so that it does not come to harm.
    pub fn abandon_client(&mut self) {
        self.streams.end_input();
    }
}

fn real_time(signal: i32) -> Option<Signal> {
    let range = libc::SIGRTMIN()..=libc::SIGRTMAX();
    // SAFETY: the C library does not use the signals of this range for itself.
    range.contains(&signal).then(|| unsafe { Signal::from_raw_unchecked(signal) })
}

fn exit_code(status: &WaitIdStatus) -> i32 {
    status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal)).unwrap_or(255)
}
