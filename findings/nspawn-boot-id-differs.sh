#!/usr/bin/env bash
# Surprise: systemd-nspawn shows each container another boot id, although all run on one booted kernel.
#
# Expected: /proc/sys/kernel/random/boot_id names one boot of one kernel. It is equal for all processes of that
#   kernel, as it is in containers that are made with namespaces alone.
# Seen: the host and two runs of a container show three boot ids. The time of the boot in /proc/stat is the same
#   for all.
# Why: systemd-nspawn writes a random id of its own to a file and mounts that over the kernel's file.
# Versions: systemd 252.39 of Debian 12.
# It matters to programs that write the boot id next to a PID in a lock file, and take another boot id for
#   proof that the holder has died with its boot. The holder may live, in a container or on the host.
# Instead: take a kernel lock that ends with its holder. Or look whether boot_id is a mount point in
#   /proc/self/mountinfo, and then conclude nothing from a boot id that differs.

set -euo pipefail
if [ -z "${own_namespace:-}" ]; then
    own_namespace=yes exec unshare --mount bash "$0"
fi

version=252.39-1~deb12u2
packages=(
    "systemd-container=$version" "libsystemd-shared=$version"
    libkmod2=30+20221128-1 libip4tc2=1.8.9-2 libssl3=3.0.22-1~deb12u2
)

folder=$(mktemp -d)
cleanup() {
    cd /
    rm -rf --one-file-system "$folder"
}
trap cleanup EXIT
cd "$folder"

fetch() { apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"; }
mkdir debs root
(cd debs && { fetch 2>/dev/null || { apt-get -qq update && fetch; }; })
for deb in debs/*.deb; do dpkg -x "$deb" root; done
export PATH="$folder/root/usr/bin:$PATH"
export LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu/systemd"

# A container that has the programs of the host. What systemd-nspawn leaves in /run goes with this namespace.
mount -t tmpfs run /run
mkdir -p container/{usr,etc,proc,sys,dev,run,tmp,root}
touch container/etc/os-release
for name in bin sbin lib lib64; do ln -s "usr/$name" "container/$name"; done
show='read -r id </proc/sys/kernel/random/boot_id; echo "$id $(grep btime /proc/stat)"'
in_container() {
    systemd-nspawn --quiet --pipe --register=no --keep-unit --settings=no --private-users=no \
        --link-journal=no --resolv-conf=off --timezone=off --bind-ro=/usr --directory container \
        -- bash -c "$show" 2>log || { cat log >&2; return 1; }
}

systemd-nspawn --version | sed -n 1p
host=$(bash -c "$show")
namespaces=$(unshare --mount --pid --fork --mount-proc --uts --ipc bash -c "$show")
one=$(in_container)
two=$(in_container)
echo "the host:            $host"
echo "namespaces alone:    $namespaces"
echo "a container:         $one"
echo "the container again: $two"

[ "$namespaces" = "$host" ]
[ "${one#* }" = "${host#* }" ]
[ "${two#* }" = "${host#* }" ]
[ "${one%% *}" != "${host%% *}" ]
[ "${two%% *}" != "${host%% *}" ]
[ "${one%% *}" != "${two%% *}" ]
echo "ok: systemd-nspawn gives a container a boot id of its own for each run"
