//! The first process of a bundle's container, from its birth to its program. Runs in the child.

use std::convert::Infallible;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::process::{Signal, set_parent_process_death_signal};

use super::herald::Scene;
use super::{Order, users};
use crate::error::{Result, Step};
use crate::hooks;
use crate::mounts::bundle_tree::{self, Parts};
use crate::mounts::cgroup_view::View;
use crate::process::capabilities::{self, Sets};
use crate::process::{personality, schedule, user};
use crate::sandbox::confine::{Bond, become_somebody, close_the_rest, enter_directory, own_keyring, seal};
use crate::sandbox::first::name_host;
use crate::sandbox::program::Program;
use crate::sandbox::report::{Reporter, Stop};
use crate::sandbox::{Stdio, stdio};
use crate::seccomp::Filter;
use crate::sysctl;

/// Builds everything around this process and executes the program. Returns only with the reason why it could not.
pub fn run(scene: &Scene<'_>, parts: Parts<'_>, reporter: &Reporter) -> Result<Infallible> {
    let Scene { order, .. } = scene;
    let Order { oci, plan, .. } = order;
    reporter.wait()?;
    let has_own_users = scene.namespaces.has_own_users();
    if has_own_users {
        users::become_root()?;
    }
    // Until there is a container, it goes with the runtime that makes it.
    set_parent_process_death_signal(Some(Signal::KILL)).step(|| "bind the container to the runtime")?;
    name_host(oci)?;
    let view = View::of_this_process(scene.cgroup)?;
    let lend = |tree: &OwnedFd, at| reporter.lend(tree, at);
    let root = bundle_tree::build(plan, order.bundle, parts, &view, has_own_users.then_some(&lend))?;
    let terminal = matches!(order.stdio, Stdio::Terminal { .. });
    stdio::take(&order.stdio, root.as_fd(), reporter)?;
    if terminal {
        stdio::mount_console(root.as_fd())?;
        if order.relayed {
            stdio::keep_line_ends()?;
        }
    }
    reporter.stop(Stop::Mounted)?;
    // Where the container's files are: the hooks of others name them relative to that.
    rustix::process::fchdir(&root).step(|| "go to the container's root")?;
    hooks::run("createContainer", &oci.hooks.create_container, &order.state_of_container()?)?;
    bundle_tree::enter(plan, &root)?;
    sysctl::apply(root.as_fd(), &oci.linux)?;
    bundle_tree::seal(plan, root.as_fd())?;
    let (program, sets) = take_on(order, root.as_fd())?;
    // Whoever decides on calls is told while there is somebody to tell him.
    let mut filter = scene.filter;
    if let Some(asking) = filter.take_if(|filter| filter.asks()) {
        announce(seal(&oci.process, sets, Some(asking))?, reporter)?;
    }
    let prepared = Prepared { program, sets, filter };
    set_parent_process_death_signal(None).step(|| "let the container outlive the runtime")?;
    reporter.stop(Stop::Ready)?;
    match &order.hold {
        Some(hold) => finish_alone(scene, hold, prepared),
        None => finish(scene, prepared, reporter),
    }
}

/// What is left to be done.
struct Prepared<'a> {
    /// A document without a process has none: its container ends as soon as it is started.
    program: Option<Program>,
    sets: Sets,
    /// Not installed yet.
    filter: Option<&'a Filter>,
}

/// Hands over the descriptor by which a filter asks. The process keeps none.
pub fn announce(listener: Option<OwnedFd>, reporter: &Reporter) -> Result<()> {
    listener.map_or(Ok(()), |listener| reporter.stop(Stop::Listening(listener.as_raw_fd())))
}

