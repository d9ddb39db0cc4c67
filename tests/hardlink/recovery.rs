//! Taking over from the dead, and from those who died while they took over.

use std::process::Command;

use nix::sys::signal::{Signal, kill};
use tenure::{Foreign, State, Verdict, Why};

use crate::scene::{
    NONCE, beside, can_trace, copy, dead, elsewhere, holding, leave_stale, linked, nonce, peer,
    stopped, traced,
};
use crate::support::elsewhere::elsewhere as in_namespaces;
use crate::support::{Peer, place};

#[test]
fn a_killed_holder_is_recovered() {
    let place = place();
    let dead = leave_stale(&place.path);
    let mut lock = linked(&place.path);
    assert_eq!(lock.status().unwrap().state(), State::Stale);
    lock.try_lock().unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!((left_by.pid(), left_by.verdict()), (dead, Verdict::Stale(Why::Dead)));
    assert!(lock.was_abandoned());
    assert_eq!(place.names(), ["test.lock"]);
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_holder_that_nobody_has_reaped_is_dead_all_the_same() {
    let place = place();
    let mut holder = holding(&place.path);
    holder.crash_unreaped();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), holder.pid());
}

#[test]
fn a_stale_lockfile_is_removed_when_asked_to() {
    let place = place();
    let lock = linked(&place.path);
    assert!(!lock.release_stale().unwrap());
    leave_stale(&place.path);
    assert!(lock.release_stale().unwrap());
    assert!(place.names().is_empty());
    let _holder = holding(&place.path);
    assert!(lock.release_stale().unwrap_err().is_busy());
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_holder_on_another_host_is_unproven_and_busy() {
    let place = place();
    leave_stale(&place.path);
    copy(&place.path, &place.path, elsewhere);
    let mut lock = linked(&place.path);
    assert_eq!(lock.status().unwrap().state(), State::Unproven);
    let err = lock.try_lock().unwrap_err();
    assert!(err.is_busy());
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
    assert!(lock.release_stale().unwrap_err().is_busy());
    assert_eq!(place.names(), ["test.lock"]);
    let mut lock = lock.foreign(Foreign::Break);
    lock.try_lock().unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!(left_by.verdict(), Verdict::Unproven(Why::ForeignHost));
    assert_eq!(place.names(), ["test.lock"]);
}

/// This host may be the server of the file system, on which that is a local one; and its clients can
/// have no machine id.
#[test]
fn a_client_without_a_machine_id_is_unproven_on_its_server() {
    let place = place();
    leave_stale(&place.path);
    copy(&place.path, &place.path, |record| {
        elsewhere(record);
        record["machine"] = serde_json::Value::Null;
    });
    let err = linked(&place.path).try_lock().unwrap_err();
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
    assert_eq!(place.names(), ["test.lock"]);
}

/// No kernel lock tells here whether it lives.
#[test]
fn a_holder_in_another_container_is_unproven_and_busy() {
    let place = place();
    let holder = holding(&place.path);
    let there = |record: &mut serde_json::Value| record["pid_namespace"] = 1.into();
    copy(&place.path, &place.path, there);
    holder.crash();
    let err = linked(&place.path).try_lock().unwrap_err();
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::OtherNamespace));
}

/// Without `/proc`, nobody knows in which PID namespace it is, and two are both PID 1.
#[test]
fn a_holder_that_may_be_in_another_container_is_unproven_where_that_cannot_be_told() {
    in_namespaces("unshare -m", &[], || {
        let place = place();
        let contained = || {
            let mut unshare = Command::new("unshare");
            let hide = r#"mount -t tmpfs none /proc && exec "$@""#;
            unshare.args(["-mpf", "--kill-child", "sh", "-c", hide, "sh"]);
            Peer::through(unshare, &place.path, "hardlink")
        };
        let (mut holder, mut contender) = (contained(), contained());
        assert_eq!(holder.ask("try_lock"), "ok");
        assert!(contender.ask("try_lock").starts_with("Busy: "));
        assert_eq!(contender.ask("verdict"), "Some(Unproven(Unseen))");
        assert!(linked(&place.path).try_lock().unwrap_err().is_busy());
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(contender.ask("try_lock"), "ok");
    });
}

