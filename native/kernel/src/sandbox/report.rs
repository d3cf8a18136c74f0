//! What a child tells its parent between its birth and its program: the terminal, that it is about to execute, or why
//! it could not. The socket closes itself when the program is executed.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, send, sendmsg, socketpair,
};
use serde::{Deserialize, Serialize};

use crate::error::{KernelError, Result, Step};

const LARGEST: usize = 16 * 1024;

/// The child's end.
#[derive(Debug)]
pub struct Reporter(OwnedFd);

/// The parent's end.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// What the parent heard until the child's end was closed.
#[derive(Debug, Default)]
pub struct Heard {
    /// The master side of the child's terminal.
    pub terminal: Option<OwnedFd>,
    /// It got as far as the program.
    pub executing: bool,
    /// A copy of a mount, for `Stop::Owners`.
    pub lent: Option<OwnedFd>,
    /// Why it did not get further.
    pub failure: Option<KernelError>,
}

/// Where a child waits for its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// It is born; its users are not mapped yet. The number is its own in the caller's pid namespace.
    Born(i32),
    /// A copy of the mount at this place of the list came along; it is to show other owners.
    Owners(usize),
    /// Everything is mounted, and the host's files can still be seen.
    Mounted,
    /// The descriptor of this number is to be handed to whoever decides on system calls.
    Listening(i32),
    /// Only the program is to follow.
    Ready,
}

#[derive(Debug, Serialize, Deserialize)]
enum Message {
    Terminal,
    Stop(Stop),
    GoOn,
    Executing,
    Failed { code: String, step: String, errno: Option<i32>, text: String, hint: Option<String> },
}

/// Both ends, closed on exec.
pub fn channel() -> Result<(Listener, Reporter)> {
    let (parent, child) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .step(|| "open a channel to the container's first process")?;
    Ok((Listener(parent), Reporter(child)))
}

impl Reporter {
    /// Hands the master side of the terminal over.
    pub fn terminal(&self, master: &OwnedFd) -> Result<()> {
        self.send(&Message::Terminal, Some(master)).step(|| "hand the terminal over")
    }

    /// Waits until the parent has done what is its part. `at` is told by another than the one who waits for its answer when it
    /// tells of a birth.
    pub fn stop(&self, at: Stop) -> Result<()> {
        self.tell(at)?;
        self.wait()
    }

    /// Hands a detached copy of a mount over, and waits until it shows other owners.
    pub fn lend(&self, tree: &OwnedFd, at: usize) -> Result<()> {
        self.send(&Message::Stop(Stop::Owners(at)), Some(tree)).step(|| "hand a mount to the runtime")?;
        self.wait()
    }

    /// Tells without waiting.
    pub fn tell(&self, at: Stop) -> Result<()> {
        self.send(&Message::Stop(at), None).step(|| "report to the runtime")
    }

    /// Waits for the parent's answer.
    pub fn wait(&self) -> Result<()> {
        // The plainest call there is: the filter may be in force.
        let mut bytes = [0u8; 64];
        let length = loop {
            match rustix::io::read(&self.0, &mut bytes) {
                Err(rustix::io::Errno::INTR) => {}
                other => break other.step(|| "wait for the runtime")?,
            }
        };
        match serde_json::from_slice(&bytes[..length]) {
            Ok(Message::GoOn) => Ok(()),
            _ => Err(KernelError::new("wait for the runtime", io::Error::other("it has gone away"))),
        }
    }

    /// The next thing is the program. Fails when the parent is gone, because nobody would look after the container.
    pub fn executing(&self) -> Result<()> {
        self.send(&Message::Executing, None).step(|| "report to the monitor")
    }

    /// The end, and why.
    pub fn failed(&self, error: &KernelError) {
        let message = Message::Failed {
            code: error.code.to_owned(),
            step: error.step.clone(),
            errno: error.cause.raw_os_error(),
            text: error.cause.to_string(),
            hint: error.hint.clone(),
        };
        let _ = self.send(&message, None);
    }

