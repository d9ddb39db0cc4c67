//! What to do about a holder that stands in the way, as the end of a sentence.

use std::fs;
use std::path::Path;

use tenure::internals::posix_semaphore_of;
use tenure::{Error, Hardlink, Holder, Lockfile, Verdict, Why};

use crate::sentence::sentence;

/// Why the lock was not had, and what to do about a dead holder whom only its own backend can follow.
pub(crate) fn of_locking(err: &Error) -> String {
    let is_known = |name: &str| name == Hardlink::NAME || posix_semaphore_of(name).is_some();
    let remedy = match err {
        Error::ProcessDead { holder, .. }
            if holder.record().backend.as_deref().is_some_and(is_known) =>
        {
            "; `tenure unlock` recovers it"
        }
        _ => "",
    };
    sentence(err) + remedy
}

/// Why `unlock` did not remove `lock`, and what does.
pub(crate) fn of_unlocking(err: &Error, lock: &Lockfile) -> String {
    let remedy = match in_the_way(err) {
        Some((holder, verdict)) if holder.claim().is_some() => {
            return claimed(lock, holder, verdict);
        }
        Some((_, Verdict::Live)) if has_left_a_semaphore(err) => return semaphore(err),
        Some((holder, Verdict::Live)) => by_stopping(lock, holder),
        Some((_, Verdict::Unproven(why))) if why != Why::Outlived => {
            if is_link(lock.path()) {
                "; it is a symbolic link: to break the lock, remove the link"
            } else {
                "; `tenure break` does that, with the nonce that `tenure status` shows"
            }
        }
        _ if matches!(err, Error::Empty { .. }) => "; `tenure unlock --empty` removes it",
        _ => "",
    };
    sentence(err) + remedy
}

/// Why `break` did not, and what does: not `break`, which is what the library says of such holders.
pub(crate) fn of_breaking(err: &Error, lock: &Lockfile) -> String {
    match in_the_way(err) {
        Some((holder, verdict)) if holder.claim().is_some() => claimed(lock, holder, verdict),
        Some((_, Verdict::Live)) if has_left_a_semaphore(err) => semaphore(err),
        Some((holder, Verdict::Live)) => sentence(err) + by_stopping(lock, holder),
        Some((holder, Verdict::Unproven(why))) if why != Why::Outlived => {
            let remedy = if is_link(lock.path()) {
                "it is a symbolic link, which is never replaced: if its holder is gone, remove the link"
            } else {
                "another may be removing it: look at it again"
            };
            format!("{} is locked by {holder}; {remedy}", lock.path().display())
        }
        _ if matches!(err, Error::Empty { .. }) => {
            sentence(err) + "; `tenure unlock --empty` removes it"
        }
        _ => sentence(err),
    }
}

/// Why `stop` and `signal` did not signal the holder, and what else to do about one who may be dead.
#[cfg(unix)]
pub(crate) fn of_signalling(err: &Error) -> String {
    let is_doubtful = match err.holder().map(Holder::verdict) {
        Some(Verdict::Unproven(why)) => why != Why::Outlived,
        _ => false,
    };
    // Of a link, the sentence says what to do.
    let remedy = if is_doubtful && !err.path().is_some_and(is_link) {
        "; look where it ran, and if it is gone, remove the lockfile with `tenure break`"
    } else {
        ""
    };
    sentence(err) + remedy
}

/// What there is to say of `stop` after a sentence about the holder of `lock`, which is alive: nothing
/// where `stop` would refuse.
#[cfg(unix)]
fn by_stopping(lock: &Lockfile, holder: &Holder) -> &'static str {
    match lock.holder_process() {
        // Of these the sentence does not say that they can be stopped, because nothing but a lock
        // proves who they are.
        Ok(Some(_)) if holder.record().is_legacy() => {
            "; it has the lock, and `tenure stop` stops it"
        }
        Ok(Some(_)) => " (with `tenure stop`)",
        _ => "",
    }
}

/// Nothing on Windows, which has no way to ask a process to end.
#[cfg(windows)]
fn by_stopping(_lock: &Lockfile, _holder: &Holder) -> &'static str {
    ""
}

/// Whose lock it is that was not to be had, and whether that one lives.
fn in_the_way(err: &Error) -> Option<(&Holder, Verdict)> {
    err.holder().filter(|_| err.is_busy()).map(|holder| (holder, holder.verdict()))
}

/// Whether nobody has the lock on the file, but the semaphore besides is taken: for all that the library
/// can tell, by a holder who lives.
fn has_left_a_semaphore(err: &Error) -> bool {
    matches!(err, Error::Busy { obstacle: Some(_), .. })
}

/// Another has claimed the lockfile, to remove it.
fn claimed(lock: &Lockfile, claimant: &Holder, verdict: Verdict) -> String {
    let path = lock.path().display();
    match verdict {
        Verdict::Unproven(_) => format!(
            "{path} is to be removed by {claimant}; {verdict}: if that process is gone, break its claim \
             with `tenure break --nonce {}`",
            claimant.record().incarnation().escape_debug()
        ),
        _ => format!("{path} is to be removed by {claimant}; it is alive: look at it again"),
    }
}

/// What the library says of the semaphore, which is that to remove it frees the lock. Its lockfile speaks
/// for a holder all the same.
fn semaphore(err: &Error) -> String {
    sentence(err) + ", and the lockfile"
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}
