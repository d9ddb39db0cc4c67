//! `Nfs_lock` of `Core_unix` (OCaml), lockfiles for NFS that rely on link(2) being atomic:
//! `create`, `blocking_create`, `critical_section`, `get_hostname_and_pid`, `get_message`, `unlock`
//! and their `_exn` forms, which here are `unwrap`.
//!
//! [`Hardlink`](tenure::Hardlink) is the same idea, and most of this holds for the default as well:
//! each test runs with both, unless it says why not. The two bugs that it documents (the lock taken
//! twice by a stale clean-up, the empty file that needs a manual one) are tested as what must not
//! happen in `tests/hardlink/nfs_lock.rs`, and with every interleaving in `tests/interleavings.rs`;
//! who may not write to the directory, in `tests/hardlink/rights.rs`.

#[path = "nfs_lock/unlocking.rs"]
mod unlocking;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use nix::libc::SYS_ppoll;
use tenure::{Content, Error, Hardlink, Lockfile, State, Verdict, Why};

use crate::scene::{Daemon, LONG};
use crate::support::{NO_PROCESS, Peer, place, wait_until};

/// What peers are told so that they use a backend.
const BACKENDS: [&str; 2] = ["", "hardlink"];

fn lockfile(path: &Path, backend: &str) -> Lockfile {
    let lock = Lockfile::new(path);
    if backend.is_empty() { lock } else { lock.backend(Hardlink) }
}

fn holding(path: &Path, options: &str) -> Peer {
    let mut peer = Peer::with(path, options);
    assert_eq!(peer.ask("try_lock"), "ok");
    peer
}

fn this_host() -> String {
    hostname::get().unwrap().into_string().unwrap()
}

/// `create ?message path` writes host, PID and message as an S-expression. Ours is JSON, for others
/// to extend.
#[test]
fn creating_writes_host_pid_and_message() {
    for backend in BACKENDS {
        let place = place();
        for message in [None, Some("nightly backup (a \"quoted\" one)")] {
            let mut lock = lockfile(&place.path, backend);
            if let Some(message) = message {
                lock = lock.message(message);
            }
            lock.try_lock().unwrap();
            let Content::Record(record) = Content::parse(&fs::read(&place.path).unwrap()) else {
                panic!("there is a record");
            };
            assert_eq!(record.pid, std::process::id());
            assert_eq!(record.host, Some(this_host()));
            assert_eq!(record.message.as_deref(), message);
        }
    }
}

/// Theirs is two names of one file, `path` and `path.nfs_lock`. Ours has one, so that nobody can
/// find them at odds.
#[test]
fn the_lock_is_one_name_and_nothing_beside_it() {
    for backend in BACKENDS {
        let place = place();
        let mut lock = lockfile(&place.path, backend);
        lock.try_lock().unwrap();
        assert_eq!(place.names(), ["test.lock"], "{backend}");
        lock.unlock().unwrap();
        assert!(place.names().is_empty(), "{backend}");
    }
}

/// Theirs replaces whatever was in the file. Ours does not destroy what it does not know.
#[test]
fn what_was_in_the_file_before_is_not_replaced() {
    for backend in BACKENDS {
        let place = place();
        fs::write(&place.path, "precious").unwrap();
        let err = lockfile(&place.path, backend).try_lock().unwrap_err();
        assert!(matches!(err, Error::InvalidPid { .. }), "{backend}: {err:?}");
        assert_eq!(fs::read_to_string(&place.path).unwrap(), "precious");
    }
}

/// `create` returns an error, and `create_exn` throws one.
#[test]
fn creating_what_is_held_is_an_error_that_can_be_thrown() {
    for backend in BACKENDS {
        let place = place();
        let holder = holding(&place.path, backend);
        let mut lock = lockfile(&place.path, backend);
        let busy = lock.try_lock().unwrap_err();
        assert!(matches!(busy, Error::Busy { .. }), "{backend}: {busy:?}");
        assert_eq!(busy.holder().unwrap().pid(), holder.pid());
        let panic = catch_unwind(AssertUnwindSafe(|| lock.try_lock().unwrap())).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("Busy"), "{backend}");
    }
}

/// What a crash has left is cleaned up by the next, who looks at the host and the PID in it.
#[test]
fn the_lock_of_a_killed_program_is_cleaned_up_on_restart() {
    for backend in BACKENDS {
        let place = place();
        let dead = holding(&place.path, backend).crash();
        assert!(place.path.exists(), "nobody was there to remove it");
        let mut restarted = lockfile(&place.path, backend);
        restarted.try_lock().unwrap();
        assert_eq!(restarted.recovered_from().unwrap().pid(), dead);
        restarted.unlock().unwrap();
        assert!(place.names().is_empty(), "{backend}: {:?}", place.names());
    }
}

