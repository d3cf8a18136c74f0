//! The other end of the control socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{PATIENCE, Running, process};

pub const STDIN: u8 = 0;
pub const STDOUT: u8 = 1;
pub const STDERR: u8 = 2;
pub const JSON: u8 = 3;

pub struct Connection {
    pub socket: BufReader<UnixStream>,
}

/// What an exec or an attachment brought, up to its last frame.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i64>,
}

impl Connection {
    pub fn open(path: &Path) -> Self {
        Self::of(UnixStream::connect(path).expect("connected"))
    }

    pub fn of(socket: UnixStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        Self { socket: BufReader::new(socket) }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).expect("sent");
    }

    pub fn ask(&mut self, request: &Value) -> Value {
        self.send(format!("{request}\n").as_bytes());
        self.line().expect("an answer")
    }

    /// None at the end.
    pub fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.socket.read_line(&mut line).expect("a line");
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line:?}")))
    }

    pub fn send_frame(&mut self, kind: u8, payload: &[u8]) {
        self.send(
            &[&[kind, 0, 0, 0], &u32::try_from(payload.len()).expect("short").to_be_bytes()[..], payload].concat(),
        );
    }

    /// None at the end.
    pub fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 8];
        self.socket.read_exact(&mut header).ok()?;
        let mut payload = vec![0; u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize];
        self.socket.read_exact(&mut payload).expect("a whole frame");
        Some((header[0], payload))
    }

    /// Reads standard output until it holds `text`.
    pub fn hear_until(&mut self, text: &str) -> String {
        let mut heard = String::new();
        while !heard.contains(text) {
            let (kind, payload) = self.frame().unwrap_or_else(|| panic!("ended after {heard:?}, without {text:?}"));
            assert_eq!(kind, STDOUT, "{}", String::from_utf8_lossy(&payload));
            heard += &String::from_utf8_lossy(&payload);
        }
        heard
    }

    /// Reads everything; the exit code comes last.
    pub fn hear_all(mut self) -> Heard {
        let mut heard = Heard::default();
        while let Some((kind, payload)) = self.frame() {
            assert_eq!(heard.code, None, "something came after the end");
            let text = String::from_utf8_lossy(&payload);
            match kind {
                STDOUT => heard.stdout += &text,
                STDERR => heard.stderr += &text,
                _ => heard.code = serde_json::from_str::<Value>(&text).expect("JSON")["exit"]["code"].as_i64(),
            }
        }
        heard
    }

    pub fn half_close(&self) {
        self.socket.get_ref().shutdown(Shutdown::Write).expect("closed");
    }
}

/// The states as they are pushed, until the end for good.
pub fn subscribe(running: &Running) -> impl Iterator<Item = Value> + use<> {
    let mut connection = running.connect();
    connection.send(b"{\"op\":\"subscribe\"}\n");
    std::iter::from_fn(move || connection.line().map(|line| line["state"].clone()))
}

/// Asks for a program in the container, with pipes.
pub fn exec_request(argv: &[&str]) -> Value {
    json!({ "op": "exec", "process": process(argv), "user": "", "groupAdd": [], "stdin": true, "detach": false, "rows": 24, "columns": 80 })
}

/// Runs a program in the container; the connection is at its first frame.
pub fn exec(running: &Running, argv: &[&str]) -> Connection {
    let mut connection = running.connect();
    let answer = connection.ask(&exec_request(argv));
    assert_eq!(answer["ok"], true, "{answer}");
    assert!(answer["pid"].as_i64().is_some_and(|pid| pid > 1), "{answer}");
    connection
}
