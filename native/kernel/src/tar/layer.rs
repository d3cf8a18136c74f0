//! A layer in the store: `LAYERS/DIFF_ID/fs` in overlayfs form, with `layer.json` beside it. It is there whole or not
//! at all, and on the disk before its name is.

use super::digest::hex_of;
use super::header::malformed;
use super::source::Input;
use super::unpack::{Options, Temporary, Unpacked, unpack_into};
use crate::error::{KernelError, Result, Step};
use rustix::fs::{Mode, OFlags};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What the caller knows of the layer beforehand; anything else is refused.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// sha256 of the stream as it comes.
    pub digest: Option<String>,
    /// sha256 of the tar stream.
    pub diff_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    version: u32,
    diff_id: &'a str,
    size_bytes: u64,
    entries: u64,
}

/// Unpacks a layer into `layers`, a directory of the caller's.
pub fn unpack_layer(layers: &Path, input: Input, how: (&Expected, Options, &AtomicBool)) -> Result<Unpacked> {
    let (expected, options, cancelled) = how;
    let temporary = Temporary::beside(&layers.join("layer"))?;
    let fs = temporary.path().join("fs");
    rustix::fs::mkdir(&fs, Mode::RWXU).step(|| format!("make `{}`", fs.display()))?;
    let unpacked = unpack_into(&fs, input, (options, cancelled))?;
    check("digest", expected.digest.as_deref(), &unpacked.totals.digest)?;
    check("diff id", expected.diff_id.as_deref(), &unpacked.totals.diff_id)?;
    let diff_id = &unpacked.totals.diff_id;
    let record = Record { version: 1, diff_id, size_bytes: unpacked.content_bytes, entries: unpacked.entries };
    let json = serde_json::to_vec(&record).map_err(std::io::Error::from).step(|| "describe the layer")?;
    std::fs::write(temporary.path().join("layer.json"), json).step(|| "describe the layer")?;
    sync(temporary.path())?;
    let name = hex_of(diff_id).ok_or_else(|| malformed("its digest is malformed")).step(|| "name the layer")?;
    // Somebody else may have unpacked the same one meanwhile: theirs is as good.
    temporary.move_to_free(&layers.join(name))?;
    sync_directory(layers)?;
    Ok(unpacked)
}

fn check(what: &str, expected: Option<&str>, found: &str) -> Result<()> {
    match expected {
        Some(want) if want != found => {
            Err(KernelError::new("verify the layer", malformed(format!("{what} mismatch: want {want}, got {found}"))))
        }
        _ => Ok(()),
    }
}

/// Without this a power cut leaves files of no length under a name that promises the whole layer.
fn sync(directory: &Path) -> Result<()> {
    let fd = rustix::fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    fd.and_then(rustix::fs::syncfs).step(|| format!("sync `{}`", directory.display()))
}

fn sync_directory(directory: &Path) -> Result<()> {
    let fd = rustix::fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    fd.and_then(rustix::fs::fsync).step(|| format!("sync `{}`", directory.display()))
}