/// A program that ends in good order releases: here by dropping values, when `main` returns.
#[test]
fn a_program_that_returns_releases() {
    for backend in BACKENDS {
        let place = place();
        let holder = holding(&place.path, backend);
        // It is told to end, returns, and has been waited for.
        drop(holder);
        assert!(place.names().is_empty(), "{backend}: {:?}", place.names());
    }
}

/// Theirs has a handler at exit, and ours has none: it would run while other threads still do what
/// the lock protects. Whoever calls `exit` while holding leaves a stale lock, which is free once
/// the process is gone, and not before.
#[test]
fn a_program_that_exits_while_holding_leaves_a_lock_that_is_recovered() {
    for backend in BACKENDS {
        let place = place();
        let mut holder = holding(&place.path, backend);
        holder.tell("exit");
        assert_eq!(holder.answer_if_alive(), None);
        let dead = holder.pid();
        drop(holder);
        let mut next = lockfile(&place.path, backend);
        assert_eq!(next.status().unwrap().verdict(), Some(Verdict::Stale(Why::Dead)));
        next.try_lock().unwrap();
        assert_eq!(next.recovered_from().unwrap().pid(), dead);
    }
}

/// `blocking_create` waits until it succeeds. Theirs sleeps a while between its attempts, ours is
/// woken.
#[test]
fn blocking_creation_returns_when_the_holder_releases_or_dies() {
    for backend in BACKENDS {
        let place = place();
        for (command, dies) in [("lock", false), ("lock", true), (LONG, false), (LONG, true)] {
            let mut holder = holding(&place.path, backend);
            let mut waiter = Peer::with(&place.path, backend);
            waiter.tell(command);
            match (backend, command) {
                ("", "lock") => waiter.wait_until_queued(),
                _ => waiter.wait_until_in(SYS_ppoll),
            }
            assert!(!waiter.has_answered());
            let recovered = if dies {
                holder.crash().to_string()
            } else {
                assert_eq!(holder.ask("unlock"), "ok");
                "no".to_owned()
            };
            assert_eq!(waiter.answer(), "ok", "{backend} {command} {dies}");
            assert_eq!(waiter.ask("recovered"), recovered);
            assert_eq!(waiter.ask("unlock"), "ok");
            assert!(place.names().is_empty(), "{backend} {command} {dies}: {:?}", place.names());
        }
    }
}

/// Its `timeout`.
#[test]
fn blocking_creation_returns_when_its_time_is_over() {
    for backend in BACKENDS {
        let place = place();
        let holder = holding(&place.path, backend);
        for limit in [Duration::ZERO, Duration::from_millis(20)] {
            let mut lock = lockfile(&place.path, backend);
            let late = lock.lock_timeout(limit).unwrap_err();
            assert!(
                matches!(late, Error::Timeout { limit: told, .. } if told == limit),
                "{late:?}"
            );
            assert_eq!(late.holder().unwrap().pid(), holder.pid());
            assert!(!lock.is_held());
        }
    }
}

/// `critical_section ?message ~timeout path ~f`: locks, runs, unlocks.
#[test]
fn a_critical_section_has_the_lock_and_gives_its_result() {
    for backend in BACKENDS {
        let place = place();
        let mut lock = lockfile(&place.path, backend).message("inside");
        let said = lock
            .with_timeout(Duration::MAX, || {
                let busy = lockfile(&place.path, backend).try_lock().unwrap_err();
                busy.holder().unwrap().message().map(str::to_owned)
            })
            .unwrap();
        assert_eq!(said.as_deref(), Some("inside"));
        assert!(!lock.is_held() && place.names().is_empty(), "{backend}");
    }
}

/// It unlocks also when an exception escapes.
#[test]
fn a_critical_section_that_panics_unlocks() {
    for backend in BACKENDS {
        let place = place();
        let mut lock = lockfile(&place.path, backend);
        let section = AssertUnwindSafe(|| lock.with_timeout(Duration::MAX, || panic!("inside")));
        let panic = catch_unwind(section).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"inside"));
        assert!(!lock.is_held() && place.names().is_empty(), "{backend}");
    }
}

