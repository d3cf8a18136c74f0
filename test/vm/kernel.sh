#!/bin/bash
# Runs inside the machine: the tests of the kernel's verbs and of the monitor, which know control groups of both versions. Races are run a few times
# only.
cd "$(dirname "$0")"
[ -e /bin/busybox ] || cp probes/busybox /bin/busybox
export TSCOMPOSE_PROBES=$PWD/probes TSCOMPOSE_ROUNDS=5 RUST_BACKTRACE=0
mkdir -p "$(cat built)" && cp tscompose-monitor "$(cat built)/"
failed=
for test in sandbox network unpack kernel tscompose-monitor; do
  echo "== $test"
  timeout 900 "tests/$test" || failed=1
done
# Health and logging count milliseconds, which a processor that is emulated does not have.
echo '== monitor'
timeout 900 tests/monitor --test-threads=1 lifecycle:: control:: exec:: network:: || failed=1
[ -z "$failed" ]
