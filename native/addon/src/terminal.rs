//! What Node can't ask of a terminal.

use std::os::fd::BorrowedFd;

use kernel::error::Step;
use napi_derive::napi;
use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcsetattr};

use crate::error::crossing;

/// What is written to the terminal reaches it as it is: Node's raw mode still puts a carriage return before each line feed.
#[napi]
pub fn pass_output_through(terminal: i32) -> napi::Result<()> {
    if terminal < 0 {
        return Ok(());
    }
    // SAFETY: the caller holds it open, and nothing here outlives the call.
    let terminal = unsafe { BorrowedFd::borrow_raw(terminal) };
    change(terminal).map_err(|error| crossing(&error))
}

fn change(terminal: BorrowedFd<'_>) -> kernel::error::Result<()> {
    let step = || "let output pass through the terminal";
    let mut modes = tcgetattr(terminal).step(step)?;
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(terminal, OptionalActions::Now, &modes).step(step)
}
