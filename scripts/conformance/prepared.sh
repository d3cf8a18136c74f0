#!/bin/sh
# Runs a command where crun runs too: in a mount namespace of its own in which no controller is left to control groups v2, when
# the machine has both versions. Nothing of it is seen outside, and nothing stays.
#   usage: prepared.sh COMMAND...
set -eu
[ "${PREPARED:-}" = yes ] || PREPARED=yes exec unshare -m --propagation private "$0" "$@"
v2=/sys/fs/cgroup/unified

# Those of v2, and those of a hierarchy of v1 that groups which a program forgot keep alive, though it is mounted nowhere any more.
homeless() {
  cat "$v2/cgroup.controllers"
  awk 'NR > 1 && $2 != 0 { print $1 }' /proc/cgroups | while read -r controller; do
    grep -qw -e "- cgroup [^ ]* .*$controller" /proc/self/mountinfo || echo "$controller"
  done
}

if [ -e "$v2/cgroup.controllers" ] && controllers=$(homeless) && [ -n "$controllers" ]; then
  new=$(mktemp -d)
  trap 'umount --lazy "$new"; rmdir "$new"' EXIT
  mount -t tmpfs -o mode=755 cgroup "$new"
  for controller in $controllers; do
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
  trap - EXIT
  rmdir "$new"
fi
exec "$@"
