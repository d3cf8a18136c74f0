//! The documents of the OCI runtime specification that another runtime reads: those of the container, with words looked up and files of ours in place.

use std::path::Path;

use kernel::oci::OciProcess;
use kernel::process::user::Identity;
use kernel::sandbox::{EtcFiles, Stdio};
use serde_json::{Value, json};

/// What all of them accept. Nothing that we write is newer.
const VERSION: &str = "1.0.2";

/// `config.json`, made of the `oci` part of the container's own document.
pub fn config(mut oci: Value, process: Value, etc: &EtcFiles, network: Option<&Path>) -> Value {
    oci["ociVersion"] = json!(VERSION);
    oci["process"] = process;
    oci["root"]["path"] = json!("rootfs");
    if let Some(mounts) = oci["mounts"].as_array_mut() {
        mounts.extend(etc_mounts(etc));
    }
    if let Some(namespaces) = oci["linux"]["namespaces"].as_array_mut() {
        for namespace in namespaces.iter_mut().filter(|one| one["type"] == "network") {
            if let Some(network) = network {
                namespace["path"] = json!(network);
            }
        }
    }
    oci
}

/// The `process` of a container or of an exec, as numbers. Its terminal has its size before the program can ask for it.
pub fn process(process: &OciProcess, identity: &Identity, stdio: &Stdio) -> Value {
    let limits = process.rlimits.iter();
    let limits: Vec<_> =
        limits.map(|limit| json!({ "type": limit.kind, "soft": limit.soft, "hard": limit.hard })).collect();
    let of = &process.capabilities;
    let mut value = json!({
        "terminal": process.terminal,
        "user": { "uid": identity.uid, "gid": identity.gid, "additionalGids": identity.additional_gids },
        "args": process.args,
        "env": with_home(&process.env, &identity.home),
        "cwd": process.cwd,
        "capabilities": {
            "bounding": of.bounding, "effective": of.effective, "permitted": of.permitted,
            "inheritable": of.inheritable, "ambient": of.ambient,
        },
        "rlimits": limits,
        "noNewPrivileges": process.no_new_privileges,
    });
    let rest = [
        ("consoleSize", console_size(stdio)),
        ("oomScoreAdj", process.oom_score_adj.map(|score| json!(score))),
        ("apparmorProfile", process.apparmor_profile.as_ref().map(|name| json!(name))),
        ("selinuxLabel", process.selinux_label.as_ref().map(|label| json!(label))),
    ];
    for (key, given) in rest {
        if let Some(given) = given {
            value[key] = given;
        }
    }
    value
}

fn console_size(stdio: &Stdio) -> Option<Value> {
    match stdio {
        Stdio::Terminal { rows, columns } if *rows > 0 && *columns > 0 => {
            Some(json!({ "height": rows, "width": columns }))
        }
        _ => None,
    }
}

fn with_home(environment: &[String], home: &str) -> Vec<String> {
    let mut all = environment.to_vec();
    if !all.iter().any(|entry| entry.starts_with("HOME=")) {
        all.push(format!("HOME={home}"));
    }
    all
}

fn etc_mounts(etc: &EtcFiles) -> impl Iterator<Item = Value> + use<> {
    let files = [("/etc/hosts", &etc.hosts), ("/etc/hostname", &etc.hostname), ("/etc/resolv.conf", &etc.resolv_conf)];
    files.map(|(destination, source)| {
        source.as_ref().map(|source| {
            json!({ "destination": destination, "type": "bind", "source": source, "options": ["rbind", "rprivate", "rw"] })
        })
    })
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_handed_over_with_its_words_looked_up() {
        let identity = Identity { uid: 33, gid: 34, additional_gids: vec![34, 7], home: "/srv".to_owned() };
        let own: OciProcess = serde_json::from_value(json!({
            "args": ["sh"], "env": ["A=b"], "cwd": "/", "rlimits": [{ "type": "RLIMIT_CORE", "soft": 0, "hard": -1 }], "oomScoreAdj": 5,
        }))
        .unwrap();
        let process = process(&own, &identity, &Stdio::Terminal { rows: 30, columns: 100 });
        assert_eq!(process["consoleSize"], json!({ "height": 30, "width": 100 }));
        assert_eq!(process["user"], json!({ "uid": 33, "gid": 34, "additionalGids": [34, 7] }));
        assert_eq!(process["env"], json!(["A=b", "HOME=/srv"]));
        assert_eq!(process["rlimits"], json!([{ "type": "RLIMIT_CORE", "soft": 0, "hard": u64::MAX }]));
        let oci = json!({
            "ociVersion": "1.2.0", "root": { "path": "", "readonly": true }, "mounts": [{ "destination": "/proc" }],
            "linux": { "namespaces": [{ "type": "mount" }, { "type": "network" }] },
        });
        let etc = EtcFiles { hosts: Some("/x/hosts".into()), ..EtcFiles::default() };
        let config = config(oci, process, &etc, Some(Path::new("/proc/9/fd/4")));
        assert_eq!(config["root"], json!({ "path": "rootfs", "readonly": true }));
        assert_eq!(config["mounts"][1]["destination"], "/etc/hosts");
        assert_eq!(config["mounts"].as_array().unwrap().len(), 2);
        assert_eq!(
            config["linux"]["namespaces"],
            json!([{ "type": "mount" }, { "type": "network", "path": "/proc/9/fd/4" }])
        );
        assert_eq!(config["process"]["oomScoreAdj"], 5);
    }
}
