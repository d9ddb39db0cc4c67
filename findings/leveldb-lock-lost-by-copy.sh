#!/usr/bin/env bash
# Surprise: a program that copies the folder of its open LevelDB loses the database's lock, and keeps no sign.
#
# Expected: LevelDB keeps other processes out until the program closes the database. To read files changes
#   nothing about that.
# Seen: another process is refused while the database is open. Then the program copies the folder with
#   shutil.copytree(). From then on another process can open the database, although it is still open. The
#   first program gets no error.
# Why: LevelDB takes a record lock of fcntl(2) on its file LOCK. A process loses its record locks on a file when
#   it closes any descriptor of the file, also one that other code opened. The copy opens and closes LOCK.
# Versions: LevelDB 1.23, plyvel 1.5.0 and Python 3.11.2 of Debian 12.
# It matters to programs that back up, hash or measure their own data folder while they have it open.
#   LevelDB is made for one process at a time.
# Instead: never open the lock file in the process that has the database open. Leave it out of the copy, or let
#   another process copy. In code of your own, take flock(2) or an open file description lock.

set -euo pipefail

packages=(
    python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal=3.11.2-6+deb12u9
    libpython3.11-stdlib=3.11.2-6+deb12u9 libexpat1=2.5.0-1+deb12u5
    python3-plyvel=1.5.0-1+b2 libleveldb1d=1.23-4 libsnappy1v5=1.1.9-3
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
export LD_LIBRARY_PATH="$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu"
export PYTHONPATH="$folder/root/usr/lib/python3/dist-packages"
export PYTHONDONTWRITEBYTECODE=1
python=$folder/root/usr/bin/python3.11

cat >other.py <<'PYTHON'
import plyvel

try:
    plyvel.DB("data").close()
    print("granted")
except plyvel.IOError as error:
    print("refused" if b"LOCK" in error.args[0] else error)
PYTHON
cat >copy.py <<'PYTHON'
import shutil
import subprocess
import sys

import plyvel


def another_process():
    return subprocess.check_output([sys.executable, "other.py"], text=True).strip()


with_lock = sys.argv[1] == "with"
database = plyvel.DB("data", create_if_missing=True)
database.put(b"key", b"value")
print("  before the copy, another process:", another_process())
ignore = None if with_lock else shutil.ignore_patterns("LOCK")
shutil.copytree("data", "copy", ignore=ignore)
print("  after the copy, another process:", another_process())
print("  still open here:", not database.closed)
database.close()
shutil.rmtree("copy")
PYTHON

"$python" -c 'import platform, plyvel; print("Python", platform.python_version(), "plyvel", plyvel.__version__)'
ls root/usr/lib/x86_64-linux-gnu | grep -E '^libleveldb\.so\.[0-9]+\.'
echo "a copy without LOCK:"
control=$("$python" copy.py without)
echo "$control"
echo "a copy with LOCK:"
surprise=$("$python" copy.py with)
echo "$surprise"

[ "$control" = "  before the copy, another process: refused
  after the copy, another process: refused
  still open here: True" ]
[ "$surprise" = "  before the copy, another process: refused
  after the copy, another process: granted
  still open here: True" ]
echo "ok: a process that copies its open LevelDB, with the file LOCK, drops the lock of the database"
