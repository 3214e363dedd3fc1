#!/bin/sh
# boot.sh DIRECTORY INIT...: a copy of this machine, in which INIT is PID 1, until standard input ends. Prints the PID of INIT.
#
# What is written there goes to memory. The network, /run, /dev, the PIDs and the cgroups are its own; the settings of the
# kernel (/proc/sys, /sys) are read-only there.
set -eu
trap '' HUP INT TERM
umask 022
directory=$1
shift
mkdir "$directory/cgroup" "$directory/written" "$directory/root"
mount -t cgroup2 none "$directory/cgroup"
mount -t tmpfs none "$directory/written"
mkdir "$directory/written/upper" "$directory/written/work"
group=$directory/cgroup/sipwd-test-$$
mkdir "$group"

inner='
set -eu
directory=$1 root=$1/root
shift
mount -t overlay -o "lowerdir=/,upperdir=$directory/written/upper,workdir=$directory/written/work" none "$root"
cd "$root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=755 none dev
ln -s /proc/self/fd dev/fd
for device in full null random tty urandom zero; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
rm -rf etc/systemd/system usr/sbin/policy-rc.d
: >etc/fstab
mkdir etc/systemd/system run/lock
# Only what a test starts: neither what prepares a real machine, nor its other services.
for unit in sysinit local-fs sockets basic; do
  rm -rf "usr/lib/systemd/system/$unit.target.wants"
done
printf "[Unit]\nAllowIsolate=yes\nAfter=basic.target\nRequires=basic.target\n" >etc/systemd/system/default.target
ip link set lo up
mkdir old
pivot_root . old
umount -l old
rmdir old
exec env -i --default-signal=HUP,INT,TERM container=sipwd-test PATH="$PATH" "$@"
'
outer=
clean_up() {
  [ -z "$outer" ] || kill -KILL "$outer" 2>/dev/null || true
  wait
  while [ -e "$group" ]; do
    find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || sleep 0.02
  done
}
trap clean_up EXIT
# The kernel puts what a process starts into its cgroup.
sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" \
  unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child sh -c "$inner" sh "$directory" "$@" \
  </dev/null >/dev/null &
outer=$!
# Before INIT has its environment, the files of that process are still those of this machine.
until init=$(pgrep -P "$outer") && grep -qsz '^container=sipwd-test' "/proc/$init/environ"; do
  kill -0 "$outer"
  sleep 0.02
done
echo "$init"
cat >/dev/null
