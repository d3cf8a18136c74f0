//! Rules of nf_tables, written as the kernel's small machine runs them: load into a register, compare, decide.

use crate::net::attributes::Attributes;

const LIST_ELEMENT: u16 = 1;
const EXPRESSION_NAME: u16 = 1;
const EXPRESSION_DATA: u16 = 2;
const DATA_VALUE: u16 = 1;
const DATA_VERDICT: u16 = 2;
const VERDICT_CODE: u16 = 1;

/// A register of four bytes, 0 to 15. Longer values take the ones that follow.
#[derive(Clone, Copy)]
pub struct Register(pub u8);

impl Register {
    fn number(self) -> u32 {
        libc::NFT_REG32_00 as u32 + u32::from(self.0)
    }
}

const FIRST: Register = Register(0);

/// Where bytes of a packet are taken from.
#[derive(Clone, Copy)]
pub enum Header {
    /// The IP header.
    Network,
    /// The TCP or UDP header.
    Transport,
}

impl Header {
    fn number(self) -> u32 {
        match self {
            Self::Network => libc::NFT_PAYLOAD_NETWORK_HEADER as u32,
            Self::Transport => libc::NFT_PAYLOAD_TRANSPORT_HEADER as u32,
        }
    }
}

/// Some bytes of a packet.
#[derive(Clone, Copy)]
pub struct Field {
    /// The header that the offset counts from.
    pub header: Header,
    /// In bytes.
    pub offset: u32,
    /// In bytes.
    pub length: u32,
}

/// The source address of an IPv4 packet.
pub const SOURCE: Field = Field { header: Header::Network, offset: 12, length: 4 };
/// The destination address of an IPv4 packet.
pub const DESTINATION: Field = Field { header: Header::Network, offset: 16, length: 4 };
/// The source port of a TCP or UDP packet.
pub const SOURCE_PORT: Field = Field { header: Header::Transport, offset: 0, length: 2 };
/// The destination port of a TCP or UDP packet.
pub const DESTINATION_PORT: Field = Field { header: Header::Transport, offset: 2, length: 2 };

/// By this, rules of ours are known among those of others; `nft` and `iptables` show it as a comment (kind 0, its length, text and NUL).
pub const OURS: &[u8] = b"\x00\x0atscompose\x00";

/// One rule. Its methods read in the order in which the kernel works.
#[derive(Default)]
pub struct Rule {
    list: Attributes,
    is_ours: bool,
}

impl Rule {
    /// A rule that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with our mark: for a chain of somebody else.
    pub fn ours() -> Self {
        Self { is_ours: true, ..Self::default() }
    }

