#!/bin/bash
# Runs test/vm/story.sh and the kernel's privileged tests on a machine with control groups v2 and systemd alone, under emulation:
# minutes, not part of `make test`.
#   usage: vm-test.sh MACHINE VMRUN      MACHINE: the folder of the machine; VMRUN: the program that resumes it with a shared folder
set -euo pipefail
cd "$(dirname "$0")/.."
machine=${1:-} vmrun=${2:-}
if [ ! -d "$machine" ] || [ ! -x "$vmrun" ]; then
  echo 'skipped: needs the folder of a machine and the program that runs it (usage: vm-test.sh MACHINE VMRUN)'
  exit 0
fi
share=$(mktemp -d)
trap 'rm -rf "$share"' EXIT
mkdir -p "$share/tscompose/native"
cp -r bin dist package.json "$share/tscompose/"
cp -r native/prebuilt "$share/tscompose/native/"
cp "$(examples/make-image.sh --rootfs-only test/support/images/busybox)" "$share/busybox.tar"
cp test/vm/*.sh "$share/"
mkdir "$share/tests" "$share/probes"
cargo test --locked -p kernel -p monitor --no-run --message-format=json 2>/dev/null | node scripts/test-programs.mjs "$share/tests"
# The monitor's tests look for it where it was built.
cp target/debug/tscompose-monitor "$share/"
echo "$PWD/target/debug" >"$share/built"
cp "$(command -v busybox)" "$share/probes/busybox"
cc -O1 -static -o "$share/probes/probe" test/support/attacks/probe.c
cc -O1 -static -nostdlib -fno-stack-protector -o "$share/probes/loader" test/support/attacks/loader.c
echo 'status=0; bash /ctl/story.sh || status=1; bash /ctl/kernel.sh || status=1; exit $status' >"$share/cmd"
status=0
VM_TIMEOUT=${VM_TIMEOUT:-1200} "$vmrun" "$machine" run "$share" || status=$?
cat "$share/out"
exit "$status"
