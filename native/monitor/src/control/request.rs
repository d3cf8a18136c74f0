//! What clients may ask, as it stands on the wire. The table is in docs/monitor.md.

use kernel::oci::{OciProcess, OciResources};
use kernel::spec::RestartSpec;
use serde::Deserialize;

/// One line of JSON.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[allow(missing_docs)]
pub enum Request {
    State,
    Subscribe,
    Signal {
        signal: i32,
    },
    Stop {
        signal: Option<i32>,
        grace_ms: Option<u64>,
    },
    Kill {
        signal: i32,
    },
    Update {
        restart: RestartSpec,
        /// Those that are not spoken of stay.
        resources: Option<Box<OciResources>>,
    },
    Pause,
    Unpause,
    Exec(Box<ExecRequest>),
    Attach {
        #[serde(default)]
        stdin: bool,
    },
}

/// A program to be run beside the first one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ExecRequest {
    pub process: OciProcess,
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub group_add: Vec<String>,
    #[serde(default)]
    pub stdin: bool,
    #[serde(default)]
    pub detach: bool,
    #[serde(default)]
    pub rows: u16,
    #[serde(default)]
    pub columns: u16,
}

/// What a client may say in a JSON frame while it is attached. Fields that are absent ask for nothing.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Aside {
    pub resize: Option<Size>,
    pub signal: Option<i32>,
}

/// A terminal's size.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[allow(missing_docs)]
pub struct Size {
    pub rows: u16,
    pub columns: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::spec::RestartKind;

    fn parse(line: &str) -> Request {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    #[test]
    fn every_request_of_the_table_is_understood() {
        assert!(matches!(parse(r#"{"op":"state"}"#), Request::State));
        assert!(matches!(parse(r#"{"op":"subscribe"}"#), Request::Subscribe));
        assert!(matches!(parse(r#"{"op":"signal","signal":15}"#), Request::Signal { signal: 15 }));
        assert!(matches!(parse(r#"{"op":"stop"}"#), Request::Stop { signal: None, grace_ms: None }));
        let stop = parse(r#"{"op":"stop","signal":2,"graceMs":500}"#);
        assert!(matches!(stop, Request::Stop { signal: Some(2), grace_ms: Some(500) }));
        assert!(matches!(parse(r#"{"op":"kill","signal":9}"#), Request::Kill { signal: 9 }));
        assert!(matches!(parse(r#"{"op":"pause"}"#), Request::Pause));
        assert!(matches!(parse(r#"{"op":"unpause"}"#), Request::Unpause));
        assert!(matches!(parse(r#"{"op":"attach"}"#), Request::Attach { stdin: false }));
        assert!(matches!(parse(r#"{"op":"attach","stdin":true}"#), Request::Attach { stdin: true }));
        let update = parse(r#"{"op":"update","restart":{"kind":"unless-stopped","maxRetries":0}}"#);
        let limits = parse(
            r#"{"op":"update","restart":{"kind":"no","maxRetries":0},"resources":{"devices":[],"pids":{"limit":9}}}"#,
        );
        assert!(matches!(limits, Request::Update { resources: Some(limits), .. } if limits.pids.is_some()));
        assert!(
            matches!(update, Request::Update { restart, resources: None } if restart.kind == RestartKind::UnlessStopped)
        );
    }

    #[test]
    fn an_exec_brings_its_process() {
        let line = r#"{"op":"exec","process":{"terminal":true,"args":["sh"],"env":["A=b"],"cwd":"/","capabilities":
            {"bounding":[],"effective":[],"permitted":[],"inheritable":[],"ambient":[]},
            "rlimits":[{"type":"RLIMIT_NOFILE","soft":1024,"hard":-1}],"noNewPrivileges":false},"user":"1000","groupAdd":["audio"],"stdin":true,"detach":false,"rows":24,"columns":80}"#;
        let Request::Exec(exec) = parse(line) else { panic!("not an exec") };
        assert_eq!(exec.process.args, ["sh"]);
        let limit = &exec.process.rlimits[0];
        assert_eq!((limit.soft, limit.hard), (1024, u64::MAX));
        assert_eq!((exec.user.as_str(), exec.group_add.as_slice()), ("1000", &["audio".to_owned()][..]));
        assert_eq!((exec.rows, exec.columns, exec.stdin, exec.detach), (24, 80, true, false));
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["", "{}", "[]", "null", r#"{"op":"dance"}"#, r#"{"op":"signal"}"#, r#"{"op":"kill","signal":"x"}"#]
        {
            assert!(serde_json::from_str::<Request>(line).is_err(), "{line}");
        }
    }
}
