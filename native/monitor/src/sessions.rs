//! Programs and those who talk to them: output goes to the log and to clients, clients' frames become input.

use std::time::Instant;

use kernel::error::{KernelError, Result};
use kernel::sandbox::{self, ExecOptions};
use kernel::spec::Status;
use serde::Serialize;

use crate::control::client::Role;
use crate::control::failure::Failure;
use crate::control::request::{Aside, ExecRequest, Size};
use crate::foreign::Runtime;
use crate::frames::{self, Kind, Next};
use crate::log::json_line::Stream;
use crate::monitor::{Container, Monitor};
use crate::program::{Owner, Program};
use crate::reactor::Interest;
use crate::streams::{self, Stdin, Streams};
use crate::token::{ClientId, ProgramId};

/// After a program's end this many reads take everything that its pipes can hold. Others who write on are not followed.
const LAST_READS: u32 = 16;

#[derive(Serialize)]
struct Executed {
    pid: i32,
}

#[derive(Serialize)]
struct Attached {
    tty: bool,
}

impl Monitor {
    /// Runs a further program for a client.
    pub fn exec(&mut self, client: ClientId, mut request: ExecRequest) -> std::result::Result<(), Failure> {
        if self.state.record().status == Status::Paused {
            return Err(Failure::new("refused", "the container is paused"));
        }
        self.open_files.restore(&mut request.process);
        let id = self.next_id();
        let owner = if request.detach { Owner::Nobody } else { Owner::Client(client) };
        let program = self.execute(id, owner, &request).map_err(|error| Failure::of_start(&error))?;
        let pid = program.pid;
        self.programs.insert(id, program);
        self.tell_of_exec(id, &request.process.args);
        if let Some(client) = self.clients.get_mut(&client) {
            client.succeed(&Executed { pid });
            client.role = if request.detach { Role::Leaving } else { Role::Exec(id) };
        }
        self.understand(client);
        Ok(())
    }

    fn tell_of_exec(&self, id: ProgramId, args: &[String]) {
        let (exec_id, line) = (self.exec_id(id), args.join(" "));
        for step in ["exec_create", "exec_start"] {
            self.tell(&format!("{step}: {line}"), &[("execID", exec_id.clone())]);
        }
    }

    fn execute(&self, id: ProgramId, owner: Owner, request: &ExecRequest) -> Result<Program> {
        let gone = || KernelError::new("run a program in the container", rustix::io::Errno::SRCH);
        let container = self.container.as_ref().ok_or_else(|| gone().code("container-not-running"))?;
        let (stdio, prepared) = match request {
            ExecRequest { process, rows, columns, .. } if process.terminal => streams::terminal(*rows, *columns),
            ExecRequest { detach: true, .. } => streams::silence()?,
            ExecRequest { stdin, .. } => streams::pipes(if *stdin { Stdin::Open } else { Stdin::Null })?,
        };
        let ExecRequest { process, user, group_add, .. } = request;
        let options = ExecOptions { process, user, group_add, stdio };
        let executed = self.execute_beside(container, options)?;
        let streams = Streams::open(&self.reactor, id, prepared, executed.terminal)?;
        Program::watch(&self.reactor, id, owner, (executed.pid, executed.pidfd), streams)
    }

    /// By whoever has made the sandbox.
    pub fn execute_beside(&self, container: &Container, options: ExecOptions<'_>) -> Result<sandbox::Executed> {
        match Runtime::of(&self.spec) {
            Some(runtime) => runtime.exec(&container.started, &options),
            None => sandbox::exec(&container.started, options),
        }
    }

    /// Lets a client hear the container's first program, and talk to it.
    pub fn attach(&mut self, id: ClientId, stdin: bool) -> std::result::Result<(), Failure> {
        self.join(id, Role::Attached { stdin });
        self.understand(id);
        Ok(())
    }

