//! The finished filter: a search tree over the numbers of calls for each architecture, and how a process takes it on.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use super::action::{Action, refused};
use super::architecture::{Architecture, OF_THIS_MACHINE};
use super::program::{BranchOn, Code, answer, branch, look_at, rule};
use super::rules::{self, Profile, Range, Verdict};
use crate::error::{KernelError, Result};
use crate::oci::OciSeccomp;

/// Offsets in struct seccomp_data.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;

/// `BPF_MAXINSNS`.
const LONGEST: usize = 4096;

const FLAG_NEW_LISTENER: libc::c_ulong = 8;
const FLAG_LOG: libc::c_ulong = 2;
const FLAG_SPEC_ALLOW: libc::c_ulong = 4;

/// A program for the kernel, ready to be installed.
#[derive(Debug, Clone)]
pub struct Filter {
    codes: Vec<Code>,
    flags: libc::c_ulong,
    asks: bool,
}

impl Filter {
    /// Compiles a profile.
    pub fn compile(profile: &OciSeccomp) -> Result<Self> {
        let mut codes = vec![look_at(ARCHITECTURE)];
        codes.extend(by_architecture(&rules::read(profile)?, &spoken_of(profile)));
        if codes.len() > LONGEST {
            let length = codes.len();
            return Err(refused(format!("it becomes {length} instructions, and the kernel takes {LONGEST}")));
        }
        let asks = asks(profile)?;
        Ok(Self { codes, flags: flags(profile)? | if asks { FLAG_NEW_LISTENER } else { 0 }, asks })
    }

    /// How it is installed, as the kernel's flags, but for what asking takes.
    pub fn flags(&self) -> u64 {
        self.flags & !FLAG_NEW_LISTENER
    }

    /// Whether somebody outside decides on some of the calls.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// What the kernel is handed.
    #[cfg(test)]
    pub(super) fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// From now on the calling thread and all that it starts are held to the profile. Needs CAP_SYS_ADMIN, or that new
    /// privileges were forbidden before.
    pub fn install(&self) -> Result<Option<OwnedFd>> {
        let length = libc::c_ushort::try_from(self.codes.len()).unwrap_or(libc::c_ushort::MAX);
        let program = libc::sock_fprog { len: length, filter: self.codes.as_ptr().cast_mut() };
        // SAFETY: the program and its codes outlive the call, which only reads them.
        let result =
            unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, self.flags, &raw const program) };
        match RawFd::try_from(result) {
            Ok(0) if !self.asks => return Ok(None),
            // SAFETY: the kernel has just given us this descriptor, and nobody else owns it.
            Ok(listener @ 0..) => return Ok(Some(unsafe { OwnedFd::from_raw_fd(listener) })),
            _ => {}
        }
        let error = KernelError::new("install the seccomp filter", io::Error::last_os_error());
        Err(match error.cause.raw_os_error() {
            Some(libc::ENOSYS | libc::EINVAL) => error.code("kernel-lacks").hint(
                "the kernel needs CONFIG_SECCOMP_FILTER; without it, ask for \"security_opt: seccomp=unconfined\"",
            ),
            _ => error,
        })
    }
}

/// The process that is asked about must be able to tell of its own end, and whoever decides must exist.
fn asks(profile: &OciSeccomp) -> Result<bool> {
    const NOTIFY: &str = "SCMP_ACT_NOTIFY";
    if profile.default_action == NOTIFY {
        return Err(refused("SCMP_ACT_NOTIFY cannot be used as default action".to_owned()));
    }
    let mut asked = profile.syscalls.iter().filter(|rule| rule.action == NOTIFY).peekable();
    let asks = asked.peek().is_some();
    if asked.any(|rule| rule.names.iter().any(|name| name == "write")) {
        return Err(refused("SCMP_ACT_NOTIFY cannot be used for the write syscall".to_owned()));
    }
    if asks && profile.listener_path.is_none() {
        return Err(refused("SCMP_ACT_NOTIFY needs a listenerPath".to_owned()));
    }
    Ok(asks)
}

/// This machine's own way of calling is always meant, whether the profile names it or not.
fn spoken_of(profile: &OciSeccomp) -> Vec<Architecture> {
    let named = |one: &Architecture| profile.architectures.iter().any(|name| name == one.name);
    let own = OF_THIS_MACHINE[0].name;
    OF_THIS_MACHINE.into_iter().filter(|one| one.name == own || named(one)).collect()
}

/// One body after the other, each entered by its audit number; another one ends the process.
fn by_architecture(profile: &Profile, architectures: &[Architecture]) -> Vec<Code> {
    let Some(first) = architectures.first() else { return vec![answer(Action::KILL_PROCESS.0)] };
    let (here, others): (Vec<_>, Vec<_>) = architectures.iter().partition(|one| one.audit == first.audit);
    let mut body = vec![look_at(NUMBER)];
    body.extend(tree(&profile.ranges(&here)));
    branch(BranchOn::Equal(first.audit), by_architecture(profile, &others), body)
}

/// Binary search: a call costs as many comparisons as the ranges have binary digits.
fn tree(ranges: &[Range]) -> Vec<Code> {
    match ranges {
        [] => vec![answer(Action::KILL_PROCESS.0)],
        [only] => leaf(&only.verdict),
        _ => {
            let (below, from) = ranges.split_at(ranges.len() / 2);
            branch(BranchOn::AtLeast(from[0].start), tree(below), tree(from))
        }
    }
}

fn leaf(verdict: &Verdict) -> Vec<Code> {
    match verdict {
        Verdict::Always(action) => vec![answer(action.0)],
        Verdict::ByArguments(rules, otherwise) => {
            let tests = rules.iter().flat_map(|one| {
                let conditions: Vec<_> = one.conditions.iter().map(|condition| condition.instructions()).collect();
                rule(&conditions, answer(one.action.0))
            });
            tests.chain([answer(otherwise.0)]).collect()
        }
    }
}

/// Without any, the process keeps its processor's speculation, as other runtimes have it.
fn flags(profile: &OciSeccomp) -> Result<libc::c_ulong> {
    let Some(flags) = &profile.flags else { return Ok(FLAG_SPEC_ALLOW) };
    flags.iter().try_fold(0, |mask, flag| match flag.as_str() {
        "SECCOMP_FILTER_FLAG_LOG" => Ok(mask | FLAG_LOG),
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => Ok(mask | FLAG_SPEC_ALLOW),
        // Every process has one thread when it takes its filter.
        "SECCOMP_FILTER_FLAG_TSYNC" => Ok(mask),
        other => Err(refused(format!("the flag \"{other}\" is not known")).code("unsupported")),
    })
}
