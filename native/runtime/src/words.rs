//! What goes wrong, in one sentence for a person or an engine, and the exit code that goes with it.

use kernel::error::KernelError;

use crate::help;

/// A command that did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// One sentence.
    pub message: String,
    /// 1, except where a program was to be run.
    pub exit_code: u8,
    /// It is said as the program would have said it, without a time before it.
    pub is_plain: bool,
}

impl Failure {
    /// Which command it was that failed, where its words are not a program's own.
    pub fn of_command(self, name: &str) -> Self {
        if self.is_plain {
            return self;
        }
        let message = format!("{} {name} failed: {}", help::program(), self.message);
        Self { message, ..self }
    }
}

/// A failure with exit code 1.
pub fn fail(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), exit_code: 1, is_plain: false }
}

impl From<KernelError> for Failure {
    fn from(error: KernelError) -> Self {
        let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        fail(format!("{error}{hint}"))
    }
}

/// Adds what was being done to whatever an `io`-like call answered.
pub trait While<T> {
    /// The sentence is `what: cause`.
    fn while_doing(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: std::fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|cause| fail(format!("{}: {cause}", what())))
    }
}

/// The failure of a program that was to be run: engines tell by the words whether it was there.
pub fn of_program(error: KernelError) -> Failure {
    let name = error.step.strip_prefix("execute ").unwrap_or_default().to_owned();
    let message = match error.code {
        "executable-not-found" if error.cause.raw_os_error().is_none() => {
            format!("exec: {name}: executable file not found in $PATH")
        }
        // The file is there, and what it names as its interpreter is not: the kernel's own words.
        "executable-not-found" if error.hint.is_some() => {
            let failure = fail(format!("exec {}: no such file or directory", name.trim_matches('"')));
            return Failure { is_plain: true, ..failure };
        }
        "executable-not-found" => format!("exec: {name}: no such file or directory"),
        "executable-denied" if error.cause.raw_os_error() == Some(libc::ENOEXEC) => {
            format!("exec {}: exec format error", name.trim_matches('"'))
        }
        "executable-denied" if error.cause.raw_os_error() == Some(libc::EISDIR) => {
            format!("exec: {name}: is a directory: permission denied")
        }
        "executable-denied" => format!("exec: {name}: permission denied"),
        _ => Failure::from(error).message,
    };
    fail(format!("unable to start container process: {message}"))
}
