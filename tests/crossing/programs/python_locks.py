"""Takes the lock KIND at PATH, says that it is inside, and stays until it is told to leave.

Each kind is a function that takes the lock, and returns how to release it.
"""

import os
import sys

REFUSED = 75


def file_lock(path):
    import filelock

    lock = filelock.FileLock(path)
    return taken(lock.acquire, filelock.Timeout, lock.release, timeout=0)


def soft_file_lock(path):
    import filelock

    lock = filelock.SoftFileLock(path)
    return taken(lock.acquire, filelock.Timeout, lock.release, timeout=0)


def portalocker_lock(path):
    import portalocker

    lock = portalocker.Lock(path, fail_when_locked=True)
    return taken(lock.acquire, portalocker.LockException, lock.release)


def portalocker_pid_file_lock(path):
    import portalocker

    lock = portalocker.PidFileLock(path)
    return taken(lock.acquire, portalocker.LockException, lock.release)


def portalocker_pid_file_lock_beside(path):
    return portalocker_pid_file_lock(without_suffix(path))


def fasteners_lock(path):
    import fasteners

    lock = fasteners.InterProcessLock(path)
    if not lock.acquire(blocking=False):
        refused("it is locked")
    return lock.release


def zc_lock(path):
    from zc.lockfile import LockError, LockFile

    try:
        return LockFile(path).close
    except LockError as error:
        refused(error)


def zc_lock_closed(path):
    zc_lock(path)()
    return lambda: None


def lockfile_link(path):
    from lockfile.linklockfile import LinkLockFile

    return lockfile_lock(LinkLockFile(without_suffix(path)))


def lockfile_mkdir(path):
    from lockfile.mkdirlockfile import MkdirLockFile

    return lockfile_lock(MkdirLockFile(without_suffix(path)))


def lockfile_pid(path):
    from lockfile.pidlockfile import PIDLockFile

    return lockfile_lock(PIDLockFile(path))


def lockfile_lock(lock):
    from lockfile import LockError

    return taken(lock.acquire, LockError, lock.release, timeout=0)


def without_suffix(path):
    """The library adds it again."""
    return path.removesuffix(".lock")


def taken(acquire, refusal, release, **arguments):
    try:
        acquire(**arguments)
    except refusal as error:
        refused(error)
    return release


def refused(error):
    print(repr(error), file=sys.stderr)
    sys.exit(REFUSED)


kind, path = sys.argv[1:]
release = globals()[kind](path)
print("@inside", os.getpid(), flush=True)
sys.stdin.readline()
release()
