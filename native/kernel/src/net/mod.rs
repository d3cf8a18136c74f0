//! Container networks: bridges and veth pairs by netlink, address translation by nf_tables, both spoken without other programs.

pub mod address;
pub mod attributes;
pub mod conntrack;
pub mod endpoint;
pub mod firewall;
pub mod layout;
pub mod link;
pub mod namespace;
pub mod netlink;
pub mod network;
pub mod nft;
pub mod port_map;
pub mod record;
pub mod repair;
pub mod resolver;
pub mod route;
pub mod subnet;
pub mod support;
