//! How a refusal crosses into JavaScript: as data. Every function of the addon fails through here.

use std::io;

use kernel::error::KernelError;
use napi::Status;
use rustix::io::Errno;
use serde_json::json;

/// The refusal as an exception whose message is one JSON document, `{"code", "message", "hint"}`;
/// src/runtime/native-error.ts reads it back. Node-API has no room for a code of ours in an asynchronous failure.
pub fn crossing(error: &KernelError) -> napi::Error {
    let hint = error.hint.as_deref().or_else(|| hint_on(&error.cause));
    let document = json!({ "code": error.code, "message": error.to_string(), "hint": hint });
    napi::Error::new(Status::GenericFailure, document.to_string())
}

fn hint_on(cause: &io::Error) -> Option<&'static str> {
    (cause.raw_os_error() == Some(Errno::MFILE.raw_os_error())).then_some("raise \"ulimit -n\"")
}
