//! A container's control groups: one directory in every mounted hierarchy, made with limits, emptied and removed.

mod block_io;
pub mod device_program;
mod directories;
pub mod hierarchy;
mod limits_v1;
mod limits_v2;
mod path;
mod rare;
mod refusals;
mod running;
pub mod usage;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use directories::{in_tree, remove_own_parents, remove_tree};
use hierarchy::{Hierarchy, Version};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

pub use self::running::is_unified_here;
use crate::error::{KernelError, Result, Step};
use crate::oci::OciResources;

/// Processes that are held by a descriptor at the same time.
const MOST_HELD: usize = 128;

/// The directories of one container.
#[derive(Debug)]
pub struct Cgroup {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    hierarchy: Hierarchy,
    directory: PathBuf,
}

impl Group {
    /// Whether the processes of its groups can be made to stand still.
    fn can_freeze(&self) -> bool {
        self.hierarchy.version == Version::V2 || self.hierarchy.has("freezer")
    }
}

impl Cgroup {
    /// Makes the groups at `path` (such as `/tscompose/ID`) and sets the limits; undoes itself when one can't be set.
    pub fn create(path: &str, resources: &OciResources) -> Result<Self> {
        let cgroup = Self::open(path)?;
        if cgroup.groups.is_empty() {
            let cause = io::Error::from(io::ErrorKind::NotFound);
            let hint = "mount a control group hierarchy (mount -t cgroup2 none /sys/fs/cgroup)";
            return Err(KernelError::new("find a control group hierarchy", cause).code("kernel-lacks").hint(hint));
        }
        refusals::refuse_unknown(&cgroup, resources)?;
        cgroup.make(resources).inspect_err(|_| {
            let _ = cgroup.remove();
        })?;
        Ok(cgroup)
    }

    /// The groups at `path`, which may or may not be there.
    pub fn open(path: &str) -> Result<Self> {
        let below = path::below_root(path)?;
        let group = |hierarchy: Hierarchy| Group { directory: hierarchy.mountpoint.join(below), hierarchy };
        Ok(Self { groups: hierarchy::mounted()?.into_iter().map(group).collect() })
    }

    /// Whether any of them has been made.
    pub fn is_there(&self) -> bool {
        self.groups.iter().any(|group| group.directory.exists())
    }

    /// The v2 group, if there is one, for a child to be born into (CLONE_INTO_CGROUP).
    pub fn birthplace(&self) -> Result<Option<OwnedFd>> {
        let open = |group: &Group| {
            let directory = &group.directory;
            File::open(directory).step(|| format!("open the control group `{}`", directory.display()))
        };
        self.of(Version::V2).next().map(|group| open(group).map(OwnedFd::from)).transpose()
    }

    /// Moves the calling process, which must have one thread, into those of v1. A thread that moves itself is spared a lock
    /// that every other move takes: on a busy machine the kernel waits for it 20 ms and more.
    pub fn join(&self) -> Result<()> {
        self.of(Version::V1).try_for_each(|group| write(&group.directory.join("tasks"), "0"))
    }

    /// Moves another process, which must have one thread, into all of them; done where it is there already.
    pub fn take_in(&self, pid: i32) -> Result<()> {
        self.groups.iter().try_for_each(|group| write(&group.directory.join("cgroup.procs"), &pid.to_string()))
    }

    /// Every process in any of them, and in those that were made inside.
    pub fn pids(&self) -> Vec<i32> {
        let mut pids = BTreeSet::new();
        for group in &self.groups {
            in_tree(&group.directory, &mut |directory| {
                let text = fs::read_to_string(directory.join("cgroup.procs")).unwrap_or_default();
                pids.extend(text.lines().filter_map(|line| line.parse::<i32>().ok()));
            });
        }
        pids.into_iter().collect()
    }

    /// Ends every process: at once where the kernel can (`cgroup.kill`, Linux 5.14), else until none is left.
    pub fn kill(&self) {
        for group in self.of(Version::V2) {
            let _ = write(&group.directory.join("cgroup.kill"), "1");
        }
        for round in 0..10 {
            if round > 1 {
                // Some make others faster than we end them: not while they stand still.
                let _ = self.freeze();
            }
            let pids = self.pids();
            for some in pids.chunks(MOST_HELD) {
                self.kill_members(some);
            }
            self.thaw_all();
            if pids.is_empty() {
                return;
            }
            sleep(Duration::from_millis(round));
        }
    }

    /// What stands still dies only when it goes on; groups that were made inside may have been frozen by themselves.
    fn thaw_all(&self) {
        let _ = self.thaw();
        for group in self.groups.iter().filter(|group| group.can_freeze()) {
            in_tree(&group.directory, &mut |directory| {
                for (file, value) in [("freezer.state", "THAWED"), ("cgroup.freeze", "0")] {
                    let file = directory.join(file);
                    if directory != group.directory && file.exists() {
                        let _ = write(&file, value);
                    }
                }
            });
        }
    }