    pub(super) fn mark(&self) -> Option<&'static [u8]> {
        self.is_ours.then_some(OURS)
    }

    pub(super) fn expressions(&self) -> &[u8] {
        self.list.bytes()
    }

    /// Loads a fact about the packet (`NFT_META_…`) into a register.
    pub fn meta_into(self, key: i32, register: Register) -> Self {
        self.expression("meta", |data| {
            data.be32(1, register.number()).be32(2, key as u32);
        })
    }

    /// Loads a fact about the packet into the first register.
    pub fn meta(self, key: i32) -> Self {
        self.meta_into(key, FIRST)
    }

    /// Loads bytes of the packet into a register.
    pub fn field_into(self, field: Field, register: Register) -> Self {
        self.expression("payload", |data| {
            data.be32(1, register.number()).be32(2, field.header.number());
            data.be32(3, field.offset).be32(4, field.length);
        })
    }

    /// Loads bytes of the packet into the first register.
    pub fn field(self, field: Field) -> Self {
        self.field_into(field, FIRST)
    }

    /// Goes on when the first register begins with these bytes.
    pub fn is(self, bytes: &[u8]) -> Self {
        self.compare(libc::NFT_CMP_EQ, bytes)
    }

    /// Goes on when the first register does not begin with these bytes.
    pub fn is_not(self, bytes: &[u8]) -> Self {
        self.compare(libc::NFT_CMP_NEQ, bytes)
    }

    fn compare(self, operator: i32, bytes: &[u8]) -> Self {
        self.expression("cmp", |data| {
            data.be32(1, FIRST.number()).be32(2, operator as u32);
            data.nest(3, |value| {
                value.put(DATA_VALUE, bytes);
            });
        })
    }

    /// Keeps the bits of the first register that are set in `mask`.
    pub fn mask(self, mask: &[u8]) -> Self {
        let zeros = vec![0; mask.len()];
        self.expression("bitwise", |data| {
            data.be32(1, FIRST.number()).be32(2, FIRST.number()).be32(3, mask.len() as u32);
            for (kind, bytes) in [(4, mask), (5, &zeros[..])] {
                data.nest(kind, |value| {
                    value.put(DATA_VALUE, bytes);
                });
            }
        })
    }

    /// Goes on when the connection's state or status (`NFT_CT_…`) has one of these bits.
    pub fn connection_has(self, key: i32, bits: u32) -> Self {
        let loaded = self.expression("ct", |data| {
            data.be32(1, FIRST.number()).be32(2, key as u32);
        });
        loaded.mask(&bits.to_ne_bytes()).is_not(&[0; 4])
    }

    /// Goes on when the routing table knows the destination as an address of this kind (`RTN_…`).
    pub fn destination_is(self, kind: u8) -> Self {
        const RESULT_ADDRESS_TYPE: u32 = 3;
        const LOOK_UP_DESTINATION: u32 = 2;
        let loaded = self.expression("fib", |data| {
            data.be32(1, FIRST.number()).be32(2, RESULT_ADDRESS_TYPE).be32(3, LOOK_UP_DESTINATION);
        });
        loaded.is(&u32::from(kind).to_ne_bytes())
    }

    /// Goes on when what the registers from the first on hold is in the set.
    pub fn in_set(self, set: &str) -> Self {
        self.expression("lookup", |data| {
            data.text(1, set).be32(2, FIRST.number());
        })
    }

    /// Looks up what the registers from the first on hold, and loads what the map has for it; goes on when there is something.
    pub fn map_into(self, map: &str, register: Register) -> Self {
        self.expression("lookup", |data| {
            data.text(1, map).be32(2, FIRST.number()).be32(3, register.number());
        })
    }

    /// Sends the connection to the IPv4 address in this register, and the port in the next.
    pub fn dnat_to(self, address: Register) -> Self {
        self.expression("nat", |data| {
            data.be32(1, libc::NFT_NAT_DNAT as u32).be32(2, libc::NFPROTO_IPV4 as u32);
            data.be32(3, address.number()).be32(5, Register(address.0 + 1).number());
        })
    }

    /// Gives the connection the address of the interface that it leaves through.
    pub fn masquerade(self) -> Self {
        self.expression("masq", |_| {})
    }

    /// Loads constant bytes into the first register.
    pub fn constant(self, bytes: &[u8]) -> Self {
        self.expression("immediate", |data| {
            data.be32(1, FIRST.number()).nest(2, |value| {
                value.put(DATA_VALUE, bytes);
            });
        })
    }

    /// Overwrites bytes of the packet with the first register, and mends the checksum at this offset of the same header.
    pub fn rewrite(self, field: Field, checksum_offset: u32) -> Self {
        self.expression("payload", |data| {
            data.be32(5, FIRST.number()).be32(2, field.header.number()).be32(3, field.offset).be32(4, field.length);
            data.be32(6, libc::NFT_PAYLOAD_CSUM_INET as u32).be32(7, checksum_offset);
        })
    }

    /// Counts packets and bytes: some versions of `iptables` take no rule without for one of theirs.
    pub fn counter(self) -> Self {
        self.expression("counter", |_| {})
    }

    /// Lets the packet pass this chain.
    pub fn accept(self) -> Self {
        self.verdict(libc::NF_ACCEPT)
    }

    /// Drops the packet.
    pub fn drop(self) -> Self {
        self.verdict(libc::NF_DROP)
    }

    fn verdict(self, code: i32) -> Self {
        self.expression("immediate", |data| {
            data.be32(1, libc::NFT_REG_VERDICT as u32).nest(2, |value| {
                value.nest(DATA_VERDICT, |verdict| {
                    verdict.be32(VERDICT_CODE, code as u32);
                });
            });
        })
    }

    fn expression(mut self, name: &str, fill: impl FnOnce(&mut Attributes)) -> Self {
        self.list.nest(LIST_ELEMENT, |element| {
            element.text(EXPRESSION_NAME, name).nest(EXPRESSION_DATA, fill);
        });
        self
    }
}