    /// From now on the client hears what is said.
    pub fn join(&mut self, id: ClientId, role: Role) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.succeed(&Attached { tty: self.spec.oci.process.terminal });
            client.role = role;
            self.tell("attach", &[]);
        }
    }

    /// Passes on what a program has written.
    pub fn pass_output(&mut self, id: ProgramId, stream: Stream) {
        let Some(program) = self.programs.get_mut(&id) else { return };
        let Some(count) = program.streams.read(stream, &mut self.buffer).filter(|count| *count > 0) else { return };
        let owner = program.owner;
        self.deliver(owner, stream, count);
    }

    fn deliver(&mut self, owner: Owner, stream: Stream, count: usize) {
        let bytes = &self.buffer[..count];
        let kind = if stream == Stream::Stdout { Kind::Stdout } else { Kind::Stderr };
        match owner {
            Owner::Container => {
                self.log.push(stream, bytes);
                // Who came later and does not keep up misses some of it: the container does not wait, and the log has it all.
                for client in self.clients.values_mut() {
                    let hears = client.misses_nothing || client.keeps_up();
                    if matches!(client.role, Role::Attached { .. }) && hears {
                        client.send_frame(kind, bytes);
                    }
                }
            }
            Owner::Client(client) => {
                if let Some(client) = self.clients.get_mut(&client) {
                    client.send_frame(kind, bytes);
                }
            }
            Owner::Probe => {
                if let Some(health) = &mut self.health {
                    health.push(bytes);
                }
            }
            Owner::Nobody => {}
        }
    }

    /// Reads what a program that has ended left behind.
    pub fn drain_output(&mut self, id: ProgramId) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            for _ in 0..LAST_READS {
                let Some(program) = self.programs.get_mut(&id) else { return };
                let owner = program.owner;
                match program.streams.read(stream, &mut self.buffer) {
                    Some(count) if count > 0 => self.deliver(owner, stream, count),
                    _ => break,
                }
            }
        }
    }

    /// A program takes input again, or never more.
    pub fn pass_input(&mut self, id: ProgramId, ready: Interest) {
        let Some(program) = self.programs.get_mut(&id) else { return };
        if ready.intersects(Interest::ERR | Interest::HUP) {
            program.streams.lose_input();
        }
        program.streams.flush_input();
        let container = self.container.as_ref();
        let talking = self.clients.iter().filter(|(_, client)| client.program(container) == Some(id));
        let talking: Vec<ClientId> = talking.map(|(id, _)| *id).collect();
        talking.into_iter().for_each(|client| self.understand_frames(client));
    }

    /// Takes frames out of a client's inbox for as long as its program has room for more.
    pub fn understand_frames(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let Some(target) = client.program(self.container.as_ref()) else { return client.inbox.clear() };
        let Some(program) = self.programs.get_mut(&target) else { return client.inbox.clear() };
        let is_attached = matches!(client.role, Role::Attached { .. });
        let is_mute = client.role == Role::Attached { stdin: false };
        let (mut taken, mut sizes) = (0, Vec::new());
        while program.streams.takes_input() {
            let rest = &client.inbox[taken..];
            match frames::next(rest) {
                Next::Frame { kind: Kind::Stdin, end } if is_mute => taken += end,
                Next::Frame { kind, end } => {
                    sizes.extend(take_frame(program, kind, frames::payload(rest, end)).filter(|_| is_attached));
                    taken += end;
                }
                Next::Incomplete => {
                    // The container's own input stays open for the next who attaches, unless it was started for this one.
                    let is_last = (client.misses_nothing && !is_mute) || matches!(client.role, Role::Exec(_));
                    if client.input_ended() && is_last {
                        program.streams.end_input();
                    }
                    break;
                }
                Next::Broken => return client.lose(),
            }
        }
        client.inbox.drain(..taken);
        for Size { rows, columns } in sizes {
            self.tell("resize", &[("height", rows.to_string()), ("width", columns.to_string())]);
        }
    }

    /// A program has ended, or so it seems.
    pub fn reap(&mut self, id: ProgramId) {
        let Some(program) = self.programs.get_mut(&id) else { return };
        let is_known = program.exit_code.is_some();
        let (owner, Some(exit_code)) = (program.owner, program.reap()) else { return };
        match owner {
            Owner::Container => self.end_of_container(id, exit_code),
            Owner::Probe => {
                self.drain_output(id);
                self.programs.remove(&id);
                self.finish_probe(id, exit_code);
            }
            Owner::Client(_) | Owner::Nobody if is_known => {}
            Owner::Client(_) | Owner::Nobody => {
                let exec_id = self.exec_id(id);
                self.tell("exec_die", &[("execID", exec_id), ("exitCode", exit_code.to_string())]);
            }
        }
    }

    /// Lets go of programs that are over, and of clients' programs whose clients are gone.
    pub fn retire_programs(&mut self, now: Instant) {
        for program in self.programs.values_mut() {
            if let Owner::Client(client) = program.owner
                && self.clients.get(&client).is_none_or(|client| client.is_over())
            {
                program.owner = Owner::Nobody;
                program.abandon_client();
            }
        }
        let clients = &mut self.clients;
        self.programs.retain(|_, program| {
            let client = match program.owner {
                Owner::Client(id) => clients.get_mut(&id),
                Owner::Nobody => None,
                Owner::Container | Owner::Probe => return true,
            };
            let Some(exit_code) = program.over(now) else { return true };
            match client {
                Some(client) if !client.keeps_up() && !program.streams.output_ended() => {
                    program.drain_longer(now);
                    true
                }
                Some(client) => {
                    client.send_exit(exit_code);
                    false
                }
                None => false,
            }
        });
    }
}

/// Tells the size that the program's terminal was given, if it was.
fn take_frame(program: &mut Program, kind: Kind, payload: &[u8]) -> Option<Size> {
    match kind {
        Kind::Stdin if payload.is_empty() => program.streams.end_input(),
        Kind::Stdin => program.streams.write_input(payload),
        Kind::Json => {
            let aside = serde_json::from_slice::<Aside>(payload).ok()?;
            if let Some(size) = &aside.resize {
                program.streams.resize(size.rows, size.columns);
            }
            if let Some(signal) = aside.signal {
                // It has ended, or there is no such signal: the client sees what follows.
                let _ = program.signal(signal);
            }
            return aside.resize;
        }
        Kind::Stdout | Kind::Stderr => {}
    }
    None
}
