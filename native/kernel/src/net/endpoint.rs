//! A container's place on its networks: an address, a record that says so, and a pair of interfaces.

use std::net::Ipv4Addr;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::address::{Holders, choose_address, choose_mac};
use super::layout::{Layout, format_mac, parse_mac};
use super::link::{self, Mac, VethPair};
use super::namespace::in_netns;
use super::netlink::{Batch, Netlink, is};
use super::network::ensure_network;
use super::{port_map, record, route};
use crate::error::{KernelError, Result, Step};
use crate::identity;
use crate::spec::{AttachedEndpoint, EndpointRecord, EndpointSpec, MonitorIdentity, NetworkRecord};

/// How the names of the ends on the host's side begin.
const HOST_END: &str = "tsv";

/// How often another name is tried for the host's end of a pair.
const ATTEMPTS: u32 = 8;

/// Who is attached to what.
pub struct AttachOptions<'a> {
    /// The container's id.
    pub container_id: &'a str,
    /// The container's name, for other containers and for error messages.
    pub container_name: &'a str,
    /// The networks; the first one that leads outside gets the default route.
    pub endpoints: &'a [EndpointSpec],
    /// Whose life the records are tied to.
    pub monitor: &'a MonitorIdentity,
    /// The container's network namespace.
    pub netns: BorrowedFd<'a>,
}

/// A container's attachments, in the order of its endpoints.
#[derive(Debug, Default)]
pub struct Attached {
    /// One for each endpoint.
    pub places: Vec<Place>,
    /// What else on this host stands in the way.
    pub warnings: Vec<String>,
}

/// Where a container is on one network.
#[derive(Clone, Debug)]
pub struct Place {
    /// `…/networks/ID`.
    pub network_dir: PathBuf,
    /// The network's id.
    pub network_id: String,
    /// The network's name.
    pub network_name: String,
    /// Whether the network leads nowhere else.
    pub internal: bool,
    /// The container's address there.
    pub address: Ipv4Addr,
    /// The container's hardware address there.
    pub mac: Mac,
}

impl Attached {
    /// Where published ports lead: the first network that leads outside. Internal networks publish nothing.
    pub fn published_address(&self) -> Option<Ipv4Addr> {
        self.places.iter().find(|place| !place.internal).map(|place| place.address)
    }

    /// The form in which `state.json` has it.
    pub fn records(&self) -> Vec<AttachedEndpoint> {
        let record = |place: &Place| AttachedEndpoint {
            network_id: place.network_id.clone(),
            network_name: place.network_name.clone(),
            ipv4_address: place.address.to_string(),
            mac_address: format_mac(place.mac),
        };
        self.places.iter().map(record).collect()
    }

    /// Removes the records. The interfaces go with the namespace.
    pub fn detach(&self, container_id: &str) -> Result<()> {
        let removals = self.places.iter().map(|place| record::remove_endpoint(&place.network_dir, container_id));
        removals.fold(Ok(()), Result::and)
    }
}

/// Puts the container on its networks. After a failure no record is left; what interfaces there are go with the namespace.
pub fn attach(options: &AttachOptions<'_>) -> Result<Attached> {
    let mut attached = Attached::default();
    for spec in options.endpoints {
        if let Err(error) = attach_one(options, spec, &mut attached) {
            // The first failure is the one to tell.
            let _ = attached.detach(options.container_id);
            let _ = record::remove_endpoint(&spec.network_dir, options.container_id);
            return Err(error);
        }
    }
    Ok(attached)
}

/// Clears away what a killed monitor has left of its container on this network; the ports first, as the address is free
/// as soon as the record is gone.
pub fn forget(network_dir: &Path, container_id: &str) -> Result<()> {
    let Ok(_lock) = record::lock(network_dir) else { return Ok(()) };
    let own = record::read_endpoints(network_dir)?.into_iter().filter(|one| one.container_id == container_id);
    for address in own.filter_map(|one| one.ipv4_address.parse().ok()) {
        port_map::forget_address(address)?;
    }
    record::remove_endpoint(network_dir, container_id)
}

fn attach_one(options: &AttachOptions<'_>, spec: &EndpointSpec, attached: &mut Attached) -> Result<()> {
    let _lock = record::lock(&spec.network_dir)?;
    let network = record::read_network(&spec.network_dir)?;
    let layout = Layout::of(&network)?;
    attached.warnings.extend(ensure_network(&network)?);
    let place = claim(options, spec, &network)?;
    let leads_outside = attached.published_address().is_none() && !layout.internal;
    let cable = Cable { netns: options.netns, interface: &spec.interface_name, layout: &layout, place: &place };
    cable.lay(leads_outside.then_some(layout.gateway))?;
    attached.places.push(place);
    Ok(())
}

