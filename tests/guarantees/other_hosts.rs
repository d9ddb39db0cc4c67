//! A holder on another host, as its record tells; and where the lock reaches that far.

use std::fs::File;

use nix::fcntl::{Flock, FlockArg};
use serde_json::Value;
use tenure::{Foreign, Verdict, Why};

use crate::ground::{Ground, Kind};
use crate::support::Peer;
use crate::vocabulary::copy_record;

fn of_another_host(record: &mut Value) {
    record["host"] = "elsewhere.invalid".into();
    record["boot_id"] = "6a5e0fb2-0000-4000-8000-000000000000".into();
    record["machine"] = "0000000000000000".into();
}

/// What a holder on another host has written lies there, and nobody of this host has the lock.
fn held_elsewhere(kind: Kind) -> Ground {
    let ground = kind.ground();
    let kept = ground.path().with_extension("copy");
    let mut holder: Peer = ground.holder();
    copy_record(ground.path(), &kept, of_another_host);
    assert_eq!(holder.ask("unlock"), "ok");
    std::fs::rename(kept, ground.path()).unwrap();
    ground
}

fn is_unproven(ground: &Ground) {
    let mut lock = ground.lockfile();
    for _ in 0..2 {
        let err = lock.try_lock().unwrap_err();
        assert!(err.is_busy(), "{err}");
        assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
        assert!(lock.release_stale().unwrap_err().is_busy());
    }
    // An operator who knows better.
    ground.lockfile().foreign(Foreign::Break).try_lock().unwrap();
}

/// Whether the lock of another host is seen here is the file system's to say. Where it is not, its
/// record is heeded all the same.
fn excludes_as_the_file_systems_locks_do(kind: Kind) {
    let ground = held_elsewhere(kind);
    let seen = Flock::lock(File::open(ground.path()).unwrap(), FlockArg::LockExclusiveNonblock);
    let err = ground.lockfile().try_lock().unwrap_err();
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Live);
    drop(seen.unwrap());
    is_unproven(&ground);
}

#[test]
fn flock_excludes_other_hosts_as_the_file_systems_locks_do_and_by_the_record() {
    excludes_as_the_file_systems_locks_do(Kind::Flock);
}

#[test]
fn semaphore_excludes_other_hosts_by_the_record() {
    is_unproven(&held_elsewhere(Kind::Semaphore));
}

#[test]
fn posix_semaphore_excludes_other_hosts_as_the_file_systems_locks_do_and_by_the_record() {
    excludes_as_the_file_systems_locks_do(Kind::PosixSemaphore);
}

#[test]
fn hardlink_excludes_other_hosts_and_cannot_prove_their_death() {
    is_unproven(&held_elsewhere(Kind::Hardlink));
}

#[test]
fn memory_excludes_other_hosts_by_the_record() {
    is_unproven(&held_elsewhere(Kind::Memory));
}

#[test]
fn callback_excludes_other_hosts_by_the_record() {
    is_unproven(&held_elsewhere(Kind::Callback));
}
