#!/bin/bash
# Runs inside the machine: everyday verbs on a host with control groups v2 and systemd, and nothing left behind after them.
set -euo pipefail
cd "$(dirname "$0")"
export TSCOMPOSE_DATA_DIR=/var/lib/vm-test/data TSCOMPOSE_RUN_DIR=/run/vm-test
tscompose=$PWD/repository/bin/tscompose

check() { # NAME EXPECTED FOUND
  if [ "$2" = "$3" ]; then echo "ok   $1"; else echo "FAIL $1: expected '$2', found '$3'"; failed=1; fi
}
failed=
leftovers() { ip -br link | awk '{print $1}'; nft list ruleset; awk '{print $2, $3}' /proc/mounts; find /sys/fs/cgroup -type d -name '*tscompose*'; pgrep -f tscompose-monitor || true; }

check 'the host has control groups v2 alone' cgroup2fs "$(stat -f -c %T /sys/fs/cgroup)"
"$tscompose" image import --change 'CMD ["sh"]' "$(echo images/busybox-*.tar)" busybox >/dev/null
before=$(leftovers)
mkdir -p project && cd project
cat >compose.yaml <<'YAML'
name: vm
services:
  web:
    image: busybox
    command: ["sh", "-c", "mkdir -p /www; echo from the machine >/www/index.html; exec httpd -f -p 80 -h /www"]
    ports: ["18080:80"]
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 50
    healthcheck: { test: ["CMD-SHELL", "nc 127.0.0.1 80 </dev/null"], interval: 500ms, timeout: 5s, retries: 20 }
    stop_grace_period: 1s
  other:
    image: busybox
    command: sleep 1000
    depends_on: { web: { condition: service_healthy } }
    stop_grace_period: 0s
  journal:
    image: busybox
    command: ["sh", "-c", "echo said to the journal; echo complained >&2; sleep 1000"]
    logging: { driver: journald, options: { tag: "{{.Name}}" } }
    stop_grace_period: 0s
YAML
"$tscompose" up -d
inside() { "$tscompose" exec -T "$@"; }
fetch() { exec 3<>/dev/tcp/127.0.0.1/18080; printf 'GET / HTTP/1.0\r\n\r\n' >&3; tail -n 1 <&3; }
check 'memory limit' 67108864 "$(inside web cat /sys/fs/cgroup/memory.max)"
check 'processor limit' '50000 100000' "$(inside web cat /sys/fs/cgroup/cpu.max)"
check 'process limit' 50 "$(inside web cat /sys/fs/cgroup/pids.max)"
check 'the group is read-only and its own' '0::/' "$(inside web sh -c 'mkdir /sys/fs/cgroup/x 2>/dev/null; cat /proc/self/cgroup')"
check 'a device that is not allowed' 'refused' "$(inside web sh -c 'mknod /tmp/mem c 1 1 && cat /tmp/mem >/dev/null 2>&1 || echo refused')"
check 'a device that is allowed' 'fine' "$(inside web sh -c 'echo x >/dev/null && echo fine')"
check 'published port' 'from the machine' "$(fetch)"
check 'names' 0 "$(inside other sh -c 'nc web 80 </dev/null; echo $?')"
entry() { journalctl --sync; journalctl -o cat CONTAINER_NAME=vm-journal-1 "$@"; }
check 'journal' 'said to the journal' "$(entry SYSLOG_IDENTIFIER=vm-journal-1 PRIORITY=6)"
check 'complaints in the journal' 'complained' "$(entry PRIORITY=3)"
check 'logs of what went to the journal' 2 "$("$tscompose" logs journal | wc -l)"
"$tscompose" stop
"$tscompose" start
check 'published port after stop and start' 'from the machine' "$(sleep 2; fetch)"
"$tscompose" down -v
check 'nothing is left' "$before" "$(leftovers)"
[ -z "$failed" ]
