#!/bin/bash
# Runs inside the machine. Leaves `begun`, and `finished` when all of it has been tried, whatever came of it.
#   usage: all.sh core | whole | FILE...
cd "$(dirname "$0")"
touch begun
[ -e /usr/bin/busybox ] || cp probes/busybox /usr/bin/busybox
# The machine goes on with the time at which it was kept: the files of the host, this repository's, would be of the future.
set_clock() {
  date --set "@$(stat --format %Z begun)" >/dev/null
}
case $1 in
core)
  bash story.sh
  bash kernel.sh
  bash suite.sh test/driver/native.test.ts
  ;;
whole)
  set_clock
  bash story.sh
  bash kernel.sh
  (cd repository && find test/driver test/e2e test/runtime -name '*.test.ts' | sort) >files
  # shellcheck disable=SC2046
  bash suite.sh $(cat files)
  ;;
*)
  set_clock
  bash suite.sh "$@"
  ;;
esac
touch finished
