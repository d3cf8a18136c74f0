//! Starts the monitor of a container. Nothing is forked: `kernel::process::spawn` asks the kernel for a new process at once.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use kernel::error::{KernelError, Result, Step};
use kernel::process::spawn::{Program, spawn};
use kernel::reexec;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitOptions, waitpid};

use crate::error::crossing;

/// A thread that reads a line and waits needs little; fifty of them are at work when fifty containers are started.
const STACK_BYTES: usize = 128 << 10;

/// `LaunchRequest` of src/runtime/native.ts.
#[napi(object)]
pub struct LaunchRequest {
    pub program: String,
    pub arguments: Vec<String>,
    pub environment: Vec<String>,
    pub log: String,
    pub kept: Vec<RawFd>,
    pub connected: bool,
}

/// Starts a program in a session of its own: nothing to read, and the file `log` (made when missing) for its complaints. `done(error, answer)` gets
/// what it wrote to its standard output until it closed it, from a thread that does not keep Node alive. From its fourth descriptor on it has those of
/// ours that it is to keep, which must stay open until it has answered. When it is to be connected, returns the descriptor of a socket; the other end
/// is the program's last descriptor.
#[napi]
pub fn launch(request: LaunchRequest, done: Function<'_, String, ()>) -> napi::Result<Option<RawFd>> {
    let (ours, theirs) = request.connected.then(connection).transpose().map_err(|error| crossing(&error))?.unzip();
    let done = done.build_threadsafe_function().callee_handled::<true>().weak::<true>().build()?;
    thread::Builder::new()
        .name("launch".into())
        .stack_size(STACK_BYTES)
        .spawn(move || match start(&request, theirs) {
            Err(error) => drop(done.call(Err(crossing(&error)), ThreadsafeFunctionCallMode::NonBlocking)),
            Ok((pid, answer)) => {
                let answer = read(answer).map_err(|error| crossing(&error));
                done.call(answer, ThreadsafeFunctionCallMode::NonBlocking);
                reap(pid);
            }
        })
        .map_err(|cause| crossing(&KernelError::new("start a thread that starts a program", cause)))?;
    Ok(ours.map(IntoRawFd::into_raw_fd))
}

fn connection() -> Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .step(|| "connect a program with the one that starts it")
}

fn start(request: &LaunchRequest, connection: Option<OwnedFd>) -> Result<(Pid, OwnedFd)> {
    let null = File::open("/dev/null").step(|| "open \"/dev/null\"")?;
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&request.log);
    let log = log.step(|| format!("open \"{}\"", request.log))?;
    let (answer, said) = pipe_with(PipeFlags::CLOEXEC).step(|| "make a pipe")?;
    let mut descriptors = vec![null.as_fd(), said.as_fd(), log.as_fd()];
    // SAFETY: whoever starts the program keeps them open until it has answered.
    descriptors.extend(request.kept.iter().map(|&fd| unsafe { BorrowedFd::borrow_raw(fd) }));
    descriptors.extend(connection.as_ref().map(AsFd::as_fd));
    let sealed = sealed(&request.program);
    let path = sealed.as_ref().map_or(&request.program, |(path, _)| path);
    let mark = sealed.as_ref().map(|(_, mark)| mark.clone());
    let environment: Vec<String> = request.environment.iter().cloned().chain(mark).collect();
    let program = Program {
        path,
        name: &request.program,
        arguments: &request.arguments,
        environment: &environment,
        descriptors: &descriptors,
    };
    Ok((spawn(&program).map_err(|error| error.code("native-missing"))?, answer))
}

/// Where the program can be executed from so that nothing in a container can write to its file, and what tells it so. A kernel that does not let us
/// leaves it to the program.
fn sealed(program: &str) -> Option<(String, String)> {
    static SEALED: OnceLock<Option<(String, OwnedFd, String)>> = OnceLock::new();
    let seal = || reexec::sealed(Path::new(program)).ok().map(|(mount, mark)| (program.to_owned(), mount, mark));
    let (of, mount, mark) = SEALED.get_or_init(seal).as_ref()?;
    (of == program).then(|| (format!("/proc/self/fd/{}", mount.as_raw_fd()), mark.clone()))
}

fn read(answer: OwnedFd) -> Result<String> {
    let mut text = String::new();
    File::from(answer).read_to_string(&mut text).step(|| "read the answer of a program")?;
    Ok(text)
}

/// The program most often outlives us; where it does not, it must not be left as a zombie.
fn reap(pid: Pid) {
    while matches!(waitpid(Some(pid), WaitOptions::empty()), Err(Errno::INTR)) {}
}