fn take_on(order: &Order<'_>, root: BorrowedFd<'_>) -> Result<(Option<Program>, Sets)> {
    let process = &order.oci.process;
    let identity = user::of_numbers(root, &process.user)?;
    stdio::give_to(identity.uid)?;
    if let Some(wanted) = &order.oci.linux.personality {
        personality::apply(wanted)?;
    }
    if let Some(scheduler) = &process.scheduler {
        schedule::set_policy(scheduler)?;
    }
    if let Some(priority) = &process.io_priority {
        schedule::set_io_class(priority)?;
    }
    let program = (!process.args.is_empty()).then(|| Program::read(process, &identity)).transpose()?;
    if order.keyring {
        own_keyring();
    }
    close_the_rest(order.preserved)?;
    // Still with the right to look everywhere, as the program itself may have.
    program.as_ref().map_or(Ok(()), Program::find)?;
    enter_directory(process)?;
    become_somebody(process, &identity, Bond::Container)?;
    let sets = capabilities::resolve(&process.capabilities)?;
    Ok((program, sets))
}

/// The runtime listens until the program is there.
fn finish(
    scene: &Scene<'_>,
    Prepared { program, sets, filter }: Prepared<'_>,
    reporter: &Reporter,
) -> Result<Infallible> {
    let Order { oci, .. } = scene.order;
    seal(&oci.process, sets, filter)?;
    start_hooks(scene.order, program.as_ref())?;
    let Some(program) = program else { end(0) };
    program.execute(reporter)
}

/// They are programs of the container, and may no more than its own.
fn start_hooks(order: &Order<'_>, program: Option<&Program>) -> Result<()> {
    let Order { oci, .. } = order;
    let state = order.state_of_container()?;
    hooks::run_with(
        "startContainer",
        &oci.hooks.start_container,
        &state,
        &program.map(Program::environment).unwrap_or_default(),
    )
}

/// Who waits may wait for long: it holds nothing of the caller's and nothing of the host's any more.
fn close_all_but(preserved: u32, hold: &OwnedFd) {
    let kept = hold.as_raw_fd().cast_unsigned();
    for (first, last) in [(3 + preserved, kept.saturating_sub(1)), (kept + 1, libc::c_uint::MAX)] {
        if first <= last {
            // SAFETY: from here on this process uses none of them, and never returns to an owner of one.
            unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
        }
    }
}

/// The first process of a pid namespace hears only signals that it handles.
fn end_when_asked() {
    extern "C" fn end_now(signal: libc::c_int) {
        // SAFETY: leaves at once.
        unsafe { libc::_exit(128 + signal) }
    }
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM] {
        // SAFETY: the handler only leaves, and execve takes it away.
        unsafe { libc::signal(signal, end_now as *const () as libc::sighandler_t) };
    }
}

/// Whoever created the container has gone. What goes wrong now is told where the program would have spoken.
fn finish_alone(
    scene: &Scene<'_>,
    hold: &OwnedFd,
    Prepared { program, sets, filter }: Prepared<'_>,
) -> Result<Infallible> {
    end_when_asked();
    close_all_but(scene.order.preserved, hold);
    let outcome = wait(hold).and_then(|()| {
        seal(&scene.order.oci.process, sets, filter)?;
        start_hooks(scene.order, program.as_ref())
    });
    let error = match (outcome, program) {
        (Ok(_), Some(program)) => program.execute_alone(),
        (Ok(_), None) => end(0),
        (Err(error), _) => error,
    };
    eprintln!("{error}");
    end(crate::sandbox::exit_code(&error))
}

fn end(code: i32) -> ! {
    // SAFETY: leaves at once, without the exit handlers of the process this is a copy of.
    unsafe { libc::_exit(code) }
}

/// Until somebody writes to the fifo. This process has it open for writing too, so that it never ends by itself.
fn wait(hold: &OwnedFd) -> Result<()> {
    let step = || "wait to be started";
    let mut fifo = std::fs::File::from(hold.try_clone().step(step)?);
    loop {
        match fifo.read(&mut [0u8; 1]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.step(step).map(|_| ()),
        }
    }
}