    /// A number may have gone to a stranger since it was read. Held by a descriptor it can't any more, so what is still in
    /// the groups then is ours. (0 is a process that can't be seen from here, and would mean ourselves.)
    fn kill_members(&self, pids: &[i32]) {
        let hold = |pid: &i32| Some((*pid, pidfd_open(Pid::from_raw(*pid)?, PidfdFlags::empty()).ok()?));
        let held: Vec<(i32, OwnedFd)> = pids.iter().filter(|pid| **pid > 1).filter_map(hold).collect();
        let members = self.pids();
        for (_, process) in held.iter().filter(|(pid, _)| members.binary_search(pid).is_ok()) {
            let _ = pidfd_send_signal(process, Signal::KILL);
        }
    }

    /// Where v2 is mounted, if it has the controllers. On a hybrid host it hardly does more than group processes.
    pub fn unified(&self) -> Option<&Path> {
        let main = self.of(Version::V2).find(|group| group.hierarchy.is_main());
        main.map(|group| group.hierarchy.mountpoint.as_path())
    }

    /// Stops every process until `thaw`; returns when they stand still.
    pub fn freeze(&self) -> Result<()> {
        self.set_frozen("FROZEN", "1")
    }

    /// Lets them go on.
    pub fn thaw(&self) -> Result<()> {
        self.set_frozen("THAWED", "0")
    }

    fn set_frozen(&self, v1: &str, v2: &str) -> Result<()> {
        if let Some(group) = self.with("freezer") {
            let file = group.directory.join("freezer.state");
            write(&file, v1)?;
            return wait_until(&file, |state| state.trim_end() == v1);
        }
        for group in self.of(Version::V2) {
            write(&group.directory.join("cgroup.freeze"), v2)?;
            let wanted = format!("frozen {v2}");
            wait_until(&group.directory.join("cgroup.events"), |events| events.lines().any(|line| line == wanted))?;
        }
        Ok(())
    }

    /// How many processes the kernel has ended because the memory limit was reached.
    pub fn oom_kills(&self) -> u64 {
        let Some(group) = self.with("memory") else { return 0 };
        let name = if group.hierarchy.version == Version::V1 { "memory.oom_control" } else { "memory.events" };
        let text = fs::read_to_string(group.directory.join(name)).unwrap_or_default();
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    }

    /// Removes the groups with any that were made inside, and the parent of ours when it is empty. Tries everything.
    pub fn remove(&self) -> Result<()> {
        let mut outcome = Ok(());
        for group in &self.groups {
            if let Err(error) = remove_tree(&group.directory) {
                outcome = Err(error);
            }
            remove_own_parents(&group.hierarchy.mountpoint, &group.directory);
        }
        outcome
    }

    /// The directory in the hierarchy that has the controller.
    pub fn directory_of(&self, controller: &str) -> Option<&Path> {
        self.with(controller).map(|group| group.directory.as_path())
    }

    fn with(&self, controller: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.hierarchy.has(controller))
    }

    fn of(&self, version: Version) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.hierarchy.version == version)
    }

    fn make(&self, resources: &OciResources) -> Result<()> {
        for group in &self.groups {
            match group.hierarchy.version {
                Version::V1 => limits_v1::make(&group.hierarchy, &group.directory, resources)?,
                Version::V2 => limits_v2::make(&group.hierarchy, &group.directory, resources)?,
            }
        }
        Ok(())
    }
}

/// Writes one value to a file of the kernel's.
fn write(file: &Path, value: &str) -> Result<()> {
    fs::write(file, value).step(|| format!("write `{value}` to `{}`", file.display()))
}

/// The kernel's word for a processor that is not there says nothing of processors.
fn no_such_processor(error: KernelError) -> KernelError {
    let there = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    error.hint(format!("the processors of this machine are {}", there.trim()))
}

