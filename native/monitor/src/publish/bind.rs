//! Binding published ports: every address that one is published on, and the choice of a free number where there is one.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;

use kernel::error::{KernelError, Result, Step};
use kernel::spec::{PortSpec, Protocol, PublishedPort};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use super::datagram;
use super::holder::find_holder;

const BACKLOG: i32 = 4096;

/// How many free ports are asked for until one is free in IPv6 too.
const ATTEMPTS: u32 = 32;

/// One port of the container, bound on one address of the host.
pub struct BoundPort {
    /// Listening, if it is for TCP.
    pub socket: OwnedFd,
    /// The host's side.
    pub address: SocketAddr,
    /// The container's side.
    pub target: u16,
    /// The transport protocol of both.
    pub protocol: Protocol,
}

impl BoundPort {
    /// The form in which `state.json` has it.
    pub fn record(&self) -> PublishedPort {
        PublishedPort {
            host_ip: self.address.ip().to_string(),
            published: self.address.port(),
            target: self.target,
            protocol: self.protocol,
        }
    }
}

/// Binds one port on all its addresses.
pub fn bind_port(spec: &PortSpec) -> Result<Vec<BoundPort>> {
    let addresses = addresses_of(&spec.host_ip)?;
    if spec.start == 0 {
        return bind_any(spec, &addresses);
    }
    let mut outcome = bind_number(spec, &addresses, spec.start);
    for number in spec.start.saturating_add(1)..=spec.end {
        match outcome {
            Err(Refused { errno: Errno::ADDRINUSE, .. }) => outcome = bind_number(spec, &addresses, number),
            _ => break,
        }
    }
    outcome.map_err(|refused| explain(spec, &refused))
}

/// An address that could not be had, and why.
struct Refused {
    address: SocketAddr,
    errno: Errno,
}

fn bind_any(spec: &PortSpec, addresses: &[IpAddr]) -> Result<Vec<BoundPort>> {
    let mut attempt = 1;
    loop {
        match bind_number(spec, addresses, 0) {
            Err(Refused { errno: Errno::ADDRINUSE, .. }) if attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome.map_err(|refused| explain(spec, &refused)),
        }
    }
}

/// With the number 0 the first address gets any free port, and the others the same one.
fn bind_number(spec: &PortSpec, addresses: &[IpAddr], number: u16) -> std::result::Result<Vec<BoundPort>, Refused> {
    let mut bound: Vec<BoundPort> = Vec::new();
    for ip in addresses {
        let number = bound.first().map_or(number, |first| first.address.port());
        let wanted = SocketAddr::new(*ip, number);
        match open(wanted, spec.protocol) {
            Ok((socket, address)) => {
                bound.push(BoundPort { socket, address, target: spec.target, protocol: spec.protocol });
            }
            Err(errno) if spec.host_ip.is_empty() && ip.is_ipv6() && lacks_ipv6(errno) => {}
            Err(errno) => return Err(Refused { address: wanted, errno }),
        }
    }
    Ok(bound)
}

fn lacks_ipv6(errno: Errno) -> bool {
    matches!(errno, Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL)
}

fn open(address: SocketAddr, protocol: Protocol) -> rustix::io::Result<(OwnedFd, SocketAddr)> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let kind = match protocol {
        Protocol::Tcp => SocketType::STREAM,
        Protocol::Udp => SocketType::DGRAM,
    };
    let socket = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, true)?;
    }
    match protocol {
        // Connections that are still ending must not keep a restarted container from its port. Two listeners can't share one.
        Protocol::Tcp => sockopt::set_socket_reuseaddr(&socket, true)?,
        Protocol::Udp => datagram::ask_for_destination(&socket, address.is_ipv6())?,
    }
    rustix::net::bind(&socket, &address)?;
    if protocol == Protocol::Tcp {
        rustix::net::listen(&socket, BACKLOG)?;
    }
    let bound = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?;
    Ok((socket, bound))
}

/// Published on no address in particular: on all, in IPv4 and IPv6.
fn addresses_of(host_ip: &str) -> Result<Vec<IpAddr>> {
    let text = host_ip.trim_start_matches('[').trim_end_matches(']');
    if text.is_empty() {
        return Ok(vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]);
    }
    let parsed = text.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "it is not an IP address"));
    Ok(vec![parsed.step(|| format!("publish on `{host_ip}`"))?])
}

fn explain(spec: &PortSpec, refused: &Refused) -> KernelError {
    let protocol = match spec.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    };
    let address = refused.address;
    let range = (spec.end > spec.start).then(|| format!(" (the last of {}-{})", spec.start, spec.end));
    let error = KernelError::new(
        format!("publish port {}/{protocol} on `{address}`{}", spec.target, range.unwrap_or_default()),
        refused.errno,
    );
    match refused.errno {
        Errno::ADDRINUSE => error.code("port-taken").hint(match find_holder(address.port(), spec.protocol) {
            Some(holder) => format!("{holder} has it: stop that, or publish another port"),
            None => "stop what has it, or publish another port".to_owned(),
        }),
        Errno::ACCESS | Errno::PERM => error.code("port-forbidden").hint(
            "ports below 1024 are for root: publish a higher one, or lower `net.ipv4.ip_unprivileged_port_start`",
        ),
        Errno::ADDRNOTAVAIL => error.hint(format!("`{}` is not an address of this machine", address.ip())),
        _ => error,
    }
}
