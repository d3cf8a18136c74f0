//! The container's connections: its network namespace, its places on networks, its names and its published ports. They are made once and
//! survive restarts by policy; what was made is undone when the value is dropped.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::Instant;

use kernel::error::{Result, Step};
use kernel::net::endpoint::{AttachOptions, Attached, attach};
use kernel::net::namespace::create_netns;
use kernel::spec::{EndpointSpec, MonitorIdentity, MonitorSpec, NetworkSpec, PublishedPort};

use crate::complaint;
use crate::dns::{Dns, DnsOptions};
use crate::publish::Publish;
use crate::reactor::{READABLE, Reactor, Watched};
use crate::token::Token;

/// What connects one container.
pub struct Network {
    container_id: String,
    namespace: Option<OwnedFd>,
    attached: Attached,
    publish: Option<Machine<Publish>>,
    dns: Option<Machine<Dns>>,
}

/// A machine with an epoll instance of its own, and our watch on that.
struct Machine<M> {
    machine: M,
    _watch: Watched<OwnedFd>,
}

impl Network {
    /// Makes what the spec asks for. Ports come first: a port that is taken is told before anything else is done.
    pub fn connect(spec: &MonitorSpec, identity: &MonitorIdentity, reactor: &Reactor) -> Result<Self> {
        let publish = if spec.ports.is_empty() { None } else { Some(Publish::bind(&spec.ports)?) };
        let namespace = namespace_of(&spec.network)?;
        let (container_id, attached) = (spec.container_id.clone(), Attached::default());
        let mut network = Self { container_id, namespace, attached, publish: None, dns: None };
        if let (NetworkSpec::Networks { endpoints }, Some(netns)) = (&spec.network, &network.namespace) {
            network.attached = attach_all(spec, endpoints, identity, netns.as_fd())?;
            network.dns = Some(network.answer_names(spec, netns.as_fd(), reactor)?);
        }
        network.attached.warnings.iter().for_each(complaint::write);
        network.publish = network.forward(publish, reactor)?;
        Ok(network)
    }

    /// Ports of a container that is on internal networks alone lead nowhere; as with Docker they are not published.
    fn forward(&self, publish: Option<Publish>, reactor: &Reactor) -> Result<Option<Machine<Publish>>> {
        let (Some(mut machine), Some(address)) = (publish, self.attached.published_address()) else { return Ok(None) };
        machine.forward_to(address)?;
        let watch = watch(reactor, machine.fd(), Token::Publish)?;
        Ok(Some(Machine { machine, _watch: watch }))
    }

    fn answer_names(&self, spec: &MonitorSpec, netns: BorrowedFd<'_>, reactor: &Reactor) -> Result<Machine<Dns>> {
        let (places, host_file) = (self.attached.places.as_slice(), PathBuf::from("/etc/resolv.conf"));
        let machine = Dns::start(&DnsOptions { netns, places, spec: &spec.dns, host_file })?;
        let watch = watch(reactor, machine.fd(), Token::Dns)?;
        Ok(Machine { machine, _watch: watch })
    }

    /// Where the container lives; none is the host's.
    pub fn namespace(&self) -> Option<BorrowedFd<'_>> {
        self.namespace.as_ref().map(AsFd::as_fd)
    }

    /// The container's addresses.
    pub fn addresses(&self) -> Vec<Ipv4Addr> {
        self.attached.places.iter().map(|place| place.address).collect()
    }

    /// The places as `state.json` has them.
    pub fn endpoints(&self) -> Vec<kernel::spec::AttachedEndpoint> {
        self.attached.records()
    }

    /// The ports as they are really published.
    pub fn ports(&self) -> Vec<PublishedPort> {
        self.publish.as_ref().map(|publish| publish.machine.ports()).unwrap_or_default()
    }

    /// Lets the machines work.
    pub fn dispatch(&mut self) {
        if let Some(publish) = &mut self.publish {
            publish.machine.dispatch();
        }
        if let Some(dns) = &mut self.dns {
            dns.machine.dispatch();
        }
    }

    /// When they have something to do even if nothing arrives.
    pub fn next_deadline(&self) -> Option<Instant> {
        let publish = self.publish.as_ref().and_then(|publish| publish.machine.next_deadline());
        let dns = self.dns.as_ref().and_then(|dns| dns.machine.next_deadline());
        publish.into_iter().chain(dns).min()
    }

    /// Takes everything down; tries all of it.
    pub fn disconnect(&mut self) {
        if let Some(mut publish) = self.publish.take() {
            publish.machine.withdraw().unwrap_or_else(complaint::write);
        }
        self.dns = None;
        std::mem::take(&mut self.attached).detach(&self.container_id).unwrap_or_else(complaint::write);
        self.namespace = None;
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.disconnect();
    }
}

fn namespace_of(network: &NetworkSpec) -> Result<Option<OwnedFd>> {
    match network {
        NetworkSpec::Networks { .. } | NetworkSpec::None => create_netns().map(Some),
        NetworkSpec::Host => Ok(None),
        NetworkSpec::Container { pid } => {
            let path = format!("/proc/{pid}/ns/net");
            let file = File::open(&path).step(|| format!("join the network namespace `{path}`"));
            file.map(|file| Some(file.into())).map_err(|error| error.code("container-not-running"))
        }
    }
}

fn attach_all(
    spec: &MonitorSpec,
    endpoints: &[EndpointSpec],
    monitor: &MonitorIdentity,
    netns: BorrowedFd<'_>,
) -> Result<Attached> {
    let (container_id, container_name) = (&spec.container_id, &spec.container_name);
    attach(&AttachOptions { container_id, container_name, endpoints, monitor, netns })
}

fn watch(reactor: &Reactor, machine: BorrowedFd<'_>, token: Token) -> Result<Watched<OwnedFd>> {
    let twin = machine.try_clone_to_owned().step(|| "duplicate a descriptor")?;
    reactor.watch(twin, token.pack(), READABLE)
}
