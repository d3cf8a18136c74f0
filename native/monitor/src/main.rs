//! One small process for each container: its parent, its log, its control socket, its names and ports. docs/monitor.md tells
//! the story.

mod attached;
mod backoff;
mod complaint;
mod control;
mod dns;
mod etc_files;
mod events;
mod foreign;
mod frames;
mod handshake;
mod health;
mod home;
mod keeper;
mod lifecycle;
mod lock;
mod log;
mod monitor;
mod network;
mod network_removal;
mod open_files;
mod outbox;
mod program;
mod publish;
mod reactor;
mod readiness;
mod removal;
mod sessions;
mod signals;
mod start;
mod state_file;
mod stopping;
mod streams;
mod token;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use attached::Attached;
use control::failure::Failure;
use dlmalloc::GlobalDlmalloc;
use kernel::error::Step;
use kernel::reexec::{self, Seal};

/// The C library that the program is linked with asks the kernel for each larger piece of memory, and gives it back at once.
#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

const USAGE: &str = "usage: tscompose-monitor run CONTAINER_DIR [ATTACHED]\n       tscompose-monitor --version";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", container_dir] => run(Path::new(container_dir), None),
        ["run", container_dir, attached] => run(Path::new(container_dir), Some(attached)),
        ["remove-network", record] => network_removal::run(record),
        ["probe", test @ ..] => health::connect::run(test),
        ["--version"] => {
            println!("tscompose-monitor {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(container_dir: &Path, attached: Option<&str>) -> ExitCode {
    // Executed from a descriptor, it has a number for a name.
    let _ = rustix::thread::set_name(c"tscompose-monit");
    // No directory of whoever starts us is kept from being unmounted.
    let started = env::set_current_dir("/")
        .step(|| "go to \"/\"")
        .and_then(|()| reexec::protect(Seal::Mount))
        .and_then(|_| attached.map(Attached::take).transpose())
        .map_err(|error| Failure::from(&error))
        .and_then(|attached| start::start(container_dir, attached.flatten()));
    match started {
        Ok(monitor) => {
            handshake::succeed(monitor.state.record());
            monitor.run().map_or_else(fail, |()| ExitCode::SUCCESS)
        }
        Err(failure) => {
            handshake::fail(&failure);
            ExitCode::FAILURE
        }
    }
}

/// The loop itself has failed: the container can't be watched any more, and ends with us.
fn fail(error: kernel::error::KernelError) -> ExitCode {
    complaint::write(error);
    ExitCode::FAILURE
}
