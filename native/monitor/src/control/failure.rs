//! A refusal as it is told to clients: the `error` of an answer.

use kernel::error::KernelError;
use serde::Serialize;

/// A `DriverErrorCode` of src/driver/driver.ts, and words for people.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What a shell would say of a program that could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

impl Failure {
    /// A refusal of ours.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, exit_code: None }
    }

    /// A refusal of the kernel, when a program was to be started.
    pub fn of_start(error: &KernelError) -> Self {
        Self { exit_code: Some(kernel::sandbox::exit_code(error)), ..Self::from(error) }
    }
}

impl From<&KernelError> for Failure {
    fn from(error: &KernelError) -> Self {
        Self { code: error.code, message: error.to_string(), hint: error.hint.clone(), exit_code: None }
    }
}
