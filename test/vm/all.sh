#!/bin/bash
# Runs inside the machine. Leaves `begun`, and `finished` when all of it has been tried, whatever came of it.
#   usage: all.sh core | whole | FILE...
cd "$(dirname "$0")"
touch begun
[ -e /usr/bin/busybox ] || cp probes/busybox /usr/bin/busybox
case $1 in
core)
  bash story.sh
  bash kernel.sh
  bash suite.sh test/driver/native.test.ts
  ;;
whole)
  bash story.sh
  bash kernel.sh
  (cd repository && find test/driver test/e2e test/runtime -name '*.test.ts' | sort) >files
  # shellcheck disable=SC2046
  bash suite.sh $(cat files)
  ;;
*)
  bash suite.sh "$@"
  ;;
esac
touch finished
