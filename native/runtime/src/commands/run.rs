//! `run`: create and start in one, and without `--detach` wait for the end.

use std::os::fd::OwnedFd;

use kernel::hooks;

use crate::bundle::Bundle;
use crate::complaint::Log;
use crate::console;
use crate::create::{Hold, Made, check_console, make};
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, of_program};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    let detaches = parsed.has("detach");
    check_console(parsed, Bundle::read(parsed)?.oci.process.terminal, detaches)?;
    let mut made = make(global, parsed, Hold::Not, log).map_err(|failure| failure.of_command("run"))?;
    let terminal: Option<OwnedFd> = made.created.terminal.take();
    if let Err(failure) = begin(&made) {
        made.created.abandon();
        let _ = super::delete::forget(&made.container, log);
        return Err(failure.of_command("run"));
    }
    if detaches {
        return Ok(0);
    }
    let code = console::accompany(&made.created.pidfd, terminal.as_ref())?;
    if !parsed.has("keep") {
        super::delete::forget(&made.container, log)?;
    }
    Ok(code)
}

fn begin(made: &Made) -> Result<(), Failure> {
    made.created.await_program().map_err(of_program)?;
    let state = hooks::state_json(&made.container.hook_state(Status::Running))?;
    hooks::run("poststart", &made.oci.hooks.poststart, &state)?;
    Ok(())
}
