//! The three standard descriptors of a process: the caller's pipes, or a terminal made in the container's own devpts.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fchown, fstat, fstatfs, openat2};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, ioctl_tiocsctty};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use super::Stdio;
use super::report::Reporter;
use crate::error::{KernelError, Result, Step};
use crate::mounts::{Recursion, attach, clone_of_handle};
use crate::{null_device, root};

const DEVPTS: i64 = 0x1cd1;

/// Takes the descriptors as 0, 1 and 2. With a terminal, the master side goes to the parent.
pub fn take(stdio: &Stdio, root: BorrowedFd<'_>, reporter: &Reporter) -> Result<()> {
    rustix::process::setsid().step(|| "start a session")?;
    match stdio {
        Stdio::Inherited => use_own_null(root),
        Stdio::Pipes { stdin, stdout, stderr } => {
            take_all(&[stdin, stdout, stderr])?;
            use_own_null(root)
        }
        Stdio::Terminal { rows, columns } => {
            let terminal = open_terminal(root, *rows, *columns, reporter)?;
            take_all(&[&terminal; 3])?;
            ioctl_tiocsctty(rustix::stdio::stdin()).step(|| "take the terminal as the session's own")
        }
    }
}

/// Lines end as the program ends them: the terminal that they are passed on to adds what it needs.
pub fn keep_line_ends() -> Result<()> {
    let step = || "set the mode of the terminal";
    let mut mode = tcgetattr(rustix::stdio::stdin()).step(step)?;
    mode.output_modes.remove(OutputModes::ONLCR);
    tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &mode).step(step)
}

/// What a program finds at /dev/stdout it may open again: the files belong to its user.
pub fn give_to(uid: u32) -> Result<()> {
    if uid == 0 {
        return Ok(());
    }
    give_all_to(uid)
}

fn give_all_to(uid: u32) -> Result<()> {
    for descriptor in [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()] {
        let found = fstat(descriptor).step(|| "look at a standard descriptor")?;
        let is_null = null_device::is_one(descriptor).step(|| "look at a standard descriptor")?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile && !is_null {
            let group = Gid::from_raw(found.st_gid);
            match fchown(descriptor, Some(Uid::from_raw(uid)), Some(group)) {
                // Somebody else's file, or one that can't change hands.
                Err(Errno::PERM | Errno::INVAL | Errno::ROFS) => {}
                other => other.step(|| "give a standard descriptor to the user")?,
            }
        }
    }
    Ok(())
}

/// The terminal that is already standard input, as /dev/console too.
pub fn mount_console(root: BorrowedFd<'_>) -> Result<()> {
    let step = || "mount the terminal at \"/dev/console\"";
    root::make_file(root, "/dev/console")?;
    // In a /dev of the user's own, another container could make it a link to what is to be covered.
    let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let target = openat2(root, "dev/console", OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), how).step(step)?;
    let terminal = clone_of_handle(rustix::stdio::stdin(), Recursion::Single).step(step)?;
    attach(terminal, std::os::fd::AsFd::as_fd(&target)).step(step)
}

/// The device is opened by way of the container's file system, but only if that is really a devpts.
fn open_terminal(root: BorrowedFd<'_>, rows: u16, columns: u16, reporter: &Reporter) -> Result<OwnedFd> {
    let step = || "open a terminal in the container";
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let master = root::open(root, "/dev/pts/ptmx", flags).step(step)?;
    if fstatfs(&master).step(step)?.f_type != DEVPTS {
        return Err(KernelError::new(step(), io::Error::other("\"/dev/pts\" is not a devpts")));
    }
    unlockpt(&master).step(step)?;
    let terminal =
        ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).step(step)?;
    if rows > 0 && columns > 0 {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).step(step)?;
    }
    reporter.terminal(&master)?;
    Ok(terminal)
}

/// What is read from or written to the machine's null device is the container's own instead.
fn use_own_null(root: BorrowedFd<'_>) -> Result<()> {
    let step = || "look at a standard descriptor";
    let standard = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
    for (number, descriptor) in (0..).zip(standard) {
        if null_device::is_one(descriptor).step(step)? {
            // Looked at by a handle first, for opening some devices is an act.
            null_device::open(root, OFlags::PATH)?;
            take_one(&null_device::open(root, OFlags::RDWR)?, number)?;
        }
    }
    Ok(())
}

/// Copies above 2 come first: a source may itself be one of the three numbers.
fn take_all(sources: &[&OwnedFd; 3]) -> Result<()> {
    let copies = [above_standard(sources[0])?, above_standard(sources[1])?, above_standard(sources[2])?];
    for (number, copy) in (0..).zip(&copies) {
        take_one(copy, number)?;
    }
    Ok(())
}

fn take_one(source: &OwnedFd, number: i32) -> Result<()> {
    // SAFETY: the number is one of the three standard ones, which nobody here owns.
    if unsafe { libc::dup2(source.as_raw_fd(), number) } < 0 {
        return Err(KernelError::new("take the standard descriptors", io::Error::last_os_error()));
    }
    Ok(())
}

/// A descriptor that keeps its owner's file but not its number.
fn above_standard(descriptor: &OwnedFd) -> Result<OwnedFd> {
    rustix::io::fcntl_dupfd_cloexec(descriptor, 3).step(|| "copy a descriptor")
}
