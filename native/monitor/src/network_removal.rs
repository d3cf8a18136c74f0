//! Takes a network off this host, as a process of its own: the kernel holds it for some time after the network is gone, and whoever asked need not
//! wait for that.

use std::os::fd::{FromRawFd, OwnedFd};
use std::process::ExitCode;
use std::{env, io};

use kernel::error::{Result, Step};
use kernel::net::network::{Remains, remove_network};

use crate::control::failure::Failure;
use crate::handshake;

/// Where we find the network's lock: should whoever asked be killed, nobody else makes the network meanwhile.
const LOCK: i32 = 3;

/// Answers like a monitor that starts a container, and leaves.
pub fn run(record: &str) -> ExitCode {
    // SAFETY: nothing else has been opened on purpose yet, and nobody but us knows this number.
    let lock = unsafe { OwnedFd::from_raw_fd(LOCK) };
    let removed = remove(record);
    drop(lock);
    match removed {
        Ok(_remains) => {
            handshake::done();
            ExitCode::SUCCESS
        }
        Err(error) => {
            handshake::fail(&Failure::from(&error));
            ExitCode::FAILURE
        }
    }
}

fn remove(record: &str) -> Result<Remains> {
    // No directory of whoever starts us is kept from being unmounted.
    env::set_current_dir("/").step(|| "go to \"/\"")?;
    let record = serde_json::from_str(record).map_err(io::Error::from).step(|| "read a network's record");
    remove_network(&record.map_err(|error| error.code("state-broken"))?)
}
