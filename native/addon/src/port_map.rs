//! Published ports of a container that has lost its monitor.

use kernel::error::{KernelError, Result};
use kernel::net::port_map;
use napi_derive::napi;
use rustix::io::Errno;

use crate::error::crossing;

/// Forgets every published port that leads to this IPv4 address: whoever published it is gone. Takes well below a millisecond.
#[napi]
pub fn forget_address(address: String) -> napi::Result<()> {
    forget(&address).map_err(|error| crossing(&error))
}

fn forget(address: &str) -> Result<()> {
    let parsed = address
        .parse()
        .map_err(|_| KernelError::new(format!("read the address `{address}`"), Errno::INVAL).code("state-broken"))?;
    port_map::forget_address(parsed)
}
