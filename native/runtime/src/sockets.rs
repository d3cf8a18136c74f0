//! Descriptors handed to whoever waits at a socket: the master side of a terminal, or a process.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
    connect, sendmsg, socket_with,
};

use crate::words::{Failure, While};

/// Connects to the socket at a path.
pub fn open(path: &Path) -> Result<OwnedFd, Failure> {
    let what = || format!("connect to \"{}\"", path.display());
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).while_doing(what)?;
    let address = SocketAddrUnix::new(path).while_doing(what)?;
    connect(&socket, &address).while_doing(what)?;
    Ok(socket)
}

/// Sends one descriptor with a name for it.
pub fn send(socket: &OwnedFd, descriptor: BorrowedFd<'_>, name: &str) -> Result<(), Failure> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(socket, &[IoSlice::new(name.as_bytes())], &mut control, SendFlags::NOSIGNAL)
        .while_doing(|| "hand a descriptor over".to_owned())
        .map(|_| ())
}
