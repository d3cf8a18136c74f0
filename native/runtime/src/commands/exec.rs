//! `exec`: a further program in a container that runs.

use std::fs;
use std::os::fd::AsFd;
use std::path::Path;

use kernel::oci::{OciConsoleSize, OciProcess, OciSpec};
use kernel::process::schedule;
use kernel::sandbox::Stdio;
use kernel::sandbox::bundle::joined::{Joining, exec};
use kernel::seccomp::Filter;

use crate::complaint::Log;
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, While, fail, of_program};
use crate::{agent, console, create, document, sockets};

/// Runs the command. Its exit code is the program's; a failure of ours has one that programs seldom end with.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    run_in(global, parsed, log).map_err(|failure| Failure { exit_code: 255, ..failure })
}

fn run_in(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    check(&container, parsed)?;
    let oci = container.document()?;
    let process = process(&oci, parsed)?;
    let detaches = parsed.has("detach");
    create::check_console(parsed, process.terminal, detaches)?;
    log.debug("nsexec container setup");
    if let Some(affinity) = process.exec_cpu_affinity.as_ref().filter(|affinity| !affinity.initial.is_empty()) {
        log.debug(&format!("nsexec: affinity: {:#x}", schedule::mask_of(&affinity.initial)));
    }
    log.debug("child process in init()");
    let code = execute(&container, parsed, &oci, &process)?;
    log.debug("setns_init: about to exec");
    log.debug("init: closing the pipe to signal completion");
    Ok(code)
}

fn execute(container: &Container, parsed: &Parsed, oci: &OciSpec, process: &OciProcess) -> Result<u8, Failure> {
    let socket = parsed.value("console-socket").map(|path| sockets::open(Path::new(path))).transpose()?;
    let filter = oci.linux.seccomp.as_ref().map(Filter::compile).transpose()?;
    let pidfd = container.process()?;
    let cgroup = container.cgroup()?.below(parsed.all("cgroup"))?;
    let joining = Joining {
        pid: container.record.init.as_ref().map_or(0, |init| init.pid),
        pidfd: pidfd.as_fd(),
        cgroup: &cgroup,
        filter: filter.as_ref(),
        process,
        personality: oci.linux.personality.as_ref(),
        stdio: stdio(process),
        relayed: !parsed.has("detach"),
        preserved: create::preserved(parsed)?,
    };
    let state = container.hook_state(Status::Running);
    let profile = oci.linux.seccomp.as_ref();
    let attend = |listener, pid| profile.map_or(Ok(()), |profile| agent::tell(profile, &listener, pid, &state));
    let executed = exec(&joining, attend).map_err(of_program)?;
    if let (Some(socket), Some(master)) = (&socket, &executed.terminal) {
        sockets::send(socket, master.as_fd(), "/dev/ptmx")?;
    }
    if let Some(path) = parsed.value("pidfd-socket") {
        sockets::send(&sockets::open(Path::new(path))?, executed.pidfd.as_fd(), "pidfd")?;
    }
    create::write_pid_file(parsed, executed.pid)?;
    if parsed.has("detach") {
        return Ok(0);
    }
    console::accompany(&executed.pidfd, executed.terminal.as_ref())
}

fn check(container: &Container, parsed: &Parsed) -> Result<(), Failure> {
    match container.status() {
        Status::Stopped => Err(fail("cannot exec in a stopped container")),
        Status::Paused if !parsed.has("ignore-paused") => {
            Err(fail("cannot exec in a paused container (use --ignore-paused to override)"))
        }
        Status::Creating => Err(fail("cannot exec in a container that is being created")),
        _ => Ok(()),
    }
}

fn stdio(process: &OciProcess) -> Stdio {
    let OciConsoleSize { height, width } = process.console_size.unwrap_or_default();
    if process.terminal { Stdio::Terminal { rows: height, columns: width } } else { Stdio::Inherited }
}

/// The container's own process with what the flags change, or a whole one from a file.
fn process(oci: &OciSpec, parsed: &Parsed) -> Result<OciProcess, Failure> {
    if let Some(path) = parsed.value("process") {
        let text = fs::read_to_string(path).while_doing(|| format!("read \"{path}\""))?;
        return check_process(document::read_process(&text).while_doing(|| format!("read \"{path}\""))?);
    }
    let mut process = oci.process.clone();
    process.args = parsed.rest[1..].to_vec();
    process.terminal = parsed.has("tty");
    process.console_size = None;
    process.env.extend(parsed.all("env").iter().cloned());
    if let Some(cwd) = parsed.value("cwd") {
        cwd.clone_into(&mut process.cwd);
    }
    if parsed.has("no-new-privs") {
        process.no_new_privileges = true;
    }
    for name in parsed.all("cap") {
        give(&mut process, name);
    }
    if let Some(user) = parsed.value("user") {
        read_user(&mut process, user)?;
    }
    for group in parsed.all("additional-gids") {
        let group = group
            .parse()
            .map_err(|_| fail(format!("invalid value \"{group}\" for flag -additional-gids: it must be a number")))?;
        process.user.additional_gids.push(group);
    }
    check_process(process)
}

fn check_process(process: OciProcess) -> Result<OciProcess, Failure> {
    if process.args.is_empty() {
        return Err(fail("process args cannot be empty: name a command"));
    }
    if !process.cwd.starts_with('/') {
        return Err(fail("Cwd property must be an absolute path"));
    }
    Ok(process)
}

/// Held across a change of user only if it is in all sets.
fn give(process: &mut OciProcess, name: &str) {
    let sets = &mut process.capabilities;
    for set in [&mut sets.bounding, &mut sets.effective, &mut sets.permitted] {
        set.push(name.to_owned());
    }
    if sets.inheritable.iter().any(|held| held == name) {
        sets.ambient.push(name.to_owned());
    }
}

fn read_user(process: &mut OciProcess, text: &str) -> Result<(), Failure> {
    let number = |part: &str| {
        part.parse::<u32>()
            .map_err(|_| fail(format!("invalid value \"{text}\" for flag -user: it is UID[:GID], numbers")))
    };
    let (uid, gid) = text.split_once(':').map_or((text, None), |(uid, gid)| (uid, Some(gid)));
    process.user.uid = number(uid)?;
    if let Some(gid) = gid {
        process.user.gid = number(gid)?;
    }
    Ok(())
}
