//! The published ports' entries in the host's table: where connections from outside this host are sent.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use rustix::io::Errno;

use super::conntrack;
use super::netlink::{Netlink, is};
use super::network::with_table;
use super::nft::batch::{self, Transaction};
use super::nft::set::{Element, Set};
use super::nft::table::{ADDRESS_PORTS, PORTS, TABLE};
use super::subnet::Subnet;
use crate::error::Result;
use crate::spec::Protocol;

/// One port published on an IPv4 address. (A loopback address needs none: nothing from outside gets there.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortMapping {
    /// The address that it is published on; the unspecified one is all of them.
    pub host: Ipv4Addr,
    /// The port there.
    pub published: u16,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The container's address.
    pub container: Ipv4Addr,
    /// The port there.
    pub target: u16,
}

impl PortMapping {
    fn element(&self) -> (&'static Set, Element) {
        let port = |port: u16| [port.to_be_bytes(), [0; 2]].concat();
        let protocol = match self.protocol {
            Protocol::Tcp => libc::IPPROTO_TCP,
            Protocol::Udp => libc::IPPROTO_UDP,
        };
        let key = [vec![protocol as u8, 0, 0, 0], port(self.published)].concat();
        let value = [self.container.octets().to_vec(), port(self.target)].concat();
        if self.host.is_unspecified() {
            (&PORTS, Element::mapping(key, value))
        } else {
            (&ADDRESS_PORTS, Element::mapping([self.host.octets().to_vec(), key].concat(), value))
        }
    }
}

/// Adds the mappings. What a killed monitor left behind for the same port is replaced: the port is ours, we have bound it.
pub fn add_ports(mappings: &[PortMapping]) -> Result<()> {
    if mappings.is_empty() {
        return Ok(());
    }
    let netlink = Netlink::netfilter()?;
    with_table(&netlink, |transaction| {
        for (set, element) in mappings.iter().map(PortMapping::element) {
            let key = Element::of(element.key.clone());
            if batch::has_element(&netlink, TABLE, set, &key)? {
                transaction.delete_elements(set, &[key]);
            }
            transaction.add_elements(set, &[element]);
        }
        Ok(())
    })
}

/// Removes the mappings that are still there, and cuts what goes through them.
pub fn remove_ports(mappings: &[PortMapping]) -> Result<()> {
    if mappings.is_empty() {
        return Ok(());
    }
    let netlink = Netlink::netfilter()?;
    for mapping in mappings {
        let (set, element) = mapping.element();
        let mut transaction = Transaction::on(TABLE);
        transaction.delete_elements(set, &[element]);
        match transaction.commit(&netlink) {
            Err(error) if is(&error, Errno::NOENT) => {}
            other => other?,
        }
    }
    let containers: HashSet<_> = mappings.iter().map(|mapping| mapping.container).collect();
    containers.into_iter().try_for_each(|container| conntrack::forget(&netlink, container))
}

/// All entries that lead to an address in the subnet.
pub(super) fn leading_into(netlink: &Netlink, subnet: Subnet) -> Result<Vec<(&'static Set, Vec<Element>)>> {
    let mut found = Vec::new();
    for set in [&PORTS, &ADDRESS_PORTS] {
        let mut elements = batch::elements(netlink, TABLE, set)?;
        elements.retain(|element| address_of(element).is_some_and(|address| subnet.contains(address)));
        if !elements.is_empty() {
            found.push((set, elements));
        }
    }
    Ok(found)
}

/// Forgets all entries that lead to this address: whoever made them is gone.
pub fn forget_address(address: Ipv4Addr) -> Result<()> {
    let netlink = Netlink::netfilter()?;
    let Some(subnet) = Subnet::around(address, 32) else { return Ok(()) };
    let stale = leading_into(&netlink, subnet)?;
    if stale.is_empty() {
        return Ok(());
    }
    let mut transaction = Transaction::on(TABLE);
    for (set, elements) in stale {
        transaction.delete_elements(set, &elements);
    }
    transaction.commit(&netlink)?;
    conntrack::forget(&netlink, address)
}

fn address_of(element: &Element) -> Option<Ipv4Addr> {
    Some(<[u8; 4]>::try_from(element.value.get(..4)?).ok()?.into())
}
