//! What every container has, whether its document speaks of it or not.

use kernel::oci::{OciDevice, OciDeviceRule, OciSpec};

const DEVICES: [(&str, u32, u32); 6] = [
    ("/dev/null", 1, 3),
    ("/dev/zero", 1, 5),
    ("/dev/full", 1, 7),
    ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9),
    ("/dev/tty", 5, 0),
];

/// The specification's default devices, where the document has none of that name, then the document's own.
pub fn devices(oci: &OciSpec) -> Vec<OciDevice> {
    let own = &oci.linux.devices;
    let missing = DEVICES.iter().filter(|(path, ..)| !own.iter().any(|device| device.path == *path));
    let made = missing.map(|&(path, major, minor)| OciDevice {
        path: path.to_owned(),
        kind: "c".to_owned(),
        major,
        minor,
        file_mode: Some(0o666),
        uid: None,
        gid: None,
    });
    made.chain(own.iter().cloned()).collect()
}

/// Behind the document's own, so that they hold: the default devices, terminals, and the making of nodes that can't be opened.
pub fn device_rules() -> Vec<OciDeviceRule> {
    let rule = |kind: &str, major: Option<i64>, minor: Option<i64>, access: &str| OciDeviceRule {
        allow: true,
        kind: Some(kind.to_owned()),
        major,
        minor,
        access: access.to_owned(),
    };
    let mut rules = vec![rule("c", None, None, "m"), rule("b", None, None, "m")];
    rules.extend(DEVICES.iter().map(|&(_, major, minor)| rule("c", Some(major.into()), Some(minor.into()), "rwm")));
    rules.extend([rule("c", Some(136), None, "rwm"), rule("c", Some(5), Some(2), "rwm")]);
    rules
}
