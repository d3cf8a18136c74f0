//! `init: true`: the first process stays ours. It runs the program beside itself, passes signals on and waits for every
//! process that its parent has left behind; it ends as the program ends.

use std::convert::Infallible;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use super::program::Program;
use super::report::Reporter;
use crate::error::{KernelError, Result};

/// Runs the program and ends this process with its exit code. Returns only when no process could be made.
pub fn run(program: &Program, reporter: &Reporter) -> Result<Infallible> {
    // Blocked signals wait until they are asked for: the kernel drops what a first process neither blocks nor handles.
    let everything = block_all()?;
    let child = fork()?;
    if child == 0 {
        lead_own_group();
        unblock_all();
        let Err(error) = program.execute(reporter);
        reporter.failed(&error);
        // SAFETY: leaves at once; nothing here has to be tidied up.
        unsafe { libc::_exit(1) }
    }
    close_all_but_standard();
    loop {
        match next_signal(&everything) {
            libc::SIGCHLD => {
                if let Some(code) = reap(child) {
                    // SAFETY: leaves at once; nothing here has to be tidied up.
                    unsafe { libc::_exit(code) }
                }
            }
            // SAFETY: the child has not been waited for, so that the number is still its own.
            signal => unsafe {
                libc::kill(child, signal);
            },
        }
    }
}

/// clone3 is what seccomp profiles can't look into and therefore refuse; the filter is in force here already.
fn fork() -> Result<libc::pid_t> {
    // SAFETY: this process has one thread, so that no lock is held in the copy.
    let pid = unsafe { libc::fork() };
    if pid >= 0 {
        return Ok(pid);
    }
    Err(KernelError::new("create the program's process", io::Error::last_os_error()))
}

/// Waits for all that have ended; the program's exit code when it is among them.
fn reap(program: i32) -> Option<i32> {
    let mut code = None;
    loop {
        let mut status = 0;
        // SAFETY: waitpid fills the status it is given.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
        if pid <= 0 {
            return code;
        }
        if pid == program {
            let signalled = libc::WIFSIGNALED(status);
            code = Some(if signalled { 128 + libc::WTERMSIG(status) } else { libc::WEXITSTATUS(status) });
        }
    }
}

/// With a terminal, the program is what its keys signal.
fn lead_own_group() {
    // SAFETY: both take integers. SIGTTOU is still blocked, which lets a background process take the terminal.
    unsafe {
        libc::setpgid(0, 0);
        libc::tcsetpgrp(0, libc::getpid());
    }
}

fn block_all() -> Result<libc::sigset_t> {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset fills the set before it is read.
    let result = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, all.as_ptr(), ptr::null_mut())
    };
    if result != 0 {
        return Err(KernelError::new("block signals", io::Error::last_os_error()));
    }
    // SAFETY: filled above.
    Ok(unsafe { all.assume_init() })
}

fn unblock_all() {
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset fills the set before it is read.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
    }
}

fn next_signal(set: &libc::sigset_t) -> libc::c_int {
    loop {
        // SAFETY: the set is filled; nothing is asked about the sender.
        let signal = unsafe { libc::sigwaitinfo(set, ptr::null_mut()) };
        if signal > 0 {
            return signal;
        }
    }
}

/// Among them the report's: the parent waits until the program's copy of it is the last one.
fn close_all_but_standard() {
    // SAFETY: this process uses no descriptor any more, and never returns to an owner of one.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
}
