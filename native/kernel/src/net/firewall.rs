//! Other firewalls of this host that would cut our traffic. Looks, never touches.

use super::attributes;
use super::netlink::Netlink;
use super::nft::batch;
use crate::error::Result;

const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const HOOK_NUMBER: u16 = 1;

/// One sentence for each chain that drops forwarded packets it has no rule for. It may have a rule for ours: this is a warning.
pub fn obstacles() -> Result<Vec<String>> {
    let chains = batch::dump(&Netlink::netfilter()?, libc::NFT_MSG_GETCHAIN)?;
    let names: Vec<_> = chains.iter().filter_map(|(_, chain)| name_of(chain)).collect();
    let docker = names.iter().any(|(_, name)| name == "DOCKER-USER");
    let dropping = chains.iter().filter(|(family, chain)| is_ipv4(*family) && drops_forwarded(chain));
    Ok(dropping.filter_map(|(_, chain)| name_of(chain)).map(|(table, name)| warning(&table, &name, docker)).collect())
}

fn warning(table: &str, name: &str, docker: bool) -> String {
    let chain = if docker { "DOCKER-USER" } else { name };
    format!(
        "the chain `{name}` of the firewall's table `{table}` drops forwarded packets by default, which may cut containers off \
         from the outside: allow them with `iptables -I {chain} -i tsc+ -j ACCEPT` and `iptables -I {chain} -o tsc+ -j ACCEPT`"
    )
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

fn name_of(chain: &[u8]) -> Option<(String, String)> {
    let text = |kind| attributes::find(chain, kind).map(attributes::text);
    Some((text(CHAIN_TABLE)?, text(CHAIN_NAME)?))
}
