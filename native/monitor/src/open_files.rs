//! How many files may be open: the monitor takes all it can get, for the connections that pass through it, and its programs
//! keep what it was given itself.

use kernel::oci::{OciProcess, OciRlimit};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const NAME: &str = "RLIMIT_NOFILE";

/// What the monitor was given.
#[derive(Debug, Clone)]
pub struct OpenFiles {
    given: Option<OciRlimit>,
}

impl OpenFiles {
    /// Raises the monitor's own limit as far as that needs no right.
    pub fn raise() -> Self {
        let given = getrlimit(Resource::Nofile);
        let raised = setrlimit(Resource::Nofile, Rlimit { current: given.maximum, maximum: given.maximum });
        let number = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        let (soft, hard) = (number(given.current), number(given.maximum));
        Self { given: raised.ok().map(|()| OciRlimit { kind: NAME.to_owned(), soft, hard }) }
    }

    /// Gives a program the limit back, unless it has one of its own.
    pub fn restore(&self, process: &mut OciProcess) {
        if !process.rlimits.iter().any(|limit| limit.kind == NAME) {
            process.rlimits.extend(self.given.clone());
        }
    }
}
