//! Sets and maps of nf_tables, and their elements.

use crate::net::attributes::{self, Attributes};

const LIST_ELEMENT: u16 = 1;
const DATA_VALUE: u16 = 1;
const SET_TABLE: u16 = 1;
const SET_NAME: u16 = 2;
const SET_FLAGS: u16 = 3;
const SET_KEY_TYPE: u16 = 4;
const SET_KEY_LENGTH: u16 = 5;
const SET_DATA_TYPE: u16 = 6;
const SET_DATA_LENGTH: u16 = 7;
const SET_ID: u16 = 10;
const SET_USERDATA: u16 = 13;
const LIST_TABLE: u16 = 1;
const LIST_SET: u16 = 2;
const LIST_ELEMENTS: u16 = 3;
const ELEMENT_KEY: u16 = 1;
const ELEMENT_DATA: u16 = 2;
const ELEMENT_FLAGS: u16 = 3;
const INTERVAL_END: u32 = 1;

/// Tells the `nft` program, and nobody else, how to show a name: kind 0 (the key's byte order), four bytes, the host's.
const HOST_BYTE_ORDER: [u8; 6] = [0, 4, 1, 0, 0, 0];

/// What a part of a key or value is. The numbers are those by which the `nft` program shows it.
#[derive(Clone, Copy)]
pub enum Part {
    /// An IPv4 address.
    Address,
    /// An IP protocol's number.
    Protocol,
    /// A port.
    Port,
    /// An interface's name.
    Interface,
}

impl Part {
    const fn number(self) -> u32 {
        match self {
            Self::Address => 7,
            Self::Protocol => 12,
            Self::Port => 13,
            Self::Interface => 41,
        }
    }

    const fn length(self) -> u32 {
        match self {
            Self::Interface => libc::IFNAMSIZ as u32,
            Self::Address | Self::Protocol | Self::Port => 4,
        }
    }
}

/// A set; with `value`, a map.
pub struct Set {
    /// Its name in the table.
    pub name: &'static str,
    /// What is looked up.
    pub key: &'static [Part],
    /// What is found; empty for a set.
    pub value: &'static [Part],
    /// Whether its elements are ranges, each given as its first key and an `Element::end`.
    pub ranges: bool,
}

/// One element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Element {
    /// All parts, each padded to four bytes.
    pub key: Vec<u8>,
    /// All parts; empty in a set.
    pub value: Vec<u8>,
    /// Whether it is the first key after a range.
    pub end: bool,
}

impl Element {
    /// An element of a set.
    pub fn of(key: Vec<u8>) -> Self {
        Self { key, value: Vec::new(), end: false }
    }

    /// An element of a map.
    pub fn mapping(key: Vec<u8>, value: Vec<u8>) -> Self {
        Self { key, value, end: false }
    }

    /// The first key after a range.
    pub fn end(key: Vec<u8>) -> Self {
        Self { key, value: Vec::new(), end: true }
    }

    fn write(&self, list: &mut Attributes) {
        list.nest(LIST_ELEMENT, |element| {
            element.nest(ELEMENT_KEY, |key| {
                key.put(DATA_VALUE, &self.key);
            });
            if !self.value.is_empty() {
                element.nest(ELEMENT_DATA, |value| {
                    value.put(DATA_VALUE, &self.value);
                });
            }
            if self.end {
                element.be32(ELEMENT_FLAGS, INTERVAL_END);
            }
        });
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value_of = |kind| attributes::find(bytes, kind).and_then(|data| attributes::find(data, DATA_VALUE));
        let flags = attributes::find(bytes, ELEMENT_FLAGS).and_then(|flags| flags.try_into().ok());
        Some(Self {
            key: value_of(ELEMENT_KEY)?.to_vec(),
            value: value_of(ELEMENT_DATA).unwrap_or_default().to_vec(),
            end: flags.map_or(0, u32::from_be_bytes) & INTERVAL_END != 0,
        })
    }
}

impl Set {
    pub(super) fn describe(&self, body: &mut Attributes, table: &str, number: u32) {
        let ranges = if self.ranges { libc::NFT_SET_INTERVAL } else { 0 };
        let map = if self.value.is_empty() { 0 } else { libc::NFT_SET_MAP };
        body.text(SET_TABLE, table).text(SET_NAME, self.name).be32(SET_FLAGS, (ranges | map) as u32);
        body.be32(SET_KEY_TYPE, type_of(self.key)).be32(SET_KEY_LENGTH, length_of(self.key));
        if !self.value.is_empty() {
            body.be32(SET_DATA_TYPE, type_of(self.value)).be32(SET_DATA_LENGTH, length_of(self.value));
        }
        body.be32(SET_ID, number);
        if let [Part::Interface] = self.key {
            body.put(SET_USERDATA, &HOST_BYTE_ORDER);
        }
    }

    pub(super) fn list(&self, body: &mut Attributes, table: &str, elements: &[Element]) {
        body.text(LIST_TABLE, table).text(LIST_SET, self.name);
        if elements.is_empty() {
            return;
        }
        body.nest(LIST_ELEMENTS, |list| {
            for element in elements {
                element.write(list);
            }
        });
    }

    pub(super) fn read(answer: &[u8]) -> Vec<Element> {
        let list = attributes::find(answer, LIST_ELEMENTS).unwrap_or_default();
        attributes::read(list).filter_map(|(_, element)| Element::read(element)).collect()
    }
}

fn type_of(parts: &[Part]) -> u32 {
    parts.iter().fold(0, |number, part| number << 6 | part.number())
}

fn length_of(parts: &[Part]) -> u32 {
    parts.iter().map(|part| part.length()).sum()
}
