//! IPv4 subnets in CIDR notation. Pure.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An IPv4 address and how many of its leading bits name the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subnet {
    address: u32,
    /// 0 to 32.
    pub prefix: u8,
}

impl Subnet {
    /// The subnet that `address` is in; `None` when the prefix is above 32.
    pub fn around(address: Ipv4Addr, prefix: u8) -> Option<Self> {
        (prefix <= 32).then(|| Self { address: u32::from(address) & mask(prefix), prefix })
    }

    /// The lowest address: the subnet's name.
    pub fn first(self) -> Ipv4Addr {
        self.address.into()
    }

    /// The highest address: where broadcasts go.
    pub fn last(self) -> Ipv4Addr {
        (self.address | !mask(self.prefix)).into()
    }

    /// Whether the address is in it.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.prefix) == self.address
    }

    /// All addresses, in order.
    pub fn addresses(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.address..=u32::from(self.last())).map(Ipv4Addr::from)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Subnet {
    type Err = std::io::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || std::io::Error::new(std::io::ErrorKind::InvalidInput, format!("`{text}` is not an IPv4 subnet"));
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address = address.parse().map_err(|_| wrong())?;
        Self::around(address, prefix.parse().map_err(|_| wrong())?).ok_or_else(wrong)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_knows_its_edges() {
        let subnet: Subnet = "172.18.5.9/16".parse().unwrap();
        assert_eq!(subnet.to_string(), "172.18.0.0/16");
        assert_eq!(subnet.last(), Ipv4Addr::new(172, 18, 255, 255));
        assert!(subnet.contains(Ipv4Addr::new(172, 18, 4, 4)));
        assert!(!subnet.contains(Ipv4Addr::new(172, 19, 0, 0)));
        assert_eq!(subnet.addresses().nth(1), Some(Ipv4Addr::new(172, 18, 0, 1)));
    }

    #[test]
    fn the_widest_and_narrowest_subnets_are_fine() {
        assert_eq!("0.0.0.0/0".parse::<Subnet>().unwrap().last(), Ipv4Addr::BROADCAST);
        assert_eq!("10.0.0.4/32".parse::<Subnet>().unwrap().addresses().count(), 1);
        assert_eq!("255.255.255.252/30".parse::<Subnet>().unwrap().addresses().count(), 4);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/64", "10.0.0.0/-1"] {
            assert!(text.parse::<Subnet>().is_err(), "{text}");
        }
    }
}