/// A process that is deep in the kernel takes a moment to stop.
fn wait_until(file: &Path, is_so: impl Fn(&str) -> bool) -> Result<()> {
    let step = || format!("wait for `{}`", file.display());
    let mut pause = Duration::from_micros(100);
    while pause < Duration::from_secs(2) {
        if is_so(&fs::read_to_string(file).step(step)?) {
            return Ok(());
        }
        sleep(pause);
        pause *= 2;
    }
    Err(KernelError::new(step(), io::Error::from(io::ErrorKind::TimedOut)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{OciBlockIo, OciCpu, OciMemory, OciPids, OciThrottleDevice};

    /// The numbers of a whole disk, where the machine has one.
    fn disk() -> Option<(u32, u32)> {
        let names = fs::read_dir("/sys/block").ok()?.flatten();
        let mut disks = names.filter(|entry| !entry.file_name().to_string_lossy().starts_with(['l', 'z', 'r', 's']));
        let numbers = fs::read_to_string(disks.next()?.path().join("dev")).ok()?;
        let (major, minor) = numbers.trim().split_once(':')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    }

    fn resources() -> OciResources {
        OciResources {
            devices: Vec::new(),
            memory: Some(OciMemory { limit: Some(64 << 20), swap: Some(128 << 20), ..OciMemory::default() }),
            cpu: Some(OciCpu { quota: Some(50_000), period: Some(100_000), shares: Some(512), ..OciCpu::default() }),
            pids: Some(OciPids { limit: 20 }),
            block_io: disk().map(|(major, minor)| OciBlockIo {
                throttle_read_bps_device: vec![OciThrottleDevice { major, minor, rate: 1 << 20 }],
                throttle_write_iops_device: vec![OciThrottleDevice { major, minor, rate: 77 }],
                ..OciBlockIo::default()
            }),
            ..OciResources::default()
        }
    }

    #[test]
    fn limits_are_in_force_and_nothing_stays() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: control groups need root");
            return;
        }
        let path = format!("/tscompose-test-{}/one", std::process::id());
        let cgroup = Cgroup::create(&path, &resources()).expect("made");
        let value = |controller: &str, v1: &str, v2: &str| {
            let directory = cgroup.directory_of(controller).expect("a hierarchy");
            let text = fs::read_to_string(directory.join(v1)).or_else(|_| fs::read_to_string(directory.join(v2)));
            text.expect("a value").trim().to_owned()
        };
        assert_eq!(value("memory", "memory.limit_in_bytes", "memory.max"), "67108864");
        assert_eq!(value("pids", "pids.max", "pids.max"), "20");
        let unified = cgroup.unified().is_some();
        if unified {
            assert_eq!(value("cpu", "-", "cpu.max"), "50000 100000");
            assert_eq!(value("cpu", "-", "cpu.weight"), "20");
            assert_eq!(value("memory", "-", "memory.swap.max"), "67108864");
        }
        if let Some((major, minor)) = disk() {
            let controller = if unified { "io" } else { "blkio" };
            let read = value(controller, "blkio.throttle.read_bps_device", "io.max");
            let written = value(controller, "blkio.throttle.write_iops_device", "io.max");
            let numbers = format!("{major}:{minor}");
            let line = format!("{numbers} rbps=1048576 wbps=max riops=max wiops=77");
            let wanted =
                if unified { (line.clone(), line) } else { (format!("{numbers} 1048576"), format!("{numbers} 77")) };
            assert_eq!((read, written), wanted);
        }
        let mut child = std::process::Command::new("sleep").arg("100").spawn().expect("spawned");
        let pid = child.id();
        for group in &cgroup.groups {
            write(&group.directory.join("cgroup.procs"), &pid.to_string()).expect("joined");
        }
        assert_eq!(cgroup.pids(), [i32::try_from(pid).expect("a pid")]);
        cgroup.freeze().expect("frozen");
        cgroup.kill();
        let status = child.wait().expect("ended");
        assert!(!status.success());
        cgroup.remove().expect("removed");
        for group in &cgroup.groups {
            assert!(!group.directory.parent().expect("a parent").exists(), "{} stays", group.directory.display());
        }
    }

    #[test]
    fn what_only_version_1_knows_is_refused_by_version_2() {
        let memory = OciMemory { swappiness: Some(10), ..OciMemory::default() };
        let resources = OciResources { memory: Some(memory), ..OciResources::default() };
        let path = format!("/tscompose-test-{}-swappiness/one", std::process::id());
        let Ok(probe) = Cgroup::open(&path) else { return };
        if !rustix::process::geteuid().is_root() || probe.unified().is_none() {
            return println!("skipped: needs root and control groups v2");
        }
        assert_eq!(Cgroup::create(&path, &resources).expect_err("refused").code, "kernel-lacks");
    }

    #[test]
    fn a_parent_that_somebody_has_prepared_stays() {
        if !rustix::process::geteuid().is_root() {
            return println!("skipped: control groups need root");
        }
        let prepared = format!("/tscompose-test-{}-prepared", std::process::id());
        let parents = Cgroup::open(&prepared).expect("opened");
        for group in &parents.groups {
            fs::create_dir(&group.directory).expect("made");
        }
        let cgroup = Cgroup::create(&format!("{prepared}/between/one"), &OciResources::default()).expect("made");
        cgroup.remove().expect("removed");
        let state = |group: &Group| (group.directory.exists(), group.directory.join("between").exists());
        let found: Vec<_> = parents.groups.iter().map(state).collect();
        parents.remove().expect("removed");
        assert!(found.iter().all(|state| *state == (true, false)), "{found:?}");
    }

    #[test]
    fn groups_of_one_parent_come_and_go_at_the_same_time() {
        if !rustix::process::geteuid().is_root() {
            return println!("skipped: control groups need root");
        }
        let parent = format!("/tscompose-test-{}-groups", std::process::id());
        let live = |worker: u32| {
            for round in 0..20 {
                let path = format!("{parent}/{worker}-{round}");
                let cgroup = Cgroup::create(&path, &OciResources::default()).expect("made");
                cgroup.remove().expect("removed");
            }
        };
        std::thread::scope(|scope| {
            for worker in 0..6 {
                scope.spawn(move || live(worker));
            }
        });
        let left = Cgroup::open(&parent).expect("opened");
        assert!(left.groups.iter().all(|group| !group.directory.exists()));
    }
}
