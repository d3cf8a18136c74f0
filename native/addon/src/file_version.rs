//! Whether files are those that somebody has seen before. Many are asked about in one call.

use kernel::file_version::version_of;
use napi_derive::napi;

/// What tells the states of files and directories apart, for each path: see `kernel::file_version`.
#[napi]
pub fn file_versions(paths: Vec<String>) -> Vec<String> {
    paths.iter().map(version_of).collect()
}
