//! What each request of a client leads to.

use serde::Serialize;

use kernel::oci::OciResources;
use kernel::spec::ContainerStateRecord;

use super::client::{Client, REQUEST_BYTES, Role};
use super::failure::Failure;
use super::request::Request;
use crate::complaint;
use crate::monitor::Monitor;
use crate::reactor::READABLE;
use crate::token::{ClientId, Token};

/// `{"ok":true,"state":{…}}`
#[derive(Serialize)]
struct StateAnswer<'a> {
    state: &'a ContainerStateRecord,
}

/// `{"ok":true}`
#[derive(Serialize)]
struct Done {}

impl Monitor {
    /// Lets everybody in who waits at the door.
    pub fn accept_clients(&mut self) {
        while let Some(socket) = self.listener.as_ref().and_then(|listener| listener.accept()) {
            let id = self.next_id();
            match self.reactor.watch(socket, Token::Client(id).pack(), READABLE) {
                Ok(socket) => drop(self.clients.insert(id, Client::new(socket))),
                Err(error) => complaint::write(error),
            }
        }
    }

    /// Does what the bytes in a client's inbox ask for.
    pub fn understand(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        match client.role {
            Role::Asking => self.understand_request(id),
            Role::Exec(_) | Role::Attached { .. } => self.understand_frames(id),
            // They have asked, and there is nothing more to be said.
            Role::Subscribed { .. } | Role::AwaitingEnd | Role::Leaving => client.inbox.clear(),
        }
    }

    fn understand_request(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let Some(end) = memchr::memchr(b'\n', &client.inbox) else {
            if client.inbox.len() > REQUEST_BYTES {
                client.refuse(&Failure::new("refused", "the request is too long"));
            } else if client.input_ended() {
                client.lose();
            }
            return;
        };
        let request = serde_json::from_slice(&client.inbox[..end]);
        client.inbox.drain(..=end);
        let outcome = match request {
            Ok(request) => self.answer(id, request),
            Err(error) => Err(Failure::new("refused", format!("the request can't be understood: {error}"))),
        };
        if let (Err(failure), Some(client)) = (outcome, self.clients.get_mut(&id)) {
            client.refuse(&failure);
        }
    }

    fn answer(&mut self, id: ClientId, request: Request) -> Result<(), Failure> {
        match request {
            Request::State => return self.answer_state(id, Role::Leaving),
            Request::Subscribe => return self.answer_state(id, Role::Subscribed { behind: false }),
            Request::Exec(exec) => return self.exec(id, *exec),
            Request::Attach { stdin } => return self.attach(id, stdin),
            Request::Stop { signal, grace_ms } => {
                self.stop_for_a_client(signal, grace_ms)?;
                return self.await_end(id);
            }
            Request::Signal { signal } => self.signal(signal)?,
            Request::Kill { signal } => {
                self.kill(signal)?;
                // Nothing survives it: whoever looks next finds the container down.
                if signal == libc::SIGKILL {
                    return self.await_end(id);
                }
            }
            Request::Update { restart, resources } => {
                resources.map_or(Ok(()), |resources| self.take_limits(*resources))?;
                self.take_policy(restart);
            }
            Request::Pause => self.pause()?,
            Request::Unpause => self.unpause()?,
        }
        self.publish_state();
        if let Some(client) = self.clients.get_mut(&id) {
            client.succeed(&Done {});
            client.role = Role::Leaving;
        }
        Ok(())
    }

    /// For now and for every start to come.
    fn take_limits(&mut self, resources: OciResources) -> Result<(), Failure> {
        if let Some(container) = &self.container {
            container.started.cgroup.update(&resources).map_err(|error| Failure::from(&error))?;
        }
        let kept = &mut self.spec.oci.linux.resources;
        kept.memory = resources.memory.or(kept.memory.take());
        kept.cpu = resources.cpu.or(kept.cpu.take());
        kept.pids = resources.pids.or(kept.pids.take());
        Ok(())
    }

    fn answer_state(&mut self, id: ClientId, then: Role) -> Result<(), Failure> {
        if let Some(client) = self.clients.get_mut(&id) {
            client.succeed(&StateAnswer { state: self.state.record() });
            client.role = then;
        }
        Ok(())
    }

    /// The container may have ended while the stop was being done.
    fn await_end(&mut self, id: ClientId) -> Result<(), Failure> {
        if self.farewell.is_some() {
            return self.answer_state(id, Role::Leaving);
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.role = Role::AwaitingEnd;
        }
        Ok(())
    }

    /// Tells the state's readers that it has changed. Who does not read gets the latest one when it does.
    pub fn push_state(&mut self) {
        for client in self.clients.values_mut() {
            if matches!(client.role, Role::Subscribed { .. }) {
                client.role = Role::Subscribed { behind: true };
            }
        }
        self.catch_up();
    }

    /// Sends the latest state to those who have missed it and are reading again.
    pub fn catch_up(&mut self) {
        let answer = StateAnswer { state: self.state.record() };
        for client in self.clients.values_mut() {
            if client.role == (Role::Subscribed { behind: true }) && client.keeps_up() {
                client.role = Role::Subscribed { behind: false };
                client.succeed(&answer);
            }
        }
    }

    /// The container has ended for good: those who waited for that hear it, and nobody waits for anything else.
    pub fn dismiss_clients(&mut self) {
        let answer = StateAnswer { state: self.state.record() };
        for client in self.clients.values_mut() {
            if matches!(client.role, Role::AwaitingEnd | Role::Subscribed { .. }) {
                client.succeed(&answer);
            }
            if !matches!(client.role, Role::Exec(_)) {
                client.role = Role::Leaving;
            }
        }
    }
}
