//! Who a container's program runs as: the words of the user or the image, looked up in the container's own files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;

use rustix::fs::OFlags;

use crate::error::{KernelError, Result};
use crate::oci::OciUser;
use crate::root;

/// A passwd or group file that is longer than this is no honest image's.
const LONGEST: u64 = 1 << 20;

/// Numbers for the kernel, and the home directory for the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Identity {
    pub uid: u32,
    pub gid: u32,
    /// Of a user who was looked up, holds `gid` too, so that permissions denied to the group can't be escaped.
    pub additional_gids: Vec<u32>,
    pub home: String,
}

/// Looks up `user[:group]`, names or numbers, and further groups. The empty string is root.
/// Fails with `user-unknown` when a name is in no file or a number is not one of the kernel's.
pub fn lookup(root: BorrowedFd<'_>, user: &str, group_add: &[String]) -> Result<Identity> {
    let files = Files { passwd: read(root, "/etc/passwd")?, group: read(root, "/etc/group")? };
    files.lookup(user, group_add)
}

/// The numbers of a document, which are taken as they are; only the home directory is looked up.
pub fn of_numbers(root: BorrowedFd<'_>, user: &OciUser) -> Result<Identity> {
    let passwd = read(root, "/etc/passwd").unwrap_or_default();
    let account = passwd.lines().filter_map(read_account).find(|account| account.uid == user.uid);
    let home = account.map_or("/", |account| if account.home.is_empty() { "/" } else { account.home }).to_owned();
    Ok(Identity { uid: user.uid, gid: user.gid, additional_gids: user.additional_gids.clone(), home })
}

struct Files {
    passwd: String,
    group: String,
}

struct Account<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
    home: &'a str,
}

impl Files {
    fn lookup(&self, user: &str, group_add: &[String]) -> Result<Identity> {
        let (user_part, group_part) = user.split_once(':').map_or((user, None), |(one, other)| (one, Some(other)));
        let user_part = if user_part.is_empty() { "0" } else { user_part };
        let account = self.account(user_part);
        let uid = match &account {
            Some(account) => account.uid,
            None => number(user_part).ok_or_else(|| unknown("user", user_part, "/etc/passwd"))?,
        };
        let named_group = group_part.filter(|group| !group.is_empty());
        let gid = match named_group {
            Some(group) => self.gid(group)?,
            None => account.as_ref().map_or(0, |account| account.gid),
        };
        let mut gids = vec![gid];
        // Groups of the group file belong to a user who came without a group of his own choice, as in Docker.
        if let (Some(account), None) = (&account, named_group) {
            gids.extend(self.memberships(account.name));
        }
        for group in group_add {
            gids.push(self.gid(group)?);
        }
        let mut seen = std::collections::BTreeSet::new();
        gids.retain(|gid| seen.insert(*gid));
        let home = account.map_or("/", |account| if account.home.is_empty() { "/" } else { account.home });
        Ok(Identity { uid, gid, additional_gids: gids, home: home.to_owned() })
    }

    /// A name first; digits may be a name too, but then the number is meant unless the file has that very name.
    fn account(&self, user: &str) -> Option<Account<'_>> {
        let accounts = || self.passwd.lines().filter_map(read_account);
        accounts().find(|account| account.name == user).or_else(|| {
            let uid = number(user)?;
            accounts().find(|account| account.uid == uid)
        })
    }

    fn gid(&self, group: &str) -> Result<u32> {
        let named = self.group.lines().filter_map(read_group).find(|(name, _, _)| *name == group);
        match named {
            Some((_, gid, _)) => Ok(gid),
            None => number(group).ok_or_else(|| unknown("group", group, "/etc/group")),
        }
    }

    fn memberships<'a>(&'a self, name: &'a str) -> impl Iterator<Item = u32> + 'a {
        let groups = self.group.lines().filter_map(read_group);
        groups.filter(move |(_, _, members)| members.split(',').any(|one| one == name)).map(|(_, gid, _)| gid)
    }
}

