# What a process in a container is, sees and may change: one line for each point, its name and what was found.
# Looks only.
awk '/^(Cap|NoNewPrivs|Seccomp:|Groups)/ { name = $1; $1 = ""; sub(/:/, "", name); print "status:" name $0 }' /proc/self/status

for path in /proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug \
  /proc/scsi /proc/timer_list /proc/timer_stats /sys/devices/virtual/powercap /sys/firmware /sys/fs/selinux \
  /sys/devices/system/cpu/cpu*/thermal_throttle; do
  if [ -d "$path" ]; then
    echo "hidden:$path $(ls -A "$path" | wc -l)"
  elif [ -e "$path" ]; then
    echo "hidden:$path $(head -c 9 "$path" 2>/dev/null | wc -c)"
  fi
done

awk '{ print "mount:" $5 " " $6 }' /proc/self/mountinfo
for node in /dev/*; do
  [ -L "$node" ] || echo "device:$node $(stat -c '%F,%t:%T,%a,%u:%g' "$node" | tr ' ' '-')"
done
for name in mnt pid uts ipc net cgroup; do echo "namespace:$name $(readlink "/proc/self/ns/$name")"; done
for number in 0 1 2 3 4 5 6 7 8 9; do
  [ ! -e "/proc/1/fd/$number" ] || echo "descriptor:$number $(readlink "/proc/1/fd/$number" | sed 's/:.*//')"
done
