//! Networks of this host. A network arrives as the text of its record (`networks/ID/network.json`).

use std::path::Path;

use kernel::error::{KernelError, Result, Step};
use kernel::net::{network, repair, route, support};
use kernel::spec::NetworkRecord;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::crossing;

/// Makes sure that the network is there; cheap when it is. Answers with warnings about what stands in its way.
#[napi(ts_return_type = "Promise<Array<string>>")]
pub fn ensure_network(record: String) -> AsyncTask<EnsureNetwork> {
    AsyncTask::new(EnsureNetwork { record })
}

/// Makes good what somebody has taken from networks in use, whose records are below this directory. At once: where there is nothing to do, a thread
/// of its own would take longer to make.
#[napi]
pub fn repair_networks(networks_dir: String) {
    repair::repair_networks(Path::new(&networks_dir));
}

/// Every IPv4 subnet that this host has an address in or a route to (`192.168.1.0/24`), the default route aside.
#[napi]
pub fn host_subnets() -> napi::Result<Vec<String>> {
    let subnets = route::host_subnets().map_err(|error| crossing(&error))?;
    Ok(subnets.iter().map(ToString::to_string).collect())
}

/// What this kernel lacks for networks, each as the user would look for it; empty when nothing.
#[napi(ts_return_type = "Promise<Array<string>>")]
pub fn network_support() -> AsyncTask<NetworkSupport> {
    AsyncTask::new(NetworkSupport)
}

/// Work of `ensureNetwork`.
pub struct EnsureNetwork {
    record: String,
}

impl Task for EnsureNetwork {
    type Output = Vec<String>;
    type JsValue = Vec<String>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        read(&self.record).and_then(|record| network::ensure_network(&record)).map_err(|error| crossing(&error))
    }

    fn resolve(&mut self, _: Env, warnings: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(warnings)
    }
}

/// Work of `networkSupport`.
pub struct NetworkSupport;

impl Task for NetworkSupport {
    type Output = Vec<String>;
    type JsValue = Vec<String>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        support::missing().map_err(|error| crossing(&error))
    }

    fn resolve(&mut self, _: Env, missing: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(missing)
    }
}

fn read(record: &str) -> Result<NetworkRecord> {
    serde_json::from_str(record)
        .step(|| "read a network's record")
        .map_err(|error: KernelError| error.code("state-broken"))
}
