//! Ways out of a container that were found in others. Each is tried twice: against ours, where it must fail, and against a
//! run that is weakened on purpose, where it must get through, or its failing would prove nothing. docs/security.md has the list.
//!
//! Whatever an attack aims at is the test's own: the weakened run does let it through.

mod devices;
mod naive;
mod neighbours;
mod outside;
mod own_file;
mod paths;
mod races;
mod surface;
mod users;

use std::fs;
use std::path::Path;

use kernel::error::KernelError;
use serde_json::json;

use crate::fixture::{Container, Ended, Machine};
pub use own_file::start_and_leave;

pub struct Attack {
    /// Of the table in docs/security.md.
    pub row: &'static str,
    /// What holds.
    pub name: &'static str,
    pub attempt: Attempt,
}

pub enum Attempt {
    /// A line of shell that ends with 0 when it got through, and what is changed of the container for the weakened run.
    Inside(&'static str, fn(&mut Container)),
    /// Anything else; answers whether it got through.
    Scene(fn(&Machine, Guard) -> bool),
}

/// Whether it is ours that is attacked or the weakened run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    Up,
    Down,
}

pub fn all() -> Vec<&'static Attack> {
    [
        surface::ATTACKS,
        neighbours::ATTACKS,
        own_file::ATTACKS,
        paths::ATTACKS,
        devices::ATTACKS,
        users::ATTACKS,
        races::ATTACKS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Attack {
    pub fn must_fail(&self, machine: &Machine) {
        assert!(self.gets_through(machine, Guard::Down), "the control: it fails against the weakened run too");
        assert!(!self.gets_through(machine, Guard::Up), "it got through");
    }

    fn gets_through(&self, machine: &Machine, guard: Guard) -> bool {
        match self.attempt {
            Attempt::Scene(attempt) => attempt(machine, guard),
            Attempt::Inside(line, weaken) => {
                let mut container = machine.container(&["sh", "-c", line]);
                if guard == Guard::Down {
                    weaken(&mut container);
                }
                let ended = container.run().expect("the container starts");
                ended.code == 0
            }
        }
    }
}

/// How often a race is run: in CI fewer times than by `make soak`.
fn rounds() -> usize {
    std::env::var("TSCOMPOSE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

/// Puts a layer of the attacker's over the image.
fn layered(machine: &Machine, argv: &[&str], fill: impl FnOnce(&Path)) -> Container {
    let mut container = machine.container(argv);
    let layer = container.directory.path().join("layer");
    fs::create_dir(&layer).expect("made");
    fill(&layer);
    container.document["rootfs"]["layers"] = json!([layer, machine.layer()]);
    container
}

/// The program ran and ended well.
fn went_well(ended: &Result<Ended, KernelError>) -> bool {
    matches!(ended, Ok(Ended { code: 0, .. }))
}

fn grant(container: &mut Container, capability: &str) {
    for set in ["bounding", "effective", "permitted"] {
        container.process()["capabilities"][set].as_array_mut().expect("a list").push(json!(capability));
    }
}

/// The container shares this kind of namespace with the test, whose own it is.
fn share(container: &mut Container, kind: &str) {
    container.document["oci"]["linux"]["namespaces"].as_array_mut().expect("a list").retain(|one| one["type"] != kind);
}

/// Changes the options of a mount, or takes it away.
fn remount(container: &mut Container, destination: &str, options: Option<&[&str]>) {
    let mounts = container.document["oci"]["mounts"].as_array_mut().expect("a list");
    match options {
        None => mounts.retain(|mount| mount["destination"] != destination),
        Some(options) => {
            let mount = mounts.iter_mut().find(|mount| mount["destination"] == destination).expect("a mount");
            mount["options"] = json!(options);
        }
    }
}

/// Binds a directory of the host as the attacker's volume.
fn bind(container: &mut Container, source: &Path, destination: &str) {
    container.add_mount(destination, "bind", &source.to_string_lossy(), &["rbind", "rprivate"]);
}
