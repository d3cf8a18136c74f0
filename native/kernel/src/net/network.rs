//! A network on this host: its bridge, its forwarding, its rules. Made when missing, left alone when there.

use std::fs;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::io::Errno;

use super::firewall;
use super::layout::{Layout, mac_of};
use super::link::{self, Bridge};
use super::netlink::{Batch, Netlink, is};
use super::nft::batch::{self, Transaction};
use super::nft::set::{Element, Set};
use super::nft::table::{self, BRIDGES, INTERNAL, SUBNETS, TABLE};
use super::port_map;
use super::route;
use crate::error::{KernelError, Result, Step};
use crate::spec::NetworkRecord;

const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

/// How often a change to the rules is tried again when other processes change them at the same moment.
const ATTEMPTS: u32 = 50;

/// Makes sure that the network is there, and returns warnings about what else on this host stands in its way.
pub fn ensure_network(record: &NetworkRecord) -> Result<Vec<String>> {
    let layout = Layout::of(record)?;
    ensure_bridge(&layout)?;
    if !layout.internal {
        ensure_forwarding()?;
    }
    ensure_rules(&layout)?;
    firewall::make_way()
}

/// Takes the network away, and the last one takes the table with it; done when nobody finds the bridge or a rule any more. This process can't end
/// for some 35 ms more: a thread waits within the kernel, which frees a bridge only after all processors have passed by (`rcu_barrier` of
/// `netdev_run_todo`). Our ends of the veth pairs go with the namespaces of the containers, which the kernel takes apart one batch after the other:
/// most often before the bridge, after many ends in a row up to 60 ms later.
pub fn remove_network(record: &NetworkRecord) -> Result<Remains> {
    let layout = Layout::of(record)?;
    let netfilter = Netlink::netfilter()?;
    let deletion = begin_deletion(&layout.bridge)?;
    remove_rules(&netfilter, &layout)?;
    if let Some(deletion) = deletion {
        finish_deletion(deletion, &layout.bridge)?;
    }
    Ok(Remains { _netfilter: netfilter })
}

/// What is better closed when nobody waits any more: with a socket that has removed rules the kernel first frees these, after all processors have
/// passed by (13 ms; `nft_rcv_nl_event`).
pub struct Remains {
    _netfilter: Netlink,
}

/// None where there is no bridge.
fn begin_deletion(bridge: &str) -> Result<Option<JoinHandle<Result<()>>>> {
    let netlink = Netlink::route()?;
    let Some(found) = link::find(&netlink, bridge)? else { return Ok(None) };
    let thread = thread::Builder::new().name("bridge".into()).spawn(move || link::delete_bridge(&netlink, &found));
    thread.map(Some).step(|| "start a thread that deletes a bridge")
}

fn finish_deletion(deletion: JoinHandle<Result<()>>, bridge: &str) -> Result<()> {
    while !deletion.is_finished() {
        if !link::is_listed(bridge)? {
            return Ok(());
        }
        thread::sleep(Duration::from_micros(200));
    }
    deletion.join().expect("the deletion of a bridge doesn't panic")
}

fn ensure_bridge(layout: &Layout) -> Result<()> {
    let netlink = Netlink::route()?;
    match link::find(&netlink, &layout.bridge)? {
        Some(found) if found.kind != "bridge" => Err(occupied(&layout.bridge)),
        Some(found) if found.up => Ok(()),
        Some(_) => configure_bridge(&netlink, layout),
        None => {
            let bridge = Bridge { name: &layout.bridge, mac: mac_of(layout.gateway), mtu: layout.mtu };
            match link::create_bridge(&netlink, &bridge) {
                // Somebody else is making it at this moment; all that follows can be done twice.
                Err(error) if is(&error, Errno::EXIST) => {}
                other => other?,
            }
            configure_bridge(&netlink, layout)
        }
    }
}

fn configure_bridge(netlink: &Netlink, layout: &Layout) -> Result<()> {
    // Containers have no IPv6 addresses yet: without this, the link-local one of the bridge would be their way into the host.
    let ipv6 = format!("/proc/sys/net/ipv6/conf/{}/disable_ipv6", layout.bridge);
    match fs::write(&ipv6, "1") {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        other => other.step(|| format!("write `{ipv6}`"))?,
    }
    let found = link::find(netlink, &layout.bridge)?;
    let bridge = found.ok_or_else(|| KernelError::new(format!("find the bridge `{}`", layout.bridge), Errno::NODEV))?;
    let mut batch = Batch::new();
    route::add_address(&mut batch, bridge.index, layout.gateway, layout.subnet);
    netlink.send(batch)?;
    link::set_up(netlink, &layout.bridge)
}

