//! `create`: everything up to the program, which waits for `start`.

use crate::bundle::Bundle;
use crate::complaint::Log;
use crate::create::{Hold, check_console, make};
use crate::flags::Parsed;
use crate::global::Global;
use crate::words::Failure;

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    check_console(parsed, Bundle::read(parsed)?.oci.process.terminal, true)?;
    make(global, parsed, Hold::Until, log).map_err(|failure| failure.of_command("create"))?;
    Ok(0)
}
