//! What the kernel refused, and on which step.

use std::fmt;
use std::io;

/// A refusal: which verb failed, on what, and the kernel's answer.
#[derive(Debug)]
pub struct KernelError {
    /// The stable code of the error for the other side of the door (a `DriverErrorCode` of src/driver/driver.ts).
    pub code: &'static str,
    /// The verb that failed and its subject, as a user would search for it: ``mount `/proc` ``.
    pub step: String,
    /// The kernel's answer.
    pub cause: io::Error,
    /// What the user can do, when there is something.
    pub hint: Option<String>,
}

/// The result of every verb.
pub type Result<T> = std::result::Result<T, KernelError>;

impl KernelError {
    /// A refusal that needs no code of its own.
    pub fn new(step: impl Into<String>, cause: impl Into<io::Error>) -> Self {
        Self { code: "refused", step: step.into(), cause: cause.into(), hint: None }
    }

    /// The same refusal under a code that callers act on.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The same refusal with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.cause)
    }
}

impl std::error::Error for KernelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Adds the step to whatever an `io`-like call answered.
pub trait Step<T> {
    /// Names the step that failed; the name is only made when it did.
    fn step<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: Into<io::Error>> Step<T> for std::result::Result<T, E> {
    fn step<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|cause| KernelError::new(step(), cause))
    }
}
