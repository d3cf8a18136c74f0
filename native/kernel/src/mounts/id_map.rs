//! Idmapped mounts: files of the host show other owners in the container (mount_setattr(2), `MOUNT_ATTR_IDMAP`).

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use super::{Attributes, Recursion, change, options};
use crate::error::{KernelError, Result, Step};
use crate::oci::OciMount;
use crate::sandbox::bundle::users;

const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;

/// The user namespace of a mount that is to be one: of its own mappings, or else the container's. Only a process of the host's
/// own namespaces can make it.
pub fn owners(mount: &OciMount, own_users: Option<BorrowedFd<'_>>) -> Result<Option<OwnedFd>> {
    if !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty() {
        return users::namespace_of(&mount.uid_mappings, &mount.gid_mappings).map(Some);
    }
    if !mount.options.iter().any(|option| option == "idmap" || option == "ridmap") {
        return Ok(None);
    }
    let step = || format!("show other owners in the mount \"{}\"", mount.destination);
    let own = own_users.ok_or_else(|| {
        let cause = io::Error::from(io::ErrorKind::InvalidInput);
        KernelError::new(step(), cause).hint("give the mount mappings, or the container a user namespace")
    })?;
    own.try_clone_to_owned().step(step).map(Some)
}

/// Makes a detached copy one. That takes the right over the file system itself: a process in a user namespace of the
/// container's own lacks it, and leaves this to its parent.
pub fn apply(tree: &OwnedFd, owners: &OwnedFd, mount: &OciMount) -> Result<()> {
    let attributes = Attributes { set: MOUNT_ATTR_IDMAP, ..Attributes::default() };
    let parsed = options::parse(mount.options.iter().map(String::as_str));
    let recursion = parsed.id_mapped.unwrap_or(Recursion::Single);
    change(tree, attributes, u64::from(owners.as_raw_fd().cast_unsigned()), recursion)
        .step(|| format!("show other owners in the mount \"{}\"", mount.destination))
}
