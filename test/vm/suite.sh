#!/bin/bash
# Runs inside the machine: privileged test files of the repository.
cd "$(dirname "$0")"
# The machine has no curl; what the tests ask of it Node can do.
command -v curl >/dev/null || {
  cat >/usr/local/bin/curl <<'END'
#!/usr/bin/env node
const request = require('node:http').get(process.argv.at(-1), (answer) => answer.pipe(process.stdout))
request.setTimeout(30_000, () => request.destroy(new Error('no answer'))).on('error', () => process.exit(7))
END
  chmod 755 /usr/local/bin/curl
}
# Nor has it these.
cp probes/lib/* /usr/lib/ && ldconfig
for program in strace crun runc; do
  [ ! -e "probes/$program" ] || cp "probes/$program" /usr/bin/
done
mkdir -p /srv && mount -o loop disk /srv && chmod 1777 /srv
# A processor that is emulated takes ten times as long.
export TMPDIR=/srv TSCOMPOSE_IMAGE_CACHE=$PWD/images TSCOMPOSE_PROBES=$PWD/probes TSCOMPOSE_SLOWNESS=10 TSCOMPOSE_ROUNDS=5
cd repository || exit 1
node node_modules/vitest/vitest.mjs run --project privileged --testTimeout=900000 --reporter=default --reporter=json --outputFile.json=../vitest.json "$@"
