//! From the start of a container to its end: exit codes, further processes, signals, terminals, limits.

use crate::Test;
use crate::fixture::Machine;

pub const TESTS: &[Test] = &[("a program runs as pid 1 and its exit code comes back", exit_code)];

fn exit_code(machine: &Machine) {
    let ended = machine.shell("echo $$; echo oops >&2; exit 7");
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (7, "1\n", "oops\n"));
}
