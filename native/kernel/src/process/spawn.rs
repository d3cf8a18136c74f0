//! Starts a program beside this one. `fork` would copy the page tables of a large process and stop all of its threads meanwhile; `posix_spawn`
//! stops the thread that calls it alone, until the program has been loaded.

use std::ffi::{CString, NulError};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::ptr::null_mut;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::Pid;

use crate::error::{KernelError, Result, Step};

/// What is started, and what it is given. Of this process it has the credentials, the working directory, and each descriptor that is not closed by
/// `exec`.
pub struct Program<'a> {
    /// A path; no list of directories is searched.
    pub path: &'a str,
    /// What it is called by: its first word.
    pub name: &'a str,
    /// Those after its name.
    pub arguments: &'a [String],
    /// `NAME=value` each.
    pub environment: &'a [String],
    /// Its descriptors, from 0 on.
    pub descriptors: &'a [BorrowedFd<'a>],
}

/// Starts the program in a session of its own, with the signals as they are by default. Whoever calls has to wait for its end.
pub fn spawn(program: &Program<'_>) -> Result<Pid> {
    let step = || format!("start \"{}\"", program.name);
    let path = CString::new(program.path).map_err(io::Error::from).step(step)?;
    let arguments =
        Words::new([program.name].into_iter().chain(program.arguments.iter().map(String::as_str))).step(step)?;
    let environment = Words::new(program.environment.iter().map(String::as_str)).step(step)?;
    let actions = Actions::new(program.descriptors).step(step)?;
    let attributes = Attributes::new().step(step)?;
    let mut pid = 0;
    // SAFETY: all of the pointers are to values that live until the call is over, and both lists end with a null.
    let error = unsafe {
        libc::posix_spawn(
            &raw mut pid,
            path.as_ptr(),
            actions.actions.as_ptr(),
            attributes.0.as_ptr(),
            arguments.pointers.as_ptr(),
            environment.pointers.as_ptr(),
        )
    };
    succeeded(error).step(step)?;
    Pid::from_raw(pid).ok_or_else(|| KernelError::new(step(), io::ErrorKind::Other))
}

/// A list of strings as C has it.
struct Words {
    pointers: Vec<*mut libc::c_char>,
    _strings: Vec<CString>,
}

impl Words {
    fn new<'a>(words: impl Iterator<Item = &'a str>) -> std::result::Result<Self, io::Error> {
        let strings = words.map(CString::new).collect::<std::result::Result<Vec<_>, NulError>>()?;
        let pointers = strings.iter().map(|word| word.as_ptr().cast_mut()).chain([null_mut()]).collect();
        Ok(Self { pointers, _strings: strings })
    }
}

/// What is done to the descriptors between the two programs.
struct Actions {
    actions: MaybeUninit<libc::posix_spawn_file_actions_t>,
    _sources: Vec<OwnedFd>,
}

impl Actions {
    fn new(descriptors: &[BorrowedFd<'_>]) -> io::Result<Self> {
        // Beyond the numbers that they are to have: none is overwritten before it was copied, and none is its own copy.
        let beyond = i32::try_from(descriptors.len()).unwrap_or(i32::MAX);
        let sources =
            descriptors.iter().map(|fd| Ok(fcntl_dupfd_cloexec(fd, beyond)?)).collect::<io::Result<Vec<OwnedFd>>>()?;
        let mut actions = MaybeUninit::uninit();
        // SAFETY: initialises what it is given; released by `drop`.
        succeeded(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        let mut made = Self { actions, _sources: sources };
        for (target, source) in (0..).zip(&made._sources) {
            // SAFETY: the actions were initialised.
            succeeded(unsafe {
                libc::posix_spawn_file_actions_adddup2(made.actions.as_mut_ptr(), source.as_raw_fd(), target)
            })?;
        }
        Ok(made)
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: they were initialised when this value was made.
        unsafe { libc::posix_spawn_file_actions_destroy(self.actions.as_mut_ptr()) };
    }
}

struct Attributes(MaybeUninit<libc::posix_spawnattr_t>);

impl Attributes {
    fn new() -> io::Result<Self> {
        let (mut attributes, mut signals) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let flags = libc::POSIX_SPAWN_SETSID | libc::POSIX_SPAWN_SETSIGDEF as i16 | libc::POSIX_SPAWN_SETSIGMASK as i16;
        // SAFETY: each is initialised by the first call that it is handed to.
        unsafe {
            succeeded(libc::posix_spawnattr_init(attributes.as_mut_ptr()))?;
            libc::sigemptyset(signals.as_mut_ptr());
            succeeded(libc::posix_spawnattr_setsigmask(attributes.as_mut_ptr(), signals.as_ptr()))?;
            libc::sigfillset(signals.as_mut_ptr());
            succeeded(libc::posix_spawnattr_setsigdefault(attributes.as_mut_ptr(), signals.as_ptr()))?;
            succeeded(libc::posix_spawnattr_setflags(attributes.as_mut_ptr(), flags))?;
        }
        Ok(Self(attributes))
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they were initialised when this value was made.
        unsafe { libc::posix_spawnattr_destroy(self.0.as_mut_ptr()) };
    }
}

/// These functions return what others leave in `errno`.
fn succeeded(error: libc::c_int) -> io::Result<()> {
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error)) }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;

    use rustix::pipe::{PipeFlags, pipe_with};
    use rustix::process::{WaitOptions, waitpid};

    use super::*;

    fn said_by(script: &str, environment: &[String]) -> String {
        let null = File::open("/dev/null").expect("opened");
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let arguments = ["-c".to_owned(), script.to_owned()];
        let descriptors = [null.as_fd(), write.as_fd(), null.as_fd(), write.as_fd()];
        let program =
            Program { path: "/bin/sh", name: "sh", arguments: &arguments, environment, descriptors: &descriptors };
        let pid = spawn(&program).expect("spawned");
        drop(write);
        let mut said = String::new();
        File::from(read).read_to_string(&mut said).expect("read");
        assert!(waitpid(Some(pid), WaitOptions::empty()).expect("waited").is_some_and(|(_, status)| status.exited()));
        said
    }

    #[test]
    fn a_program_gets_its_descriptors_and_its_environment() {
        let said = said_by("echo $A $HOME; echo four >&3; read word || echo none", &["A=b".to_owned()]);
        assert_eq!(said, "b\nfour\nnone\n");
    }

    #[test]
    fn a_program_leads_a_session_of_its_own() {
        assert_eq!(said_by("cut -d' ' -f6 /proc/$$/stat | grep -cx $$", &["PATH=/bin:/usr/bin".to_owned()]), "1\n");
    }

    #[test]
    fn a_program_that_is_not_there_is_told_by_its_name() {
        let program =
            Program { path: "/not/there", name: "/not/there", arguments: &[], environment: &[], descriptors: &[] };
        let error = spawn(&program).expect_err("there is none");
        assert_eq!(error.to_string(), "start \"/not/there\": No such file or directory (os error 2)");
    }
}
