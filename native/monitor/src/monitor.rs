//! The monitor while its container lives: what it holds, and the loop that waits for something to happen.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use kernel::error::Result;
use kernel::sandbox::{EtcFiles, Started};
use kernel::spec::{MonitorSpec, RestartSpec};

use crate::backoff::Backoff;
use crate::control::client::Client;
use crate::control::listener::Listener;
use crate::control::request::Size;
use crate::foreign::orphans;
use crate::health::Health;
use crate::home::Home;
use crate::keeper::Keeper;
use crate::lock::Lock;
use crate::log::Log;
use crate::log::json_line::Stream;
use crate::network::Network;
use crate::open_files::OpenFiles;
use crate::program::Program;
use crate::reactor::{Event, Interest, Reactor, WRITABLE, Watched};
use crate::state_file::StateFile;
use crate::token::{ClientId, ProgramId, Token};
use crate::{complaint, removal, signals};

/// Read at once. The memory is shared by everything that reads.
pub const BUFFER_BYTES: usize = 64 * 1024;

/// More wait at the door until one of these has left.
const MOST_CLIENTS: usize = 256;

/// How long clients have to take their last answers when everything else is done.
const FAREWELL: Duration = Duration::from_secs(1);

/// One container and everything around it.
pub struct Monitor {
    /// As it was given.
    pub spec: MonitorSpec,
    /// Where the loop waits.
    pub reactor: Reactor,
    /// `state.json`.
    pub state: StateFile,
    /// What the container writes.
    pub log: Log,
    /// Stays across restarts.
    pub network: Network,
    /// Mounted over the image's.
    pub etc: EtcFiles,
    /// None while the container does not run.
    pub container: Option<Container>,
    /// The container's first program and all others that we have started.
    pub programs: BTreeMap<ProgramId, Program>,
    /// Who is connected.
    pub clients: BTreeMap<ClientId, Client>,
    /// None when there is nothing left to ask.
    pub listener: Option<Listener>,
    /// Whether and when the container is started again.
    pub restarts: Restarts,
    /// Set when somebody wants the container to end.
    pub stopping: Option<Stopping>,
    /// Probes, while the container runs.
    pub health: Option<Health>,
    /// None when it is gone, or can't be watched.
    pub home: Option<Home>,
    /// Takes over when we are killed; none where none could be made.
    pub keeper: Option<Keeper>,
    /// Nobody else runs this container while we hold it.
    pub lock: Option<Lock>,
    /// Signals to ourselves.
    pub signals: Watched<OwnedFd>,
    /// For whoever reads.
    pub buffer: Box<[u8]>,
    /// What programs are given of ours.
    pub open_files: OpenFiles,
    /// What the first program's terminal measures when it starts.
    pub terminal_size: Size,
    /// The last id given to a client or program.
    pub last_id: u32,
    /// Set when the container has ended for good: until when clients are waited for.
    pub farewell: Option<Instant>,
    /// Set at its end when nobody is there for whom it was started: he would take it away himself, if that is to be.
    pub left_alone: bool,
}

/// The container while it runs.
pub struct Container {
    /// What the sandbox returned.
    pub started: Started,
    /// Its first program.
    pub program: ProgramId,
    /// When it was started.
    pub since: Instant,
}

/// The restart policy at work.
pub struct Restarts {
    /// May be changed while the container runs.
    pub policy: RestartSpec,
    /// The waiting time.
    pub backoff: Backoff,
    /// The next start.
    pub at: Option<Instant>,
}

/// A stop or kill on its way.
#[derive(Debug, Clone, Copy)]
pub struct Stopping {
    /// When the grace time is over; none without one.
    pub deadline: Option<Instant>,
    /// The signal that was sent; of a kill it may turn out that the container lives on.
    pub signal: i32,
    /// Whether it was asked for by the user, so that no policy starts the container again, also not at the next boot.
    pub by_user: bool,
    /// Whether the container is to end in any case.
    pub for_certain: bool,
}

impl Monitor {
    /// Works until the container has ended for good and everybody knows.
    pub fn run(mut self) -> Result<()> {
        self.settle();
        while !self.is_over() {
            match self.reactor.wait(self.next_deadline()) {
                Ok(events) => events.into_iter().for_each(|event| self.dispatch(event)),
                Err(error) => {
                    // As good as killed.
                    self.keeper.take().into_iter().for_each(Keeper::let_work);
                    return Err(error);
                }
            }
            if self.spec.runtime.is_some() {
                self.bury_orphans();
            }
            self.keep_time(Instant::now());
            self.settle();
        }
        if self.left_alone {
            removal::take_away(&self.spec);
        }
        Ok(())
    }

