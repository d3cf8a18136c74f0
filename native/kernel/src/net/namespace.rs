//! Network namespaces: made, entered for the length of a closure, and left again. Works on the calling thread only.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::thread::{LinkNameSpaceType, UnshareFlags};

use super::link;
use super::netlink::Netlink;
use crate::error::{Result, Step};

/// As Docker sets them: any user of the container may bind low ports and ping. IPv6 stays on for the loopback interface alone.
const SYSCTLS: [(&str, &str); 3] = [
    ("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"),
    ("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"),
    ("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"),
];

/// The network namespace of the calling thread.
pub fn current() -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::open("/proc/thread-self/ns/net", flags, Mode::empty()).step(|| "open the network namespace")
}

/// That of another process, which must not end meanwhile.
pub fn of(pid: i32) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::open(format!("/proc/{pid}/ns/net"), flags, Mode::empty()).step(|| "open the network namespace")
}

/// Moves the calling thread into another network namespace.
pub fn enter(netns: BorrowedFd<'_>) -> Result<()> {
    rustix::thread::move_into_link_name_space(netns, Some(LinkNameSpaceType::Network))
        .step(|| "enter a network namespace")
}

/// A new network namespace, its loopback interface up. It lives as long as the descriptor or a process in it.
pub fn create_netns() -> Result<OwnedFd> {
    let home = current()?;
    // SAFETY: only the network namespace is unshared; no other thread relies on this one's staying the same.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNET) }.step(|| "make a network namespace")?;
    let made = current().and_then(|netns| prepare().map(|()| netns));
    enter(home.as_fd())?;
    made
}

/// Runs `work` inside the namespace and comes back, whatever it answers.
pub fn in_netns<T>(netns: BorrowedFd<'_>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let home = current()?;
    enter(netns)?;
    let answer = work();
    enter(home.as_fd())?;
    answer
}

fn prepare() -> Result<()> {
    for (path, value) in SYSCTLS {
        match fs::write(path, value) {
            // A kernel without IPv6 has nothing to turn off.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => other.step(|| format!("write `{path}`"))?,
        }
    }
    link::set_up(&Netlink::route()?, "lo")
}
