//! How long to wait before a restart: Docker's 100 ms, doubled each time, up to a minute, forgotten after ten good seconds.

use std::time::Duration;

use kernel::spec::{RestartKind, RestartSpec};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60);
const GOOD_RUN: Duration = Duration::from_secs(10);

/// The waiting time of a container that keeps ending.
#[derive(Debug, Default, Clone, Copy)]
pub struct Backoff {
    last: Option<Duration>,
}

impl Backoff {
    /// Of a container that has waited this long for its present run.
    pub fn after(last: Duration) -> Self {
        Self { last: Some(last) }
    }

    /// The time to wait now, after a run of this length.
    pub fn next(&mut self, ran: Duration) -> Duration {
        let wait = match self.last {
            Some(last) if ran < GOOD_RUN => (last * 2).min(LONGEST),
            _ => FIRST,
        };
        self.last = Some(wait);
        wait
    }
}

/// Whether the policy wants the container back. `restarts` counts those that were made by the policy already.
pub fn wants_restart(policy: RestartSpec, exit_code: i32, restarts: u32) -> bool {
    match policy.kind {
        RestartKind::No => false,
        RestartKind::Always | RestartKind::UnlessStopped => true,
        RestartKind::OnFailure => exit_code != 0 && (policy.max_retries == 0 || restarts < policy.max_retries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_minute_and_starts_afresh_after_a_good_run() {
        let mut backoff = Backoff::default();
        let short = Duration::from_secs(1);
        let waits: Vec<u128> = (0..12).map(|_| backoff.next(short).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
        assert_eq!(backoff.next(Duration::from_secs(11)).as_millis(), 100);
    }

    #[test]
    fn each_policy_decides_as_docker_does() {
        let policy = |kind, max_retries| RestartSpec { kind, max_retries };
        assert!(!wants_restart(policy(RestartKind::No, 0), 1, 0));
        assert!(wants_restart(policy(RestartKind::Always, 0), 0, 9));
        assert!(wants_restart(policy(RestartKind::UnlessStopped, 0), 0, 9));
        assert!(!wants_restart(policy(RestartKind::OnFailure, 0), 0, 0));
        assert!(wants_restart(policy(RestartKind::OnFailure, 0), 1, 99));
        assert!(wants_restart(policy(RestartKind::OnFailure, 2), 1, 1));
        assert!(!wants_restart(policy(RestartKind::OnFailure, 2), 1, 2));
    }
}
