//! Documents that have been tampered with: reading one, and deciding what it asks for, ends in an answer or in an error (reliability A20).

use kernel::mounts::options;
use kernel::process::capabilities;
use kernel::seccomp::Filter;
use kernel::spec::MonitorSpec;

const DOCUMENT: &str = include_str!("documents/spec.json");
/// What tends to be read wrongly.
const WORDS: [&str; 16] = [
    "-1",
    "1e999",
    "18446744073709551616",
    "0.5",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[[[[[[[[",
    ",",
    "\"",
    "\\",
    "\u{fffd}",
];

/// How many to try; `make soak` says ten million.
fn rounds() -> u64 {
    std::env::var("TSCOMPOSE_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

/// Xorshift: the same documents each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("a number of this machine's")
    }
}

/// One small change; several of them make nonsense.
fn tamper(text: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.below(text.len());
    let until = (from + 1 + chance.below(40)).min(text.len());
    match chance.below(5) {
        0 => text[from] ^= 1 << chance.below(8),
        1 => drop(text.drain(from..until)),
        2 => {
            let part = text[from..until].to_vec();
            let at = chance.below(text.len());
            text.splice(at..at, part);
        }
        3 => {
            let word = WORDS[chance.below(WORDS.len())].bytes();
            text.splice(from..from, word);
        }
        _ => replace_value(text, from, WORDS[chance.below(WORDS.len())]),
    }
}

/// What stands behind the next colon, up to where it ends, becomes something else: still a document most of the time.
fn replace_value(text: &mut Vec<u8>, from: usize, word: &str) {
    let Some(colon) = text[from..].iter().position(|byte| *byte == b':') else { return };
    let start = from + colon + 1;
    let length = text[start..].iter().position(|byte| b",\n".contains(byte)).unwrap_or(text.len() - start);
    text.splice(start..start + length, word.bytes());
}

/// Whether it was read. What is decided about it before anything is made is decided here, too.
fn consider(text: &[u8]) -> bool {
    let Ok(spec) = serde_json::from_slice::<MonitorSpec>(text) else { return false };
    for mount in &spec.oci.mounts {
        options::parse(mount.options.iter().map(String::as_str));
    }
    let _ = capabilities::resolve(&spec.oci.process.capabilities);
    if let Some(profile) = &spec.oci.linux.seccomp {
        let _ = Filter::compile(profile);
    }
    true
}

#[test]
fn a_document_that_was_tampered_with_is_read_or_refused() {
    assert!(consider(DOCUMENT.as_bytes()), "as it is, it is read");
    let (mut chance, mut read) = (Chance(0x7473_636f_6d70_6f73), 0);
    for _ in 0..rounds() {
        let mut text = DOCUMENT.as_bytes().to_vec();
        for _ in 0..=chance.below(4) {
            tamper(&mut text, &mut chance);
        }
        read += u64::from(consider(&text));
    }
    let share = read * 100 / rounds();
    println!("{share} of 100 were read all the same");
    assert!((5..95).contains(&share), "{share} of 100 were read: nothing was tampered with, or everything was broken");
}

/// Depth would be the reader's own stack.
#[test]
fn a_document_without_a_bottom_is_refused() {
    for open in ["[", "{\"oci\":"] {
        assert!(!consider(open.repeat(1_000_000).as_bytes()));
    }
}
