//! The way to the embedded DNS server inside a container's namespace: port 53 of 127.0.0.11 leads to wherever it listens.
//!
//! The ports are rewritten packet by packet. Translation by connection tracking would do as well, but it would track every
//! connection of the container from then on. Port 53 itself stays free for a server of the container's own.

use std::net::Ipv4Addr;

use super::netlink::Netlink;
use super::nft::batch::{Chain, Table, Transaction};
use super::nft::rule::{DESTINATION, DESTINATION_PORT, Rule, SOURCE, SOURCE_PORT};
use crate::error::Result;

/// Where containers find the server.
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

const DNS: u16 = 53;
const TABLE: Table = Table::ipv4("tscompose");
const CHAIN: Chain = Chain {
    name: "resolver",
    kind: "filter",
    hook: libc::NF_INET_LOCAL_OUT,
    priority: libc::NF_IP_PRI_RAW,
    policy: libc::NF_ACCEPT,
};

/// Where the checksum is in the UDP header, and in the TCP header.
const UDP_CHECKSUM: u32 = 6;
const TCP_CHECKSUM: u32 = 16;

/// The ports of 127.0.0.11 that the server really listens on.
#[derive(Clone, Copy, Debug)]
pub struct ResolverPorts {
    /// For UDP.
    pub udp: u16,
    /// For TCP.
    pub tcp: u16,
}

/// Sends what goes to port 53 there and brings the answers back, in the calling thread's network namespace.
pub fn redirect(ports: ResolverPorts) -> Result<()> {
    let mut transaction = Transaction::on(TABLE);
    transaction.create_table();
    transaction.create_chain(&CHAIN);
    for (protocol, port, checksum) in
        [(libc::IPPROTO_UDP, ports.udp, UDP_CHECKSUM), (libc::IPPROTO_TCP, ports.tcp, TCP_CHECKSUM)]
    {
        let of_protocol = || Rule::new().meta(libc::NFT_META_L4PROTO).is(&[protocol as u8]);
        let ask =
            of_protocol().field(DESTINATION).is(&RESOLVER.octets()).field(DESTINATION_PORT).is(&DNS.to_be_bytes());
        let answer = of_protocol().field(SOURCE).is(&RESOLVER.octets()).field(SOURCE_PORT).is(&port.to_be_bytes());
        let ask = ask.constant(&port.to_be_bytes()).rewrite(DESTINATION_PORT, checksum);
        let answer = answer.constant(&DNS.to_be_bytes()).rewrite(SOURCE_PORT, checksum);
        transaction.append_rule(CHAIN.name, &ask);
        transaction.append_rule(CHAIN.name, &answer);
    }
    transaction.commit(&Netlink::netfilter()?)
}
