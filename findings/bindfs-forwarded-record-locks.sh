#!/usr/bin/env bash
# Surprise: bindfs with --enable-lock-forwarding grants one exclusive fcntl(2) record lock to two processes.
#
# Expected: the option makes locks reach further. Two processes that exclude each other on a mount without
#   the option still do so with it.
# Seen: without the option, the second process on the same mount is refused. With it, the second process gets
#   the same write lock while the first still has it. A process on the store beneath is refused.
# Why: bindfs takes each forwarded lock itself, and the kernel sees one owner, the bindfs process. A record
#   lock never conflicts with another one of the same owner. flock(2) belongs to the open file, so a forwarded
#   flock(2) works.
# Versions: bindfs 1.14.7 of Debian 12.
# It matters to programs that lock with fcntl(2) or lockf(3), as many databases and mail programs do. Whoever
#   turns the option on to protect them between mounts takes the protection away within the mount.
# Instead: leave the option off if the programs take record locks and all use one mount. Use the option only
#   for programs that take flock(2).

set -euo pipefail
if [ -z "${own_namespace:-}" ]; then
    own_namespace=yes exec unshare --mount bash "$0"
fi

packages=(bindfs=1.14.7-1 libfuse2=2.9.9-6+b1)

folder=$(mktemp -d)
cleanup() {
    cd /
    for at in "$folder/plain" "$folder/forwarding"; do
        if mountpoint -q "$at"; then umount --lazy "$at"; fi
    done
    rm -rf --one-file-system "$folder"
}
trap cleanup EXIT
cd "$folder"

fetch() { apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"; }
mkdir debs root
(cd debs && { fetch 2>/dev/null || { apt-get -qq update && fetch; }; })
for deb in debs/*.deb; do dpkg -x "$deb" root; done
export PATH="$folder/root/usr/bin:$PATH"
export LD_LIBRARY_PATH="$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu"

# Takes a write lock on the first file, and lets a child try the same on the second.
cat >contend.pl <<'PERL'
use strict;
use Fcntl;
my ($first, $second) = @ARGV;
my $whole_file = pack 's s x4 q q i x4', F_WRLCK, 0, 0, 0, 0;
open my $held, '+>>', $first or die "$first: $!";
fcntl $held, F_SETLK, $whole_file or die "first lock: $!";
my $child = fork // die;
if (!$child) {
    open my $wanted, '+>>', $second or die "$second: $!";
    print fcntl($wanted, F_SETLK, $whole_file) ? "granted\n" : "refused: $!\n";
    exit;
}
waitpid $child, 0;
PERL

mkdir store plain forwarding
: >store/file
bindfs store plain
bindfs --multithreaded --enable-lock-forwarding store forwarding

bindfs --version
failed=0
expect() { # WHAT EXPECTED FIRST SECOND
    local seen
    seen=$(perl contend.pl "$3" "$4")
    echo "$1: $seen"
    case $seen in "$2"*) ;; *) echo "  expected: $2"; failed=1 ;; esac
}
expect "two processes on the store itself" refused store/file store/file
expect "two processes on a mount without the option" refused plain/file plain/file
expect "two processes on a mount with the option" granted forwarding/file forwarding/file
expect "one on a mount with the option, one on the store" refused forwarding/file store/file
[ "$failed" = 0 ]
echo "ok: bindfs --enable-lock-forwarding lets two processes of one mount have the same record lock"
