//! A container that was created: who its first process is, and what it is doing.

use std::fs;
use std::os::fd::OwnedFd;

use kernel::cgroup::Cgroup;
use kernel::identity;
use kernel::oci::OciSpec;
use kernel::sandbox::bundle::HookState;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::document;
use crate::global::Global;
use crate::record::{Record, Status};
use crate::store::Store;
use crate::words::{Failure, While, fail};

/// What is remembered of it, and where.
#[derive(Debug)]
pub struct Container {
    /// Its directory.
    pub store: Store,
    /// What is remembered.
    pub record: Record,
}

impl Container {
    /// Looks it up.
    pub fn load(global: &Global, id: &str) -> Result<Self, Failure> {
        let store = Store::of(global, id)?;
        let record = store.record()?;
        Ok(Self { store, record })
    }

    /// What it is doing now.
    pub fn status(&self) -> Status {
        let Some(init) = &self.record.init else { return Status::Creating };
        if !identity::is_alive(init) {
            return Status::Stopped;
        }
        if self.store.fifo().exists() {
            return Status::Created;
        }
        if self.cgroup().is_ok_and(|cgroup| cgroup.is_frozen()) { Status::Paused } else { Status::Running }
    }

    /// The number of the first process, while it lives.
    pub fn pid(&self) -> Option<i32> {
        self.record.init.as_ref().filter(|init| identity::is_alive(init)).map(|init| init.pid)
    }

    /// The first process, held and proven: the number can't have been given to another in between.
    pub fn process(&self) -> Result<OwnedFd, Failure> {
        let gone = || fail("container not running");
        let init = self.record.init.as_ref().ok_or_else(gone)?;
        let pid = Pid::from_raw(init.pid).ok_or_else(gone)?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|_| gone())?;
        if identity::is_alive(init) { Ok(pidfd) } else { Err(gone()) }
    }

    /// Its control groups.
    pub fn cgroup(&self) -> Result<Cgroup, Failure> {
        Ok(Cgroup::open(&self.record.cgroup_path)?)
    }

    /// The document that it was created from.
    pub fn document(&self) -> Result<OciSpec, Failure> {
        document::read(&self.store.document()?).while_doing(|| "read the container's document".to_owned())
    }

    /// Its state as hooks read it.
    pub fn hook_state(&self, status: Status) -> HookState<'_> {
        let Record { oci_version, id, bundle, annotations, init, .. } = &self.record;
        let pid = if status == Status::Stopped { 0 } else { init.as_ref().map_or(0, |init| init.pid) };
        HookState { oci_version, id, status: status.word(), pid, bundle, annotations }
    }
}

/// A name for a user number, where the host has one.
pub fn user_name(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| uid.to_string())
}
