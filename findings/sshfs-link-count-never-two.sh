#!/usr/bin/env bash
# Surprise: on sshfs, the lock library flufl.lock takes a lock and then says that it does not hold it.
#
# Expected: link(2) works on sshfs. So a lock that is made with link(2), the way that is safe on NFS, works too.
# Seen: lock() returns at once and without an error, is_locked is False, and unlock() raises NotLockedError. The
#   lock file stays, and keeps all others out until the lifetime of the lock has passed.
# Why: link(2) makes a true hard link on the server. But the protocol between sshfs and the server has no link
#   count and no inode number. stat(2) always says one link, and shows another inode number for each name.
#   flufl.lock and the manual page of open(2) conclude from a count of two that the lock is taken.
# Versions: sshfs 3.7.3, sftp-server of OpenSSH 9.2p1, flufl.lock 5.0.1, Python 3.11.2, all of Debian 12.
# It matters to programs that count links to find out whether they hold a lock, and to those that compare inode
#   numbers to find out whether two names are one file.
# Instead: believe the result of link(2) when it is success. Or take a lock with mkdir(2) there.

set -euo pipefail
if [ -z "${own_namespace:-}" ]; then
    own_namespace=yes exec unshare --mount bash "$0"
fi

packages=(
    sshfs=3.7.3-1.2~deb12u1 libfuse3-3=3.14.0-4 libglib2.0-0=2.74.6-2+deb12u9
    openssh-sftp-server=1:9.2p1-2+deb12u10
    python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal=3.11.2-6+deb12u9
    libpython3.11-stdlib=3.11.2-6+deb12u9 libexpat1=2.5.0-1+deb12u5
    python3-flufl.lock=5.0.1-4 python3-public=2.3-4 python3-psutil=5.9.4-1+b1
)

folder=$(mktemp -d)
servers=()
cleanup() {
    cd /
    if mountpoint -q "$folder/mount"; then umount --lazy "$folder/mount"; fi
    for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
    wait
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
export PYTHONPATH="$folder/root/usr/lib/python3/dist-packages"
export PYTHONDONTWRITEBYTECODE=1
python=$folder/root/usr/bin/python3.11

mkdir store mount
# sshfs and the server talk over two pipes, without ssh.
mkfifo to from
root/usr/lib/openssh/sftp-server <to >from &
servers+=($!)
sshfs -f -o passive ":$folder/store" mount >to <from 2>log &
servers+=($!)
for _ in $(seq 100); do
    if mountpoint -q mount; then break; fi
    sleep 0.1
done
mountpoint -q mount

cat >try.py <<'PYTHON'
import os
import sys
from datetime import timedelta

from flufl.lock import Lock, NotLockedError, TimeOutError

path = os.path.join(sys.argv[1], "lock")
lock = Lock(path, lifetime=timedelta(minutes=5))
lock.lock(timeout=timedelta(seconds=30))
print("  lock() returned, is_locked:", lock.is_locked)
print("  links:", os.stat(path).st_nlink)
try:
    Lock(path).lock(timeout=timedelta(seconds=1))
    print("  another contender: granted")
except TimeOutError:
    print("  another contender: refused")
try:
    lock.unlock()
    print("  unlock() returned")
except NotLockedError:
    print("  unlock() raised NotLockedError")
print("  the lock file is", "there" if os.path.exists(path) else "gone")
PYTHON

sshfs --version | sed -n '/SSHFS/p'
"$python" -c 'import platform, flufl.lock; print("Python", platform.python_version(), "flufl.lock", flufl.lock.__version__)'
echo "on the store itself:"
control=$("$python" try.py store)
echo "$control"
echo "on sshfs:"
surprise=$("$python" try.py mount)
echo "$surprise"
names=$(stat --format %h store/lock)
echo "  links, seen on the store: $names"

[ "$control" = "  lock() returned, is_locked: True
  links: 2
  another contender: refused
  unlock() returned
  the lock file is gone" ]
[ "$surprise" = "  lock() returned, is_locked: False
  links: 1
  another contender: refused
  unlock() raised NotLockedError
  the lock file is there" ]
[ "$names" = 2 ]
echo "ok: sshfs shows one link where there are two, and a lock that counts links is lost to its holder"
