//! An OCI runtime with runc's command line: engines and conformance suites of others drive our sandbox by it. ADR 15.

mod agent;
mod bundle;
mod commands;
mod complaint;
mod console;
mod container;
mod create;
mod defaults;
mod document;
mod flags;
mod global;
mod help;
mod record;
mod resources;
mod sockets;
mod stats;
mod store;
mod validate;
mod words;

use std::env;
use std::process::ExitCode;

use complaint::Log;
use dlmalloc::GlobalDlmalloc;
use flags::Parsed;
use global::Global;
use kernel::reexec::{self, Seal};
use words::{Failure, fail};

/// The C library that the program is linked with asks the kernel for each larger piece of memory, and gives it back at once.
#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut log = Log::default();
    match run(&arguments, &mut log) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if failure.is_plain {
                eprintln!("{}", failure.message);
            } else {
                log.error(&failure.message);
            }
            ExitCode::from(failure.exit_code)
        }
    }
}

fn run(arguments: &[String], log: &mut Log) -> Result<u8, Failure> {
    let parsed = flags::parse(help::GLOBAL, arguments, flags::Order::FlagsFirst)?;
    if parsed.has("version") {
        print!("{}", help::version());
        return Ok(0);
    }
    let Some((name, rest)) = parsed.rest.split_first().filter(|(name, _)| *name != "help" && *name != "h") else {
        return show_help(&parsed);
    };
    let global = Global::read(&parsed)?;
    *log = Log::open(&global)?;
    let command =
        help::command(name).ok_or_else(|| fail(format!("No help topic for '{name}': there is no such command")))?;
    let parsed = flags::parse(command.flags, rest, command.order)?;
    if parsed.has("help") {
        print!("{}", help::of_command(command));
        return Ok(0);
    }
    command.check(&parsed)?;
    // Before anything is read that can't be read twice: what a container sees of this program must not be writable.
    if ["create", "run", "exec"].contains(&command.name) {
        if reexec::protect(Seal::Overlay)? == Seal::Overlay {
            log.debug(&format!("{} exeseal: using overlayfs for sealed /proc/self/exe", help::program()));
        }
        log.debug(&format!("{} exeseal: using /proc/self/exe clone", help::program()));
    }
    commands::run(command.name, &global, &parsed, log)
}

fn show_help(parsed: &Parsed) -> Result<u8, Failure> {
    match parsed.rest.get(1) {
        None => print!("{}", help::of_program()),
        Some(name) => {
            let command = help::command(name).ok_or_else(|| fail(format!("No help topic for '{name}'")))?;
            print!("{}", help::of_command(command));
        }
    }
    Ok(0)
}
