#!/bin/bash
# Brings up examples/wordpress and waits until the site answers. `make demo` builds everything before it comes here.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
example=$root/examples/wordpress
site=http://127.0.0.1:8080/
seconds=120

if [ "$(id -u)" -ne 0 ]; then
  echo 'the demo needs root: sudo make demo' >&2
  exit 1
fi

TSCOMPOSE=$root/bin/tscompose "$example/images/make.sh"
cd "$example"
"$root/bin/tscompose" up -d

echo "waiting for $site"
SECONDS=0
# One page takes WordPress 16 seconds where a name server is silent: it asks wordpress.org for translations.
until curl -fsSL --max-time 60 -o /dev/null "$site" 2>/dev/null; do
  if [ "$SECONDS" -ge "$seconds" ]; then
    echo "the site did not answer within $seconds seconds; this is what the services said:" >&2
    "$root/bin/tscompose" ps -a >&2
    "$root/bin/tscompose" logs --tail 20 >&2
    exit 1
  fi
  sleep 1
done

cat <<END

WordPress answers at http://localhost:8080/

    cd examples/wordpress
    ../../bin/tscompose ps          # what runs
    ../../bin/tscompose logs -f     # what it says
    ../../bin/tscompose down        # stop it; the posts stay in its volumes
    ../../bin/tscompose down -v     # stop it and forget the posts
END
