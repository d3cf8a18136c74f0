//! What holds for every command.

use std::path::PathBuf;

use crate::flags::Parsed;
use crate::words::{Failure, fail};

/// The options before the command.
#[derive(Debug)]
pub struct Global {
    /// Where containers are remembered.
    pub root: PathBuf,
    /// Where complaints go besides standard error.
    pub log: Option<PathBuf>,
    /// Whether they are written there as JSON.
    pub is_json: bool,
    /// Whether to say what is being done.
    pub is_debug: bool,
}

impl Global {
    /// Reads them.
    pub fn read(parsed: &Parsed) -> Result<Self, Failure> {
        if parsed.has("systemd-cgroup") {
            return Err(fail(
                "systemd cgroup support is not there: give \"cgroupsPath\" as a path and leave the flag out",
            ));
        }
        let format = parsed.value("log-format").unwrap_or("text");
        if !["text", "json"].contains(&format) {
            return Err(fail(format!("invalid log-format: {format}")));
        }
        if let Some(rootless) = parsed.value("rootless")
            && !["true", "false", "auto"].contains(&rootless)
        {
            return Err(fail(format!("invalid value \"{rootless}\" for flag -rootless: it is true, false or auto")));
        }
        let log = parsed.value("log").filter(|log| !log.is_empty()).map(PathBuf::from);
        let root = parsed.value("root").filter(|root| !root.is_empty()).map_or_else(default_root, PathBuf::from);
        let root = std::path::absolute(&root).map_err(|error| fail(format!("invalid --root: {error}")))?;
        Ok(Self { root, log, is_json: format == "json", is_debug: parsed.has("debug") })
    }
}

fn default_root() -> PathBuf {
    let own = std::env::var_os("XDG_RUNTIME_DIR").filter(|_| !rustix::process::geteuid().is_root());
    own.map_or_else(|| "/run/tscompose-runtime".into(), |directory| PathBuf::from(directory).join("tscompose-runtime"))
}