/// A section that does not get the lock in time does not run.
#[test]
fn a_critical_section_whose_time_is_over_does_not_run() {
    for backend in BACKENDS {
        let place = place();
        let _holder = holding(&place.path, backend);
        let late = lockfile(&place.path, backend)
            .with_timeout(Duration::from_millis(1), || panic!("it is held"));
        let late: Error = late.unwrap_err();
        assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
    }
}

/// `get_hostname_and_pid`, `get_message`.
#[test]
fn host_pid_and_message_are_told_to_whoever_asks() {
    for backend in BACKENDS {
        let place = place();
        let holder = holding(&place.path, &format!("{backend} message=nightly"));
        let named = lockfile(&place.path, backend).holder().unwrap().unwrap();
        assert_eq!((named.host(), named.pid()), (Some(&*this_host()), holder.pid()));
        assert_eq!(named.message(), Some("nightly"));

        // Theirs tells of a dead one as well, without saying so.
        let dead = holder.crash();
        let lock = lockfile(&place.path, backend);
        assert!(lock.holder().unwrap().is_none(), "{backend}");
        let left = lock.status().unwrap();
        assert_eq!((left.state(), left.holder().unwrap().pid()), (State::Stale, dead));
        assert_eq!(left.holder().unwrap().message(), Some("nightly"));
    }
}

/// Theirs is `None` for whatever cannot be read. Here `None` is that there is none, and an error
/// says why it cannot be read.
#[test]
fn a_file_that_is_missing_is_no_holder_and_one_that_cannot_be_read_an_error() {
    for backend in BACKENDS {
        let place = place();
        let lock = lockfile(&place.path, backend);
        assert!(lock.holder().unwrap().is_none());
        fs::write(&place.path, "precious").unwrap();
        assert!(matches!(lock.holder(), Err(Error::InvalidPid { .. })));
        assert!(matches!(lockfile(place.dir(), backend).holder(), Err(Error::NotALockfile { .. })));
    }
}

/// Theirs is for one program per machine. Ours may be many, who all find the same one dead. One of
/// them cleans up, and the others get their turns.
#[test]
fn of_many_programs_of_one_machine_that_clean_up_one_does() {
    for backend in BACKENDS {
        let place = place();
        let dead = holding(&place.path, backend).crash();
        let mut waiting = Vec::from([(); 4].map(|()| Peer::with(&place.path, backend)));
        for peer in &mut waiting {
            peer.tell(LONG);
        }
        let mut recovered = Vec::new();
        while !waiting.is_empty() {
            wait_until(|| waiting.iter().any(Peer::has_answered));
            let first = waiting.iter().position(Peer::has_answered).unwrap();
            let mut holder = waiting.remove(first);
            assert_eq!(holder.answer(), "ok");
            recovered.push(holder.ask("recovered"));
            assert_eq!(holder.ask("verify"), "ok");
            assert!(!waiting.iter().any(Peer::has_answered), "{backend}: two holders");
            assert_eq!(holder.ask("unlock"), "ok");
        }
        assert_eq!(recovered, [&*dead.to_string(), "no", "no", "no"], "{backend}");
        assert!(place.names().is_empty(), "{backend}: {:?}", place.names());
    }
}

/// A lock of theirs is read for what it is, and respected. (They do not respect ours, which has no
/// `.nfs_lock`: change all programs at once.)
#[test]
fn a_lock_of_theirs_is_understood() {
    let place = place();
    let theirs = |pid: u32, host: &str| {
        fs::write(&place.path, format!("((host {host})(pid {pid})(message nightly))")).unwrap();
    };
    let living = Daemon::start();
    for host in [&*this_host(), "elsewhere.invalid"] {
        theirs(living.pid(), host);
        for backend in BACKENDS {
            let busy = lockfile(&place.path, backend).try_lock().unwrap_err();
            assert!(matches!(busy, Error::Busy { .. }), "{backend} {host}: {busy:?}");
            let holder = busy.holder().unwrap();
            assert_eq!((holder.host(), holder.pid()), (Some(host), living.pid()));
            assert_eq!(holder.message(), Some("nightly"));
        }
    }
    theirs(NO_PROCESS, "elsewhere.invalid");
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "it may be alive there");
    theirs(NO_PROCESS, &this_host());
    // Without a nonce there is nothing to claim.
    let err = lockfile(&place.path, "hardlink").try_lock().unwrap_err();
    assert!(matches!(err, Error::ProcessDead { .. }), "{err:?}");
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().message(), Some("nightly"));
}
