//! What lies beside a container on the host, for attacks to lead to.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::fixture::Machine;

/// A directory of the host that no container was given, with a file in it.
pub struct Outside(TempDir);

impl Outside {
    pub fn new(machine: &Machine) -> Self {
        let directory = tempfile::tempdir_in(machine.directory()).expect("a directory");
        fs::write(directory.path().join("marker"), "of the host\n").expect("written");
        Self(directory)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn is_untouched(&self) -> bool {
        fs::read_dir(self.path()).expect("there").count() == 1
            && fs::read(self.path().join("marker")).expect("read") == b"of the host\n"
    }

    /// The two ways in which a link can be told to lead there.
    pub fn targets(&self) -> [String; 2] {
        let path = self.path().display();
        [path.to_string(), format!("{}{path}", "../".repeat(16))]
    }
}

/// A root as a directory of the host, for runtimes that resolve paths as text.
pub fn naive_root(machine: &Machine, fill: impl FnOnce(&Path)) -> TempDir {
    let root = tempfile::tempdir_in(machine.directory()).expect("a directory");
    fill(root.path());
    root
}
