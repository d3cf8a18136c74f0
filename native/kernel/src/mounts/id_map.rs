//! Idmapped mounts: files of the host show other owners in the container (mount_setattr(2), `MOUNT_ATTR_IDMAP`).

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use super::options::Options;
use super::{Attributes, Recursion, change};
use crate::error::{KernelError, Result, Step};
use crate::oci::OciMount;
use crate::sandbox::bundle::users;

const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;

/// Whether a mount is to be one. Only a process of the host's own namespaces can make it.
pub fn is_asked(mount: &OciMount) -> bool {
    let by_option = mount.options.iter().any(|option| option == "idmap" || option == "ridmap");
    by_option || !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty()
}

/// By the mount's own mappings, or else by those of the container's users.
pub fn apply(tree: &OwnedFd, mount: &OciMount, parsed: &Options<'_>, own_users: Option<BorrowedFd<'_>>) -> Result<()> {
    let has_own = !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty();
    if parsed.id_mapped.is_none() && !has_own {
        return Ok(());
    }
    let step = || format!("show other owners in the mount \"{}\"", mount.destination);
    let made;
    let namespace = if has_own {
        made = users::namespace_of(&mount.uid_mappings, &mount.gid_mappings)?;
        made.as_fd()
    } else {
        own_users.ok_or_else(|| {
            let cause = std::io::Error::from(std::io::ErrorKind::InvalidInput);
            KernelError::new(step(), cause).hint("give the mount mappings, or the container a user namespace")
        })?
    };
    let attributes = Attributes { set: MOUNT_ATTR_IDMAP, ..Attributes::default() };
    let recursion = parsed.id_mapped.unwrap_or(Recursion::Single);
    change(tree, attributes, u64::from(namespace.as_raw_fd().cast_unsigned()), recursion).step(step)
}
