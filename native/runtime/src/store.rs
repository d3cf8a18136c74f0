//! Where containers are remembered: `ROOT/ID/` with `state.json`, a copy of the document, and the fifo that holds a container
//! which is not started yet. Everything is replaced atomically.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::global::Global;
use crate::record::Record;
use crate::words::{Failure, While, fail};

/// The directory of one container.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// Of a name, which may not be a path.
    pub fn of(global: &Global, id: &str) -> Result<Self, Failure> {
        let fits = |one: char| one.is_ascii_alphanumeric() || "_+-.".contains(one);
        if id.is_empty() || id == "." || id == ".." || id.len() > 1024 || !id.chars().all(fits) {
            return Err(fail(format!("invalid container ID format: \"{id}\" (use letters, digits and _ + - .)")));
        }
        Ok(Self { directory: global.root.join(id) })
    }

    /// Makes the directory; only one caller ever succeeds.
    pub fn make(&self) -> Result<(), Failure> {
        if let Some(root) = self.directory.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o711)
                .create(root)
                .while_doing(|| format!("create \"{}\"", root.display()))?;
        }
        match DirBuilder::new().mode(0o711).create(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(fail("container with given ID already exists"))
            }
            other => other.while_doing(|| format!("create \"{}\"", self.directory.display())),
        }
    }

    /// Forgets the container.
    pub fn remove(&self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.while_doing(|| format!("remove \"{}\"", self.directory.display())),
        }
    }

    /// Remembers it.
    pub fn save(&self, record: &Record) -> Result<(), Failure> {
        let text = serde_json::to_string(record).while_doing(|| "write the state".to_owned())?;
        replace(&self.directory.join("state.json"), &text)
    }

    /// What is remembered.
    pub fn record(&self) -> Result<Record, Failure> {
        let text = match fs::read_to_string(self.directory.join("state.json")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(fail("container does not exist")),
            other => other.while_doing(|| "read the container's state".to_owned())?,
        };
        serde_json::from_str(&text)
            .while_doing(|| "the container's state is damaged; delete it with --force".to_owned())
    }

    /// Keeps the document as it was when the container was created: later changes have no effect.
    pub fn save_document(&self, text: &str) -> Result<(), Failure> {
        replace(&self.directory.join("config.json"), text)
    }

    /// The document as it was.
    pub fn document(&self) -> Result<String, Failure> {
        fs::read_to_string(self.directory.join("config.json"))
            .while_doing(|| "read the container's document".to_owned())
    }

    /// Makes the fifo and opens it for both, so that a reader waits and a writer does not.
    pub fn make_fifo(&self) -> Result<File, Failure> {
        let path = self.fifo();
        let what = || format!("make the fifo \"{}\"", path.display());
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).while_doing(what)?;
        File::options().read(true).write(true).open(&path).while_doing(what)
    }

    /// There while the container is created and not started.
    pub fn fifo(&self) -> PathBuf {
        self.directory.join("exec.fifo")
    }
}

/// The names of all containers.
pub fn names(global: &Global) -> Result<Vec<String>, Failure> {
    let entries = match fs::read_dir(&global.root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.while_doing(|| format!("read \"{}\"", global.root.display()))?,
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// Written beside and renamed: a reader finds the old text or the new one.
pub fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, path))
        .while_doing(|| format!("write \"{}\"", path.display()))
}
