//! Where notes are, as src/runtime/state/paths.ts has it.

use std::env;
use std::path::PathBuf;

use rustix::process::getuid;

/// None where nothing names a place.
pub fn of_this_user() -> Option<PathBuf> {
    run_dir(getuid().is_root(), |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

fn run_dir(is_root: bool, set: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let data_dir = || {
        let data_home = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
        set("TSCOMPOSE_DATA_DIR").or_else(|| Some(data_home()?.join("tscompose")))
    };
    let of_user =
        || set("XDG_RUNTIME_DIR").map(|home| home.join("tscompose")).or_else(|| Some(data_dir()?.join("run")));
    set("TSCOMPOSE_RUN_DIR").or_else(|| if is_root { Some("/run/tscompose".into()) } else { of_user() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(is_root: bool, variables: &[(&str, &str)]) -> Option<PathBuf> {
        run_dir(is_root, |name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn whoever_says_where_is_believed() {
        assert_eq!(with(true, &[("TSCOMPOSE_RUN_DIR", "/r"), ("TSCOMPOSE_DATA_DIR", "/d")]), Some("/r".into()));
        assert_eq!(with(true, &[("TSCOMPOSE_DATA_DIR", "/d")]), Some("/run/tscompose".into()));
        assert_eq!(with(false, &[("TSCOMPOSE_DATA_DIR", "/d")]), Some("/d/run".into()));
    }

    #[test]
    fn the_desktop_says_where_otherwise() {
        assert_eq!(
            with(false, &[("XDG_RUNTIME_DIR", "/run/user/1"), ("HOME", "/h")]),
            Some("/run/user/1/tscompose".into())
        );
        assert_eq!(with(false, &[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]), Some("/x/tscompose/run".into()));
        assert_eq!(with(false, &[("HOME", "/h")]), Some("/h/.local/share/tscompose/run".into()));
        assert_eq!(with(false, &[]), None);
    }
}