/// `name:password:uid:gid:comment:home:shell`
fn read_account(line: &str) -> Option<Account<'_>> {
    let mut fields = line.split(':');
    let (name, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    Some(Account { name, uid: number(uid)?, gid: number(gid)?, home: fields.nth(1).unwrap_or_default() })
}

/// `name:password:gid:members`
fn read_group(line: &str) -> Option<(&str, u32, &str)> {
    let mut fields = line.split(':');
    let (name, _, gid) = (fields.next()?, fields.next()?, fields.next()?);
    Some((name, number(gid)?, fields.next().unwrap_or_default()))
}

/// Decimal digits only, and no more than the kernel's largest (the all-ones value means "leave it" to setuid).
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u32>().ok().filter(|&value| digits && value <= i32::MAX.cast_unsigned())
}

fn unknown(what: &str, name: &str, file: &str) -> KernelError {
    let cause = io::Error::new(io::ErrorKind::NotFound, format!("the image's {file} has no such {what}"));
    KernelError::new(format!("find the {what} \"{name}\""), cause)
        .code("user-unknown")
        .hint(format!("use a {what} that the image has, or a number from 0 to 2147483647"))
}

/// A missing file has no entries. Anything but a regular file could keep us waiting for ever.
fn read(root: BorrowedFd<'_>, path: &str) -> Result<String> {
    let Ok(descriptor) = root::open(root, path, OFlags::RDONLY | OFlags::NONBLOCK) else { return Ok(String::new()) };
    let refuse = |why: &str| KernelError::new(format!("read the image's {path}"), io::Error::other(why.to_owned()));
    let file = File::from(descriptor);
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(refuse("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| KernelError::new(format!("read the image's {path}"), error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(refuse("it is longer than 1 MiB"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files {
            passwd: "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/false\n77:x:5:5::/odd:\nbroken\n".into(),
            group: "root:x:0:\nweb:x:33:\nlogs:x:4:web,other\nmore:x:9:web\n".into(),
        }
    }

    fn ids(user: &str, group_add: &[&str]) -> std::result::Result<(u32, u32, Vec<u32>, String), &'static str> {
        let group_add: Vec<String> = group_add.iter().map(|&group| group.to_owned()).collect();
        let found = files().lookup(user, &group_add).map_err(|error| error.code)?;
        Ok((found.uid, found.gid, found.additional_gids, found.home))
    }

    #[test]
    fn names_and_numbers_become_who_they_mean() {
        assert_eq!(ids("", &[]), Ok((0, 0, vec![0], "/root".into())));
        assert_eq!(ids("web", &[]), Ok((33, 33, vec![33, 4, 9], "/var/www".into())));
        assert_eq!(ids("33", &[]), Ok((33, 33, vec![33, 4, 9], "/var/www".into())));
        assert_eq!(ids("web:logs", &[]), Ok((33, 4, vec![4], "/var/www".into())));
        assert_eq!(ids("1234:5678", &["more", "4"]), Ok((1234, 5678, vec![5678, 9, 4], "/".into())));
        assert_eq!(ids("1234", &[]), Ok((1234, 0, vec![0], "/".into())));
        assert_eq!(ids(":web", &[]), Ok((0, 33, vec![33], "/root".into())));
        assert_eq!(ids("77", &[]), Ok((5, 5, vec![5], "/odd".into())));
    }

    #[test]
    fn what_is_no_user_is_refused_and_never_wraps_to_root() {
        for user in
            ["nobody", "4294967296", "2147483648", "-1", "0x0", "1e3", " 1", "1 ", "99999999999", "web:nogroup", "+0"]
        {
            assert_eq!(ids(user, &[]), Err("user-unknown"), "{user}");
        }
        assert_eq!(ids("web", &["nogroup"]), Err("user-unknown"));
    }
}
