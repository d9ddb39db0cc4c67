//! An open is refused with EAGAIN while another process has a lease on the file (`F_SETLEASE`). The
//! lease ends soon, so every verb looks again.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::libc;

use crate::program::{CommandExtension, Ended, Running, tenure};
use crate::scene::dead;
use crate::stranger::Stranger;
use crate::support::{Peer, Place, place, sleeps_in, wait_until};

/// A place with a stale file on which the stranger has the lease.
fn leased(kind: &str) -> (Place, Stranger) {
    let place = place();
    fs::write(&place.path, format!("{}\n", dead())).unwrap();
    let mut stranger = Stranger::start();
    // A read lease is for a descriptor that only reads.
    stranger.open(&place.path, if kind == "read" { "r" } else { "rw" });
    assert_eq!(stranger.ask(&format!("lease {kind}")), "granted");
    (place, stranger)
}

/// What a peer is told, and its answer once the lease is given up.
const CALLS: [(&str, &str); 5] = [
    ("try_lock", "ok"),
    ("lock", "ok"),
    ("lock_timeout 1000000", "ok"),
    ("try_lock_shared", "ok"),
    ("lock_shared", "ok"),
];

/// These only read, so only a write lease is in their way.
const LOOKS: [(&str, &str); 3] = [("status", "stale"), ("holder", "none"), ("release_stale", "")];

fn calls(kind: &str) -> Vec<(&'static str, &'static str)> {
    let looks = LOOKS.into_iter().filter(|_| kind == "write");
    CALLS.into_iter().chain(looks).collect()
}

/// The answer for a stale file. Another process has the file open still, so it is not removed.
fn assert_answer(answer: &str, expected: &str, case: &str) {
    if expected.is_empty() {
        assert!(answer.starts_with("Busy"), "{case}: {answer}");
    } else {
        assert_eq!(answer, expected, "{case}");
    }
}

#[test]
fn every_call_looks_past_a_lease_that_is_given_up_at_once() {
    for kind in ["read", "write"] {
        for (call, expected) in calls(kind) {
            let (place, mut stranger) = leased(kind);
            assert_eq!(stranger.ask("give_up_when_asked"), "ok");
            let mut peer = Peer::start(&place.path);
            assert_answer(&peer.ask(call), expected, &format!("{kind}, {call}"));
        }
    }
}

#[test]
fn every_call_looks_past_a_lease_that_is_given_up_late() {
    for kind in ["read", "write"] {
        for (call, expected) in calls(kind) {
            let (place, mut stranger) = leased(kind);
            let mut peer = Peer::start(&place.path);
            peer.tell(call);
            assert_eq!(stranger.ask("wait_until_asked"), "ok");
            wait_until(|| peer.has_answered() || sleeps_in(peer.pid(), None, libc::SYS_ppoll));
            assert!(!peer.has_answered(), "{kind}, {call}: {}", peer.answer());
            assert_eq!(stranger.ask("give_up"), "ok");
            assert_answer(&peer.answer(), expected, &format!("{kind}, {call}"));
        }
    }
}

#[test]
fn lock_timeout_ends_by_its_limit_although_the_lease_lasts() {
    for kind in ["read", "write"] {
        for call in ["lock_timeout 0", "lock_timeout 30"] {
            let (place, stranger) = leased(kind);
            let answer = Peer::start(&place.path).ask(call);
            assert!(answer.starts_with("Timeout"), "{kind}, {call}: {answer}");
            drop(stranger);
        }
    }
}

/// Each verb, the words after the path, and the exit status once the lease is given up.
const VERBS: [(&[&str], &[&str], i32); 6] = [
    (&["run"], &["--", "true"], 0),
    (&["run", "-w", "1h"], &["--", "true"], 0),
    (&["exec"], &["--", "true"], 0),
    (&["status"], &[], 1),
    (&["wait"], &[], 0),
    (&["unlock"], &[], 75),
];

fn command(words: &[&str], path: &Path, after: &[&str]) -> Command {
    let mut command = tenure();
    command.args(words).arg(path).args(after);
    command
}

#[test]
fn every_verb_looks_past_a_lease_that_is_given_up_at_once() {
    for (words, after, code) in VERBS {
        let (place, mut stranger) = leased("write");
        assert_eq!(stranger.ask("give_up_when_asked"), "ok");
        let ended: Ended = command(words, &place.path, after).ended();
        assert_eq!(ended.code, Some(code), "{words:?}: {ended:?}");
    }
}

#[test]
fn every_verb_looks_past_a_lease_that_is_given_up_late() {
    for (words, after, code) in VERBS {
        let (place, mut stranger) = leased("write");
        let mut running = Running::start(command(words, &place.path, after));
        assert_eq!(stranger.ask("wait_until_asked"), "ok");
        wait_until(|| sleeps_in(running.pid(), None, libc::SYS_ppoll));
        assert_eq!(stranger.ask("give_up"), "ok");
        let ended = running.end();
        assert_eq!(ended.code, Some(code), "{words:?}: {ended:?}");
    }
}

#[test]
fn list_and_watch_look_past_a_lease() {
    let (place, mut stranger) = leased("write");
    assert_eq!(stranger.ask("give_up_when_asked"), "ok");
    let listed = command(&["list"], place.dir(), &[]).ended();
    assert!(listed.stdout.contains("stale"), "{listed:?}");
    let (place, mut stranger) = leased("write");
    assert_eq!(stranger.ask("give_up_when_asked"), "ok");
    let watch = Running::start(command(&["watch"], &place.path, &[]));
    let line = watch.line();
    assert!(line.contains("stale"), "{line}");
}
