//! `tscompose-files REQUEST`: looks at, packs or unpacks files of a container or of this machine. Paths of a container are resolved inside its root, whatever its programs do meanwhile; none of its programs is run.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread;

use dlmalloc::GlobalDlmalloc;
use kernel::cgroup::Cgroup;
use kernel::changes::changes;
use kernel::error::{KernelError, Result, Step};
use kernel::mounts::{overlay, tree};
use kernel::root;
use kernel::spec::{MonitorSpec, Rootfs};
use kernel::tar::pack;
use kernel::tar::place::Owners;
use kernel::tar::source::{Input, Limits};
use kernel::tar::unpack::{Form, Options, unpack_over};
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat, readlinkat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// The C library that the program is linked with asks the kernel for each larger piece of memory, and gives it back at once.
#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

/// As src/runtime/container/files.ts writes it.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Request {
    /// Answers what is at a path: `null`, or its kind, and where it points when it is a link.
    Stat { at: At, follow: bool },
    /// Answers what the container in this directory has changed of its image's files: a list of `kernel::changes::Change`.
    Changes { directory: PathBuf },
    /// Writes the container's file system as a tar archive to standard output, without what is mounted in it.
    Export { container: Whose },
    /// Writes what the container in this directory has changed as a layer for images, a tar archive, to standard output.
    Layer { directory: PathBuf },
    /// Writes the files of an image as a tar archive to standard output: its layers, topmost first, seen as one. `scratch` is a new directory.
    Layers { layers: Vec<PathBuf>, scratch: PathBuf },
    /// Writes a tar archive to standard output, in which the thing has this name.
    Pack { at: At, follow: bool, name: String },
    /// Adds what a tar archive on standard input holds to the directory at the path.
    Unpack { at: At, owners: Whom },
    /// The one into the other.
    Copy { from: At, follow: bool, name: String, to: At, owners: Whom },
}

/// Where something is.
#[derive(Debug, Deserialize)]
struct At {
    /// Absent for files of this machine.
    container: Option<Whose>,
    /// Absolute.
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whose {
    directory: PathBuf,
    /// Its first process; 0 while it does not run.
    pid: i32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Whom {
    Archive,
    Caller,
}

#[derive(Debug, Serialize)]
struct Found {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

/// A refusal is one line of JSON on standard error.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [request] => attempt(request),
        _ => Err(KernelError::new("use tscompose-files REQUEST", io::Error::from(io::ErrorKind::InvalidInput))),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    let KernelError { code, hint, .. } = &error;
    eprintln!("{}", serde_json::json!({ "code": code, "message": error.to_string(), "hint": hint }));
    ExitCode::FAILURE
}

fn attempt(request: &str) -> Result<()> {
    let request: Request = serde_json::from_str(request).step(|| "read the request")?;
    // Deep directories are held open all the way down.
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    match request {
        Request::Stat { at, follow } => Place::find(&at)?.tell(follow),
        Request::Changes { directory } => {
            println!("{}", serde_json::json!(changes(&read_spec(&directory)?.rootfs)?));
            Ok(())
        }
        Request::Export { container } => {
            pack::pack_content(&bare_root_of(&container)?, pack::Form::Plain, own(io::stdout())?)
        }
        Request::Layer { directory } => {
            let upper = read_spec(&directory)?.rootfs.upper;
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let upper = openat(CWD, &upper, flags, Mode::empty()).step(|| format!("open `{}`", upper.display()))?;
            pack::pack_content(&upper, pack::Form::Layer, own(io::stdout())?)
        }
        Request::Layers { layers, scratch } => {
            let rootfs = Rootfs { layers, upper: scratch.join("upper"), work: scratch.join("work"), read_only: true };
            pack::pack_content(&overlay::mount(&rootfs)?, pack::Form::Plain, own(io::stdout())?)
        }
        Request::Pack { at, follow, name } => {
            pack::pack(Place::find(&at)?.handle(follow)?, name.as_bytes(), own(io::stdout())?)
        }
        Request::Unpack { at, owners } => unpack(Place::find(&at)?.directory()?, own(io::stdin())?, owners),
        Request::Copy { from, follow, name, to, owners } => {
            let (source, target) = (Place::find(&from)?.handle(follow)?, Place::find(&to)?.directory()?);
            copy((source, name), (target, owners))
        }
    }
}

/// Packs in a thread of its own while this one unpacks.
fn copy((source, name): (OwnedFd, String), (target, owners): (OwnedFd, Whom)) -> Result<()> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).step(|| "make a pipe")?;
    let packing = thread::spawn(move || pack::pack(source, name.as_bytes(), File::from(writer)));
    let unpacked = unpack(target, reader.into(), owners);
    let packed =
        packing.join().unwrap_or_else(|_| Err(KernelError::new("pack the files", io::Error::other("it broke off"))));
    match (packed, unpacked) {
        // Whoever could not write any more was not the first to fail.
        (Err(error), Err(unpacked)) if error.cause.kind() == io::ErrorKind::BrokenPipe => Err(unpacked),
        (packed, unpacked) => packed.and(unpacked),
    }
}

