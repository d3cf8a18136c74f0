#!/bin/sh
# Makes images from Debian's packages and puts them into tscompose's store: for machines that reach no registry.
#
#   usage: make-image.sh [--rootfs-only] FOLDER...
#
# A FOLDER describes one image:
#   reference   the name it gets, such as `wordpress:latest`
#   packages    Debian packages, one for each line
#   files/      a tree laid over the root file system
#   setup.sh    runs inside the root file system after that (optional)
#   changes     Dockerfile instructions for the image's configuration, one for each line
#   variant     mmdebstrap's variant, when it is not minbase (optional)
#
# Root file systems are kept in ~/.cache/tscompose-example by the content of their folder, so that a second run is
# quick. With --rootfs-only it prints their paths and imports nothing. Packages come from the machine's own apt sources.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tscompose=${TSCOMPOSE:-$here/../bin/tscompose}
cache=${TSCOMPOSE_IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tscompose-example}

fail() {
  echo "make-image.sh: $*" >&2
  exit 1
}

# The machine's package sources in a form that mmdebstrap takes: deb822 files first, else the one-line list.
apt_sources() {
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if [ -s "$file" ] && grep -Eq '^(deb |Types:.*deb)' "$file"; then
      echo "$file"
      return
    fi
  done
  fail "no Debian package source was found in /etc/apt; write one to /etc/apt/sources.list"
}

debian_suite() {
  # shellcheck disable=SC1091
  . /etc/os-release
  [ "${ID:-}" = debian ] || fail "images can only be made on Debian (this is ${PRETTY_NAME:-unknown})"
  echo "$VERSION_CODENAME"
}

content_key() { # FOLDER: what its root file system depends on
  { cat "$here/make-image.sh" && cd "$1" && find . -type f ! -name changes ! -name reference -print0 | LC_ALL=C sort -z | xargs -0 sha256sum && find . -type f -perm -u+x | LC_ALL=C sort; } |
    sha256sum | cut -c1-16
}

rootfs_path() { # FOLDER
  echo "$cache/$(basename "$1")-$(content_key "$1").tar"
}

make_rootfs() { # FOLDER TAR
  command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing; install it with: apt-get install mmdebstrap"
  echo "making $(cat "$1/reference") from Debian packages" >&2
  packages=$(sed 's/#.*//' "$1/packages" | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
  variant=minbase hook=customize-hook
  [ ! -f "$1/variant" ] || variant=$(cat "$1/variant")
  # Packages that are only unpacked are never configured: that step has a hook of its own.
  [ "$variant" != extract ] || hook=extract-hook
  set -- "$1" "$2" --quiet --variant="$variant" --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-include=/usr/share/doc/*/copyright'
  [ ! -d "$1/files" ] || set -- "$@" --$hook="cp -r --no-preserve=ownership '$1/files/.' \"\$1\""
  [ ! -f "$1/setup.sh" ] || set -- "$@" --$hook="{ [ -e \"\$1/bin/sh\" ] || ln -s busybox \"\$1/bin/sh\"; } && chroot \"\$1\" /bin/sh -eu < '$1/setup.sh'"
  # The builder's own name servers and host name are no part of an image.
  set -- "$@" --$hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"; find "$1/var/log" -type f -delete 2>/dev/null || true'
  folder=$1 tar=$2
  shift 2
  if ! mmdebstrap "$@" "$(debian_suite)" "$tar.partial.tar" "$(apt_sources)" </dev/null >"$tar.log" 2>&1; then
    tail -n 20 "$tar.log" >&2
    rm -f "$tar.partial.tar"
    fail "the image of '$folder' could not be made; the whole log is in $tar.log"
  fi
  # Those of earlier contents of the folder will never be asked for again.
  find "$cache" -maxdepth 1 -name "$(basename "$folder")-*.tar*" ! -name "$(basename "$tar")*" -delete
  mv "$tar.partial.tar" "$tar"
  rm -f "$tar.log"
}

import_rootfs() { # FOLDER TAR
  reference=$(cat "$1/reference")
  revision=$(cat "$2.key" "$1/changes" | sha256sum | cut -c1-16)
  if "$tscompose" image inspect "$reference" 2>/dev/null | grep -q "\"org.opencontainers.image.revision\": \"$revision\""; then
    echo "image $reference is up to date" >&2
    return
  fi
  tar=$2 changes=$1/changes
  set --
  while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    set -- "$@" --change "$line"
  done <"$changes"
  "$tscompose" image import "$@" --change "LABEL org.opencontainers.image.revision=$revision" \
    --message "made from Debian packages by make-image.sh" "$tar" "$reference" >/dev/null
  echo "imported $reference" >&2
}

rootfs_only=
if [ "${1:-}" = --rootfs-only ]; then
  rootfs_only=yes
  shift
fi
[ $# -gt 0 ] || fail "usage: make-image.sh [--rootfs-only] FOLDER..."
mkdir -p "$cache"
for folder in "$@"; do
  [ -f "$folder/reference" ] || fail "'$folder' describes no image: it has no file 'reference'"
  folder=$(cd "$folder" && pwd)
  tar=$(rootfs_path "$folder")
  # One maker at a time; a second one finds the first one's work.
  (
    flock 9
    if [ ! -f "$tar" ]; then make_rootfs "$folder" "$tar"; fi
    basename "$tar" .tar >"$tar.key"
  ) 9>"$cache/$(basename "$folder").lock"
  if [ -n "$rootfs_only" ]; then echo "$tar"; else import_rootfs "$folder" "$tar"; fi
done
