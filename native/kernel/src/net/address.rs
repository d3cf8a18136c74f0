//! Which address and which hardware address a container gets. Pure.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;

use super::layout::{Layout, mac_of};
use super::link::Mac;
use crate::error::{KernelError, Result};

/// The addresses in use, each with the name of the container that holds it.
pub type Holders = HashMap<Ipv4Addr, String>;

/// The lowest free address, or the one that is wanted.
pub fn choose_address(layout: &Layout, holders: &Holders, wanted: Option<&str>) -> Result<Ipv4Addr> {
    match wanted.filter(|text| !text.is_empty()) {
        Some(text) => claim(layout, holders, text),
        None => lowest_free(layout, holders),
    }
}

fn claim(layout: &Layout, holders: &Holders, text: &str) -> Result<Ipv4Addr> {
    let refuse =
        |why: String| KernelError::new(format!("give the container the address `{text}`"), io::Error::other(why));
    let address: Ipv4Addr = text.parse().map_err(|_| refuse("it is not an IPv4 address".to_owned()))?;
    if let Some(holder) = holders.get(&address) {
        return Err(refuse(format!("the container `{holder}` has it")).code("address-taken"));
    }
    if address == layout.gateway {
        return Err(refuse("it is the network's gateway".to_owned()).code("address-taken"));
    }
    if !is_host(layout, address) {
        return Err(refuse(format!("it is not a host's address in the network's subnet `{}`", layout.subnet)));
    }
    Ok(address)
}

fn lowest_free(layout: &Layout, holders: &Holders) -> Result<Ipv4Addr> {
    let free =
        |address: &Ipv4Addr| is_host(layout, *address) && *address != layout.gateway && !holders.contains_key(address);
    layout.range.addresses().find(free).ok_or_else(|| {
        let step = format!("find a free address in `{}`", layout.range);
        KernelError::new(step, io::Error::other("all of them are in use")).code("pools-exhausted")
    })
}

/// The first and the last address of a subnet have meanings of their own.
fn is_host(layout: &Layout, address: Ipv4Addr) -> bool {
    let subnet = layout.subnet;
    subnet.contains(address) && address != subnet.first() && address != subnet.last()
}

/// The hardware address that goes with `address`; another one when somebody has taken that by name.
pub fn choose_mac(address: Ipv4Addr, taken: &[Mac]) -> Mac {
    let natural = mac_of(address);
    let variants = (natural[1]..=u8::MAX).map(|second| {
        let mut variant = natural;
        variant[1] = second;
        variant
    });
    variants.into_iter().find(|mac| !taken.contains(mac)).unwrap_or(natural)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(subnet: &str, range: &str) -> Layout {
        Layout {
            bridge: "tsctest".to_owned(),
            subnet: subnet.parse().unwrap(),
            gateway: Ipv4Addr::new(10, 0, 0, 1),
            range: range.parse().unwrap(),
            internal: false,
            mtu: None,
        }
    }

    fn holders(addresses: &[[u8; 4]]) -> Holders {
        addresses.iter().map(|octets| (Ipv4Addr::from(*octets), "app-db-1".to_owned())).collect()
    }

    #[test]
    fn the_lowest_free_address_is_chosen() {
        let layout = layout("10.0.0.0/24", "10.0.0.0/24");
        assert_eq!(choose_address(&layout, &holders(&[]), None).unwrap(), Ipv4Addr::new(10, 0, 0, 2));
        let taken = holders(&[[10, 0, 0, 2], [10, 0, 0, 4]]);
        assert_eq!(choose_address(&layout, &taken, Some("")).unwrap(), Ipv4Addr::new(10, 0, 0, 3));
    }

    #[test]
    fn a_range_is_used_to_its_edges() {
        let layout = layout("10.0.0.0/24", "10.0.0.8/30");
        let mut taken = Holders::new();
        for last in 8..12 {
            let address = choose_address(&layout, &taken, None).unwrap();
            assert_eq!(address, Ipv4Addr::new(10, 0, 0, last));
            taken.insert(address, "app-web-1".to_owned());
        }
        assert_eq!(choose_address(&layout, &taken, None).unwrap_err().code, "pools-exhausted");
    }

    #[test]
    fn a_wanted_address_is_given_or_the_reason_is() {
        let layout = layout("10.0.0.0/24", "10.0.0.0/24");
        let taken = holders(&[[10, 0, 0, 9]]);
        assert_eq!(choose_address(&layout, &taken, Some("10.0.0.77")).unwrap(), Ipv4Addr::new(10, 0, 0, 77));
        for (wanted, code, words) in [
            ("10.0.0.9", "address-taken", "`app-db-1` has it"),
            ("10.0.0.1", "address-taken", "gateway"),
            ("10.0.1.5", "refused", "`10.0.0.0/24`"),
            ("10.0.0.255", "refused", "`10.0.0.0/24`"),
            ("fd00::1", "refused", "not an IPv4 address"),
        ] {
            let error = choose_address(&layout, &taken, Some(wanted)).unwrap_err();
            assert_eq!(error.code, code, "{wanted}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_hardware_address_taken_by_name_is_not_given_twice() {
        let address = Ipv4Addr::new(10, 0, 0, 2);
        assert_eq!(choose_mac(address, &[]), [2, 0x42, 10, 0, 0, 2]);
        assert_eq!(choose_mac(address, &[[2, 0x42, 10, 0, 0, 2]]), [2, 0x43, 10, 0, 0, 2]);
    }
}