/// Many at once would do it, and would break each other's.
#[test]
fn a_claim_of_another_host_is_not_broken() {
    let place = place();
    leave_stale(&place.path);
    let claim = beside(&place.path, "claim", &nonce(&place.path));
    copy(&place.path, &claim, |record| {
        elsewhere(record);
        record["nonce"] = NONCE.into();
    });
    let err = linked(&place.path).foreign(Foreign::Break).try_lock().unwrap_err();
    assert!(err.is_busy());
    assert_eq!(err.holder().unwrap().host(), Some("elsewhere.invalid"));
    assert_eq!(place.names().len(), 2);
}

#[test]
fn a_claim_of_the_dead_is_taken_over_however_many_stand_on_it() {
    let place = place();
    let first = leave_stale(&place.path);
    let mut nonce = nonce(&place.path);
    for number in 0..5 {
        let next = format!("{number:016x}");
        copy(&place.path, &beside(&place.path, "claim", &nonce), dead(&next));
        nonce = next;
    }
    assert_eq!(place.names().len(), 6);
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), first);
    assert_eq!(place.names(), ["test.lock"]);
}

/// Nobody is in doubt of what it stopped at, least of all whoever comes next.
#[test]
fn a_claimant_that_is_stopped_keeps_the_lock_and_one_that_is_killed_does_not() {
    if !can_trace("a claimant that is stopped") {
        return;
    }
    let place = place();
    let first = leave_stale(&place.path);
    // Stops it when it has made its claim.
    let (_claimant, pid) = stopped(&place.path, "linkat", "try_lock");
    let claim = beside(&place.path, "claim", &nonce(&place.path));
    assert!(claim.exists());
    let mut contender = peer(&place.path);
    let busy = contender.ask("try_lock");
    assert!(busy.starts_with("Busy: ") && busy.contains(&format!("pid {pid} ")), "{busy}");
    assert!(contender.ask("release_stale").starts_with("Busy: "));
    contender.tell("lock");
    contender.wait_until_in(nix::libc::SYS_ppoll);
    kill(pid, Signal::SIGKILL).unwrap();
    assert_eq!(contender.answer(), "ok");
    assert_eq!(contender.ask("recovered"), first.to_string());
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn who_died_is_told_to_the_next_holder_whoever_that_is() {
    if !can_trace("a claimant that loses the race") {
        return;
    }
    for ending in [Signal::SIGKILL, Signal::SIGCONT] {
        let place = place();
        let first = leave_stale(&place.path);
        // Stops it when it has removed the dead holder's record, before it holds the lock.
        let (mut claimant, pid) = stopped(&place.path, "rename", "try_lock");
        assert!(!place.path.exists());
        if ending == Signal::SIGKILL {
            kill(pid, ending).unwrap();
        }
        let mut contender = peer(&place.path);
        assert_eq!(contender.ask("try_lock"), "ok");
        assert_eq!(contender.ask("recovered"), first.to_string());
        if ending == Signal::SIGCONT {
            kill(pid, ending).unwrap();
            let busy = claimant.answer();
            assert!(busy.contains(&format!("locked by pid {} ", contender.pid())), "{busy}");
        }
        assert_eq!(place.names(), ["test.lock"]);
        assert_eq!(contender.ask("unlock"), "ok");
        let mut next = linked(&place.path);
        next.try_lock().unwrap();
        assert!(!next.was_abandoned(), "it is told once");
    }
}

/// It is told that it does not have the lock, and so it must not be in the way.
#[test]
fn a_link_that_cannot_be_looked_at_is_removed_again() {
    if !can_trace("a look that fails") {
        return;
    }
    let place = place();
    let path = place.path.to_str().unwrap();
    // The first look finds nothing there. The second is after the link.
    let (mut peer, _) = traced(
        &place.path,
        &[
            "--trace=newfstatat,statx,lstat",
            &format!("--trace-path={path}"),
            "newfstatat,statx,lstat:error=EIO:when=2",
        ],
    );
    let answer = peer.ask("try_lock");
    assert!(answer.starts_with("Io: cannot inspect "), "{answer}");
    assert!(place.names().is_empty(), "{:?}", place.names());
    assert_eq!(peer.ask("try_lock"), "ok");
}
