//! What follows from a probe's result, as Docker decides it. Pure: time comes in, decisions go out.

use std::time::{Duration, Instant};

use kernel::spec::{HealthRecord, HealthStatus, HealthcheckSpec, ProbeRecord};

/// How many results are remembered.
const REMEMBERED: usize = 5;

/// When to probe, and what the results mean.
pub struct Check {
    interval: Duration,
    start_interval: Duration,
    start_period: Duration,
    retries: u32,
    started: Instant,
}

impl Check {
    /// For a container that has just been started.
    pub fn new(spec: &HealthcheckSpec, started: Instant) -> Self {
        Self {
            interval: Duration::from_millis(spec.interval_ms),
            start_interval: Duration::from_millis(spec.start_interval_ms),
            start_period: Duration::from_millis(spec.start_period_ms),
            retries: spec.retries.max(1),
            started,
        }
    }

    /// How long to wait for the next probe. During the start period, until the first success, the start interval counts.
    pub fn wait(&self, status: HealthStatus, now: Instant) -> Duration {
        let is_starting = status == HealthStatus::Starting && self.in_start_period(now);
        if is_starting { self.start_interval } else { self.interval }
    }

    /// Enters a result. A failure that began in the start period does not count, unless there was a success before.
    pub fn enter(&self, record: &mut HealthRecord, probe: ProbeRecord, began: Instant) {
        if probe.exit_code == 0 {
            record.failing_streak = 0;
            record.status = HealthStatus::Healthy;
        } else if record.status != HealthStatus::Starting || !self.in_start_period(began) {
            record.failing_streak += 1;
            if record.failing_streak >= self.retries {
                record.status = HealthStatus::Unhealthy;
            }
        }
        let surplus = (record.log.len() + 1).saturating_sub(REMEMBERED);
        record.log.drain(..surplus);
        record.log.push(probe);
    }

    fn in_start_period(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.started) < self.start_period
    }
}

/// The record of a container that has just been started. What was remembered of earlier runs stays.
pub fn restarted(earlier: Option<HealthRecord>) -> HealthRecord {
    let log = earlier.map(|record| record.log).unwrap_or_default();
    HealthRecord { status: HealthStatus::Starting, failing_streak: 0, log }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthStatus::{Healthy, Starting, Unhealthy};

    const SPEC: HealthcheckSpec = HealthcheckSpec {
        test: Vec::new(),
        interval_ms: 30_000,
        timeout_ms: 1000,
        start_period_ms: 10_000,
        start_interval_ms: 5000,
        retries: 2,
    };

    /// Enters exit codes that were found at those seconds; returns the status and streak after each.
    fn run(results: &[(u64, i32)]) -> Vec<(HealthStatus, u32)> {
        let started = Instant::now();
        let check = Check::new(&SPEC, started);
        let mut record = restarted(None);
        let enter = |&(second, exit_code): &(u64, i32)| {
            let probe = ProbeRecord { start_ms: second, end_ms: second, exit_code, output: String::new() };
            check.enter(&mut record, probe, started + Duration::from_secs(second));
            (record.status, record.failing_streak)
        };
        results.iter().map(enter).collect()
    }

    #[test]
    fn a_success_makes_healthy_at_once() {
        assert_eq!(run(&[(1, 0)]), [(Healthy, 0)]);
        assert_eq!(run(&[(11, 1), (12, 1), (13, 0)]), [(Starting, 1), (Unhealthy, 2), (Healthy, 0)]);
    }

    #[test]
    fn failures_in_the_start_period_do_not_count() {
        assert_eq!(run(&[(1, 1), (5, 1), (9, 1), (10, 1), (15, 1)]).last(), Some(&(Unhealthy, 2)));
        assert_eq!(run(&[(1, 1), (5, 1), (9, 1)]).last(), Some(&(Starting, 0)));
    }

    #[test]
    fn failures_in_the_start_period_count_after_a_success() {
        assert_eq!(run(&[(1, 0), (2, 1), (3, -1)]), [(Healthy, 0), (Healthy, 1), (Unhealthy, 2)]);
    }

    #[test]
    fn the_last_five_results_are_remembered() {
        let check = Check::new(&SPEC, Instant::now());
        let mut record = restarted(None);
        for number in 0..7 {
            let probe = ProbeRecord { start_ms: number, end_ms: number, exit_code: 0, output: String::new() };
            check.enter(&mut record, probe, Instant::now());
        }
        assert_eq!(record.log.iter().map(|probe| probe.start_ms).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
        assert_eq!(restarted(Some(record)).log.len(), 5);
    }

    #[test]
    fn the_start_interval_counts_until_the_first_success_or_the_end_of_the_start_period() {
        let started = Instant::now();
        let check = Check::new(&SPEC, started);
        for (status, second, wait) in
            [(Starting, 0, 5), (Starting, 9, 5), (Starting, 10, 30), (Healthy, 1, 30), (Unhealthy, 1, 30)]
        {
            assert_eq!(check.wait(status, started + Duration::from_secs(second)).as_secs(), wait);
        }
    }
}
