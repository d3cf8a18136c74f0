//! From a bundle to a container whose program waits or runs, for `create` and `run`.

use std::env;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::SystemTime;

use kernel::error::KernelError;
use kernel::hooks;
use kernel::mounts::bundle_tree::{Entrance, Plan};
use kernel::oci::OciSpec;
use kernel::sandbox::Stdio;
use kernel::sandbox::bundle::{self, Created, Newborn, Order, Turn};
use kernel::seccomp::Filter;
use kernel::{cgroup, identity, timestamp};

use crate::bundle::Bundle;
use crate::complaint::Log;
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::{Record, Status};
use crate::store::Store;
use crate::words::{Failure, fail, of_program};
use crate::{agent, defaults, sockets, store, validate};

/// Whether the program waits for `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Until,
    Not,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// Its directory and what is remembered.
    pub container: Container,
    /// Its first process.
    pub created: Created,
    /// The document.
    pub oci: OciSpec,
}

/// Makes the container. After an error nothing is left of it.
pub fn make(global: &Global, parsed: &Parsed, hold: Hold, log: &mut Log) -> Result<Made, Failure> {
    let store = Store::of(global, parsed.id())?;
    let mut bundle = Bundle::read(parsed)?;
    validate::document(&bundle.oci)?;
    validate::ignored(&mut bundle.oci).iter().for_each(|text| log.warning(text));
    validate::rights(&bundle.oci)?;
    bundle.oci.linux.resources.devices.extend(defaults::device_rules());
    store.make()?;
    // In runc's words: people and tools look for them.
    log.debug("nsexec container setup");
    match make_in(&store, parsed, &bundle, hold, log) {
        Ok((record, created)) => Ok(Made { container: Container { store, record }, created, oci: bundle.oci }),
        Err(failure) => {
            let _ = store.remove();
            Err(failure)
        }
    }
}

fn make_in(
    store: &Store,
    parsed: &Parsed,
    bundle: &Bundle,
    hold: Hold,
    log: &mut Log,
) -> Result<(Record, Created), Failure> {
    let console = parsed.value("console-socket").map(|path| sockets::open(Path::new(path))).transpose()?;
    let pidfd_socket = parsed.value("pidfd-socket").map(|path| sockets::open(Path::new(path))).transpose()?;
    store.save_document(&bundle.text)?;
    let record = begin(parsed.id(), bundle)?;
    store.save(&record)?;
    let hold = if hold == Hold::Until { Some(store.make_fifo()?) } else { None };
    let mut container = Container { store: store.clone(), record };
    let devices = defaults::devices(&bundle.oci);
    let (creating, path) = (container.record.clone(), container.record.cgroup_path.clone());
    let waiting = Container { store: store.clone(), record: creating };
    let order = Order {
        oci: &bundle.oci,
        bundle: &bundle.directory,
        plan: plan(bundle, &devices, parsed.has("no-pivot")),
        cgroup_path: &path,
        stdio: stdio(&bundle.oci),
        relayed: hold.is_none() && !parsed.has("detach"),
        preserved: preserved(parsed)?,
        hold: hold.map(OwnedFd::from),
        keyring: !parsed.has("no-new-keyring"),
        state: waiting.hook_state(Status::Creating),
    };
    if let Some(profile) = &bundle.oci.linux.seccomp {
        log.debug(&format!("seccomp filter flags: {}", Filter::compile(profile)?.flags()));
    }
    refuse_crowd(&path)?;
    let created = bundle::create(&order, &mut |turn, newborn| match turn {
        Turn::Mounted => {
            log.debug("child process in init()");
            run_hooks(&bundle.oci, &mut container, newborn.pid)
        }
        Turn::Listening(number) => introduce(&bundle.oci, &container, newborn, number),
        Turn::Ready => settle(parsed, &mut container, newborn, (console.as_ref(), pidfd_socket.as_ref())),
    })
    .map_err(of_program)?;
    log.debug("init: closing the pipe to signal completion");
    Ok((container.record, created))
}

/// A group with somebody in it is not this container's alone, and one that is frozen would hold it for ever.
fn refuse_crowd(path: &str) -> Result<(), Failure> {
    let cgroup = cgroup::Cgroup::open(path)?;
    let count = cgroup.pids().len();
    if cgroup.is_frozen() {
        return Err(fail("container's cgroup unexpectedly frozen"));
    }
    if count > 0 {
        return Err(fail(format!("container's cgroup is not empty: {count} process(es) found")));
    }
    Ok(())
}

