//! IPv4 addresses and routes of the calling thread's network namespace, by netlink.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::attributes::{self, Attributes};
use super::netlink::{Batch, Netlink};
use super::subnet::Subnet;
use crate::error::Result;

const INET: u8 = libc::AF_INET as u8;
const REPLACE: i32 = libc::NLM_F_CREATE | libc::NLM_F_REPLACE;
const BROADCAST: u16 = libc::IFA_BROADCAST;

/// Adds a request that gives an interface an address; no change when it has it.
pub fn add_address(batch: &mut Batch, index: u32, address: Ipv4Addr, subnet: Subnet) {
    let mut body = Attributes::after(&[INET, subnet.prefix, 0, 0]);
    body.raw(&index.to_ne_bytes());
    body.put(libc::IFA_LOCAL, &address.octets()).put(libc::IFA_ADDRESS, &address.octets());
    body.put(BROADCAST, &subnet.last().octets());
    batch.push(libc::RTM_NEWADDR, REPLACE, format!("give an interface the address `{address}`"), &body);
}

/// Adds a request for the default route.
pub fn add_default_route(batch: &mut Batch, gateway: Ipv4Addr) {
    let (table, protocol, scope, kind) =
        (libc::RT_TABLE_MAIN, libc::RTPROT_BOOT, libc::RT_SCOPE_UNIVERSE, libc::RTN_UNICAST);
    let mut body = Attributes::after(&[INET, 0, 0, 0, table, protocol, scope, kind, 0, 0, 0, 0]);
    body.put(libc::RTA_GATEWAY, &gateway.octets());
    batch.push(libc::RTM_NEWROUTE, REPLACE, format!("route through the gateway `{gateway}`"), &body);
}

/// The addresses of one interface.
pub fn addresses(netlink: &Netlink, index: u32) -> Result<Vec<Ipv4Addr>> {
    let answers = dump(netlink, libc::RTM_GETADDR, "list the addresses")?;
    let of_index = answers.iter().filter(|body| body.get(4..8) == Some(&index.to_ne_bytes()[..]));
    Ok(of_index.filter_map(|body| ipv4(attributes::find(body.get(8..)?, libc::IFA_LOCAL)?)).collect())
}

/// Every IPv4 subnet that this host has an address in or a route to, the default route aside.
pub fn host_subnets() -> Result<Vec<Subnet>> {
    let netlink = Netlink::route()?;
    let addresses = dump(&netlink, libc::RTM_GETADDR, "list the addresses")?;
    let routes = dump(&netlink, libc::RTM_GETROUTE, "list the routes")?;
    let of_addresses = addresses.iter().filter_map(|body| prefix(body, 8, libc::IFA_ADDRESS));
    let of_routes =
        routes.iter().filter(|body| names_a_network(body)).filter_map(|body| prefix(body, 12, libc::RTA_DST));
    let all: BTreeSet<_> = of_addresses.chain(of_routes).map(|subnet| (subnet.first(), subnet.prefix)).collect();
    Ok(all.into_iter().filter_map(|(address, prefix)| Subnet::around(address, prefix)).collect())
}

/// Unicast routes of any table but the kernel's own `local`, which repeats the addresses one by one.
fn names_a_network(route: &[u8]) -> bool {
    route.get(4) != Some(&libc::RT_TABLE_LOCAL) && route.get(7) == Some(&libc::RTN_UNICAST) && route.get(1) != Some(&0)
}

fn prefix(body: &[u8], header: usize, kind: u16) -> Option<Subnet> {
    let address = ipv4(attributes::find(body.get(header..)?, kind)?)?;
    Subnet::around(address, *body.get(1)?)
}

fn ipv4(value: &[u8]) -> Option<Ipv4Addr> {
    Some(<[u8; 4]>::try_from(value).ok()?.into())
}

fn dump(netlink: &Netlink, kind: u16, step: &'static str) -> Result<Vec<Vec<u8>>> {
    let mut body = Attributes::after(&[INET, 0, 0, 0]);
    body.raw(&[0; 8]);
    let answers = netlink.ask(Batch::of(kind, libc::NLM_F_DUMP, step, &body))?;
    Ok(answers.into_iter().map(|answer| answer.body).collect())
}
