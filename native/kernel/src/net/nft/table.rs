//! The host's one table, `inet tscompose`: who may talk to whom, and which published port leads where.
//!
//! Connections from this host and from containers to published ports are no matter of these rules: the monitor's own sockets
//! take them. So nothing is translated on the way out, and `route_localnet` is never needed.

use super::batch::{Chain, Table, Transaction};
use super::rule::{DESTINATION, DESTINATION_PORT, Register, Rule, SOURCE};
use super::set::{Part, Set};

/// The table.
pub const TABLE: Table = Table::inet("tscompose");

/// How the names of our bridges begin.
pub const BRIDGE_PREFIX: &str = "tsc";

/// The subnets of all our networks.
pub const SUBNETS: Set = Set { name: "subnets", key: &[Part::Address], value: &[], ranges: true };

/// Each of our bridges, twice: packets that come in and go out through the same one.
pub const BRIDGES: Set = Set { name: "bridges", key: &[Part::Interface, Part::Interface], value: &[], ranges: false };

/// The bridges of internal networks.
pub const INTERNAL: Set = Set { name: "internal", key: &[Part::Interface], value: &[], ranges: false };

/// Ports published on every address.
pub const PORTS: Set =
    Set { name: "ports", key: &[Part::Protocol, Part::Port], value: &[Part::Address, Part::Port], ranges: false };

/// Ports published on one address.
pub const ADDRESS_PORTS: Set = Set {
    name: "address_ports",
    key: &[Part::Address, Part::Protocol, Part::Port],
    value: &[Part::Address, Part::Port],
    ranges: false,
};

const SETS: [&Set; 5] = [&SUBNETS, &BRIDGES, &INTERNAL, &PORTS, &ADDRESS_PORTS];

const GUARD: Chain = chain("guard", "filter", libc::NF_INET_PRE_ROUTING, libc::NF_IP_PRI_RAW);
const PUBLISH: Chain = chain("publish", "nat", libc::NF_INET_PRE_ROUTING, libc::NF_IP_PRI_NAT_DST);
const FORWARD: Chain = chain("forward", "filter", libc::NF_INET_FORWARD, libc::NF_IP_PRI_FILTER);
const LEAVE: Chain = chain("leave", "nat", libc::NF_INET_POST_ROUTING, libc::NF_IP_PRI_NAT_SRC);

const fn chain(name: &'static str, kind: &'static str, hook: i32, priority: i32) -> Chain {
    Chain { name, kind, hook, priority, policy: libc::NF_ACCEPT }
}

const IN: i32 = libc::NFT_META_IIFNAME;
const OUT: i32 = libc::NFT_META_OIFNAME;
const LOOPBACK: &[u8] = b"lo\0";
const OURS: &[u8] = BRIDGE_PREFIX.as_bytes();
const IPV4: &[u8] = &[libc::NFPROTO_IPV4 as u8];

/// `NF_CT_STATE_BIT` of established and of related connections.
const KNOWN_CONNECTION: u32 = 1 << 1 | 1 << 2;
/// `IPS_DST_NAT` of linux/netfilter/nf_conntrack_common.h.
const TRANSLATED: u32 = 1 << 5;

/// Adds the whole table, without elements.
pub fn create(transaction: &mut Transaction) {
    transaction.create_table();
    for (number, set) in (1..).zip(SETS) {
        transaction.create_set(set, number);
    }
    for (chain, rules) in [(GUARD, guard()), (PUBLISH, publish()), (FORWARD, forward()), (LEAVE, leave())] {
        transaction.create_chain(&chain);
        for rule in &rules {
            transaction.append_rule(chain.name, rule);
        }
    }
}

/// Nobody outside speaks to a container's address, or to 127.0.0.0/8, by sending it here.
fn guard() -> Vec<Rule> {
    vec![
        ipv4().meta(IN).is_not(LOOPBACK).field(DESTINATION).is(&[127]).drop(),
        ipv4().meta(IN).is_not(LOOPBACK).meta(IN).is_not(OURS).field(DESTINATION).in_set(SUBNETS.name).drop(),
    ]
}

/// What comes from outside to a published port goes to its container; the more specific address first.
fn publish() -> Vec<Rule> {
    let target = Register(8);
    let from_outside = || ipv4().meta(IN).is_not(LOOPBACK).meta(IN).is_not(OURS).destination_is(libc::RTN_LOCAL);
    vec![
        from_outside()
            .field_into(DESTINATION, Register(0))
            .meta_into(libc::NFT_META_L4PROTO, Register(1))
            .field_into(DESTINATION_PORT, Register(2))
            .map_into(ADDRESS_PORTS.name, target)
            .dnat_to(target),
        from_outside()
            .meta_into(libc::NFT_META_L4PROTO, Register(0))
            .field_into(DESTINATION_PORT, Register(1))
            .map_into(PORTS.name, target)
            .dnat_to(target),
    ]
}

/// Networks are kept apart from each other; into one come answers and published ports, out of an internal one comes nothing.
fn forward() -> Vec<Rule> {
    vec![
        Rule::new().meta(IN).is_not(OURS).meta(OUT).is_not(OURS).accept(),
        Rule::new().connection_has(libc::NFT_CT_STATE, KNOWN_CONNECTION).accept(),
        Rule::new().connection_has(libc::NFT_CT_STATUS, TRANSLATED).accept(),
        Rule::new().meta_into(IN, Register(0)).meta_into(OUT, Register(4)).in_set(BRIDGES.name).accept(),
        Rule::new().meta(IN).in_set(INTERNAL.name).drop(),
        Rule::new().meta(OUT).is(OURS).drop(),
    ]
}

/// What containers send outside carries this host's address. (Loopback: this host speaking to its own address on a bridge.)
fn leave() -> Vec<Rule> {
    vec![ipv4().field(SOURCE).in_set(SUBNETS.name).meta(OUT).is_not(OURS).meta(OUT).is_not(LOOPBACK).masquerade()]
}

fn ipv4() -> Rule {
    Rule::new().meta(libc::NFT_META_NFPROTO).is(IPV4)
}
