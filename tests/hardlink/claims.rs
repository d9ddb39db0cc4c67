//! Claims whose author cannot be proven dead from here: they are named, and an operator can break them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use tenure::{Error, Foreign, State, Verdict, Why};

use crate::scene::{
    NONCE, beside, can_trace, copy, elsewhere, go_on, holding, leave_stale, linked, nonce, peer,
    stopped,
};
use crate::support::elsewhere::elsewhere as in_namespaces;
use crate::support::{Peer, Place, place, wait_until};

/// A claim by an author on another host, on what bears `on`.
fn claim_from_elsewhere(place: &Place, on: &str, nonce: &str) -> PathBuf {
    let claim = beside(&place.path, "claim", on);
    copy(&place.path, &claim, |record| {
        elsewhere(record);
        record["nonce"] = nonce.into();
    });
    claim
}

/// A stale lockfile, and on it a claim with [`NONCE`] from another host.
fn stale_and_claimed() -> (Place, PathBuf) {
    let place = place();
    leave_stale(&place.path);
    let claim = claim_from_elsewhere(&place, &nonce(&place.path), NONCE);
    (place, claim)
}

fn assert_busy_by(err: &Error, claim: &Path) {
    assert!(err.is_busy(), "{err}");
    assert_eq!(err.holder().unwrap().claim(), Some(claim), "{err}");
}

#[test]
fn the_claim_of_a_container_that_died_is_named_and_broken_by_its_nonce() {
    in_namespaces("unshare -m", &["strace"], || {
        let place = place();
        // What was released says so to every container.
        let mut lock = linked(&place.path).keep_file(true);
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
        let claim = beside(&place.path, "claim", &nonce(&place.path));
        let mut container = Command::new("unshare");
        container.args(["-mpf", "--mount-proc", "--kill-child", "strace", "-f", "-qq"]);
        container.args(["-o", "/dev/null", "-e", "inject=linkat:signal=SIGSTOP:when=1"]);
        let mut claimant = Peer::through(container, &place.path, "hardlink");
        claimant.tell("try_lock");
        wait_until(|| claim.exists());
        claimant.crash();

        let err = lock.try_lock().unwrap_err();
        assert_busy_by(&err, &claim);
        assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::OtherNamespace));
        let text = err.to_string();
        let (path, its) = (claim.to_str().unwrap(), nonce(&claim));
        assert!(text.contains(path) && text.contains(&its), "{text}");
        let status = lock.status().unwrap();
        assert_eq!(status.state(), State::Unproven);
        assert_eq!(status.claimant().unwrap().claim(), Some(&*claim));
        assert!(status.to_string().contains(path), "{status}");
        assert_eq!(lock.holder().unwrap().unwrap().claim(), Some(&*claim));

        let broken = lock.break_unproven(&its).unwrap().unwrap();
        assert_eq!(broken.claim(), Some(&*claim));
        assert!(!claim.exists() && place.path.exists());
        lock.try_lock().unwrap();
        assert_eq!(place.names(), ["test.lock"]);
    });
}

#[test]
fn doubt_frees_no_claim() {
    let (place, claim) = stale_and_claimed();
    let before = place.names();
    let mut lock = linked(&place.path).foreign(Foreign::Break);
    assert_busy_by(&lock.try_lock().unwrap_err(), &claim);
    assert_busy_by(&lock.release_stale().unwrap_err(), &claim);
    assert_busy_by(&lock.break_unproven(&nonce(&place.path)).unwrap_err(), &claim);
    for other in ["", "0000000000000000", "00000000deadbeee"] {
        let err = lock.break_unproven(other).unwrap_err();
        assert!(matches!(err, Error::OtherHolder { .. }), "{err:?}");
    }
    assert_eq!(place.names(), before);
}

#[test]
fn a_claim_of_the_living_is_not_broken() {
    let place = place();
    let other = place.dir().join("other");
    let alive = holding(&other);
    leave_stale(&place.path);
    let claim = beside(&place.path, "claim", &nonce(&place.path));
    fs::copy(&other, &claim).unwrap();
    let err = linked(&place.path).break_unproven(&nonce(&claim)).unwrap_err();
    assert_busy_by(&err, &claim);
    assert!(claim.exists());
    drop(alive);
}

