//! Limits that few ask for: huge pages, the marks of network packets, and files of v2 by their own names.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::hierarchy::Hierarchy;
use super::write;
use crate::error::{KernelError, Result};
use crate::oci::{OciHugepageLimit, OciNetworkClass};

/// The page size is part of the file's name; `last` is the version's word for a limit.
pub fn set_huge_pages(directory: &Path, limits: &[OciHugepageLimit], last: &str) -> Result<()> {
    limits.iter().try_for_each(|one| {
        refuse_path(&one.page_size)?;
        let file = |what: &str| directory.join(format!("hugetlb.{}.{what}{last}", one.page_size));
        write(&file(""), &one.limit.to_string())?;
        // Pages that are promised and not used yet count too, where the kernel tells them apart.
        if file("rsvd.").exists() { write(&file("rsvd."), &one.limit.to_string()) } else { Ok(()) }
    })
}

/// Each hierarchy of v1 takes its part.
pub fn set_network(hierarchy: &Hierarchy, directory: &Path, network: &OciNetworkClass) -> Result<()> {
    if hierarchy.has("net_cls")
        && let Some(class) = network.class_id.filter(|&class| class != 0)
    {
        write(&directory.join("net_cls.classid"), &class.to_string())?;
    }
    if hierarchy.has("net_prio") {
        let set = |one: &crate::oci::OciInterfacePriority| {
            write(&directory.join("net_prio.ifpriomap"), &format!("{} {}", one.name, one.priority))
        };
        network.priorities.iter().try_for_each(set)?;
    }
    Ok(())
}

/// What is written where nobody but the document says what it means.
pub fn set_unified(directory: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    files.iter().try_for_each(|(name, value)| {
        refuse_path(name)?;
        value.lines().try_for_each(|line| write(&directory.join(name), line))
    })
}

fn refuse_path(name: &str) -> Result<()> {
    if !name.is_empty() && !name.contains('/') {
        return Ok(());
    }
    let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is a path");
    Err(KernelError::new(format!("use the control group file \"{name}\""), cause))
}
