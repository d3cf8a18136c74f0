//! How a refusal crosses into JavaScript: as data. Every function of the addon fails through here.

use kernel::error::KernelError;
use napi::Status;
use serde_json::json;

/// The refusal as an exception whose message is one JSON document, `{"code", "message", "hint"}`;
/// src/runtime/native-error.ts reads it back. Node-API has no room for a code of ours in an asynchronous failure.
pub fn crossing(error: &KernelError) -> napi::Error {
    let document = json!({ "code": error.code, "message": error.to_string(), "hint": error.hint });
    napi::Error::new(Status::GenericFailure, document.to_string())
}