    /// Programs that we know are waited for by who watches them, in the order of events.
    fn bury_orphans(&self) {
        while let Some(pid) = orphans::dead_child().filter(|pid| self.programs.values().all(|one| one.pid != *pid)) {
            orphans::bury(pid);
        }
    }

    /// A number that no client and no program had before.
    pub fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    fn is_over(&self) -> bool {
        let waiting = !self.programs.is_empty() || self.is_heard() || self.clients.values().any(Client::has_unsent);
        self.farewell.is_some_and(|until| !waiting || (until <= Instant::now() && !self.is_heard()))
    }

    /// Whether somebody who is to miss nothing is there still. That may take as long as it likes to read everything, and a
    /// connection that we close under its hands while it writes would cost it what it has not read.
    pub fn is_heard(&self) -> bool {
        self.clients.values().any(|client| client.misses_nothing)
    }

    /// The container has ended for good: gives everybody a last moment.
    pub fn say_farewell(&mut self) {
        self.farewell = Some(Instant::now() + FAREWELL);
    }

    fn dispatch(&mut self, event: Event) {
        match Token::unpack(event.token) {
            Some(Token::Signals) => self.take_signals(),
            Some(Token::Listener) => self.accept_clients(),
            Some(Token::Dns | Token::Publish) => self.network.dispatch(),
            Some(Token::Home) => self.check_home(),
            Some(Token::Keeper) => self.replace_keeper(),
            Some(Token::Client(id)) => self.serve(id, event.ready),
            Some(Token::Exit(id)) => self.reap(id),
            Some(Token::Stdin(id)) => self.pass_input(id, event.ready),
            Some(Token::Stdout(id)) => self.pass_output(id, Stream::Stdout),
            Some(Token::Stderr(id)) => self.pass_output(id, Stream::Stderr),
            None => {}
        }
    }

    fn take_signals(&mut self) {
        if signals::stop_asked(&self.signals) {
            self.stop_for_the_host();
        }
    }

    fn serve(&mut self, id: ClientId, ready: Interest) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if ready.contains(WRITABLE) {
            client.flush();
        }
        if ready.intersects(Interest::IN | Interest::HUP | Interest::ERR) {
            client.receive(&mut self.buffer);
            self.understand(id);
        }
        if ready.intersects(Interest::HUP | Interest::ERR)
            && let Some(client) = self.clients.get_mut(&id)
        {
            client.lose();
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let draining = self.programs.values().filter_map(|program| program.drain_until).min();
        let stopping = self.stopping.and_then(|stopping| stopping.deadline);
        let health = self.health.as_ref().and_then(Health::deadline);
        let farewell = self.farewell.filter(|_| !self.is_heard());
        [self.restarts.at, farewell, draining, stopping, health, self.network.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn keep_time(&mut self, now: Instant) {
        if self.stopping.and_then(|stopping| stopping.deadline).is_some_and(|deadline| deadline <= now) {
            self.end_grace();
        }
        if self.restarts.at.is_some_and(|at| at <= now) {
            self.restart();
        }
        if self.health.as_ref().and_then(Health::deadline).is_some_and(|deadline| deadline <= now) {
            self.probe(now);
        }
        if self.network.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.network.dispatch();
        }
    }

    /// Brings everything in line with what has happened: programs that are over, the state's file and its readers, and what
    /// is worth waiting for now.
    fn settle(&mut self) {
        self.retire_programs(Instant::now());
        self.publish_state();
        self.catch_up();
        self.clients.retain(|_, client| !client.part());
        self.listen();
    }

    /// To the file first: whoever hears of a change may read it there at once.
    pub fn publish_state(&mut self) {
        match self.state.save() {
            Ok(true) => self.push_state(),
            Ok(false) => {}
            Err(error) => complaint::write(&error),
        }
    }

    /// Who does not read is not written for; who can't be written to is not read from.
    fn listen(&mut self) {
        for program in self.programs.values_mut() {
            program.listen(&self.clients);
        }
        if let Some(listener) = &mut self.listener {
            listener.listen(self.clients.len() < MOST_CLIENTS);
        }
        for client in self.clients.values_mut() {
            let takes_input = client.program(self.container.as_ref()).and_then(|id| self.programs.get(&id));
            client.listen(takes_input.is_none_or(|program| program.streams.takes_input()));
        }
    }
}

/// The document that the monitor is given.
pub fn read_spec(container_dir: &Path) -> Result<MonitorSpec> {
    use kernel::error::Step;
    let path = container_dir.join("spec.json");
    let read = || Ok::<_, std::io::Error>(serde_json::from_slice(&std::fs::read(&path)?)?);
    read().step(|| format!("read `{}`", path.display())).map_err(|error| error.code("state-broken"))
}