/// Its holder cannot change its record until then.
#[test]
fn a_claim_on_a_live_holder_is_broken_and_the_holder_is_not() {
    let place = place();
    let mut holder = holding(&place.path);
    let claim = claim_from_elsewhere(&place, &nonce(&place.path), NONCE);
    assert!(holder.ask("set_message here").starts_with("Io: "));
    let status = linked(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Held);
    assert_eq!(status.claimant().unwrap().claim(), Some(&*claim));
    linked(&place.path).break_unproven(NONCE).unwrap().unwrap();
    assert_eq!(place.names(), ["test.lock"]);
    assert_eq!(holder.ask("set_message here"), "ok");
    assert!(linked(&place.path).status().unwrap().claimant().is_none());
}

#[test]
fn of_claims_on_claims_each_is_broken_by_its_own_nonce() {
    let (place, claim) = stale_and_claimed();
    let upon = claim_from_elsewhere(&place, NONCE, "0000000000000001");
    let lock = linked(&place.path);
    assert_busy_by(&lock.break_unproven(NONCE).unwrap_err(), &upon);
    assert!(claim.exists());
    lock.break_unproven("0000000000000001").unwrap().unwrap();
    lock.break_unproven(NONCE).unwrap().unwrap();
    assert_eq!(place.names(), ["test.lock"]);
    assert!(lock.release_stale().unwrap());
}

/// Between its look and its claim, another may have broken the claim, and a third have made one.
#[test]
fn a_younger_claim_is_not_broken_by_the_nonce_of_the_older() {
    if !can_trace("a breaker that is stopped") {
        return;
    }
    let (place, claim) = stale_and_claimed();
    let (mut breaker, pid) = stopped(&place.path, "linkat", &format!("break_unproven {NONCE}"));
    claim_from_elsewhere(&place, &nonce(&place.path), "0000000000000001");
    go_on(pid);
    let answer = breaker.answer();
    assert!(answer.starts_with("OtherHolder: "), "{answer}");
    assert_eq!(nonce(&claim), "0000000000000001");
}

#[test]
fn of_two_who_break_a_claim_one_does_and_a_dead_one_is_in_nobodys_way() {
    if !can_trace("a breaker that is stopped") {
        return;
    }
    let (place, claim) = stale_and_claimed();
    let (_breaker, pid) = stopped(&place.path, "linkat", &format!("break_unproven {NONCE}"));
    let upon = beside(&place.path, "claim", NONCE);
    assert!(upon.exists());
    let lock = linked(&place.path);
    assert_busy_by(&lock.break_unproven(NONCE).unwrap_err(), &upon);
    assert!(claim.exists());
    kill(pid, Signal::SIGKILL).unwrap();
    let mut other = peer(&place.path);
    wait_until(|| other.ask(&format!("break_unproven {NONCE}")) == "ok");
    assert!(!claim.exists() && !upon.exists());
    assert_eq!(other.ask("try_lock"), "ok");
    assert_eq!(place.names(), ["test.lock"]);
}

/// They are in the way, and so they are told, and never opened.
#[test]
fn a_claim_that_is_no_file_is_told_and_stays() {
    type Make = fn(&Path);
    let makes: [(&str, Make); 3] = [
        ("a directory", |path| fs::create_dir(path).unwrap()),
        ("a FIFO", |path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap()),
        ("a symbolic link", |path| std::os::unix::fs::symlink("nothing", path).unwrap()),
    ];
    for (kind, make) in makes {
        let place = place();
        leave_stale(&place.path);
        let claim = beside(&place.path, "claim", &nonce(&place.path));
        make(&claim);
        let before = place.names();
        let mut lock = linked(&place.path);
        let errors = [
            lock.try_lock().unwrap_err(),
            lock.release_stale().unwrap_err(),
            lock.break_unproven(NONCE).unwrap_err(),
            lock.status().unwrap_err(),
        ];
        for err in errors {
            assert!(matches!(&err, Error::NotALockfile { path, .. } if *path == claim), "{err:?}");
            assert!(err.to_string().contains(kind), "{err}");
        }
        assert_eq!(place.names(), before);
    }
}

/// A claim has a longer name than the lockfile, and a draft has one that is as long.
#[test]
fn a_name_without_room_for_claims_is_refused_at_once() {
    let place = place();
    let longest = place.dir().join("n".repeat(255 - ".claim.0123456789abcdef".len()));
    let dead = leave_stale(&longest);
    let mut lock = linked(&longest);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    let longer = place.dir().join("n".repeat(255 - ".claim.0123456789abcde".len()));
    let mut lock = linked(&longer);
    assert!(matches!(lock.try_lock(), Err(Error::Io { .. })));
    assert_eq!(lock.status().unwrap().state(), State::Free);
    assert!(place.names().is_empty());
}
