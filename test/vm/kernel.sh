#!/bin/bash
# Runs inside the machine: the kernel's own tests, which know control groups of both versions. Races are run a few times only.
cd "$(dirname "$0")"
[ -e /bin/busybox ] || cp probes/busybox /bin/busybox
export TSCOMPOSE_PROBES=$PWD/probes TSCOMPOSE_ROUNDS=5 RUST_BACKTRACE=0
failed=
for test in sandbox network unpack kernel; do
  echo "== $test"
  timeout 900 "tests/$test" || failed=1
done
[ -z "$failed" ]
