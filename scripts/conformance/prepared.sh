#!/bin/sh
# Runs a command where crun runs too: in a mount namespace of its own in which no controller is left to control groups v2, when
# the machine has both versions. Nothing of it is seen outside, and nothing stays.
#   usage: prepared.sh COMMAND...
set -eu
[ "${PREPARED:-}" = yes ] || PREPARED=yes exec unshare -m --propagation private "$0" "$@"
v2=/sys/fs/cgroup/unified
if [ -n "$(cat "$v2/cgroup.controllers" 2>/dev/null)" ]; then
  new=$(mktemp -d)
  mount -t tmpfs -o mode=755 cgroup "$new"
  for controller in $(cat "$v2/cgroup.controllers"); do
    mkdir "$new/$controller"
    mount -t cgroup -o "$controller" cgroup "$new/$controller"
  done
  for old in /sys/fs/cgroup/*; do
    mountpoint -q "$old" || continue
    mkdir -p "$new/${old##*/}"
    mount --move "$old" "$new/${old##*/}"
  done
  umount /sys/fs/cgroup
  mount --move "$new" /sys/fs/cgroup
  rmdir "$new"
fi
exec "$@"
