//! A health probe: which program it is, what it has written so far, and how it ended.

use std::time::{Duration, Instant};

use kernel::spec::{HealthcheckSpec, ProbeRecord};

use kernel::timestamp::unix_ms;

/// Docker keeps this much of a probe's output.
const OUTPUT_BYTES: usize = 4096;

/// The exit code of a probe that did not end in time, or could not be run.
const NO_EXIT_CODE: i32 = -1;

/// The program that a health check asks for.
pub fn arguments(spec: &HealthcheckSpec) -> Vec<String> {
    match spec.test.split_first() {
        Some((kind, line)) if kind == "CMD-SHELL" => {
            ["/bin/sh", "-c"].map(str::to_owned).into_iter().chain(line.iter().cloned()).collect()
        }
        Some((_, program)) => program.to_vec(),
        None => Vec::new(),
    }
}

/// A probe that runs.
pub struct Probe {
    /// When it began.
    pub began: Instant,
    timeout: Duration,
    began_ms: u64,
    output: Vec<u8>,
    was_cut: bool,
    timed_out: bool,
}

impl Probe {
    /// A probe that begins now.
    pub fn new(spec: &HealthcheckSpec, now: Instant) -> Self {
        Self {
            began: now,
            timeout: Duration::from_millis(spec.timeout_ms),
            began_ms: unix_ms(std::time::SystemTime::now()),
            output: Vec::new(),
            was_cut: false,
            timed_out: false,
        }
    }

    /// When it has taken too long.
    pub fn deadline(&self) -> Option<Instant> {
        Some(self.began + self.timeout).filter(|_| !self.timed_out)
    }

    /// It has taken too long: whatever it answers now does not count.
    pub fn time_out(&mut self) {
        self.timed_out = true;
    }

    /// Takes output.
    pub fn push(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(OUTPUT_BYTES - self.output.len());
        self.output.extend_from_slice(&bytes[..kept]);
        self.was_cut |= kept < bytes.len();
    }

    /// The probe has ended.
    pub fn finish(self, exit_code: i32) -> ProbeRecord {
        let mut text = String::from_utf8_lossy(&self.output).into_owned();
        if self.was_cut {
            text.push_str("...");
        }
        if !self.timed_out {
            return self.record(exit_code, text);
        }
        let timeout = self.timeout;
        let separator = if text.is_empty() { "" } else { ": " };
        self.record(NO_EXIT_CODE, format!("Health check exceeded timeout ({timeout:?}){separator}{text}"))
    }

    /// The probe could not be run.
    pub fn fail(self, why: String) -> ProbeRecord {
        self.record(NO_EXIT_CODE, why)
    }

    fn record(&self, exit_code: i32, output: String) -> ProbeRecord {
        ProbeRecord { start_ms: self.began_ms, end_ms: unix_ms(std::time::SystemTime::now()), exit_code, output }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(test: &[&str]) -> HealthcheckSpec {
        HealthcheckSpec {
            test: test.iter().map(|&word| word.to_owned()).collect(),
            interval_ms: 1,
            timeout_ms: 1500,
            start_period_ms: 0,
            start_interval_ms: 1,
            retries: 1,
        }
    }

    #[test]
    fn a_line_goes_through_the_shell_and_a_list_does_not() {
        assert_eq!(arguments(&spec(&["CMD", "curl", "-f", "x"])), ["curl", "-f", "x"]);
        assert_eq!(arguments(&spec(&["CMD-SHELL", "a | b"])), ["/bin/sh", "-c", "a | b"]);
    }

    #[test]
    fn output_is_cut_and_says_so() {
        let mut probe = Probe::new(&spec(&["CMD", "x"]), Instant::now());
        for _ in 0..3 {
            probe.push(&[b'x'; 2000]);
        }
        let record = probe.finish(1);
        assert_eq!(record.output, format!("{}...", "x".repeat(4096)));
        assert_eq!(record.exit_code, 1);
    }

    #[test]
    fn a_probe_that_took_too_long_has_no_exit_code() {
        let mut probe = Probe::new(&spec(&["CMD", "x"]), Instant::now());
        probe.push(b"still trying");
        probe.time_out();
        assert_eq!(probe.deadline(), None);
        let record = probe.finish(137);
        assert_eq!(record.exit_code, -1);
        assert_eq!(record.output, "Health check exceeded timeout (1.5s): still trying");
    }
}
