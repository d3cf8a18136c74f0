//! Mount options as text, in mount(8)'s words: attributes of the mount, propagation, and what is left for the file system.

use rustix::mount::MountAttrFlags;

use super::{Attributes, Recursion};
use crate::oci::OciMount;

/// Options, sorted by who understands them.
#[derive(Debug, Default)]
pub struct Options<'a> {
    /// For the mount itself.
    pub attributes: Attributes,
    /// `rbind` instead of `bind`.
    pub bind_recursion: Option<Recursion>,
    /// `rro` instead of `ro`: what also holds for everything that is mounted below.
    pub recursive: Attributes,
    /// Whether the propagation is meant for what is mounted below too.
    pub propagation_recursion: Recursion,
    /// Nothing new is mounted: what is there changes its attributes.
    pub is_remount: bool,
    /// A new tmpfs is filled with what it would hide.
    pub copies_up: bool,
    /// The owners of files are shown as the mount's or the container's own mappings have them.
    pub id_mapped: Option<Recursion>,
    /// For the file system: a flag, or a key and value.
    pub parameters: Vec<(&'a str, Option<&'a str>)>,
}

pub(super) const NOATIME: u64 = 0x10;
pub(super) const STRICTATIME: u64 = 0x20;
/// `MOUNT_ATTR_NODIRATIME`.
pub(super) const NODIRATIME: u64 = 0x80;
/// The field of the three access-time modes.
pub const ATIME: u64 = 0x70;
/// `MOUNT_ATTR_RDONLY`.
pub const READ_ONLY: u64 = 0x1;
/// Words that say nothing to this kernel.
const WITHOUT_MEANING: [&str; 6] = ["defaults", "silent", "loud", "iversion", "noiversion", "nofail"];

/// Reads a list such as `["nosuid", "mode=755", "rprivate"]`.
pub fn parse<'a>(options: impl IntoIterator<Item = &'a str>) -> Options<'a> {
    let mut parsed = Options::default();
    for option in options {
        let for_all = option.strip_prefix('r').filter(|rest| read_attribute(rest, &mut parsed.recursive));
        if for_all.is_none()
            && !read_attribute(option, &mut parsed.attributes)
            && !read_propagation(option, &mut parsed)
        {
            read_word(option, &mut parsed);
        }
    }
    parsed
}

fn read_word<'a>(option: &'a str, parsed: &mut Options<'a>) {
    match option {
        "bind" => parsed.bind_recursion = Some(Recursion::Single),
        "rbind" => parsed.bind_recursion = Some(Recursion::Whole),
        "remount" => parsed.is_remount = true,
        "tmpcopyup" => parsed.copies_up = true,
        "idmap" => parsed.id_mapped = Some(Recursion::Single),
        "ridmap" => parsed.id_mapped = Some(Recursion::Whole),
        word if WITHOUT_MEANING.contains(&word) => {}
        _ => parsed.parameters.push(option.split_once('=').map_or((option, None), |(key, value)| (key, Some(value)))),
    }
}

/// Whether it changes what is mounted there instead of mounting something.
pub fn is_remount(mount: &OciMount) -> bool {
    mount.options.iter().any(|option| option == "remount")
}

/// The attributes in the form that fsmount(2) takes.
pub fn fsmount_flags(attributes: Attributes) -> MountAttrFlags {
    MountAttrFlags::from_bits_retain(u32::try_from(attributes.set).unwrap_or_default())
}

/// The same attributes, but writable.
pub fn without_read_only(attributes: Attributes) -> Attributes {
    Attributes { set: attributes.set & !READ_ONLY, ..attributes }
}

fn read_attribute(option: &str, attributes: &mut Attributes) -> bool {
    const TABLE: &[(&str, &str, u64)] = &[
        ("ro", "rw", 0x1),
        ("nosuid", "suid", 0x2),
        ("nodev", "dev", 0x4),
        ("noexec", "exec", 0x8),
        ("nodiratime", "diratime", NODIRATIME),
        ("nosymfollow", "symfollow", 0x20_0000),
    ];
    if let Some((_, _, flag)) = TABLE.iter().find(|(on, _, _)| *on == option) {
        attributes.set |= flag;
        return true;
    }
    if let Some((_, _, flag)) = TABLE.iter().find(|(_, off, _)| *off == option) {
        attributes.set &= !flag;
        attributes.clear |= flag;
        return true;
    }
    read_access_time(option, attributes)
}

/// The access-time modes are one field of the kernel's: setting one clears the others.
fn read_access_time(option: &str, attributes: &mut Attributes) -> bool {
    let mode = match option {
        "relatime" | "atime" | "norelatime" | "nostrictatime" => 0,
        "noatime" => NOATIME,
        "strictatime" => STRICTATIME,
        _ => return false,
    };
    attributes.clear |= ATIME;
    attributes.set = attributes.set & !ATIME | mode;
    true
}

fn read_propagation(option: &str, parsed: &mut Options<'_>) -> bool {
    parsed.attributes.propagation = match option {
        "private" | "rprivate" => libc::MS_PRIVATE,
        "slave" | "rslave" => libc::MS_SLAVE,
        "shared" | "rshared" => libc::MS_SHARED,
        "unbindable" | "runbindable" => libc::MS_UNBINDABLE,
        _ => return false,
    };
    let is_whole = option.starts_with('r');
    parsed.propagation_recursion = if is_whole { Recursion::Whole } else { Recursion::Single };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_goes_to_who_understands_it() {
        let parsed = parse(["nosuid", "strictatime", "mode=755", "size=65536k", "rbind", "rslave", "newinstance"]);
        assert_eq!(parsed.attributes.set, 0x2 | STRICTATIME);
        assert_eq!(parsed.attributes.propagation, libc::MS_SLAVE);
        assert_eq!(parsed.bind_recursion, Some(Recursion::Whole));
        assert_eq!(parsed.parameters, [("mode", Some("755")), ("size", Some("65536k")), ("newinstance", None)]);
    }

    #[test]
    fn the_last_word_counts() {
        let parsed = parse(["ro", "rw"]);
        assert_eq!((parsed.attributes.set, parsed.attributes.clear), (0, 1));
    }

    #[test]
    fn a_letter_in_front_of_an_attribute_speaks_of_everything_below() {
        let parsed = parse(["rbind", "rro", "rnosuid", "rnoatime", "relatime", "rprivate"]);
        assert_eq!((parsed.recursive.set, parsed.recursive.clear), (READ_ONLY | 0x2 | NOATIME, ATIME));
        assert_eq!((parsed.attributes.set, parsed.propagation_recursion), (0, Recursion::Whole));
        assert!(parsed.parameters.is_empty());
    }
}
