//! One question to a monitor, and its answer. Node's sockets would take three milliseconds to load.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::thread;

use kernel::error::{KernelError, Result, Step};
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use rustix::net::{AddressFamily, Shutdown, SocketAddrUnix, SocketFlags, SocketType, connect, shutdown, socket_with};

use crate::error::crossing;

/// A thread that writes a line, reads one and waits needs little; fifty of them are at work when fifty containers are stopped.
const STACK_BYTES: usize = 128 << 10;

/// No answer of ours is nearly as long.
const LONGEST: u64 = 16 << 20;

/// Connects with the socket at `path`, sends `question`, and hands the line that comes back to `done(error, line)`: an empty one when the other side
/// left without a word. The waiting is done by a thread that does not keep Node alive. Returns a descriptor of the connection, which is the
/// caller's to close.
#[napi]
pub fn ask(path: String, question: String, done: Function<'_, String, ()>) -> napi::Result<RawFd> {
    let (socket, ours) = make_socket().map_err(|error| crossing(&error))?;
    let done = done.build_threadsafe_function().callee_handled::<true>().weak::<true>().build()?;
    thread::Builder::new()
        .name("ask".into())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let answer = converse(socket, &path, &question);
            done.call(answer.map_err(|error| crossing(&error)), ThreadsafeFunctionCallMode::NonBlocking);
        })
        .map_err(|cause| crossing(&KernelError::new("start a thread that asks a monitor", cause)))?;
    Ok(ours.into_raw_fd())
}

/// Ends a connection that `ask` has returned, whoever waits on it.
#[napi]
pub fn hang_up(connection: RawFd) {
    // SAFETY: the caller has not closed it yet.
    let connection = unsafe { BorrowedFd::borrow_raw(connection) };
    // It may have been ended by the other side.
    let _ = shutdown(connection, Shutdown::Both);
}

fn make_socket() -> Result<(OwnedFd, OwnedFd)> {
    let make = || {
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        let twin = rustix::io::fcntl_dupfd_cloexec(&socket, 0)?;
        rustix::io::Result::Ok((socket, twin))
    };
    make().step(|| "make a socket")
}

fn converse(socket: OwnedFd, path: &str, question: &str) -> Result<String> {
    let step = || format!("ask at \"{path}\"");
    connect(&socket, &SocketAddrUnix::new(path).step(step)?).step(step)?;
    let mut stream = UnixStream::from(socket);
    stream.write_all(question.as_bytes()).step(step)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut answer).step(step)?;
    Ok(answer)
}
