//! A network record with its texts understood: what the kernel is to be told about it.

use std::io;
use std::net::Ipv4Addr;

use super::link::Mac;
use super::nft::table::BRIDGE_PREFIX;
use super::subnet::Subnet;
use crate::error::{KernelError, Result, Step};
use crate::spec::NetworkRecord;

const MTU_OPTION: &str = "com.docker.network.driver.mtu";

/// What of a network record matters to the kernel.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The bridge's name.
    pub bridge: String,
    /// Where its containers have their addresses.
    pub subnet: Subnet,
    /// The bridge's own address.
    pub gateway: Ipv4Addr,
    /// The part of the subnet that addresses are chosen from.
    pub range: Subnet,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// The largest packet.
    pub mtu: Option<u32>,
}

impl Layout {
    /// Fails with `state-broken` when a text of the record is not what it should be.
    pub fn of(record: &NetworkRecord) -> Result<Self> {
        Self::read(record).map_err(|error| error.code("state-broken"))
    }

    fn read(record: &NetworkRecord) -> Result<Self> {
        let step = || format!("read the record of the network `{}`", record.network_name);
        let wrong = |what: &str, text: &str| {
            KernelError::new(step(), io::Error::new(io::ErrorKind::InvalidData, format!("`{text}` is not {what}")))
        };
        let subnet: Subnet = record.subnet.parse().step(step)?;
        let range = record.ip_range.as_deref().map_or(Ok(subnet), str::parse).step(step)?;
        let gateway = record.gateway.parse().map_err(|_| wrong("an IPv4 address", &record.gateway))?;
        if !record.bridge.starts_with(BRIDGE_PREFIX) || record.bridge.len() >= libc::IFNAMSIZ {
            return Err(wrong("a bridge of ours", &record.bridge));
        }
        let mtu = record.options.get(MTU_OPTION).map(|text| text.parse().map_err(|_| wrong("a packet size", text)));
        Ok(Self {
            bridge: record.bridge.clone(),
            subnet,
            gateway,
            range,
            internal: record.internal,
            mtu: mtu.transpose()?,
        })
    }
}

/// The hardware address that goes with an IPv4 address: a neighbour's cache is right again when the address is used again.
pub fn mac_of(address: Ipv4Addr) -> Mac {
    let [a, b, c, d] = address.octets();
    [0x02, 0x42, a, b, c, d]
}

/// `02:42:ac:12:00:02`.
pub fn format_mac(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

/// Reads `02:42:ac:12:00:02`, or with dashes.
pub fn parse_mac(text: &str) -> Option<Mac> {
    let bytes: Option<Vec<u8>> = text.split([':', '-']).map(parse_byte).collect();
    bytes?.try_into().ok()
}

fn parse_byte(pair: &str) -> Option<u8> {
    let two_digits = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    two_digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_addresses_are_read_as_they_are_written() {
        let mac = mac_of(Ipv4Addr::new(172, 18, 0, 2));
        assert_eq!(format_mac(mac), "02:42:ac:12:00:02");
        assert_eq!(parse_mac("02:42:AC:12:00:02"), Some(mac));
        for text in ["", "02:42:ac:12:00", "02:42:ac:12:00:02:03", "2:42:ac:12:0:2", "+2:42:ac:12:00:02"] {
            assert_eq!(parse_mac(text), None, "{text}");
        }
    }
}
