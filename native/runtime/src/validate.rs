//! What the specification or the kernel does not allow, found before anything is made, all at once.

use kernel::oci::OciSpec;
use kernel::process::capabilities;

use crate::words::{Failure, fail};

/// Refuses a document that can't be kept.
pub fn document(oci: &OciSpec) -> Result<(), Failure> {
    let problems: Vec<String> =
        [version(oci), process(oci), namespaces(oci), host_names(oci), mounts(oci), shares(oci), unsupported(oci)]
            .into_iter()
            .flatten()
            .collect();
    if problems.is_empty() { Ok(()) } else { Err(fail(format!("invalid config.json: {}", problems.join("; ")))) }
}

fn version(oci: &OciSpec) -> Vec<String> {
    let fits = oci.oci_version.starts_with("1.");
    if fits { Vec::new() } else { vec![format!("ociVersion \"{}\" is not known (write \"1.2.1\")", oci.oci_version)] }
}

fn process(oci: &OciSpec) -> Vec<String> {
    let mut problems = Vec::new();
    // A document may leave the whole process out.
    let is_left_out = oci.process.args.is_empty() && oci.process.cwd.is_empty();
    if oci.process.args.is_empty() && !is_left_out {
        problems.push("process.args must not be empty".to_owned());
    }
    if !is_left_out && !oci.process.cwd.starts_with('/') {
        problems.push("Cwd property must be an absolute path".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    for limit in &oci.process.rlimits {
        if !seen.insert(&limit.kind) {
            problems.push(format!("process.rlimits has \"{}\" twice", limit.kind));
        }
    }
    problems
}

fn namespaces(oci: &OciSpec) -> Vec<String> {
    let linux = &oci.linux;
    let mut problems = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for namespace in &linux.namespaces {
        if !seen.insert(namespace.kind.as_str()) {
            problems.push(format!("duplicated ns \"{}\"", namespace.kind));
        }
        if namespace.path.as_ref().is_some_and(|path| !path.as_os_str().is_empty() && !path.is_absolute()) {
            problems.push(format!("the path of the {} namespace must be absolute", namespace.kind));
        }
    }
    let user = linux.namespaces.iter().find(|one| one.kind == "user");
    let has_maps = !linux.uid_mappings.is_empty() || !linux.gid_mappings.is_empty();
    match user {
        None if has_maps => problems
            .push("user namespace mappings specified, but user namespace isn't enabled in the config".to_owned()),
        Some(one) if one.path.is_none() && (linux.uid_mappings.is_empty() || linux.gid_mappings.is_empty()) => {
            problems.push("a new user namespace needs uidMappings and gidMappings".to_owned());
        }
        _ => {}
    }
    if !linux.time_offsets.is_empty() && !seen.contains("time") {
        problems.push("time namespace offsets specified, but time namespace isn't enabled in the config".to_owned());
    }
    problems
}

fn host_names(oci: &OciSpec) -> Vec<String> {
    let own = oci.linux.namespaces.iter().any(|one| one.kind == "uts");
    let set = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
    let mut problems = Vec::new();
    for (name, is_set) in [("hostname", set(&oci.hostname)), ("domainname", set(&oci.domainname))] {
        if is_set && !own {
            problems.push(format!("unable to set {name} without a private UTS namespace"));
        }
    }
    problems
}

fn mounts(oci: &OciSpec) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, mount) in oci.mounts.iter().enumerate() {
        if mount.destination.is_empty() {
            problems.push(format!("mounts[{at}] has no destination"));
        }
        let is_bind = mount.options.iter().any(|option| option == "bind" || option == "rbind") || mount.kind == "bind";
        let has_maps = !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty();
        if has_maps && (mount.uid_mappings.is_empty() || mount.gid_mappings.is_empty()) {
            problems.push(format!("mounts[{at}] needs both uidMappings and gidMappings"));
        }
        if has_maps && !is_bind {
            problems.push(format!("mounts[{at}]: only a bind mount can have mappings of its own"));
        }
    }
    problems
}

fn unsupported(oci: &OciSpec) -> Vec<String> {
    let mut problems = Vec::new();
    if oci.linux.intel_rdt.is_some() {
        problems.push("linux.intelRdt is not supported: leave it out".to_owned());
    }
    let label = |label: &Option<String>| label.as_ref().is_some_and(|label| !label.is_empty());
    if has("/sys/fs/selinux/enforce") && (label(&oci.process.selinux_label) || label(&oci.linux.mount_label)) {
        problems.push("SELinux labels are not supported, and this host enforces them: leave them out".to_owned());
    }
    if has("/sys/kernel/security/apparmor") && label(&oci.process.apparmor_profile) {
        problems.push("AppArmor profiles are not supported, and this host has them: leave it out".to_owned());
    }
    problems
}

/// A document that asks for more than can be given is refused, as the specification wants it.
pub fn rights(oci: &OciSpec) -> Result<(), Failure> {
    match capabilities::lacking(&oci.process.capabilities)? {
        None => Ok(()),
        Some(name) => Err(fail(format!(
            "{name} can't be given: this runtime does not hold it itself (take it out of process.capabilities)"
        ))),
    }
}

/// A deadline is promised for all processors or for none.
fn shares(oci: &OciSpec) -> Vec<String> {
    let cpus = oci.linux.resources.cpu.as_ref().and_then(|cpu| cpu.cpus.as_ref()).is_some_and(|cpus| !cpus.is_empty());
    let deadline = oci.process.scheduler.as_ref().is_some_and(|scheduler| scheduler.policy == "SCHED_DEADLINE");
    let both = cpus && deadline;
    both.then(|| "process scheduler can't be used together with AllowedCPUs".to_owned()).into_iter().collect()
}

fn has(path: &str) -> bool {
    std::path::Path::new(path).exists()
}

/// Takes out what this host has no word for, as other runtimes do, and tells what that was.
pub fn ignored(oci: &mut OciSpec) -> Vec<String> {
    let mut told = Vec::new();
    let sets = &mut oci.process.capabilities;
    for set in [&mut sets.bounding, &mut sets.effective, &mut sets.permitted, &mut sets.inheritable, &mut sets.ambient]
    {
        set.retain(|name| {
            let is_known = capabilities::is_known(name);
            if !is_known && !told.contains(name) {
                told.push(name.clone());
            }
            is_known
        });
    }
    let mut told: Vec<String> = told.iter().map(|name| format!("ignoring the unknown capability {name}")).collect();
    let (inheritable, permitted) = (sets.inheritable.clone(), sets.permitted.clone());
    sets.ambient.retain(|name| {
        let fits = inheritable.contains(name) && permitted.contains(name);
        if !fits {
            told.push(format!("can't raise ambient capability {name}: it must be inheritable and permitted too"));
        }
        fits
    });
    let label = |label: &Option<String>| label.as_ref().is_some_and(|label| !label.is_empty());
    if label(&oci.process.selinux_label) || label(&oci.linux.mount_label) || label(&oci.process.apparmor_profile) {
        told.push("ignoring labels of a security module that this host does not have".to_owned());
    }
    told
}
