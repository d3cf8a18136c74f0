//! Programs that a bundle asks to be run at six moments of a container's life.

use std::path::PathBuf;

use serde::Deserialize;

/// By the moment at which they run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct OciHooks {
    /// The older name of `create_runtime`.
    pub prestart: Vec<OciHook>,
    pub create_runtime: Vec<OciHook>,
    pub create_container: Vec<OciHook>,
    pub start_container: Vec<OciHook>,
    pub poststart: Vec<OciHook>,
    pub poststop: Vec<OciHook>,
}

/// One program.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciHook {
    pub path: PathBuf,
    /// With the program's own name first; without any, the path is the name.
    #[serde(default)]
    pub args: Vec<String>,
    #[serde(default)]
    pub env: Vec<String>,
    /// Seconds.
    pub timeout: Option<i64>,
}
