//! Verbs over network interfaces. There is none that deletes a veth: it goes with its namespace, at a twentieth of the cost.

use std::fs;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::attributes::{self, Attributes};
use super::netlink::{Batch, Netlink, is};
use crate::error::{KernelError, Result, Step};

/// `VETH_INFO_PEER` of linux/veth.h.
const VETH_INFO_PEER: u16 = 1;
const UP: u32 = libc::IFF_UP as u32;
/// `IF_OPER_UP` of linux/if.h.
const OPERATIONAL: u8 = 6;

/// The interfaces of this thread's namespace with their counters, one a line (proc_net(5)).
const DEVICES: &str = "/proc/thread-self/net/dev";

/// How long an interface is waited for to become operational.
const SETTLING: Duration = Duration::from_millis(200);

/// A hardware address.
pub type Mac = [u8; 6];

/// What the kernel says about an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number in its namespace.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Whether it is administratively up.
    pub up: bool,
    /// Whether packets pass: it is up, and so is what it is connected to.
    pub operational: bool,
    /// `bridge`, `veth` …; empty for hardware.
    pub kind: String,
}

/// A bridge to make.
pub struct Bridge<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its own for good; without one it would change with its ports, and containers would lose their way out for a moment.
    pub mac: Mac,
    /// The largest packet; the kernel's default when absent.
    pub mtu: Option<u32>,
}

/// A veth pair to make: one end here, up and on a bridge, the other, down yet, in a namespace.
pub struct VethPair<'a> {
    /// The name of the end that stays here.
    pub name: &'a str,
    /// The number of the bridge that it becomes a port of; 0 is none.
    pub bridge: u32,
    /// The other end's namespace.
    pub netns: BorrowedFd<'a>,
    /// The other end's name there.
    pub peer_name: &'a str,
    /// The other end's hardware address.
    pub peer_mac: Mac,
    /// The largest packet of both ends; the kernel's default when absent.
    pub mtu: Option<u32>,
}

