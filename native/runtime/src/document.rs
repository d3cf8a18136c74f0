//! A document as Go's programs write it: what is null is not there, and neither is an empty path of a namespace.

use kernel::oci::{OciProcess, OciSpec};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a whole one.
pub fn read(text: &str) -> Result<OciSpec, serde_json::Error> {
    parse(text)
}

/// Reads a process alone.
pub fn read_process(text: &str) -> Result<OciProcess, serde_json::Error> {
    parse(text)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut value: Value = serde_json::from_str(text)?;
    tidy(&mut value);
    serde_json::from_value(value)
}

fn tidy(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Object(fields) => {
            let is_namespace = fields.contains_key("type") && fields.len() == 2;
            fields.retain(|name, value| !(value.is_null() || is_namespace && name == "path" && value == ""));
            fields.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_null_or_empty_is_not_there() {
        let text = r#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/","env":null},
            "linux":{"timeOffsets":null,"namespaces":[{"type":"pid","path":""},{"type":"ipc","path":"/x"}]}}"#;
        let oci = read(text).expect("read");
        let paths: Vec<bool> = oci.linux.namespaces.iter().map(|one| one.path.is_some()).collect();
        assert_eq!(paths, [false, true]);
        assert!(oci.linux.time_offsets.is_empty() && oci.process.env.is_empty());
    }
}
