//! The program of a container's process: its words made ready for the kernel, then executed.

use std::convert::Infallible;
use std::ffi::CString;
use std::io;

use super::report::Reporter;
use super::search;
use crate::error::{KernelError, Result};
use crate::oci::OciProcess;
use crate::process::user::Identity;

/// Docker's, for an environment that has none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program that is ready to be executed: nothing of it depends on the file system any more but the file itself.
#[derive(Debug)]
pub struct Program {
    arguments: Vec<CString>,
    environment: Vec<CString>,
    /// `PATH` of the container, not of the caller.
    path: String,
}

impl Program {
    /// Reads the words of the process. `HOME` is the user's own when none is given.
    pub fn read(process: &OciProcess, identity: &Identity) -> Result<Self> {
        let variable = |name: &str| process.env.iter().rev().find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
        let mut environment = last_of_each(&process.env).map(text).collect::<Result<Vec<_>>>()?;
        if variable("HOME").is_none_or(str::is_empty) {
            environment.retain(|one| !one.as_bytes().starts_with(b"HOME="));
            environment.push(text(&format!("HOME={}", identity.home))?);
        }
        let arguments = process.args.iter().map(|one| text(one)).collect::<Result<Vec<_>>>()?;
        if arguments.is_empty() {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "there is no command");
            return Err(
                KernelError::new("execute the program", cause).hint("the image has none: give the service a `command`")
            );
        }
        Ok(Self { arguments, environment, path: variable("PATH").unwrap_or(DEFAULT_PATH).to_owned() })
    }

    /// Its environment as text.
    pub fn environment(&self) -> Vec<String> {
        self.environment.iter().map(|one| one.to_string_lossy().into_owned()).collect()
    }

    /// Whether there is something to execute, as far as can be told without doing it.
    pub fn find(&self) -> Result<()> {
        search::find(&self.arguments, &self.path)
    }

    /// Replaces this process by the program, without anybody listening.
    pub fn execute_alone(&self) -> KernelError {
        search::execute(&self.arguments, &self.environment, &self.path)
    }

    /// Replaces this process. Returns only with the reason why it could not.
    pub fn execute(&self, reporter: &Reporter) -> Result<Infallible> {
        reporter.executing()?;
        Err(search::execute(&self.arguments, &self.environment, &self.path))
    }
}

/// Of variables that are set more than once, the last counts; programs differ in which one they find.
fn last_of_each(variables: &[String]) -> impl Iterator<Item = &str> {
    let name = |variable: &str| variable.split_once('=').map_or(variable.len(), |(name, _)| name.len());
    variables.iter().enumerate().filter_map(move |(at, variable)| {
        let prefix = &variable[..name(variable)];
        let again = |later: &String| later[..name(later)] == *prefix;
        (!variables[at + 1..].iter().any(again)).then_some(variable.as_str())
    })
}

fn text(word: &str) -> Result<CString> {
    CString::new(word).map_err(|_| {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "it holds a zero byte");
        KernelError::new(format!("use the word \"{}\"", word.escape_default()), cause)
    })
}
