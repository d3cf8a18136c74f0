//! The path of a container's groups, which is the same in every hierarchy.

use std::io;

use crate::error::{KernelError, Result};

/// The path without the slash that it begins with. One that climbs would lead out of the hierarchies, and one that names no
/// group would mean all processes of the machine: a container's group is emptied and removed at its end.
pub fn below_root(path: &str) -> Result<&str> {
    let below = path.trim_start_matches('/');
    let mut parts = below.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    if parts.peek().is_none() {
        return Err(refused(path, "it names no group"));
    }
    if parts.any(|part| part == "..") {
        return Err(refused(path, "it has \"..\" in it"));
    }
    Ok(below)
}

fn refused(path: &str, why: &str) -> KernelError {
    KernelError::new(format!("use the control group \"{path}\""), io::Error::new(io::ErrorKind::InvalidInput, why))
        .hint("name a group by its path from the root of the hierarchy, such as \"/machine/web\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_from_the_root_of_the_hierarchy() {
        for (path, below) in [("/tscompose/web", "tscompose/web"), ("web", "web"), ("//a/..b", "a/..b")] {
            assert_eq!(below_root(path).expect("a group"), below);
        }
    }

    #[test]
    fn no_path_means_the_whole_machine_or_leads_out_of_the_hierarchy() {
        for path in ["", "/", "//", ".", "/./", "..", "/../etc", "/a/../../etc", "/a/..", "/.."] {
            assert!(below_root(path).is_err(), "{path}");
        }
    }
}
