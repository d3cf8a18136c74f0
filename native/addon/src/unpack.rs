//! Unpacking of archives, and the removal of what was unpacked. Requests arrive as JSON; each runs on a thread of
//! Node's pool, and can be cancelled by the ticket it was given.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::error::{KernelError, Result, Step};
use kernel::tar::layer::{Expected, unpack_layer as unpack_layer_of};
use kernel::tar::place::Owners;
use kernel::tar::remove::remove_path;
use kernel::tar::source::{Compression, Input, Limits};
use kernel::tar::unpack::{Form, Options, Unpacked, unpack};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::json;

use crate::error::crossing;

/// `UnpackRequest` of src/runtime/native.ts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    ticket: u32,
    source: Source,
    target: Target,
    owners: OwnersWord,
    limits: Option<LimitsRequest>,
    compression: Option<String>,
    digest: Option<String>,
    diff_id: Option<String>,
    copy_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Source {
    Path(String),
    Descriptor(i32),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Target {
    /// A directory of layers; the new one is named by its diff id.
    Layers(String),
    /// A directory that is not there yet; whiteouts are names like any other.
    Directory(String),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum OwnersWord {
    Archive,
    Caller,
}

#[derive(Deserialize)]
struct LimitsRequest {
    entries: Option<u64>,
    bytes: Option<u64>,
    ratio: Option<u64>,
}

/// Unpacks as the request says; resolves with an `Unpacked` as JSON.
#[napi(ts_return_type = "Promise<string>")]
pub fn unpack_archive(request: String) -> napi::Result<AsyncTask<UnpackArchive>> {
    let read = serde_json::from_str::<Request>(&request).step(|| "read a request to unpack");
    let request = read.map_err(|error| crossing(&error))?;
    let cancelled = Arc::new(AtomicBool::new(false));
    running(|tickets| tickets.insert(request.ticket, cancelled.clone()));
    Ok(AsyncTask::new(UnpackArchive { request, cancelled }))
}

/// Ends the unpacking with this ticket; it fails with `cancelled` and leaves nothing.
#[napi]
pub fn cancel_unpack(ticket: u32) {
    running(|tickets| tickets.get(&ticket).inspect(|cancelled| cancelled.store(true, Ordering::Relaxed)).is_some());
}

/// Removes a directory and all below it without following links. Done when it is gone already.
#[napi(ts_return_type = "Promise<void>")]
pub fn remove_tree(path: String) -> AsyncTask<RemoveTree> {
    AsyncTask::new(RemoveTree { path })
}

fn running<T>(act: impl FnOnce(&mut HashMap<u32, Arc<AtomicBool>>) -> T) -> T {
    static RUNNING: Mutex<Option<HashMap<u32, Arc<AtomicBool>>>> = Mutex::new(None);
    let mut guard = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    act(guard.get_or_insert_default())
}

/// Work of `unpackArchive`.
pub struct UnpackArchive {
    request: Request,
    cancelled: Arc<AtomicBool>,
}

impl Task for UnpackArchive {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let result = run(&self.request, &self.cancelled);
        running(|tickets| tickets.remove(&self.request.ticket));
        let stopped = self.cancelled.load(Ordering::Relaxed);
        result.map_err(|error| crossing(&if stopped { error.code("cancelled") } else { error }))
    }

    fn resolve(&mut self, _: Env, unpacked: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(unpacked)
    }
}

fn run(request: &Request, cancelled: &AtomicBool) -> Result<String> {
    let input = Input { file: open(&request.source)?, expected: compression_of(request)?, copy: copy_of(request)? };
    let (form, limits) = (form_of(&request.target), limits_of(request.limits.as_ref()));
    let owners = match request.owners {
        OwnersWord::Archive => Owners::Archive,
        OwnersWord::Caller => Owners::Caller,
    };
    let options = Options { form, owners, limits };
    let copy = input.copy.as_ref().map(File::try_clone).transpose().step(|| "keep the archive")?;
    let unpacked = match &request.target {
        Target::Layers(path) => {
            let expected = Expected { digest: request.digest.clone(), diff_id: request.diff_id.clone() };
            unpack_layer_of(Path::new(path), input, (&expected, options, cancelled))?
        }
        Target::Directory(path) => unpack(Path::new(path), input, (options, cancelled))?,
    };
    if let Some(copy) = copy {
        copy.sync_all().step(|| "keep the archive")?;
    }
    Ok(answer(&unpacked))
}

fn answer(unpacked: &Unpacked) -> String {
    let totals = &unpacked.totals;
    json!({
        "digest": totals.digest,
        "diffId": totals.diff_id,
        "compression": totals.compression.name(),
        "inputBytes": totals.input_bytes,
        "tarBytes": totals.tar_bytes,
        "contentBytes": unpacked.content_bytes,
        "entries": unpacked.entries,
    })
    .to_string()
}

fn open(source: &Source) -> Result<File> {
    match source {
        Source::Path(path) => File::open(path).step(|| format!("open \"{path}\"")),
        Source::Descriptor(descriptor) => {
            if *descriptor < 0 {
                let cause = std::io::Error::from(rustix::io::Errno::BADF);
                return Err(KernelError::new(format!("read from descriptor {descriptor}"), cause));
            }
            // SAFETY: borrowed only to be duplicated; the caller keeps it open until the promise is settled.
            let borrowed = unsafe { BorrowedFd::borrow_raw(*descriptor) };
            let owned = borrowed.try_clone_to_owned().step(|| format!("read from descriptor {descriptor}"))?;
            Ok(File::from(owned))
        }
    }
}

fn compression_of(request: &Request) -> Result<Option<Compression>> {
    let Some(name) = &request.compression else { return Ok(None) };
    let unknown = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
    Compression::from_name(name).map(Some).ok_or_else(unknown).step(|| format!("unpack with compression \"{name}\""))
}

fn copy_of(request: &Request) -> Result<Option<File>> {
    let Some(path) = &request.copy_to else { return Ok(None) };
    File::create_new(path).map(Some).step(|| format!("make \"{path}\""))
}

fn form_of(target: &Target) -> Form {
    match target {
        Target::Layers(_) => Form::Overlay,
        Target::Directory(_) => Form::Plain,
    }
}

fn limits_of(request: Option<&LimitsRequest>) -> Limits {
    let usual = Limits::default();
    let Some(request) = request else { return usual };
    Limits {
        entries: request.entries.unwrap_or(usual.entries),
        bytes: request.bytes.unwrap_or(usual.bytes),
        ratio: request.ratio.unwrap_or(usual.ratio),
    }
}

/// Work of `removeTree`.
pub struct RemoveTree {
    path: String,
}

impl Task for RemoveTree {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        remove_path(Path::new(&self.path)).map_err(|error| crossing(&error))
    }

    fn resolve(&mut self, _: Env, (): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(())
    }
}
