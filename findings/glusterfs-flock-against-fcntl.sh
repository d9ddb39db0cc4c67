#!/usr/bin/env bash
# Surprise: on GlusterFS, a program that takes flock(2) on a file is refused a record lock on it by itself.
#
# Expected: on a local Linux file system, flock(2) and the record locks of fcntl(2) know nothing of each other.
#   A program that takes both on one descriptor gets both.
# Seen: on a GlusterFS mount, the second of the two is refused with EAGAIN in the same process and on the same
#   descriptor, in both orders.
# Why: the server keeps both kinds in one table, and a lock of one kind has another owner than one of the other
#   kind, although one process has both.
# Versions: GlusterFS 10.3 of Debian 12, one volume of one brick with default settings.
# It matters to programs that take both kinds, to exclude programs that take only one, as mail programs do. With
#   a lock that waits instead of F_SETLK, such a program would wait for itself for ever.
# Instead: take one kind, the same in all programs that share the file.

set -euo pipefail
version=10.3-5
packages=(
    "glusterfs-server=$version" "glusterfs-client=$version" "glusterfs-cli=$version" "glusterfs-common=$version"
    "libglusterfs0=$version" "libgfrpc0=$version" "libgfxdr0=$version" "libgfapi0=$version"
    "libglusterd0=$version" "libgfchangelog0=$version"
    liburcu8=0.13.2-1 libtirpc3=1.3.3+ds-1 libtirpc-common=1.3.3+ds-1 libssl3=3.0.22-1~deb12u2
    libgssapi-krb5-2=1.20.1-2+deb12u5 libkrb5-3=1.20.1-2+deb12u5 libkrb5support0=1.20.1-2+deb12u5
    libk5crypto3=1.20.1-2+deb12u5 libkeyutils1=1.6.3-2 libcom-err2=1.47.0-2+b2
    libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 libreadline8=8.2-1.3
    iproute2=6.1.0-3 libbpf1=1:1.1.2-0+deb12u1 libelf1=0.188-2.1 libmnl0=1.0.4-3 libbsd0=0.11.7-2 libaio1=0.3.113-4
)

# Outside the namespaces: the network, and the temporary folder.
if [ -z "${folder:-}" ]; then
    folder=$(mktemp -d)
    trap 'cd /; rm -rf --one-file-system "$folder"' EXIT
    fetch() { apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"; }
    mkdir "$folder/debs" "$folder/root"
    (cd "$folder/debs" && { fetch 2>/dev/null || { apt-get -qq update && fetch; }; })
    for deb in "$folder"/debs/*.deb; do dpkg -x "$deb" "$folder/root"; done
    # The daemons end with the PID namespace, and the mounts with the mount namespace.
    export folder
    unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0"
    exit
fi

cd "$folder"
# Without the program of geo-replication, which needs Python, glusterd does without geo-replication.
rm root/usr/lib/x86_64-linux-gnu/glusterfs/gsyncd
export PATH="$folder/root/usr/sbin:$folder/root/usr/bin:$folder/root/sbin:$folder/root/bin:$PATH"
export LD_LIBRARY_PATH="$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu"

# GlusterFS has paths built in. This namespace sees the packages there, over what the machine has.
mkdir state mount
mount -t tmpfs state state
mount -t overlay -o "lowerdir=$folder/root/usr:/usr" usr /usr
mkdir state/etc state/work
mount -t overlay -o "lowerdir=$folder/root/etc:/etc,upperdir=state/etc,workdir=state/work" etc /etc
mount -t tmpfs lib /var/lib
mount -t tmpfs log /var/log
mount -t tmpfs run /run
mkdir -p /var/lib/glusterd /var/log/glusterfs /run/gluster state/brick

# GlusterFS takes no loopback address for a brick.
address=192.0.2.1
ip link set lo up
ip address add "$address/32" dev lo
glusterd
volume() { gluster --mode=script volume "$@"; }
for _ in $(seq 100); do
    if volume info >/dev/null 2>&1; then break; fi
    sleep 0.2
done
volume create tried "$address:$folder/state/brick" force
volume start tried
glusterfs --volfile-server="$address" --volfile-id=tried mount
for _ in $(seq 100); do
    if mountpoint -q mount && : >mount/ready; then break; fi
    sleep 0.1
done

cat >both.pl <<'PERL'
use strict;
use Fcntl ':flock', ':DEFAULT';
my ($file) = @ARGV;
my $whole_file = pack 's s x4 q q i x4', F_WRLCK, 0, 0, 0, 0;
my %take = (
    flock => sub { flock $_[0], LOCK_EX | LOCK_NB },
    fcntl => sub { fcntl $_[0], F_SETLK, $whole_file },
);
for my $order (['flock', 'fcntl'], ['fcntl', 'flock']) {
    open my $descriptor, '+>', $file or die "$file: $!";
    for my $kind (@$order) {
        print "  $kind: ", $take{$kind}->($descriptor) ? 'granted' : $!{EAGAIN} ? 'EAGAIN' : $!;
    }
    print "\n";
    close $descriptor;
    unlink $file;
}
PERL

glusterfs --version | sed -n 1p
mkdir state/local
echo "one process on tmpfs:"
control=$(perl both.pl state/local/file)
echo "$control"
echo "one process on GlusterFS:"
surprise=$(perl both.pl mount/file)
echo "$surprise"

[ "$control" = "  flock: granted  fcntl: granted
  fcntl: granted  flock: granted" ]
[ "$surprise" = "  flock: granted  fcntl: EAGAIN
  fcntl: granted  flock: EAGAIN" ]
echo "ok: on GlusterFS, flock(2) and fcntl(2) locks of one process exclude each other"
