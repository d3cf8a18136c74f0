//! What the specification or the kernel does not allow, found before anything is made, all at once.

use kernel::oci::OciSpec;

use crate::words::{Failure, fail};

/// Refuses a document that can't be kept.
pub fn document(oci: &OciSpec) -> Result<(), Failure> {
    let problems: Vec<String> =
        [version(oci), process(oci), namespaces(oci), host_names(oci), mounts(oci), unsupported(oci)]
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
    if oci.process.args.is_empty() {
        problems.push("process.args must not be empty".to_owned());
    }
    if !oci.process.cwd.starts_with('/') {
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
    if label(&oci.process.selinux_label) || label(&oci.linux.mount_label) {
        problems.push("selinux label is specified in config, but selinux is disabled or not supported".to_owned());
    }
    if label(&oci.process.apparmor_profile) && !std::path::Path::new("/sys/kernel/security/apparmor").exists() {
        problems.push("apparmor profile is specified in config, but apparmor is disabled or not supported".to_owned());
    }
    problems
}
