//! A holder in another container of this host: with a PID namespace and an IPC namespace of its own.

use tenure::{Verdict, Why};

use crate::ground::{Ground, Kind};
use crate::support::elsewhere::elsewhere;

const MOUNTS: &str = "unshare -m";

fn assert_busy(ground: &Ground, verdict: Verdict) {
    let err = ground.lockfile().try_lock().unwrap_err();
    assert!(err.is_busy(), "{err}");
    assert_eq!(err.holder().unwrap().verdict(), verdict);
}

/// The lock keeps out, and nobody else: a live holder is told from a dead one by nothing else.
fn excludes(kind: Kind, dead: Verdict) {
    let ground = kind.ground();
    let mut holder = ground.contained();
    assert_busy(&ground, Verdict::Live);
    assert_eq!(holder.peer.ask("verify"), "ok");
    holder.crash();
    assert_busy(&ground, dead);
}

/// The record keeps out, whether its writer lives or not.
fn is_unproven(kind: Kind) {
    let unproven = Verdict::Unproven(Why::OtherNamespace);
    let ground = kind.ground();
    let mut holder = ground.contained();
    assert_busy(&ground, unproven);
    assert_eq!(holder.peer.ask("verify"), "ok");
    holder.crash();
    assert_busy(&ground, unproven);
}

#[test]
fn flock_excludes_another_container_and_recovers_its_dead() {
    elsewhere(MOUNTS, &[], || {
        let ground = Kind::Flock.ground();
        let holder = ground.contained();
        assert_busy(&ground, Verdict::Live);
        holder.crash();
        let mut lock = ground.lockfile();
        lock.try_lock().unwrap();
        let left_by = lock.recovered_from().unwrap();
        assert_eq!(left_by.verdict(), Verdict::Stale(Why::OtherNamespace));
    });
}

#[test]
fn semaphore_excludes_another_container_by_the_record_and_cannot_prove_its_death() {
    elsewhere(MOUNTS, &[], || is_unproven(Kind::Semaphore));
}

/// Nobody gives the semaphore back.
#[test]
fn posix_semaphore_excludes_another_container_also_when_its_holder_has_died() {
    elsewhere(MOUNTS, &[], || excludes(Kind::PosixSemaphore, Verdict::Live));
}

#[test]
fn hardlink_excludes_another_container_and_cannot_prove_its_death() {
    elsewhere(MOUNTS, &[], || is_unproven(Kind::Hardlink));
}

#[test]
fn memory_excludes_another_container_by_the_record_and_cannot_prove_its_death() {
    elsewhere(MOUNTS, &[], || is_unproven(Kind::Memory));
}

#[test]
fn callback_excludes_another_container_by_the_record_and_cannot_prove_its_death() {
    elsewhere(MOUNTS, &[], || is_unproven(Kind::Callback));
}