/// The interface of this name, if there is one.
pub fn find(netlink: &Netlink, name: &str) -> Result<Option<Link>> {
    let mut body = Attributes::after(&interface(0, 0));
    body.text(libc::IFLA_IFNAME, name);
    match netlink.ask(Batch::of(libc::RTM_GETLINK, 0, format!("look up the interface `{name}`"), &body)) {
        Ok(answers) => Ok(answers.first().and_then(|answer| read_link(&answer.body))),
        Err(error) if is(&error, Errno::NODEV) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there is an interface of this name in this thread's namespace. Waits for nobody who is changing one, as `find` does.
pub fn is_listed(name: &str) -> Result<bool> {
    let devices = fs::read_to_string(DEVICES).step(|| format!("read `{DEVICES}`"))?;
    Ok(devices.lines().filter_map(|line| line.split_once(':')).any(|(device, _)| device.trim_start() == name))
}

/// All interfaces of the namespace.
pub fn list(netlink: &Netlink) -> Result<Vec<Link>> {
    let body = Attributes::after(&interface(0, 0));
    let answers = netlink.ask(Batch::of(libc::RTM_GETLINK, libc::NLM_F_DUMP, "list the interfaces", &body))?;
    Ok(answers.iter().filter_map(|answer| read_link(&answer.body)).collect())
}

/// Makes a bridge, down. The kernel's refusal is `EEXIST` when there is one.
pub fn create_bridge(netlink: &Netlink, bridge: &Bridge<'_>) -> Result<()> {
    let mut body = Attributes::after(&interface(0, 0));
    body.text(libc::IFLA_IFNAME, bridge.name).put(libc::IFLA_ADDRESS, &bridge.mac);
    put_mtu(&mut body, bridge.mtu);
    body.nest(libc::IFLA_LINKINFO, |info| {
        info.text(libc::IFLA_INFO_KIND, "bridge");
    });
    netlink.send(Batch::of(libc::RTM_NEWLINK, CREATE, format!("create the bridge `{}`", bridge.name), &body))
}

/// Deletes a bridge by its number, which no later bridge of the same name has; done when there is none. The kernel takes tens of milliseconds for it,
/// of which everybody can see the bridge for the first few.
pub fn delete_bridge(netlink: &Netlink, bridge: &Link) -> Result<()> {
    let body = Attributes::after(&interface(bridge.index, 0));
    match netlink.send(Batch::of(libc::RTM_DELLINK, 0, format!("delete the bridge `{}`", bridge.name), &body)) {
        Err(error) if is(&error, Errno::NODEV) => Ok(()),
        other => other,
    }
}

/// Brings an interface up.
pub fn set_up(netlink: &Netlink, name: &str) -> Result<()> {
    let mut body = Attributes::after(&interface(0, UP));
    body.text(libc::IFLA_IFNAME, name);
    netlink.send(Batch::of(libc::RTM_NEWLINK, 0, format!("bring `{name}` up"), &body))
}

/// Adds a request that brings an interface up.
pub fn add_set_up(batch: &mut Batch, index: u32) {
    let body = Attributes::after(&interface(index, UP));
    batch.push(libc::RTM_NEWLINK, 0, format!("bring interface {index} up"), &body);
}

/// Waits until packets pass through an interface that has just been brought up: the kernel gets it going a moment later, and
/// what is sent before is lost, which costs a TCP connection a second. Newer kernels (6.8) do it when asked about the
/// interface. One that does not settle in time is left to settle later.
pub fn settle(netlink: &Netlink, name: &str) -> Result<()> {
    let give_up_at = Instant::now() + SETTLING;
    while find(netlink, name)?.is_some_and(|link| !link.operational) && Instant::now() < give_up_at {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Makes a veth pair in one request. (The kernel refuses to bring the far end up before the near one exists.)
pub fn create_veth(netlink: &Netlink, pair: &VethPair<'_>) -> Result<()> {
    let mut body = Attributes::after(&interface(0, UP));
    body.text(libc::IFLA_IFNAME, pair.name).u32(libc::IFLA_MASTER, pair.bridge);
    put_mtu(&mut body, pair.mtu);
    body.nest(libc::IFLA_LINKINFO, |info| {
        info.text(libc::IFLA_INFO_KIND, "veth").nest(libc::IFLA_INFO_DATA, |data| {
            data.nest(VETH_INFO_PEER, |peer| {
                peer.raw(&interface(0, 0));
                peer.text(libc::IFLA_IFNAME, pair.peer_name).put(libc::IFLA_ADDRESS, &pair.peer_mac);
                peer.u32(libc::IFLA_NET_NS_FD, pair.netns.as_raw_fd() as u32);
                put_mtu(peer, pair.mtu);
            });
        });
    });
    netlink.send(Batch::of(libc::RTM_NEWLINK, CREATE, format!("create the interface `{}`", pair.peer_name), &body))
}

/// Whether the kernel can make interfaces of this kind (`bridge`, `veth`). Nothing is made: the size asked for is impossible,
/// and the kernel looks for the kind before it looks at the size.
pub fn supports(netlink: &Netlink, kind: &str) -> Result<bool> {
    let mut body = Attributes::after(&interface(0, 0));
    body.text(libc::IFLA_IFNAME, "tscprobe").u32(libc::IFLA_MTU, u32::MAX >> 1);
    body.nest(libc::IFLA_LINKINFO, |info| {
        info.text(libc::IFLA_INFO_KIND, kind);
    });
    match netlink.send(Batch::of(libc::RTM_NEWLINK, CREATE, format!("look for interfaces of kind `{kind}`"), &body)) {
        Err(error) if is(&error, Errno::OPNOTSUPP) => Ok(false),
        Err(error) if is(&error, Errno::INVAL) => Ok(true),
        Err(error) => Err(error),
        Ok(()) => Err(KernelError::new("probe for interfaces", Errno::EXIST)),
    }
}

const CREATE: i32 = libc::NLM_F_CREATE | libc::NLM_F_EXCL;

fn put_mtu(body: &mut Attributes, mtu: Option<u32>) {
    if let Some(mtu) = mtu {
        body.u32(libc::IFLA_MTU, mtu);
    }
}

/// `struct ifinfomsg`: the flags given are also the ones to change.
fn interface(index: u32, flags: u32) -> [u8; 16] {
    let mut structure = [0; 16];
    structure[4..8].copy_from_slice(&index.to_ne_bytes());
    structure[8..12].copy_from_slice(&flags.to_ne_bytes());
    structure[12..16].copy_from_slice(&flags.to_ne_bytes());
    structure
}

fn read_link(body: &[u8]) -> Option<Link> {
    let index = u32::from_ne_bytes(body.get(4..8)?.try_into().ok()?);
    let flags = u32::from_ne_bytes(body.get(8..12)?.try_into().ok()?);
    let rest = body.get(16..)?;
    let kind = attributes::find(rest, libc::IFLA_LINKINFO)
        .and_then(|info| attributes::find(info, libc::IFLA_INFO_KIND))
        .map(attributes::text)
        .unwrap_or_default();
    let name = attributes::text(attributes::find(rest, libc::IFLA_IFNAME)?);
    let operational = attributes::find(rest, libc::IFLA_OPERSTATE) == Some(&[OPERATIONAL]);
    Some(Link { index, name, up: flags & UP != 0, operational, kind })
}
