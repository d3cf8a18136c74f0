#!/bin/bash
# Runs tests on a machine with control groups v2 and systemd alone, under emulation. Everything it needs is made when it is missing, and the
# machine is kept in the cache folder for the next time.
#   usage: vm-test.sh core         the driver's contract, the kernel's verbs and an everyday story: minutes; part of `make test`
#          vm-test.sh whole        all privileged tests: more than an hour
#          vm-test.sh FILE...      these test files
# The last line counts what passed, failed and was skipped. VM_TOOLS is the folder with what makes and runs the machine (mkvm.sh, vmrun.py);
# without one, and where the machine can't be made or run, it is skipped with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${VM_TOOLS:-$PWD/../shared/tools/vm}
machine=${XDG_CACHE_HOME:-$HOME/.cache}/tscompose-vm
share=

skip() {
  echo "the machine with control groups v2 is left out: $*"
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
}

main() {
  [ -e "$tools/vmrun.py" ] || skip 'there is nothing to make it with (VM_TOOLS)'
  [ "$(id -u)" -eq 0 ] || skip 'making it needs root'
  trap 'rm -rf "$share"' EXIT
  make_machine >&2 || skip 'it could not be made'
  share=$(mktemp -d)
  chmod 755 "$share"
  fill_share "$@" >&2
  run_machine || { echo 'once more: the machine did not come up' >&2; run_machine || skip 'it did not come up twice'; }
  cat "$share/out"
  node scripts/vm-counts.mjs "$share"
}

make_machine() {
  [ -e "$machine/ready" ] && return
  install_missing debootstrap e2fsprogs python3 qemu-system-common qemu-utils xz-utils
  rm -rf "$machine"
  mkdir -p "$machine"
  bash "$tools/mkvm.sh" "$machine" >"$machine/log" 2>&1 && python3 "$tools/vmrun.py" "$machine" make && touch "$machine/ready"
}

install_missing() {
  local missing=() package
  for package; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# The repository as it is built, the kernel's test programs, and the images that the tests use.
fill_share() {
  mkdir -p "$share"/{repository/native,tests,probes,images}
  cp -a bin dist docs examples oclif.manifest.json package.json README.md RELIABILITY.md schemas scripts src test tsconfig.json vitest.config.ts "$share/repository/"
  cp -a node_modules/. "$share/repository/node_modules"
  cp -a native/prebuilt "$share/repository/native/"
  install -D -t "$share/repository/native/kernel/src/seccomp" native/kernel/src/seccomp/calls.tsv
  local image images=(busybox) made
  [ "$1" = core ] || images+=(nginx redis postgres stress-ng)
  images=("${images[@]/#/test/support/images/}")
  [ "$1" = core ] || images+=(examples/wordpress/images/{wordpress,mysql})
  made=$(examples/make-image.sh --rootfs-only "${images[@]}")
  for image in $made; do
    cp "$image" "$image.key" "$share/images/"
  done
  cp test/vm/*.sh "$share/"
  # The machine's own disk has no room for databases.
  truncate --size 16G "$share/disk"
  mke2fs -q -t ext4 "$share/disk"
  cargo test --locked --quiet -p kernel -p monitor --no-run --message-format=json | node scripts/test-programs.mjs "$share/tests"
  # The monitor's tests look for it where it was built.
  cp target/debug/tscompose-monitor "$share/"
  echo "$PWD/target/debug" >"$share/built"
  cp "$(command -v busybox)" "$share/probes/busybox"
  cc -O1 -static -o "$share/probes/probe" test/support/attacks/probe.c
  cc -O1 -static -nostdlib -fno-stack-protector -o "$share/probes/loader" test/support/attacks/loader.c
  cc -O1 -static -o "$share/probes/calls" test/support/confinement/calls.c
  lend "$(command -v strace)"
  local runtime peers=/opt/peers/root/usr
  for runtime in "$peers/bin/crun" "$peers/sbin/runc"; do
    [ ! -e "$runtime" ] || LD_LIBRARY_PATH=$peers/lib/x86_64-linux-gnu lend "$runtime"
  done
  echo "bash /ctl/all.sh $*" >"$share/cmd"
}

# A program of this machine, and those of its libraries that the other one has not.
lend() {
  mkdir -p "$share/probes/lib"
  cp "$1" "$share/probes/"
  ldd "$1" | awk '$2 == "=>" && $3 ~ /unwind|yajl/ { print $3 }' | xargs -r cp -L -t "$share/probes/lib"
}

# Fails when the machine did not begin with the tests. Whether they came to their end is for the counts to say.
run_machine() {
  VM_TIMEOUT=${VM_TIMEOUT:-7200} python3 "$tools/vmrun.py" "$machine" run "$share" >&2 || true
  [ -e "$share/begun" ]
}

main "${@:-core}"