fn unpack(directory: OwnedFd, file: File, owners: Whom) -> Result<()> {
    // SAFETY: umask takes and returns an integer.
    unsafe { libc::umask(0) };
    let owners = match owners {
        Whom::Archive => Owners::Archive,
        Whom::Caller => Owners::Caller,
    };
    let limits = Limits { entries: u64::MAX, bytes: u64::MAX, ratio: u64::MAX };
    let (input, options) = (Input { file, expected: None, copy: None }, Options { form: Form::Plain, owners, limits });
    unpack_over(directory, input, (options, &AtomicBool::new(false))).map(drop)
}

/// A path with the root it starts at.
struct Place<'a> {
    root: Option<OwnedFd>,
    path: &'a str,
}

impl<'a> Place<'a> {
    fn find(at: &'a At) -> Result<Self> {
        Ok(Self { root: at.container.as_ref().map(root_of).transpose()?, path: &at.path })
    }

    fn handle(&self, follow: bool) -> Result<OwnedFd> {
        self.open(follow).step(|| self.step())
    }

    fn directory(&self) -> Result<OwnedFd> {
        self.open_for(OFlags::RDONLY | OFlags::DIRECTORY).step(|| self.step())
    }

    fn step(&self) -> String {
        format!("open `{}`", self.path)
    }

    /// A handle that nothing can be read or written through.
    fn open(&self, follow: bool) -> io::Result<OwnedFd> {
        self.open_for(if follow { OFlags::PATH } else { OFlags::PATH | OFlags::NOFOLLOW })
    }

    fn open_for(&self, flags: OFlags) -> io::Result<OwnedFd> {
        match &self.root {
            Some(root) => root::open(root.as_fd(), self.path, flags),
            None => Ok(openat(CWD, self.path, flags | OFlags::CLOEXEC, Mode::empty())?),
        }
    }

    fn tell(&self, follow: bool) -> Result<()> {
        let found = match self.open(follow) {
            Ok(handle) => Some(look(&handle).step(|| self.step())?),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
            Err(error) => return Err(KernelError::new(self.step(), error)),
        };
        println!("{}", serde_json::json!(found));
        Ok(())
    }
}

fn look(handle: &OwnedFd) -> io::Result<Found> {
    let kind = match FileType::from_raw_mode(fstat(handle)?.st_mode) {
        FileType::Directory => "directory",
        FileType::RegularFile => "file",
        FileType::Symlink => "link",
        _ => "other",
    };
    let target = if kind == "link" { Some(readlinkat(handle, c"", Vec::new())?) } else { None };
    Ok(Found { kind, target: target.map(|target| target.to_string_lossy().into_owned()) })
}

/// A standard stream without a buffer before it.
fn own(stream: impl AsFd) -> Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from).step(|| "open a standard stream")
}

/// A running container's own view of its files; one that does not run is put together for as long as we need it.
fn root_of(container: &Whose) -> Result<OwnedFd> {
    let spec = read_spec(&container.directory)?;
    if container.pid == 0 { tree::build_at_rest(&spec) } else { own_root_of(container, &spec) }
}

/// The same without what is mounted on it.
fn bare_root_of(container: &Whose) -> Result<OwnedFd> {
    let spec = read_spec(&container.directory)?;
    if container.pid == 0 {
        return overlay::mount(&spec.rootfs);
    }
    let namespace = format!("/proc/{}/ns/mnt", container.pid);
    let namespace = openat(CWD, &namespace, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(|_| gone())?;
    tree::bare(own_root_of(container, &spec)?, namespace)
}

fn own_root_of(container: &Whose, spec: &MonitorSpec) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, format!("/proc/{}/root", container.pid), flags, Mode::empty()).map_err(|_| gone())?;
    // Looked up after it was opened: the number may have become somebody else's before.
    let is_ours = Cgroup::open(&spec.oci.linux.cgroups_path)?.pids().contains(&container.pid);
    if is_ours { Ok(root) } else { Err(gone()) }
}

fn gone() -> KernelError {
    KernelError::new("open the root of the container", rustix::io::Errno::SRCH).code("container-not-running")
}

fn read_spec(directory: &Path) -> Result<MonitorSpec> {
    let path = directory.join("spec.json");
    let read = || Ok::<_, io::Error>(serde_json::from_slice(&std::fs::read(&path)?)?);
    read().step(|| format!("read `{}`", path.display())).map_err(|error| error.code("state-broken"))
}
