#!/usr/bin/env bash
# Surprise: in a container, lslocks(8) and /proc/locks omit a lock that a shell took with "flock 9".
#
# Expected: /proc/locks lists each lock that processes of the container hold. lslocks(8) shows it with its file.
# Seen: a shell opens descriptor 9 and runs "flock 9", as the manual page of flock(1) shows. The shell goes on
#   with the lock. In a PID namespace of its own, neither /proc/locks nor lslocks(8) lists the lock. Another
#   contender is refused all the same. If flock(1) runs the command itself and so stays alive, both list it.
# Why: the kernel notes the process that asked for the lock. That was flock(1), which has ended. A PID
#   namespace other than the first has no number for it, and /proc/locks leaves such locks out.
# Versions: util-linux 2.38.1 of Debian 12.
# It matters to those who look for the holder of a lock in a container, and to programs that take an empty
#   /proc/locks for proof that nobody holds it.
# Instead: read the "lock:" lines of /proc/PID/fdinfo/FD of all processes. There the lock is listed, with 0 as
#   the process. Or try to take the lock.

set -euo pipefail
if [ -z "${own_namespace:-}" ]; then
    own_namespace=yes exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0"
fi

version=2.38.1-5+deb12u3
packages=("util-linux=$version" "libsmartcols1=$version" "libmount1=$version" "libblkid1=$version")

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
export PATH="$folder/root/usr/bin:$folder/root/bin:$PATH"
export LD_LIBRARY_PATH="$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu"

lslocks --version
uname -sr

: >lock
inode=$(stat --format %i lock)
# Prints who lists the lock and whether it is held.
cat >look.sh <<'LOOK'
exec 8<>lock  # Another open file than the one that holds the lock.
listed() { if grep -q "$1"; then echo listed; else echo "not listed"; fi; }
echo "  /proc/locks: $(listed ":$1 " </proc/locks)"
echo "  lslocks: $(lslocks --noheadings --output INODE | listed "^ *$1\$")"
if flock -n 8; then echo "  another contender: granted"; else echo "  another contender: refused"; fi
LOOK

echo "flock(1) runs the command:"
control=$(flock lock bash look.sh "$inode")
echo "$control"

echo "a shell has run flock 9:"
exec 9<>lock
flock 9
surprise=$(bash look.sh "$inode" 9>&-)
echo "$surprise"
fdinfo=$(grep ^lock: "/proc/$$/fdinfo/9")
echo "  fdinfo of the shell: $fdinfo"

[ "$control" = "  /proc/locks: listed
  lslocks: listed
  another contender: refused" ]
[ "$surprise" = "  /proc/locks: not listed
  lslocks: not listed
  another contender: refused" ]
[[ $fdinfo =~ FLOCK\ +ADVISORY\ +WRITE\ 0\ .*:$inode\  ]]
echo "ok: /proc/locks and lslocks omit a held flock whose taker has ended, in a PID namespace"
