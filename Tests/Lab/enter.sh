#!/bin/sh
# enter.sh WORK ROOT CULPRIT [DIRECTORY...]: the first process of a lab's namespaces. Makes the lab's tree of mounts, all of them in this
# mount namespace alone, and becomes its systemd.
set -eu
work=$1 base=$2 culprit=$3
lab=$work/root
shift 3

mount --make-rprivate /
mount -t tmpfs -o mode=755,size=1g lab "$work/layer"
mkdir "$work/layer/upper" "$work/layer/work"
mount -t overlay -o "lowerdir=$work/files:$base,upperdir=$work/layer/upper,workdir=$work/layer/work" lab "$lab"

mount -t proc proc "$lab/proc"
mount --bind "$lab/proc/sys" "$lab/proc/sys"
mount -o remount,bind,ro "$lab/proc/sys" # it is the host's kernel
mount -t sysfs -o ro sysfs "$lab/sys"
mount -t cgroup2 cgroup2 "$lab/sys/fs/cgroup"
mount -t tracefs tracefs "$lab/sys/kernel/tracing"
mount -t bpf bpf "$lab/sys/fs/bpf"

# Devices of its own, without kmsg: that is the host's, and its old lines would leak in.
mount -t tmpfs -o mode=755,size=64m dev "$lab/dev"
for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "$lab/dev/${node%:*}" c 1 "${node#*:}"
done
mknod -m 666 "$lab/dev/tty" c 5 0
mkdir "$lab/dev/pts" "$lab/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$lab/dev/pts"
mount -t tmpfs -o mode=1777 shm "$lab/dev/shm"
ln -s pts/ptmx "$lab/dev/ptmx"
ln -s /proc/self/fd "$lab/dev/fd"
ln -s fd/0 "$lab/dev/stdin"
ln -s fd/1 "$lab/dev/stdout"
ln -s fd/2 "$lab/dev/stderr"

mount -t tmpfs -o mode=755 run "$lab/run"
mount -t tmpfs -o mode=1777 tmp "$lab/tmp"
mkdir -p "$lab/run/log/journal"
mount --bind "$work/journal" "$lab/run/log/journal" # to be read after the end
mount --bind "$work/stage" "$lab/lab"
[ ! -e "$work/memory" ] || mount --bind "$work/memory/" "$lab/lab/memory" # a memory cgroup of version 1, for scenarios
mount --bind "$work/state" "$lab/var/lib/culprit"
mount --bind "$culprit" "$lab/usr/local/bin/culprit"
for directory; do # libraries that the root does not have
    mount --bind "$directory" "$lab$directory"
done

cd "$lab"
mkdir -p .old
pivot_root . .old
umount -l /.old
mount --make-rshared / # as systemd has it on a host: units with mounts of their own see users' runtime directories appear
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --log-target=journal </dev/null >/run/boot.out 2>&1
