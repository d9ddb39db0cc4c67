//! Faults: whatever system call fails, nobody is wrong about who holds the lock, and none is lost.
//!
//! A peer runs under strace(1), which makes one of its calls on the lockfile fail. Which one, by
//! strace's count, is looked up in the log of a run without a fault, and that it did fail in the
//! log of the run with it: so a row that tests nothing is a row that fails.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "faults/stage.rs"]
mod stage;
mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use stage::Before::{self, Long, Nothing, Stale};
use stage::Call::{self, Close, Confirm, Create, Cut, Fstat, Lock, Lstat, Open, Read};
use stage::Call::{Remove, Unlock, Write};
use stage::{Stage, can_trace};
use support::{Peer, wait_until};
use tenure::{Error, Lockfile};

/// How things are after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// The peer holds the lock.
    Held,
    /// Nobody does, and there is no file.
    Gone,
    /// Nobody does, and the file is empty: its creator could not see that it is the lockfile.
    Empty,
    /// Nobody does, and the file is as it was: the record of a holder that did not release it.
    Stale,
    /// Nobody does, and the file says so.
    Released,
}

/// What was there before, the first such call of `try_lock`, the errors; the answer, what is left.
type Row<T> = (T, Call, &'static str, &'static str, Left);

#[rustfmt::skip]
const ACQUIRE: &[Row<Before>] = &[
    (Nothing, Create,  "EINTR",                        "ok",                             Left::Held),
    (Nothing, Create,  "EIO ENOMEM EMFILE ENFILE",     "Io: cannot create the lockfile", Left::Gone),
    (Nothing, Create,  "EACCES EROFS",                 "Io: cannot create the lockfile", Left::Gone),
    (Nothing, Create,  "ENOSPC EDQUOT",                "Io: cannot create the lockfile", Left::Gone),
    // FUSE says so of a name that is there, or was a moment ago.
    (Nothing, Create,  "EPERM ENOENT ESTALE",          "ok",                             Left::Held),
    (Stale,   Lstat,   "ENOENT",                       "ok",                             Left::Held),
    (Stale,   Lstat,   "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Lstat,   "EIO ENOMEM EACCES",           "Io: cannot inspect",             Left::Stale),
    (Stale,   Open,    "EINTR ENOENT ELOOP",           "ok",                             Left::Held),
    (Stale,   Open,    "EIO ENOMEM EMFILE ENFILE",     "Io: cannot open the lockfile",   Left::Stale),
    (Stale,   Open,    "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Open,    "ETXTBSY",                     "Io: cannot open the lockfile",   Left::Stale),
    (Stale,   Open,    "EACCES EPERM EROFS",           "ProcessDead: ",                  Left::Stale),
    (Nothing, Lock,    "EINTR EAGAIN",                 "ok",                             Left::Held),
    (Nothing, Lock,    "ESTALE",                      "ok",                             Left::Held),
    (Nothing, Lock,    "EIO ENOMEM EBADF",            "Io: cannot lock",                Left::Empty),
    (Nothing, Lock,    "EOPNOTSUPP ENOSYS",            "Unsupported: ",                  Left::Gone),
    (Nothing, Lock,    "ENOLCK",                       "Unsupported: ",                  Left::Empty),
    (Stale,   Lock,    "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Lock,    "EIO ENOMEM EBADF",            "Io: cannot lock",                Left::Stale),
    (Stale,   Lock,    "ENOLCK EOPNOTSUPP ENOSYS",     "Unsupported: ",                  Left::Stale),
    (Nothing, Fstat,   "ESTALE",                      "ok",                             Left::Held),
    (Nothing, Fstat,   "EIO ENOMEM EBADF",            "Io: cannot inspect",             Left::Empty),
    (Stale,   Fstat,   "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Fstat,   "EIO ENOMEM EBADF",            "Io: cannot inspect",             Left::Stale),
    (Nothing, Confirm, "ENOENT",                       "ok",                             Left::Held),
    (Nothing, Confirm, "ESTALE",                      "ok",                             Left::Held),
    (Nothing, Confirm, "EIO ENOMEM EACCES",           "Io: cannot inspect",             Left::Empty),
    (Stale,   Confirm, "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Confirm, "EIO ENOMEM EACCES",           "Io: cannot inspect",             Left::Stale),
    (Stale,   Read,    "EINTR",                        "ok",                             Left::Held),
    (Stale,   Read,    "ESTALE",                      "ok",                             Left::Held),
    (Stale,   Read,    "EIO ENOMEM",                  "Io: cannot read the lockfile",   Left::Stale),
    (Nothing, Write,   "EINTR",                        "ok",                             Left::Held),
    (Nothing, Write,   "EIO ENOSPC EDQUOT EPERM",      "Io: cannot write the lockfile",  Left::Gone),
    (Stale,   Write,   "EINTR",                        "ok",                             Left::Held),
    (Stale,   Write,   "EIO ENOSPC EDQUOT EFBIG",      "Io: cannot write the lockfile",  Left::Gone),
    (Long,    Cut,     "EINTR",                        "ok",                             Left::Held),
    // What another program has made stays.
    (Long,    Cut,     "EIO EPERM",                    "Io: cannot write the lockfile",  Left::Stale),
    (Long,    Write,   "EIO ENOSPC EDQUOT",            "Io: cannot write the lockfile",  Left::Empty),
];

/// The peer's options, the last such call of `unlock`, the errors; its answer, what is left.
#[rustfmt::skip]
const RELEASE: &[Row<&str>] = &[
    ("",     Lstat,  "EIO ENOMEM EACCES",          "Io: cannot inspect",             Left::Held),
    ("",     Remove, "EIO ENOMEM ESTALE",          "Io: cannot remove the lockfile", Left::Held),
    ("",     Remove, "EACCES EPERM EROFS EBUSY",   "ok",                             Left::Released),
    ("",     Unlock, "EINTR EIO ENOMEM ENOLCK",    "ok",                             Left::Gone),
    ("",     Close,  "EIO EINTR ENOSPC EDQUOT",    "ok",                             Left::Gone),
    ("keep", Lstat,  "EIO ENOMEM EACCES",          "Io: cannot inspect",             Left::Held),
    ("keep", Write,  "EINTR",                      "ok",                             Left::Released),
    ("keep", Write,  "EIO ENOSPC EDQUOT EFBIG",    "Io: cannot rewrite the lockfile", Left::Held),
    ("keep", Unlock, "EINTR",                      "ok",                             Left::Released),
    ("keep", Unlock, "EIO ENOMEM ENOLCK",          "Io: cannot unlock",              Left::Held),
    ("keep", Close,  "EIO EINTR ENOSPC EDQUOT",    "ok",                             Left::Released),
];

/// Asserts that the answer is the one, and about the path.
fn assert_says(answer: &str, says: &str, stage: &Stage, row: &str) {
    assert!(answer.starts_with(says), "{row}: not {says:?}: {answer}");
    assert!(answer == "ok" || answer.contains(stage.path().to_str().unwrap()), "{row}: {answer}");
}

/// Asserts that the peer, the directory and another contender all agree on what is left.
fn assert_left(left: Left, peer: &mut Peer, stage: &Stage, row: &str) {
    let is_gone = left == Left::Gone;
    let names: &[&str] = if is_gone { &[] } else { &["test.lock"] };
    assert_eq!(stage.place.names(), names, "{row}");
    let content = fs::read(stage.path()).unwrap_or_default();
    assert_eq!(content.is_empty(), matches!(left, Left::Gone | Left::Empty), "{row}");
    assert_eq!(peer.ask("is_held"), (left == Left::Held).to_string(), "{row}");
    match Lockfile::acquire(stage.path()) {
        Ok(contender) => {
            assert_ne!(left, Left::Held, "{row}: two hold");
            let recovered = contender.recovered_from().is_some();
            assert_eq!(recovered, left == Left::Stale, "{row}: recovered");
            contender.verify().unwrap();
            let found = contender.record().unwrap().found;
            drop(contender);
            // What others have made stays, and so does what the peer could not close.
            let stays = found || row.contains("Close");
            assert!(stage.place.names().is_empty() || stays, "{row}");
        }
        Err(err) => {
            assert_eq!(left, Left::Held, "{row}: nobody holds, and yet: {err}");
            assert!(matches!(err, Error::Busy { .. }), "{row}: {err:?}");
        }
    }
}

#[test]
fn whatever_fails_in_acquiring_the_lock_is_held_or_free_as_it_is_said_to_be() {
    if !can_trace("faults in acquiring") {
        return;
    }
    for &(before, call, errors, says, left) in ACQUIRE {
        let stage = Stage::new(before, "");
        let fault = stage.rehearse(&["try_lock"]).first(call);
        for error in errors.split_whitespace() {
            let row = format!("{before:?} {call:?} {error}");
            stage.set();
            let as_it_was = fs::read(stage.path()).unwrap_or_default();
            let (mut peer, log) = stage.injecting(&fault.error(error));
            assert_says(&peer.ask("try_lock"), says, &stage, &row);
            if left == Left::Stale {
                assert_eq!(fs::read(stage.path()).unwrap(), as_it_was, "{row}: was touched");
            }
            assert_left(left, &mut peer, &stage, &row);
            if left == Left::Held {
                assert_eq!(peer.ask("unlock"), "ok", "{row}");
            }
            // The fault is over, and the peer none the worse for it.
            assert_eq!(peer.ask("try_lock"), "ok", "{row}");
            assert_left(Left::Held, &mut peer, &stage, &row);
            let text = fs::read_to_string(stage.path()).unwrap();
            let found = before == Long || text.contains(r#""found":true"#);
            let left = if found { Left::Released } else { Left::Gone };
            assert_eq!(peer.ask("unlock"), "ok", "{row}");
            assert_left(left, &mut peer, &stage, &row);
            drop(peer);
            log.assert_injected(error, &row);
        }
    }
}

#[test]
fn whatever_fails_in_unlocking_the_lock_is_free_or_can_be_unlocked_again() {
    if !can_trace("faults in unlocking") {
        return;
    }
    for &(options, call, errors, says, left) in RELEASE {
        let stage = Stage::new(Nothing, options);
        let fault = stage.rehearse(&["try_lock", "unlock"]).last(call);
        for error in errors.split_whitespace() {
            let row = format!("{options} {call:?} {error}");
            stage.set();
            let (mut peer, log) = stage.injecting(&fault.error(error));
            assert_eq!(peer.ask("try_lock"), "ok", "{row}");
            assert_says(&peer.ask("unlock"), says, &stage, &row);
            assert_left(left, &mut peer, &stage, &row);
            if left == Left::Held {
                assert_eq!(peer.ask("unlock"), "ok", "{row}: again");
                let left = if options == "keep" { Left::Released } else { Left::Gone };
                assert_left(left, &mut peer, &stage, &row);
            }
            assert!(peer.ask("unlock").starts_with("NotHeld: "), "{row}");
            drop(peer);
            log.assert_injected(error, &row);
        }
    }
}

#[test]
fn whatever_fails_in_dropping_the_lock_is_free() {
    if !can_trace("faults in dropping") {
        return;
    }
    for &(options, call, errors, _, left) in RELEASE {
        let stage = Stage::new(Nothing, options);
        let fault = stage.rehearse(&["try_lock", "unlock"]).last(call);
        for error in errors.split_whitespace() {
            let row = format!("{options} {call:?} {error}");
            stage.set();
            let (mut peer, log) = stage.injecting(&fault.error(error));
            assert_eq!(peer.ask("try_lock"), "ok", "{row}");
            assert_eq!(peer.ask("drop"), "ok", "{row}");
            // Nobody can try again, but the record can still say that it is over.
            let left = if left == Left::Held { Left::Released } else { left };
            assert_left(left, &mut peer, &stage, &row);
            drop(peer);
            log.assert_injected(error, &row);
        }
    }
}

#[test]
fn a_message_that_cannot_be_written_leaves_the_one_before() {
    if !can_trace("faults in set_message") {
        return;
    }
    let stage = Stage::new(Nothing, "message=before");
    let fault = stage.rehearse(&["try_lock", "set_message after"]).last(Write);
    for error in ["EIO", "ENOSPC", "EDQUOT"] {
        stage.set();
        let (mut peer, log) = stage.injecting(&fault.error(error));
        assert_eq!(peer.ask("try_lock"), "ok");
        let answer = peer.ask("set_message after");
        assert_says(&answer, "Io: cannot rewrite the lockfile", &stage, error);
        let holder = Lockfile::new(stage.path()).holder().unwrap().unwrap();
        assert_eq!(holder.message(), Some("before"), "{error}");
        assert_left(Left::Held, &mut peer, &stage, error);
        assert_eq!(peer.ask("unlock"), "ok");
        assert_left(Left::Gone, &mut peer, &stage, error);
        drop(peer);
        log.assert_injected(error, error);
    }
}

#[test]
fn a_stale_lockfile_that_cannot_be_removed_can_still_be_recovered() {
    if !can_trace("faults in release_stale") {
        return;
    }
    let stage = Stage::new(Stale, "");
    let fault = stage.rehearse(&["release_stale"]).last(Remove);
    for error in ["EIO", "ENOMEM", "EACCES", "EPERM", "EROFS", "EBUSY", "ESTALE"] {
        stage.set();
        let (mut peer, log) = stage.injecting(&fault.error(error));
        let answer = peer.ask("release_stale");
        assert_says(&answer, "Io: cannot remove the lockfile", &stage, error);
        assert_left(Left::Stale, &mut peer, &stage, error);
        drop(peer);
        log.assert_injected(error, error);
    }
}

/// A server of NFS that is short of locks has some for others.
#[test]
fn who_gets_no_lock_does_not_remove_the_file_that_another_has_locked_meanwhile() {
    if !can_trace("a shortage of locks") {
        return;
    }
    let stage = Stage::new(Nothing, "");
    stage.set();
    let fault = stage.rehearse(&["try_lock"]).first(Lock);
    stage.set();
    // Stops the peer between being refused and what it does then.
    let (mut peer, log) = stage.injecting(&format!("{}:signal=SIGSTOP", fault.error("ENOLCK")));
    let pid = peer.ask("pid");
    peer.tell("try_lock");
    wait_until(|| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        // A tracer sees to it that a stop is a tracing stop.
        status.lines().any(|line| line.starts_with("State:\tT") || line.starts_with("State:\tt"))
            && !stage.place.names().is_empty()
            && log.is_injected("ENOLCK")
    });
    assert!(
        Lockfile::acquire(stage.path()).is_err_and(|err| err.is_busy()),
        "its creator is there"
    );
    let other = fs::File::open(stage.path()).unwrap();
    let lock = Flock::lock(other, FlockArg::LockExclusive).map_err(|(_, err)| err).unwrap();
    kill(Pid::from_raw(pid.parse().unwrap()), Signal::SIGCONT).unwrap();
    assert_says(&peer.answer(), "Unsupported: ", &stage, "stopped");
    assert_eq!(fs::metadata(stage.path()).unwrap().ino(), lock.metadata().unwrap().ino());
    drop(peer);
    log.assert_injected("ENOLCK", "stopped");
}
