//! Other firewalls of this host that would cut our traffic, between containers of one network too: with br_netfilter, what a bridge passes on is
//! asked about like what is routed. Docker's drops what it has no rule for, and is told that ours is our own table's to decide about. Others are
//! somebody's choice: of them it is only told.

use rustix::io::Errno;

use super::attributes;
use super::netlink::{Netlink, is};
use super::nft::batch::{self, Table, Transaction};
use super::nft::rule::Rule;
use super::nft::table::BRIDGE_PREFIX;
use crate::error::Result;

const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const HOOK_NUMBER: u16 = 1;

/// Where iptables, and Docker by way of it, keep their rules about forwarded packets.
const FILTER: Table = Table::ipv4("filter");
const FORWARD: &str = "FORWARD";
/// Docker's, which it never empties; where it is, the policy of `FORWARD` is Docker's too.
const DOCKERS_CHAIN: &str = "DOCKER-USER";

/// Lets packets of our bridges pass Docker's firewall, after all of its own rules. Returns one sentence for each other chain that drops forwarded
/// packets it has no rule for; it may have one for ours.
pub fn make_way() -> Result<Vec<String>> {
    let netlink = Netlink::netfilter()?;
    let chains: Vec<_> = batch::dump(&netlink, libc::NFT_MSG_GETCHAIN)?.iter().filter_map(Found::read).collect();
    let docker = chains.iter().any(|chain| chain.is_in(FILTER) && chain.name == DOCKERS_CHAIN);
    let (dockers, others): (Vec<_>, Vec<_>) = chains
        .iter()
        .filter(|chain| chain.drops_forwarded)
        .partition(|chain| docker && chain.is_in(FILTER) && chain.name == FORWARD);
    if !dockers.is_empty() && batch::rules(&netlink, FILTER, FORWARD)?.iter().all(|rule| !rule.is_ours) {
        let mut transaction = Transaction::on(FILTER);
        for rule in passes() {
            transaction.append_rule(FORWARD, &rule);
        }
        transaction.commit(&netlink)?;
    }
    Ok(others.iter().map(|chain| chain.warning()).collect())
}

/// Takes back what `make_way` has added; done when nothing is there.
pub fn close_way(netlink: &Netlink) -> Result<()> {
    let ours: Vec<_> = batch::rules(netlink, FILTER, FORWARD)?.into_iter().filter(|rule| rule.is_ours).collect();
    if ours.is_empty() {
        return Ok(());
    }
    let mut transaction = Transaction::on(FILTER);
    for rule in ours {
        transaction.delete_rule(FORWARD, rule.handle);
    }
    match transaction.commit(netlink) {
        // Somebody else was quicker.
        Err(error) if is(&error, Errno::NOENT) => Ok(()),
        other => other,
    }
}

fn passes() -> [Rule; 2] {
    [libc::NFT_META_IIFNAME, libc::NFT_META_OIFNAME]
        .map(|side| Rule::ours().meta(side).is(BRIDGE_PREFIX.as_bytes()).counter().accept())
}

/// A chain of somebody's.
struct Found {
    family: u8,
    table: String,
    name: String,
    /// IPv4 packets that no rule of it knows.
    drops_forwarded: bool,
}

impl Found {
    fn read((family, chain): &(u8, Vec<u8>)) -> Option<Self> {
        let text = |kind| attributes::find(chain, kind).map(attributes::text);
        let drops_forwarded = is_ipv4(*family) && drops_forwarded(chain);
        Some(Self { family: *family, table: text(CHAIN_TABLE)?, name: text(CHAIN_NAME)?, drops_forwarded })
    }

    fn is_in(&self, table: Table) -> bool {
        table.is(self.family, &self.table)
    }

    fn warning(&self) -> String {
        let Self { table, name, .. } = self;
        format!(
            "the chain `{name}` of the firewall's table `{table}` drops forwarded packets by default, which may cut containers off \
             from each other and from the outside: allow them with `iptables -I {name} -i tsc+ -j ACCEPT` and `iptables -I {name} -o tsc+ -j ACCEPT`"
        )
    }
}

fn is_ipv4(family: u8) -> bool {
    [libc::NFPROTO_IPV4, libc::NFPROTO_INET].contains(&i32::from(family))
}

fn drops_forwarded(chain: &[u8]) -> bool {
    let hook = attributes::find(chain, CHAIN_HOOK).and_then(|hook| attributes::find(hook, HOOK_NUMBER));
    let policy = attributes::find(chain, CHAIN_POLICY);
    hook == Some(&(libc::NF_INET_FORWARD as u32).to_be_bytes()[..])
        && policy == Some(&(libc::NF_DROP as u32).to_be_bytes()[..])
}
