#!/bin/sh
# Makes and imports images for the tests by name: busybox, nginx, redis, postgres; all of them when none is named.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
options=
if [ "${1:-}" = --rootfs-only ]; then
  options=$1
  shift
fi
[ $# -gt 0 ] || set -- busybox nginx redis postgres
for name in "$@"; do
  shift
  set -- "$@" "$here/images/$name"
done
# shellcheck disable=SC2086
exec "$here/../../examples/make-image.sh" $options "$@"
