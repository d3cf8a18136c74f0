//! Published ports: bound on the host before the container runs, then forwarded to it.
//!
//! This host's own connections, those of containers, and IPv6 pass through here; what comes from outside by IPv4 is
//! translated by the kernel and never seen. A machine: it owns an epoll instance and works when told to.

mod bind;
mod datagram;
mod flow;
mod holder;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use kernel::error::Result;
use kernel::net::port_map::{self, PortMapping};
use kernel::spec::{PortSpec, Protocol, PublishedPort};

use crate::readiness::Readiness;

use self::bind::{BoundPort, bind_port};
use self::tcp::TcpProxy;
use self::udp::UdpProxy;

/// The published ports of one container.
pub struct Publish {
    readiness: Readiness,
    records: Vec<PublishedPort>,
    /// Until they are forwarded.
    bound: Vec<BoundPort>,
    mappings: Vec<PortMapping>,
    proxies: Option<Proxies>,
}

struct Proxies {
    tcp: TcpProxy,
    udp: UdpProxy,
}

impl Publish {
    /// Binds the ports, all or none. Connections wait until `forward_to`. Fails with `port-taken` or `port-forbidden`.
    pub fn bind(specs: &[PortSpec]) -> Result<Self> {
        let mut bound = Vec::new();
        for spec in specs {
            bound.extend(bind_port(spec)?);
        }
        let records = bound.iter().map(BoundPort::record).collect();
        Ok(Self { readiness: Readiness::new()?, records, bound, mappings: Vec::new(), proxies: None })
    }

    /// The ports as they are really published: a number for each, one entry for each address.
    pub fn ports(&self) -> Vec<PublishedPort> {
        self.records.clone()
    }

    /// Sends everything to this address of the container from now on.
    pub fn forward_to(&mut self, container: Ipv4Addr) -> Result<()> {
        let mappings: Vec<_> = self.bound.iter().filter_map(|port| mapping(port, container)).collect();
        port_map::add_ports(&mappings)?;
        self.mappings = mappings;
        let mut proxies = Proxies { tcp: TcpProxy::new(container), udp: UdpProxy::new(container) };
        for port in self.bound.drain(..) {
            match port.protocol {
                Protocol::Tcp => proxies.tcp.listen(&self.readiness, port)?,
                Protocol::Udp => proxies.udp.listen(&self.readiness, port)?,
            }
        }
        self.proxies = Some(proxies);
        Ok(())
    }

    /// Becomes readable when there is work.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }

    /// Does what can be done without waiting.
    pub fn dispatch(&mut self) {
        let Some(proxies) = &mut self.proxies else { return };
        let now = Instant::now();
        for (token, flags) in self.readiness.ready() {
            if udp::owns(token) {
                proxies.udp.handle(&self.readiness, token, now);
            } else {
                proxies.tcp.handle(&self.readiness, token, flags, now);
            }
        }
        proxies.tcp.resume(&self.readiness, now);
        proxies.udp.expire(now);
    }

    /// When `dispatch` has something to do even if nothing arrives.
    pub fn next_deadline(&self) -> Option<Instant> {
        let proxies = self.proxies.as_ref()?;
        [proxies.tcp.next_deadline(), proxies.udp.next_deadline()].into_iter().flatten().min()
    }

    /// Takes the ports' rules away. The ports themselves are free when this value is dropped.
    pub fn withdraw(&mut self) -> Result<()> {
        port_map::remove_ports(&std::mem::take(&mut self.mappings))
    }
}

impl Drop for Publish {
    fn drop(&mut self) {
        // Whoever wants to know what went wrong calls `withdraw` first; what stays is cleared with the container's address.
        let _ = self.withdraw();
    }
}

/// The kernel's share in a port. It has none on loopback, which nothing from outside reaches, and none in IPv6.
fn mapping(port: &BoundPort, container: Ipv4Addr) -> Option<PortMapping> {
    match port.address.ip() {
        IpAddr::V4(host) if !host.is_loopback() => Some(PortMapping {
            host,
            published: port.address.port(),
            protocol: port.protocol,
            container,
            target: port.target,
        }),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}
