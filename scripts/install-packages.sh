#!/bin/bash
# Installs the Debian packages that the native part is linked with and the example's images and the tests are made with.
set -euo pipefail

packages=(busybox-static ca-certificates curl docker-registry dropbear-bin fish gcc iproute2 libc6-dev mmdebstrap nftables openssh-client strace util-linux zsh)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
  echo "this needs a Debian machine; install what corresponds to: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "these packages are missing: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq

# Of docker-registry only the program is wanted: its service would listen on port 5000 of every address, now and after each boot.
policy=/usr/sbin/policy-rc.d
registry=
if [[ " ${missing[*]} " == *" docker-registry "* ]]; then registry=new; fi
if [ -n "$registry" ] && [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\ncase $1 in docker-registry*) exit 101 ;; esac\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get install -y -qq --no-install-recommends "${missing[@]}"
if [ -n "$registry" ]; then update-rc.d docker-registry disable; fi