/// Chooses the addresses and writes them down.
fn claim(options: &AttachOptions<'_>, spec: &EndpointSpec, network: &NetworkRecord) -> Result<Place> {
    let layout = Layout::of(network)?;
    let wanted = spec.ipv4_address.as_deref();
    let choose = |is_doubted: &dyn Fn(&EndpointRecord) -> bool| -> Result<_> {
        let others = living_endpoints(&spec.network_dir, options.container_id, is_doubted)?;
        let holder = |other: &EndpointRecord| Some((other.ipv4_address.parse().ok()?, other.container_name.clone()));
        let holders: Holders = others.iter().filter_map(holder).collect();
        Ok((choose_address(&layout, &holders, wanted)?, others))
    };
    let (address, others) = match choose(&|other| wanted == Some(other.ipv4_address.as_str())) {
        Err(error) if error.code == "pools-exhausted" => choose(&|_| true)?,
        found => found?,
    };
    let taken: Vec<Mac> = others.iter().filter_map(|other| parse_mac(&other.mac_address)).collect();
    let mac = match spec.mac_address.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => wanted_mac(text)?,
        None => choose_mac(address, &taken),
    };
    let endpoint = EndpointRecord {
        container_id: options.container_id.to_owned(),
        container_name: options.container_name.to_owned(),
        aliases: spec.aliases.clone(),
        ipv4_address: address.to_string(),
        mac_address: format_mac(mac),
        monitor: options.monitor.clone(),
    };
    record::write_endpoint(&spec.network_dir, &endpoint)?;
    Ok(Place {
        network_dir: spec.network_dir.clone(),
        network_id: network.network_id.clone(),
        network_name: network.network_name.clone(),
        internal: network.internal,
        address,
        mac,
    })
}

fn wanted_mac(text: &str) -> Result<Mac> {
    parse_mac(text).ok_or_else(|| {
        let cause = std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a MAC address");
        KernelError::new(format!("give the container the hardware address `{text}`"), cause)
            .hint("write it as `02:42:ac:12:00:02`")
    })
}

/// The others on this network. What killed monitors left behind is cleared away: their records, and their published ports. Where there are many, proof
/// of each life takes longer than all the rest, and is asked for only where there is a doubt.
fn living_endpoints(
    network_dir: &Path,
    container_id: &str,
    is_doubted: &dyn Fn(&EndpointRecord) -> bool,
) -> Result<Vec<EndpointRecord>> {
    let others = record::read_endpoints(network_dir)?.into_iter().filter(|other| other.container_id != container_id);
    let is_dead = |other: &EndpointRecord| {
        identity::is_gone(&other.monitor) || (is_doubted(other) && !identity::is_alive(&other.monitor))
    };
    let (dead, living): (Vec<_>, Vec<_>) = others.partition(is_dead);
    for endpoint in dead {
        if let Ok(address) = endpoint.ipv4_address.parse() {
            port_map::forget_address(address)?;
        }
        record::remove_endpoint(network_dir, &endpoint.container_id)?;
    }
    Ok(living)
}

/// The pair of interfaces between a container and a bridge.
struct Cable<'a> {
    netns: BorrowedFd<'a>,
    interface: &'a str,
    layout: &'a Layout,
    place: &'a Place,
}

impl Cable<'_> {
    /// Lays it, and returns when packets pass.
    fn lay(&self, gateway: Option<Ipv4Addr>) -> Result<()> {
        let (outside, inside) = (Netlink::route()?, in_netns(self.netns, Netlink::route)?);
        let host_end = self.create(&outside)?;
        self.configure(&inside, gateway)?;
        link::settle(&inside, self.interface)?;
        link::settle(&outside, &host_end)?;
        link::settle(&outside, &self.layout.bridge)
    }

    fn create(&self, outside: &Netlink) -> Result<String> {
        let bridge = index_of(outside, &self.layout.bridge)?;
        let mut attempt = 1;
        loop {
            let name = host_end_name()?;
            let (netns, peer_name, mtu) = (self.netns, self.interface, self.layout.mtu);
            let pair = VethPair { name: &name, bridge, netns, peer_name, peer_mac: self.place.mac, mtu };
            match link::create_veth(outside, &pair) {
                Err(error) if is(&error, Errno::EXIST) && attempt < ATTEMPTS => attempt += 1,
                other => return other.map(|()| name),
            }
        }
    }

    fn configure(&self, inside: &Netlink, gateway: Option<Ipv4Addr>) -> Result<()> {
        let index = index_of(inside, self.interface)?;
        let mut batch = Batch::new();
        route::add_address(&mut batch, index, self.place.address, self.layout.subnet);
        link::add_set_up(&mut batch, index);
        if let Some(gateway) = gateway {
            route::add_default_route(&mut batch, gateway);
        }
        inside.send(batch)
    }
}

fn index_of(netlink: &Netlink, name: &str) -> Result<u32> {
    let missing = || KernelError::new(format!("find the interface `{name}`"), Errno::NODEV);
    Ok(link::find(netlink, name)?.ok_or_else(missing)?.index)
}

/// A name nobody else will choose: the pair of a container that has just ended may still have the one made from its id.
fn host_end_name() -> Result<String> {
    let mut bytes = [0; 4];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).step(|| "read random bytes")?;
    Ok(format!("{HOST_END}{:08x}", u32::from_ne_bytes(bytes)))
}
