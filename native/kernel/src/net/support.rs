//! What this kernel can do for networks. Looks, and leaves nothing behind.

use rustix::io::Errno;

use super::link;
use super::netlink::{Netlink, is};
use super::nft::batch::{Table, Transaction};
use super::nft::table;
use crate::error::Result;

const PROBE: Table = Table::inet("tscompose-probe");

/// What is missing on this host, each as the user would look for it; empty when networks work.
pub fn missing() -> Result<Vec<String>> {
    let mut missing = Vec::new();
    let netlink = Netlink::route()?;
    for kind in ["bridge", "veth"] {
        match link::supports(&netlink, kind) {
            Ok(true) => {}
            Ok(false) => missing.push(format!("network interfaces of kind `{kind}` (kernel module `{kind}`)")),
            Err(error) if is(&error, Errno::PERM) => missing.push("the capability CAP_NET_ADMIN".to_owned()),
            Err(error) => return Err(error),
        }
    }
    missing.extend(missing_rules()?);
    missing.dedup();
    Ok(missing)
}

/// Plays our table through, with an impossible change at its end, so that the kernel takes all of it back.
fn missing_rules() -> Result<Option<String>> {
    let netlink = match Netlink::netfilter() {
        Err(error) if is(&error, Errno::PROTONOSUPPORT) => {
            return Ok(Some("nftables (kernel module `nf_tables`)".to_owned()));
        }
        other => other?,
    };
    let mut transaction = Transaction::on(PROBE);
    table::create(&mut transaction);
    transaction.create_table();
    Ok(match transaction.commit(&netlink) {
        Err(error) if is(&error, Errno::EXIST) => None,
        Err(error) if is(&error, Errno::PERM) => Some("the capability CAP_NET_ADMIN".to_owned()),
        Err(error) => Some(format!("nftables ({error})")),
        Ok(()) => None,
    })
}
