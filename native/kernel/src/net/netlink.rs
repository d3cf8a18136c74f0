//! One netlink socket: several requests in one send, every refusal tied to the request that met it.

use std::borrow::Cow;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

use super::attributes::Attributes;
use crate::error::{KernelError, Result, Step};

const HEADER: usize = 16;
const ANSWER_BYTES: usize = 64 * 1024;

const ACK: u16 = libc::NLM_F_ACK as u16;
const REQUEST: u16 = libc::NLM_F_REQUEST as u16;

/// Requests that travel in one send. Each has a step: what it is for, as an error message would name it.
#[derive(Default)]
pub struct Batch {
    bytes: Vec<u8>,
    last: usize,
    steps: Vec<Cow<'static, str>>,
}

impl Batch {
    /// No request yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch of one.
    pub fn of(kind: u16, flags: i32, step: impl Into<Cow<'static, str>>, body: &Attributes) -> Self {
        let mut batch = Self::new();
        batch.push(kind, flags, step, body);
        batch
    }

    /// Adds a request. Sequence numbers count from 1, so that an answer leads back to its step.
    pub fn push(&mut self, kind: u16, flags: i32, step: impl Into<Cow<'static, str>>, body: &Attributes) {
        self.last = self.bytes.len();
        self.steps.push(step.into());
        let length = (HEADER + body.bytes().len()) as u32;
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(&(flags as u16 | REQUEST).to_ne_bytes());
        self.bytes.extend_from_slice(&(self.steps.len() as u32).to_ne_bytes());
        self.bytes.extend_from_slice(&0u32.to_ne_bytes());
        self.bytes.extend_from_slice(body.bytes());
    }

    /// Asks for an answer to the request added last. The kernel always answers what it refuses.
    pub fn acknowledge_last(&mut self) {
        let at = self.last + 6;
        if let Some(flags) = self.bytes.get_mut(at..at + 2) {
            let now = u16::from_ne_bytes([flags[0], flags[1]]) | ACK;
            flags.copy_from_slice(&now.to_ne_bytes());
        }
    }

    fn refusal(&self, sequence: u32, errno: i32) -> KernelError {
        let step = self.steps.get(sequence.saturating_sub(1) as usize).map_or("speak netlink", AsRef::as_ref);
        KernelError::new(step, io::Error::from_raw_os_error(errno))
    }
}

/// One answer to a dump or a get.
pub struct Answer {
    /// The message's type, such as `RTM_NEWLINK`.
    pub kind: u16,
    /// Everything after the netlink header.
    pub body: Vec<u8>,
}

/// An open netlink socket. It stays in the network namespace that it was opened in.
pub struct Netlink {
    socket: OwnedFd,
}

impl Netlink {
    /// Links, addresses and routes of the calling thread's network namespace.
    pub fn route() -> Result<Self> {
        Self::open(None)
    }

    /// nf_tables of the calling thread's network namespace.
    pub fn netfilter() -> Result<Self> {
        Self::open(Some(netlink::NETFILTER))
    }

    fn open(protocol: Option<rustix::net::Protocol>) -> Result<Self> {
        let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)
            .step(|| "open a netlink socket")?;
        Ok(Self { socket })
    }

    /// Sends all requests and fails with the first one that was refused.
    pub fn send(&self, mut batch: Batch) -> Result<()> {
        batch.acknowledge_last();
        self.transmit(&batch)?;
        let (_, first) = self.drain(&batch)?;
        first.map_or(Ok(()), Err)
    }

    /// Sends requests that are answered with data, and returns it.
    pub fn ask(&self, batch: Batch) -> Result<Vec<Answer>> {
        self.transmit(&batch)?;
        let (answers, first) = self.drain(&batch)?;
        first.map_or(Ok(answers), Err)
    }

    fn transmit(&self, batch: &Batch) -> Result<()> {
        let step = || batch.steps.first().map_or_else(String::new, |step| step.to_string());
        rustix::net::send(&self.socket, &batch.bytes, SendFlags::empty()).step(step)?;
        Ok(())
    }

    /// The kernel works within `send`, and continues a dump within `recv`: whatever is to come is there without waiting.
    fn drain(&self, batch: &Batch) -> Result<(Vec<Answer>, Option<KernelError>)> {
        let mut answers = Vec::new();
        let mut refused: Option<(u32, i32)> = None;
        let mut buffer = vec![0; ANSWER_BYTES];
        loop {
            let length = match rustix::net::recv(self.socket.as_fd(), &mut buffer[..], RecvFlags::DONTWAIT) {
                Ok((_, length)) => length.min(ANSWER_BYTES),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(KernelError::new("read a netlink answer", errno)),
            };
            for (kind, sequence, body) in messages(&buffer[..length]) {
                match i32::from(kind) {
                    libc::NLMSG_ERROR | libc::NLMSG_DONE => {
                        let errno =
                            body.get(..4).map_or(0, |four| -i32::from_ne_bytes([four[0], four[1], four[2], four[3]]));
                        if errno != 0 && refused.is_none_or(|(earlier, _)| sequence < earlier) {
                            refused = Some((sequence, errno));
                        }
                    }
                    libc::NLMSG_NOOP | libc::NLMSG_OVERRUN => {}
                    _ => answers.push(Answer { kind, body: body.to_vec() }),
                }
            }
        }
        Ok((answers, refused.map(|(sequence, errno)| batch.refusal(sequence, errno))))
    }
}

impl AsRawFd for Netlink {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.socket.as_raw_fd()
    }
}

fn messages(bytes: &[u8]) -> impl Iterator<Item = (u16, u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = u32::from_ne_bytes(rest.get(0..4)?.try_into().ok()?) as usize;
        let kind = u16::from_ne_bytes(rest.get(4..6)?.try_into().ok()?);
        let sequence = u32::from_ne_bytes(rest.get(8..12)?.try_into().ok()?);
        let body = rest.get(HEADER..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, sequence, body))
    })
}

/// Whether the kernel answered with this errno.
pub fn is(error: &KernelError, errno: Errno) -> bool {
    error.cause.raw_os_error() == Some(errno.raw_os_error())
}
