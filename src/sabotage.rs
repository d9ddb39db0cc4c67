//! The library without one of its guards, for the test of a test.
//!
//! The explorer of interleavings (`tests/interleavings.rs`) has to notice when a guard is missing.
//! Only a build with `--cfg tenure_sabotage` can leave one out: the one that the environment
//! variable `TENURE_SABOTAGE` names. In every other build all of this is constant, and compiles to
//! nothing.

use std::fs::File;

use crate::sys;

/// What keeps two contenders apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guard {
    /// I2: after locking, the path is seen to name the locked file.
    PathCheck,
    /// I3: the record of a holder without a kernel lock is heeded.
    Verdict,
    /// I2: after judging, the path is seen to name the locked file still.
    Judged,
    /// Before it is used, the descriptor is seen to be that of the locked file.
    Descriptor,
    /// I1: before unlinking, the file is seen to hold what we wrote.
    Content,
    /// I2: where names are answered from caches, a lockfile is not removed.
    OneView,
    /// I2: where names are answered from caches, what the path leads to is proven by what it says.
    ProofByContent,
    /// Where the kernel remembers what other clients may have replaced, the server is asked what a file says.
    PastCache,
    /// What somebody else has made is not removed.
    Found,
    /// What a program may have open that knows only the kernel's lock is not removed.
    Strangers,
    /// A file that names nobody is taken over only while no process has it open.
    Opened,
    /// A descriptor is not closed while this process has a POSIX lock on its file.
    OwnLock,
    /// Whoever has a lock of another kind is a holder.
    Bytes,
    /// I1: before unlinking, the path is seen to name the locked file.
    UnlinkCheck,
    /// I1: the record is written after locking, and not before.
    Order,
    /// I2: a lockfile that is put back is locked before others find it.
    LockBeforeName,
    /// I6: whoever acquired the lock lets nobody become the holder while it acts.
    Grip,
    /// I6: who holds is changed under the mark.
    Hands,
    /// Dropping a lock that was passed on does not release it.
    Passed,
    /// I5: a holder that could not tell the next one takes the record back.
    #[allow(dead_code, reason = "only Unix has sockets to tell it by")]
    TakeBack,
    /// While waiting: the lock is looked at again after what tells of its release was armed.
    LookAgain,
    /// Before a signal: the process is the one that wrote the record.
    Marks,
    /// Before a signal: nobody but its owner may write to the lockfile.
    FileMode,
    /// Before a signal: the owner of the lockfile could send it himself.
    FileOwner,
    /// Before a signal: the lockfile names the process still, after that was opened.
    SecondReading,
    /// I5: what is removed is the incarnation that the caller has named.
    Incarnation,
    /// H1: a record is whole before others find it.
    Complete,
    /// H3: a stale record is claimed before it is removed.
    Claim,
    /// H3: a stale record is looked at again after it was claimed.
    ClaimRecheck,
    /// S1: of a dead holder only a semaphore with the stamp of the lockfile is inherited.
    Stamp,
    /// S2: the record is written before the semaphore is taken.
    RecordFirst,
    /// S4: the semaphore is given back before the lockfile is removed.
    GiveBackFirst,
    /// H4: a dead contender's claim is claimed before it is removed.
    ClaimOfClaim,
}

/// Whether to do without `guard`.
#[cfg(not(tenure_sabotage))]
pub(crate) const fn without(_: Guard) -> bool {
    false
}

/// Whether to do without `guard`.
#[cfg(tenure_sabotage)]
pub(crate) fn without(guard: Guard) -> bool {
    std::env::var("TENURE_SABOTAGE").is_ok_and(|name| name == format!("{guard:?}"))
}

/// Without [`Guard::Order`], writes the PID into a file that is not locked.
pub(crate) fn write_early(file: &File) {
    if without(Guard::Order) {
        let pid = format!("{}\n", std::process::id());
        let _ = sys::write_over_start(file, pid.as_bytes(), |_| {});
    }
}
