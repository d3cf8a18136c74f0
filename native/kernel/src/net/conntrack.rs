//! The kernel's memory of connections: entries that still lead to a container that has ended are made to be forgotten.

use std::net::Ipv4Addr;

use rustix::io::Errno;

use super::attributes::Attributes;
use super::netlink::{Batch, Netlink, is};
use crate::error::Result;

const DELETE: u16 = (libc::NFNL_SUBSYS_CTNETLINK as u16) << 8 | 2;
const TUPLE_REPLY: u16 = 2;
const TUPLE_IP: u16 = 1;
const IPV4_SOURCE: u16 = 1;
const FILTER: u16 = 25;
const FILTER_REPLY_FLAGS: u16 = 2;
/// The bit that stands for the source address.
const BY_SOURCE: u32 = 1;

/// Forgets all connections whose answers come from this address. Without it, a client that keeps sending UDP would be sent
/// to the dead for as long as it does. Kernels before 6.7 can't be asked this; there, the entries go when they are idle.
pub fn forget(netlink: &Netlink, address: Ipv4Addr) -> Result<()> {
    let mut body = Attributes::after(&[libc::AF_INET as u8, libc::NFNETLINK_V0 as u8, 0, 0]);
    body.nest(TUPLE_REPLY, |tuple| {
        tuple.nest(TUPLE_IP, |ip| {
            ip.put(IPV4_SOURCE, &address.octets());
        });
    });
    body.nest(FILTER, |filter| {
        filter.u32(FILTER_REPLY_FLAGS, BY_SOURCE);
    });
    match netlink.send(Batch::of(DELETE, 0, format!("forget the connections to `{address}`"), &body)) {
        Err(error) if [Errno::INVAL, Errno::NOENT, Errno::OPNOTSUPP].iter().any(|errno| is(&error, *errno)) => Ok(()),
        other => other,
    }
}
