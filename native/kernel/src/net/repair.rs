//! Makes good what somebody has taken from networks in use: a firewall that is reloaded flushes everybody's rules.

use std::fs;
use std::path::Path;

use crate::error::Result;
use crate::net::{network, record};

/// Of all projects, as one rule alone may keep another's containers in. A network that can't be mended is no reason to stop here.
pub fn repair_networks(networks_dir: &Path) {
    let Ok(entries) = fs::read_dir(networks_dir) else { return };
    for entry in entries.flatten() {
        let _ = repair(&entry.path());
    }
}

/// Whoever holds the network's lock looks after it himself. It must not be made again while it goes.
fn repair(network_dir: &Path) -> Result<()> {
    if record::has_live_endpoint(network_dir)
        && let Some(_held) = record::try_lock(network_dir)?
        && record::has_live_endpoint(network_dir)
    {
        network::ensure_network(&record::read_network(network_dir)?)?;
    }
    Ok(())
}
