//! One file for each command.

mod create;
mod delete;
mod events;
mod exec;
mod features;
mod kill;
mod list;
mod pause;
mod ps;
mod run;
mod spec;
mod start;
mod state;
mod update;

use crate::complaint::Log;
use crate::flags::Parsed;
use crate::global::Global;
use crate::words::{Failure, fail};

/// Runs one and answers the exit code.
pub fn run(name: &str, global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    match name {
        "checkpoint" | "restore" => Err(fail(format!("{name} is not supported: a container can't be saved"))),
        "create" => create::run(global, parsed, log),
        "delete" => delete::run(global, parsed, log),
        "events" => events::run(global, parsed),
        "exec" => exec::run(global, parsed, log),
        "features" => features::run(),
        "kill" => kill::run(global, parsed),
        "list" => list::run(global, parsed),
        "pause" => pause::pause(global, parsed),
        "ps" => ps::run(global, parsed),
        "resume" => pause::resume(global, parsed),
        "run" => run::run(global, parsed, log),
        "spec" => spec::run(parsed),
        "start" => start::run(global, parsed, log),
        "state" => state::run(global, parsed),
        _ => update::run(global, parsed, log),
    }
}
