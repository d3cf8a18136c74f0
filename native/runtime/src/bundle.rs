//! A bundle: a directory with `config.json` and what that speaks of.

use std::fs;
use std::path::{Path, PathBuf};

use kernel::oci::OciSpec;

use crate::document;
use crate::flags::Parsed;
use crate::words::{Failure, While, fail};

/// What was found.
#[derive(Debug)]
pub struct Bundle {
    /// Absolute.
    pub directory: PathBuf,
    /// The document's text.
    pub text: String,
    /// The document.
    pub oci: OciSpec,
    /// Absolute.
    pub rootfs: PathBuf,
}

impl Bundle {
    /// Reads the one that the flag names, or that of the current directory.
    pub fn read(parsed: &Parsed) -> Result<Self, Failure> {
        let directory = Path::new(parsed.value("bundle").filter(|path| !path.is_empty()).unwrap_or("."));
        let directory =
            fs::canonicalize(directory).while_doing(|| format!("open the bundle \"{}\"", directory.display()))?;
        let file = directory.join("config.json");
        let text = fs::read_to_string(&file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => fail(format!(
                "JSON specification file {} not found (make one with \"tscompose-runtime spec\", or name another bundle with --bundle)",
                file.display()
            )),
            _ => fail(format!("read \"{}\": {error}", file.display())),
        })?;
        let mut oci: OciSpec = document::read(&text).while_doing(|| format!("read \"{}\"", file.display()))?;
        let rootfs = rootfs_of(&oci, &directory)?;
        shorten(&mut oci, &rootfs);
        Ok(Self { directory, text, oci, rootfs })
    }
}

/// A destination may be written as the host sees it.
fn shorten(oci: &mut OciSpec, rootfs: &Path) {
    for mount in &mut oci.mounts {
        if let Ok(inside) = Path::new(&mount.destination).strip_prefix(rootfs) {
            mount.destination = format!("/{}", inside.display());
        }
    }
}

fn rootfs_of(oci: &OciSpec, directory: &Path) -> Result<PathBuf, Failure> {
    let root = oci.root.as_ref().ok_or_else(|| fail("config.json has no \"root\": give it one with a \"path\""))?;
    let path = directory.join(&root.path);
    let found = fs::canonicalize(&path).while_doing(|| format!("invalid rootfs \"{}\"", path.display()))?;
    if found == Path::new("/") || !found.is_dir() {
        return Err(fail(format!(
            "invalid rootfs \"{}\": it must be a directory, and not the host's root",
            path.display()
        )));
    }
    Ok(found)
}
