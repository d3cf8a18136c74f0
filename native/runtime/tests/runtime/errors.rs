use super::fixture::bundle;
use serde_json::{Value, json};
use std::fs;

type Spoil = fn(&mut Value);

#[test]
fn a_bad_bundle_is_refused_with_what_to_do() {
    let Some(bundle) = bundle(&["true"]) else { return };
    let good = fs::read_to_string(bundle.path("config.json")).expect("read");
    let cases: [(Spoil, &str); 7] = [
        (|document| document["root"]["path"] = json!("nowhere"), "invalid rootfs"),
        (|document| document["process"]["args"] = json!([]), "process.args must not be empty"),
        (|document| document["process"]["cwd"] = json!("relative"), "must be an absolute path"),
        (|document| document["linux"]["intelRdt"] = json!({}), "intelRdt is not supported: leave it out"),
        (|document| document["linux"]["namespaces"] = json!([{ "type": "pid" }, { "type": "pid" }]), "duplicated ns"),
        (|document| document["linux"]["namespaces"] = json!([{ "type": "mount" }]), "without a private UTS namespace"),
        (|document| document["linux"]["cgroupsPath"] = json!("/.."), "invalid cgroupsPath"),
    ];
    for (spoil, wanted) in cases {
        fs::write(bundle.path("config.json"), &good).expect("written");
        bundle.change(spoil);
        let said = bundle.refused(&["run", &bundle.id]);
        assert!(said.contains(wanted), "{wanted}: {said}");
        assert_eq!(bundle.ok(&["list", "-q"]), "", "{wanted}");
    }
    fs::remove_file(bundle.path("config.json")).expect("removed");
    assert!(bundle.refused(&["run", &bundle.id]).contains("make one with"));
    bundle.finish();
}

#[test]
fn a_name_that_is_a_path_is_no_name() {
    let Some(bundle) = bundle(&["true"]) else { return };
    for name in ["../x", "a/b", "", ".."] {
        assert!(bundle.refused(&["create", name]).contains("invalid container ID format"), "{name}");
    }
}

#[test]
fn complaints_reach_the_log_as_json_and_the_caller_in_plain_words() {
    let Some(bundle) = bundle(&["no-such-program"]) else { return };
    let said = bundle.refused(&["--log", "log", "--log-format", "json", "create", &bundle.id]);
    let log = fs::read_to_string(bundle.path("log")).expect("read");
    let entry: Value = serde_json::from_str(log.lines().last().expect("a line")).expect("JSON");
    assert_eq!(entry["level"], "error");
    assert_eq!(format!("{}\n", entry["msg"].as_str().expect("text")), said);
    assert!(said.contains("executable file not found in $PATH"), "{said}");
    bundle.finish();
}
