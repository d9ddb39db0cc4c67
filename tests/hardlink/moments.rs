//! What others do, or a network loses, at the worst of moments.

use std::fs;

use crate::scene::{
    NONCE, beside, can_trace, copy, dead, go_on, holding, leave_stale, linked, nonce, record,
    remove, stopped, traced,
};
use crate::support::place;

/// The server makes the link, its answer gets lost, and the request that is repeated is told that the
/// name exists.
#[test]
fn a_link_that_was_made_counts_though_the_answer_says_otherwise() {
    if !can_trace("a lost answer to a link") {
        return;
    }
    for error in ["EEXIST", "EIO", "ENOENT", "EPERM"] {
        let place = place();
        let (mut peer, pid) = stopped(&place.path, &format!("linkat:error={error}"), "try_lock");
        let names = place.names();
        let [draft] = &*names else { panic!("{names:?}") };
        fs::hard_link(place.dir().join(draft), &place.path).unwrap();
        go_on(pid);
        assert_eq!(peer.answer(), "ok", "{error}");
        assert_eq!(peer.ask("verify"), "ok");
        assert!(linked(&place.path).try_lock().unwrap_err().is_busy());
        assert_eq!(place.names(), ["test.lock"]);
        assert_eq!(peer.ask("unlock"), "ok");
    }
}

/// A backup by hard links gives it another name as well.
#[test]
fn a_draft_with_two_names_is_not_taken_for_a_lock() {
    if !can_trace("a draft with two names") {
        return;
    }
    let place = place();
    let (mut peer, pid) = stopped(&place.path, "linkat:error=EEXIST", "try_lock");
    fs::hard_link(place.dir().join(&place.names()[0]), place.dir().join("backup")).unwrap();
    let holder = holding(&place.path);
    go_on(pid);
    let answer = peer.answer();
    assert!(answer.contains(&format!("locked by pid {} ", holder.pid())), "{answer}");
}

#[test]
fn a_removal_that_was_done_counts_though_the_answer_says_otherwise() {
    if !can_trace("a lost answer to a removal") {
        return;
    }
    let place = place();
    let first = leave_stale(&place.path);
    let stale = beside(&place.path, "stale", &nonce(&place.path));
    let (mut peer, pid) = stopped(&place.path, "rename:error=ENOENT", "try_lock");
    fs::rename(&place.path, stale).unwrap();
    go_on(pid);
    assert_eq!(peer.answer(), "ok");
    assert_eq!(peer.ask("recovered"), first.to_string());
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_release_that_was_done_counts_though_the_answer_says_otherwise() {
    if !can_trace("a lost answer to a release") {
        return;
    }
    let place = place();
    // The first is the removal of the draft's name.
    let (mut peer, _log) = traced(&place.path, &["unlink:error=ENOENT:when=2"]);
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("unlock"), "ok");
    assert_eq!(peer.ask("is_held"), "false");
}

/// A server of NFS has forgotten the file, because another host has removed it.
#[test]
fn a_file_that_another_host_has_removed_is_looked_for_again() {
    if !can_trace("a stale file handle") {
        return;
    }
    let place = place();
    let first = leave_stale(&place.path);
    let only = format!("--trace-path={}", place.path.display());
    let (mut peer, log) = traced(&place.path, &["pread64:error=ESTALE:when=1", &only]);
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("recovered"), first.to_string());
    drop(peer);
    assert!(log.text().contains("ESTALE (Stale file handle) (INJECTED)"), "{}", log.text());
}

#[test]
fn a_contender_whose_draft_was_swept_up_writes_another() {
    if !can_trace("a draft that is swept up") {
        return;
    }
    for stale in [false, true] {
        let place = place();
        if stale {
            leave_stale(&place.path);
        }
        let (mut peer, pid) = stopped(&place.path, "fdatasync", "try_lock");
        let names = place.names();
        let draft = names.iter().find(|name| name.contains(".draft.")).unwrap();
        remove(&place.dir().join(draft));
        go_on(pid);
        assert_eq!(peer.answer(), "ok");
        assert_eq!(peer.ask("recovered") == "no", !stale);
        assert_eq!(place.names(), ["test.lock"]);
    }
}