fn begin(id: &str, bundle: &Bundle) -> Result<Record, Failure> {
    let linux = &bundle.oci.linux;
    let own_path = linux.cgroups_path.as_str();
    Ok(Record {
        oci_version: bundle.oci.oci_version.clone(),
        id: id.to_owned(),
        init: None,
        bundle: bundle.directory.clone(),
        rootfs: bundle.rootfs.clone(),
        created: timestamp::rfc3339(SystemTime::now()),
        owner: rustix::process::getuid().as_raw(),
        cgroup_path: if own_path.is_empty() { format!("/{id}") } else { clean(own_path)? },
        annotations: bundle.oci.annotations.clone(),
        own_pids: linux.namespaces.iter().any(|one| one.kind == "pid" && one.path.is_none()),
    })
}

/// No part of it may lead up.
fn clean(path: &str) -> Result<String, Failure> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    if parts.is_empty() {
        return Err(fail(format!("invalid cgroupsPath \"{path}\": it is the root of all control groups")));
    }
    Ok(format!("/{}", parts.join("/")))
}

fn plan<'a>(bundle: &'a Bundle, devices: &'a [kernel::oci::OciDevice], no_pivot: bool) -> Plan<'a> {
    let own = |kind: &str| bundle.oci.linux.namespaces.iter().find(|namespace| namespace.kind == kind);
    let entrance = match own("mount") {
        Some(namespace) if namespace.path.is_none() => {
            if no_pivot {
                Entrance::Move
            } else {
                Entrance::Pivot
            }
        }
        _ => Entrance::Chroot,
    };
    Plan { oci: &bundle.oci, rootfs: &bundle.rootfs, devices, entrance, own_groups: own("cgroup").is_some() }
}

fn stdio(oci: &OciSpec) -> Stdio {
    if !oci.process.terminal {
        return Stdio::Inherited;
    }
    let size = oci.process.console_size.unwrap_or_default();
    Stdio::Terminal { rows: size.height, columns: size.width }
}

/// Beside those that are named, the ones of socket activation.
pub fn preserved(parsed: &Parsed) -> Result<u32, Failure> {
    let named = parsed.number::<u32>("preserve-fds")?.unwrap_or(0);
    let listening = env::var("LISTEN_FDS").ok().and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
    let all = named.saturating_add(listening).min(1024);
    for number in 3..3 + all {
        if !Path::new(&format!("/proc/self/fd/{number}")).exists() {
            return Err(fail(format!("please check that preserved-fd {number} of {all} is present")));
        }
    }
    Ok(all)
}

fn run_hooks(oci: &OciSpec, container: &mut Container, pid: i32) -> Result<(), KernelError> {
    container.record.init = Some(identity::of(pid)?);
    let state = hooks::state_json(&container.hook_state(Status::Created))?;
    hooks::run("prestart", &oci.hooks.prestart, &state)?;
    hooks::run("createRuntime", &oci.hooks.create_runtime, &state)
}

/// Whoever decides on the container's system calls is handed the descriptor by which the kernel asks.
fn introduce(oci: &OciSpec, container: &Container, newborn: Newborn<'_>, number: i32) -> Result<(), KernelError> {
    let Some(profile) = &oci.linux.seccomp else { return Ok(()) };
    let listener = bundle::take_descriptor(newborn.pidfd, number)?;
    agent::tell(profile, &listener, newborn.pid, &container.hook_state(Status::Creating))
}

/// Everything that others wait for is there before the program is.
fn settle(
    parsed: &Parsed,
    container: &mut Container,
    newborn: Newborn<'_>,
    (console, pidfd_socket): (Option<&OwnedFd>, Option<&OwnedFd>),
) -> Result<(), KernelError> {
    let of = |failure: Failure| KernelError::new("prepare the container", std::io::Error::other(failure.message));
    if let (Some(socket), Some(master)) = (console, &newborn.terminal) {
        sockets::send(socket, master.as_fd(), "/dev/ptmx").map_err(of)?;
        *newborn.terminal = None;
    }
    container.record.init = Some(identity::of(newborn.pid)?);
    if let Some(socket) = pidfd_socket {
        let process = container.process().map_err(of)?;
        sockets::send(socket, process.as_fd(), "pidfd").map_err(of)?;
    }
    container.store.save(&container.record).map_err(of)?;
    write_pid_file(parsed, newborn.pid).map_err(of)
}

/// Whole or not at all.
pub fn write_pid_file(parsed: &Parsed, pid: i32) -> Result<(), Failure> {
    match parsed.value("pid-file").filter(|path| !path.is_empty()) {
        Some(path) => store::replace(Path::new(path), &pid.to_string()),
        None => Ok(()),
    }
}

/// Whether a terminal can be handed to somebody who stays.
pub fn check_console(parsed: &Parsed, terminal: bool, detaches: bool) -> Result<(), Failure> {
    let socket = parsed.value("console-socket").is_some_and(|path| !path.is_empty());
    if detaches && terminal && !socket {
        return Err(fail("cannot allocate tty if runc will detach without setting console socket"));
    }
    if socket && !(detaches && terminal) {
        return Err(fail("cannot use console socket if runc will not detach or allocate tty"));
    }
    Ok(())
}
