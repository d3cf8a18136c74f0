# What a process in a container tries to change of the machine: one line for each attempt, and whether it succeeded.
# Where one succeeds it does no harm: what is written was there before. Still, never run this in a privileged container.
tries() { # NAME COMMAND
  if (eval "$2") >/dev/null 2>&1; then echo "tries:$1 1"; else echo "tries:$1 0"; fi
}
again() { # FILE: writes what it holds
  value=$(cat "$1") && echo "$value" >"$1"
}
tries write-core-pattern 'again /proc/sys/kernel/core_pattern'
tries write-sysrq ': > /proc/sysrq-trigger'
tries write-irq 'again /proc/irq/default_smp_affinity'
tries write-sys 'again /sys/kernel/rcu_expedited'
tries release-agent 'for one in /sys/fs/cgroup/*/release_agent; do again $one && exit 0; done; exit 1'
tries limits 'for one in /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do again $one && exit 0; done; exit 1'
tries make-group 'mkdir /sys/fs/cgroup/x /sys/fs/cgroup/*/x'
tries leave-group 'for one in /sys/fs/cgroup/*/../cgroup.procs; do echo 0 > $one && exit 0; done; exit 1'
tries mount 'mount -t tmpfs none /tmp'
tries remount 'mount -o remount,rw /proc/sys'
tries proc 'mount -t proc proc /tmp'
tries unhide 'umount /proc/keys || umount /sys/firmware'
tries read-disk 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk'
tries read-memory 'mknod /tmp/memory c 1 1 && head -c 1 /tmp/memory'
tries read-fuse 'mknod /tmp/fuse c 10 229 && head -c 1 /tmp/fuse'
tries host-name 'hostname elsewhere'
tries own-file 'echo x > /tmp/own && chmod 700 /tmp/own'