/// What was claimed is at the path now, and the claim is good.
#[test]
fn who_was_robbed_at_once_sweeps_up_no_claim() {
    if !can_trace("a robbed holder that sweeps up") {
        return;
    }
    let place = place();
    // When it has linked, and removes the name of its draft.
    let (mut robbed, pid) = stopped(&place.path, "unlink", "try_lock");
    remove(&place.path);
    leave_stale(&place.path);
    let claim = beside(&place.path, "claim", &nonce(&place.path));
    copy(&place.path, &claim, dead(NONCE));
    go_on(pid);
    assert_eq!(robbed.answer(), "ok");
    assert!(robbed.ask("verify").starts_with("RogueDeletion: "));
    assert!(claim.exists());
}

/// Somebody breaks the lock of a holder that he cannot see, at the moment that it begins to hold;
/// and there may be claims on that claim.
#[test]
fn a_claim_on_the_new_holder_itself_stays() {
    if !can_trace("a claim on a new holder") {
        return;
    }
    let place = place();
    let (mut holder, pid) = stopped(&place.path, "linkat", "try_lock");
    let own = beside(&place.path, "claim", &nonce(&place.path));
    let upon = beside(&place.path, "claim", NONCE);
    copy(&place.path, &own, dead(NONCE));
    copy(&place.path, &upon, dead("0000000000000001"));
    go_on(pid);
    assert_eq!(holder.answer(), "ok");
    assert!(own.exists() && upon.exists());
    // Both are of the dead: it claims itself over their heads.
    assert_eq!(holder.ask("set_message here"), "ok");
    assert_eq!(record(&place.path).message.as_deref(), Some("here"));
    assert_eq!(place.names(), ["test.lock"]);
}

/// Half a record, as a reader may find it while it is changed, may say that its author is dead.
#[test]
fn half_a_record_does_not_speak_against_who_is_changing_it() {
    let place = place();
    let mut holder = holding(&place.path);
    let own = nonce(&place.path);
    let other = place.dir().join("other");
    let alive = holding(&other);
    fs::rename(&other, beside(&place.path, "claim", &own)).unwrap();
    let whole = fs::read(&place.path).unwrap();
    copy(&place.path, &place.path, dead(&own));
    let err = linked(&place.path).try_lock().unwrap_err();
    assert!(err.is_busy(), "{err}");
    fs::write(&place.path, whole).unwrap();
    assert_eq!(holder.ask("verify"), "ok");
    drop(alive);
}

/// What cannot be done is said, and nobody is kept out by what is left.
#[test]
fn whatever_fails_the_lock_is_not_lost() {
    if !can_trace("calls that fail") {
        return;
    }
    for stale in [false, true] {
        for (call, when, errors) in [
            ("pwrite64", 1, "EIO ENOSPC EDQUOT"),
            ("fdatasync", 1, "EIO ENOSPC EDQUOT"),
            ("linkat", 1, "EIO ENOSPC EDQUOT EACCES EROFS EMLINK EPERM"),
            ("linkat", 2, "EIO ENOSPC"),
            ("rename", 1, "EIO ENOMEM EROFS"),
            ("unlink", 1, "EIO EACCES"),
            ("unlink", 2, "EIO ENOMEM"),
        ] {
            for error in errors.split(' ') {
                let place = place();
                if stale {
                    leave_stale(&place.path);
                }
                let row = format!("{call}:error={error}:when={when}, stale: {stale}");
                let (mut peer, log) =
                    traced(&place.path, &[&format!("{call}:error={error}:when={when}")]);
                let answer = peer.ask("try_lock");
                let held = peer.ask("is_held") == "true";
                assert_eq!(answer == "ok", held, "{row}: {answer}");
                let mut next = linked(&place.path);
                if held {
                    assert!(next.try_lock().unwrap_err().is_busy(), "{row}");
                    if peer.ask("unlock") != "ok" {
                        assert_eq!(peer.ask("unlock"), "ok", "{row}");
                    }
                } else {
                    assert!(log.text().contains("(INJECTED)"), "{row}");
                }
                drop(peer);
                next.try_lock().unwrap_or_else(|err| panic!("{row}: {err}"));
                next.unlock().unwrap();
                assert!(place.names().is_empty(), "{row}: {:?}", place.names());
            }
        }
    }
}
