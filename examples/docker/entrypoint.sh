#!/bin/sh
# One container at a time works on the volume, and none is kept out by what a crashed one left there:
# after a restart, the lockfile of the last container names PID 1, as this one's would, and that is
# told apart. `exec` twice, so that the service itself is PID 1 and gets the signals of `docker stop`.
#
# Containers of one host. For volumes that several hosts mount, flock(2) has to reach all of them.
set -eu
exec tenure exec --wait="${LOCK_WAIT:-30s}" --message "$*" "${LOCK:-/data/the.lock}" -- "$@"