fn occupied(name: &str) -> KernelError {
    KernelError::new(format!("create the bridge `{name}`"), Errno::EXIST)
        .hint(format!("another interface has its name: `ip link show {name}`"))
}

fn ensure_forwarding() -> Result<()> {
    let now = fs::read_to_string(FORWARDING).step(|| format!("read `{FORWARDING}`"))?;
    if now.trim() == "0" { fs::write(FORWARDING, "1").step(|| format!("write `{FORWARDING}`")) } else { Ok(()) }
}

fn ensure_rules(layout: &Layout) -> Result<()> {
    let netlink = Netlink::netfilter()?;
    if batch::has_element(&netlink, TABLE, &BRIDGES, &pair(layout))? {
        return Ok(());
    }
    with_table(&netlink, |transaction| {
        for (set, elements) in elements_of(layout) {
            transaction.add_elements(set, &elements);
        }
        Ok(())
    })
}

/// Commits `changes`, after making the table when it is missing. A look is cheap, and a refused transaction is not: the kernel takes some 15 ms
/// to take it back.
pub(super) fn with_table(netlink: &Netlink, changes: impl Fn(&mut Transaction) -> Result<()>) -> Result<()> {
    let mut missing = !batch::has_table(netlink, TABLE)?;
    retry(|| {
        let mut transaction = Transaction::on(TABLE);
        if missing {
            table::create(&mut transaction);
        }
        changes(&mut transaction)?;
        match transaction.commit(netlink) {
            Err(error) if !missing && is(&error, Errno::NOENT) => {
                missing = true;
                Ok(None)
            }
            Err(error) if missing && is(&error, Errno::EXIST) => {
                missing = false;
                Ok(None)
            }
            other => other.map(Some),
        }
    })
}

/// Another process may change the rules between our look and our change: the kernel then refuses, and we look again.
fn remove_rules(netlink: &Netlink, layout: &Layout) -> Result<()> {
    let was_last = retry(|| {
        let mut transaction = Transaction::at_generation(TABLE, batch::generation(netlink)?);
        let is_last = plan_removal(netlink, layout, &mut transaction)?;
        match transaction.commit(netlink) {
            Err(error) if error.cause.raw_os_error() == Some(libc::ERESTART) => Ok(None),
            Err(error) if is(&error, Errno::NOENT) => Ok(Some(is_last)),
            other => other.map(|()| Some(is_last)),
        }
    })?;
    if was_last { firewall::close_way(netlink) } else { Ok(()) }
}

/// Whether nothing is left afterwards.
fn plan_removal(netlink: &Netlink, layout: &Layout, transaction: &mut Transaction) -> Result<bool> {
    let bridges = batch::elements(netlink, TABLE, &BRIDGES)?;
    let own = pair(layout);
    if bridges.iter().all(|bridge| *bridge == own) {
        transaction.delete_table();
        return Ok(true);
    }
    if bridges.contains(&own) {
        for (set, elements) in elements_of(layout) {
            transaction.delete_elements(set, &elements);
        }
    }
    for (set, elements) in port_map::leading_into(netlink, layout.subnet)? {
        transaction.delete_elements(set, &elements);
    }
    Ok(false)
}

fn elements_of(layout: &Layout) -> Vec<(&'static Set, Vec<Element>)> {
    let mut all = vec![(&BRIDGES, vec![pair(layout)]), (&SUBNETS, range(layout))];
    if layout.internal {
        all.push((&INTERNAL, vec![Element::of(interface(layout))]));
    }
    all
}

fn range(layout: &Layout) -> Vec<Element> {
    let first = Element::of(layout.subnet.first().octets().to_vec());
    let after = u32::from(layout.subnet.last()).checked_add(1);
    let end = after.map(|after| Element::end(after.to_be_bytes().to_vec()));
    [Some(first), end].into_iter().flatten().collect()
}

fn pair(layout: &Layout) -> Element {
    Element::of(interface(layout).repeat(2))
}

fn interface(layout: &Layout) -> Vec<u8> {
    let mut name = layout.bridge.as_bytes().to_vec();
    name.resize(libc::IFNAMSIZ, 0);
    name
}

/// Calls `attempt` until it answers something.
fn retry<T>(mut attempt: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    for _ in 0..ATTEMPTS {
        if let Some(done) = attempt()? {
            return Ok(done);
        }
    }
    Err(KernelError::new("change the nftables rules", Errno::BUSY)
        .hint("another program changes them all the time; try again"))
}
