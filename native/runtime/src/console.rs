//! The caller's terminal and signals, passed on to a program in the foreground until it ends.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use kernel::sandbox::bundle::signal;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

use crate::words::{Failure, While};

/// Waits for the end of a child and answers its exit code; a signal's number counts from 128, as in a shell.
pub fn accompany(process: &OwnedFd, terminal: Option<&OwnedFd>) -> Result<u8, Failure> {
    let signals = open_signals().while_doing(|| "listen to signals".to_owned())?;
    // What comes from a file or a pipe is passed on as it is.
    let raw = terminal.filter(|_| isatty(rustix::stdio::stdin())).map(|_| Raw::enter()).transpose()?;
    if let Some(terminal) = terminal {
        copy_size(terminal);
    }
    let mut sides = Sides { terminal, is_input_open: terminal.is_some(), is_output_open: terminal.is_some() };
    loop {
        let [ended, heard, typed, written] = wait(process, &signals, &sides)?;
        if written {
            sides.is_output_open = terminal.is_some_and(|terminal| copy(terminal.as_fd(), rustix::stdio::stdout()));
        }
        if typed {
            sides.is_input_open = terminal.is_some_and(|terminal| copy(rustix::stdio::stdin(), terminal.as_fd()));
        }
        if heard {
            pass_on(&signals, process, terminal)?;
        }
        // What was written last is still read.
        if ended && !(written && sides.is_output_open) {
            drop(raw);
            return reap(process);
        }
    }
}

struct Sides<'a> {
    terminal: Option<&'a OwnedFd>,
    is_input_open: bool,
    is_output_open: bool,
}

/// Which of process, signals, input and output have something.
fn wait(process: &OwnedFd, signals: &OwnedFd, sides: &Sides<'_>) -> Result<[bool; 4], Failure> {
    let mut list = vec![PollFd::new(process, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
    let mut at = [0, 1, usize::MAX, usize::MAX];
    let stdin = rustix::stdio::stdin();
    if sides.is_input_open {
        at[2] = list.len();
        list.push(PollFd::from_borrowed_fd(stdin, PollFlags::IN));
    }
    if let Some(terminal) = sides.terminal.filter(|_| sides.is_output_open) {
        at[3] = list.len();
        list.push(PollFd::new(terminal, PollFlags::IN));
    }
    while let Err(error) = poll(&mut list, None) {
        if error != rustix::io::Errno::INTR {
            return Err(error).while_doing(|| "wait for the program".to_owned());
        }
    }
    Ok(at.map(|place| list.get(place).is_some_and(|one| !one.revents().is_empty())))
}

/// Whether there may be more.
fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let mut buffer = [0u8; 8192];
    let Ok(length @ 1..) = rustix::io::read(from, &mut buffer) else { return false };
    let mut rest = &buffer[..length];
    while !rest.is_empty() {
        match rustix::io::write(to, rest) {
            Ok(written) => rest = &rest[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}

/// All that can be caught, as a descriptor.
fn open_signals() -> io::Result<OwnedFd> {
    // SAFETY: the set is filled before it is used, and the call returns a new descriptor or -1.
    unsafe {
        let mut set = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&raw mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut());
        match libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC) {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(OwnedFd::from_raw_fd(descriptor)),
        }
    }
}

fn pass_on(signals: &OwnedFd, process: &OwnedFd, terminal: Option<&OwnedFd>) -> Result<(), Failure> {
    // SAFETY: all zeros is a valid value of the structure, which the kernel fills.
    let mut heard = unsafe { std::mem::zeroed::<libc::signalfd_siginfo>() };
    // SAFETY: the structure is as long as is said.
    let length = unsafe { libc::read(signals.as_raw_fd(), (&raw mut heard).cast(), size_of_val(&heard)) };
    if length <= 0 {
        return Ok(());
    }
    match heard.ssi_signo.cast_signed() {
        // The runtime's own.
        libc::SIGCHLD | libc::SIGURG | libc::SIGPIPE => Ok(()),
        libc::SIGWINCH => {
            terminal.into_iter().for_each(copy_size);
            Ok(())
        }
        number => Ok(Signal::from_named_raw(number).map_or(Ok(()), |number| signal(process, number))?),
    }
}

fn copy_size(terminal: &OwnedFd) {
    if let Ok(size) = tcgetwinsize(rustix::stdio::stdin()) {
        let _ = tcsetwinsize(terminal, size);
    }
}

fn reap(process: &OwnedFd) -> Result<u8, Failure> {
    let status = loop {
        match waitid(WaitId::PidFd(process.as_fd()), WaitIdOptions::EXITED) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.while_doing(|| "wait for the program".to_owned())?,
        }
    };
    let code = status
        .and_then(|status| status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal)));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255))
}

/// The caller's terminal while every key goes to the program.
struct Raw(Termios);

impl Raw {
    fn enter() -> Result<Self, Failure> {
        let stdin = rustix::stdio::stdin();
        let before = tcgetattr(stdin).while_doing(|| "read the terminal's mode".to_owned())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin, OptionalActions::Now, &raw).while_doing(|| "set the terminal's mode".to_owned())?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}
