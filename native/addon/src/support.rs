//! What this kernel lacks for running containers at all.

use kernel::{chroot, features};
use napi::Result;
use napi_derive::napi;

use crate::error::crossing;

/// Something the kernel lacks, what it is needed for, and what the user can do.
#[napi(object)]
pub struct Lack {
    /// What it is called.
    pub feature: String,
    /// What it is needed for.
    pub needed_for: String,
    /// What the user can do.
    pub hint: String,
}

/// Everything that is lacking; empty on a kernel of use. Takes well below a millisecond.
#[napi]
pub fn host_support() -> Vec<Lack> {
    let lack = |one: features::Missing| Lack {
        feature: one.feature.to_owned(),
        needed_for: one.needed_for.to_owned(),
        hint: one.hint,
    };
    features::missing().into_iter().map(lack).collect()
}

/// Whether the root of this process is not that of its mount namespace. Only root can ask.
#[napi]
pub fn is_chrooted() -> Result<bool> {
    chroot::is_chrooted().map_err(|error| crossing(&error))
}