    fn send(&self, message: &Message, descriptor: Option<&OwnedFd>) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        // The last messages come from behind the filter, where few calls are as sure to be allowed as this one.
        let Some(descriptor) = descriptor else { return Ok(rustix::io::write(&self.0, &bytes).map(|_| ())?) };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [descriptor.as_fd()];
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
        sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

impl Listener {
    /// In the child, whose copy would hide from it that the monitor is gone: with it closed, the next report fails.
    pub fn close_copy(&self) {
        // SAFETY: the child leaves or executes another program, and never uses or drops its copy of the listener.
        unsafe { libc::close(self.0.as_raw_fd()) };
    }

    /// Listens until the child has executed its program or has ended.
    pub fn listen(&self) -> Result<Heard> {
        let mut heard = Heard::default();
        while self.hear(&mut heard)? != Next::End {}
        Ok(heard)
    }

    /// Listens until the child waits, or has executed its program or ended.
    pub fn listen_until_stop(&self, heard: &mut Heard) -> Result<Option<Stop>> {
        loop {
            match self.hear(heard)? {
                Next::Stop(at) => return Ok(Some(at)),
                Next::End => return Ok(None),
                Next::More => {}
            }
        }
    }

    /// Lets a child go on that waits.
    pub fn go_on(&self) -> Result<()> {
        let bytes = serde_json::to_vec(&Message::GoOn).step(|| "write a message")?;
        send(&self.0, &bytes, SendFlags::NOSIGNAL).step(|| "let the container's first process go on").map(|_| ())
    }

    fn hear(&self, heard: &mut Heard) -> Result<Next> {
        let Some((message, descriptor)) = receive(&self.0).step(|| "hear of the container's first process")? else {
            return Ok(Next::End);
        };
        match message {
            Message::Terminal => heard.terminal = descriptor,
            Message::Stop(at) => {
                heard.lent = descriptor;
                return Ok(Next::Stop(at));
            }
            Message::GoOn => {}
            Message::Executing => heard.executing = true,
            Message::Failed { code, step, errno, text, hint } => {
                let cause = errno.map_or_else(|| io::Error::other(text), io::Error::from_raw_os_error);
                heard.failure = Some(KernelError { code: known(&code), step, cause, hint });
            }
        }
        Ok(Next::More)
    }
}

/// What there is to hear after a message.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    More,
    Stop(Stop),
    End,
}

fn receive(socket: &OwnedFd) -> io::Result<Option<(Message, Option<OwnedFd>)>> {
    let mut bytes = vec![0u8; LARGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let length = loop {
        match recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            // What a child that was killed had still to read counts as its end.
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            other => break other?.bytes,
        }
    };
    if length == 0 {
        return Ok(None);
    }
    let mut descriptors = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut rights) => rights.next(),
        _ => None,
    });
    Ok(Some((serde_json::from_slice(&bytes[..length])?, descriptors.next())))
}

/// The code as a constant again: only those that this crate gives.
fn known(code: &str) -> &'static str {
    const CODES: [&str; 9] = [
        "container-not-running",
        "executable-denied",
        "executable-not-found",
        "kernel-lacks",
        "mount-source-missing",
        "permission-denied",
        "state-broken",
        "unsupported",
        "user-unknown",
    ];
    CODES.into_iter().find(|&known| known == code).unwrap_or("refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_arrives_with_its_code_step_cause_and_hint() {
        let (listener, reporter) = channel().unwrap();
        let error = KernelError::new("execute \"x\"", io::Error::from_raw_os_error(libc::ENOENT));
        reporter.failed(&error.code("executable-not-found").hint("look for it"));
        drop(reporter);
        let heard = listener.listen().unwrap();
        let failure = heard.failure.unwrap();
        assert_eq!((failure.code, failure.step.as_str()), ("executable-not-found", "execute \"x\""));
        assert_eq!(failure.cause.raw_os_error(), Some(libc::ENOENT));
        assert_eq!(failure.hint.as_deref(), Some("look for it"));
        assert!(!heard.executing);
    }

    #[test]
    fn a_terminal_is_handed_over() {
        let (listener, reporter) = channel().unwrap();
        let file = std::fs::File::open("/dev/null").unwrap();
        reporter.terminal(&file.into()).unwrap();
        reporter.executing().unwrap();
        drop(reporter);
        let heard = listener.listen().unwrap();
        assert!(heard.executing && heard.terminal.is_some() && heard.failure.is_none());
    }
}
