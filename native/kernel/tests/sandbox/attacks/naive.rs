//! What a runtime does that was not warned: it resolves a path of the container as text, on the host, and then goes there.
//! The controls of attacks on paths. Everything happens in a child with mounts of its own, and ends with it.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_change};

/// Whether the work went well, done by a child whose mounts nobody else sees.
pub fn apart(work: impl FnOnce() -> io::Result<bool>) -> bool {
    // SAFETY: this process has one thread, so that no lock is held in the copy.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let done = own_mounts().and_then(|()| work()).is_ok_and(|done| done);
        // SAFETY: leaves at once, without the exit handlers of the process this is a copy of.
        unsafe { libc::_exit(i32::from(!done)) }
    }
    crate::fixture::wait(child) == 0
}

fn own_mounts() -> io::Result<()> {
    // SAFETY: unshare takes an integer; this flag has to do with neither memory nor descriptors.
    if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?)
}

/// Makes the place in the container and mounts there, each time by its path.
pub fn bind_into(source: &Path, root: &Path, destination: &str) -> io::Result<()> {
    let place = root.join(destination.trim_start_matches('/'));
    if source.is_dir() {
        fs::create_dir_all(&place)?;
    } else {
        fs::OpenOptions::new().create(true).append(true).open(&place)?;
    }
    Ok(mount_bind(source, place)?)
}

pub fn mount_into(kind: &str, root: &Path, destination: &str) -> io::Result<()> {
    let place = root.join(destination.trim_start_matches('/'));
    fs::create_dir_all(&place)?;
    Ok(mount(kind, place, kind, MountFlags::empty(), None)?)
}

/// Makes sure that a path does not lead out before it goes there. In between, it may be another one.
pub fn looks_inside(root: &Path, destination: &str) -> bool {
    fs::canonicalize(root.join(destination.trim_start_matches('/'))).is_ok_and(|found| found.starts_with(root))
}

/// A program that has another root and is otherwise at home: it keeps what is open, its keys and its namespaces.
pub fn in_chroot(root: &Path, argv: &[&str]) -> bool {
    let root = root.to_owned();
    let mut command = Command::new(argv[0]);
    command.args(&argv[1..]).env("PATH", "/bin").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: the closure makes two system calls.
    unsafe { command.pre_exec(move || Ok(rustix::process::chroot(&root).and_then(|()| rustix::process::chdir("/"))?)) };
    command.status().expect("runs").success()
}
