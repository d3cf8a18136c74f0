//! The end of a container that has lost its monitor: whatever runs in its control group goes, and the group with it.

use std::io;

use kernel::cgroup::Cgroup;
use kernel::error::{KernelError, Result};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::crossing;

/// Kills every process in the group of a container (`/tscompose/ID`) and removes it; done when it is not there.
#[napi(ts_return_type = "Promise<void>")]
pub fn kill_cgroup(path: String) -> AsyncTask<KillCgroup> {
    AsyncTask::new(KillCgroup { path })
}

/// Work of `killCgroup`.
pub struct KillCgroup {
    path: String,
}

impl Task for KillCgroup {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        kill(&self.path).map_err(|error| crossing(&error))
    }

    fn resolve(&mut self, _: Env, (): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(())
    }
}

fn kill(path: &str) -> Result<()> {
    refuse_foreign(path)?;
    let cgroup = Cgroup::open(path)?;
    cgroup.kill();
    cgroup.remove()
}

/// The path comes from a file. One that does not end in a container's id is not ours: `/` would be the whole machine.
fn refuse_foreign(path: &str) -> Result<()> {
    let is_id = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if path.starts_with('/') && !path.contains("..") && path.rsplit('/').next().is_some_and(is_id) {
        return Ok(());
    }
    let cause = io::Error::from(io::ErrorKind::InvalidInput);
    Err(KernelError::new(format!("kill the control group `{path}`"), cause).code("state-broken"))
}

#[cfg(test)]
mod tests {
    use super::refuse_foreign;

    #[test]
    fn only_the_group_of_a_container_is_killed() {
        let id = "0123456789abcdef".repeat(4);
        assert!(refuse_foreign(&format!("/tscompose/{id}")).is_ok());
        for foreign in ["/", "", "/tscompose", "/tscompose/", "/a/0123", &format!("/../{id}"), &id] {
            assert!(refuse_foreign(foreign).is_err(), "{foreign}");
        }
    }
}
