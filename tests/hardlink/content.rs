//! What stands at the path and is not of this protocol: it is judged, and never removed unless it
//! can be claimed.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::parent_id;

use tenure::{Error, Foreign, Lockfile};

use crate::scene::{beside, copy, dead, leave_stale, linked, nonce, remove};
use crate::support::{self, NO_PROCESS, Place, place};

/// Asks in every way; all are refused with the variant, and nothing is touched.
fn assert_refused(place: &Place, variant: &str, part: &str) {
    let before = (place.names(), fs::read(&place.path).unwrap_or_default());
    let mut lock = linked(&place.path).replace_invalid(true).foreign(Foreign::Break);
    let errors = [
        lock.try_lock().unwrap_err(),
        lock.lock_timeout(std::time::Duration::ZERO).unwrap_err(),
        lock.release_stale().unwrap_err(),
    ];
    for err in errors {
        let (debug, text) = (format!("{err:?}"), err.to_string());
        let busy = variant == "Busy" && err.is_busy();
        assert!(busy || debug.starts_with(variant), "{debug}");
        assert!(text.contains(part), "{text}");
        assert_eq!((place.names(), fs::read(&place.path).unwrap_or_default()), before);
    }
}

#[test]
fn an_empty_file_is_not_known_to_be_nobodys() {
    let place = place();
    for content in ["", "  \n", "\0\0\0\0"] {
        fs::write(&place.path, content).unwrap();
        assert_refused(
            &place,
            "InvalidPid",
            "it is empty, which a lockfile of this backend never is",
        );
        let err = linked(&place.path).status().unwrap_err();
        assert!(matches!(err, Error::InvalidPid { .. }), "{err:?}");
    }
}

#[test]
fn a_torn_record_is_not_known_to_be_nobodys() {
    let place = place();
    fs::write(&place.path, "{\"version\":1,\"pid\":42,\"ho").unwrap();
    assert_refused(
        &place,
        "InvalidPid",
        "it is cut short, which a lockfile of this backend never is",
    );
}

#[test]
fn garbage_is_left_as_it_is() {
    let place = place();
    fs::write(&place.path, "precious").unwrap();
    assert_refused(&place, "InvalidPid", "it does not begin with a process id");
}

#[test]
fn a_pid_file_of_the_living_is_busy_and_one_of_the_dead_cannot_be_claimed() {
    let place = place();
    fs::write(&place.path, format!("{}\n", parent_id())).unwrap();
    assert_refused(&place, "Busy", &format!("locked by pid {}", parent_id()));
    fs::write(&place.path, format!("{NO_PROCESS}\n")).unwrap();
    assert_refused(&place, "ProcessDead", "its record has no nonce");
}

/// The nonce becomes a part of a name.
#[test]
fn a_nonce_that_is_a_path_is_none() {
    let place = place();
    leave_stale(&place.path);
    for nonce in ["../../0123456789", "/etc/cron.d/evil", "", "0123456789ABCDEF"] {
        copy(&place.path, &place.path, |record| record["nonce"] = nonce.into());
        assert_refused(&place, "ProcessDead", "its record has no nonce");
    }
}

#[test]
fn a_symbolic_link_is_neither_followed_nor_replaced() {
    let place = place();
    let target = place.dir().join("precious");
    fs::write(&target, "precious").unwrap();
    symlink(&target, &place.path).unwrap();
    assert_refused(&place, "NotALockfile", "a symbolic link");
    remove(&place.path);
    symlink(format!("host:{NO_PROCESS}"), &place.path).unwrap();
    let err = linked(&place.path).try_lock().unwrap_err();
    assert!(!matches!(err, Error::NotALockfile { .. }), "{err:?}");
    assert_eq!(fs::read_link(&place.path).unwrap().to_str(), Some(&*format!("host:{NO_PROCESS}")));
}

#[test]
fn a_dead_holder_of_another_backend_is_recovered() {
    let place = place();
    let dead = support::leave_stale(&place.path);
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn a_live_holder_of_another_backend_is_busy() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert!(linked(&place.path).try_lock().unwrap_err().is_busy());
    lock.verify().unwrap();
}

#[test]
fn a_claim_that_is_none_is_told() {
    let place = place();
    leave_stale(&place.path);
    let own = nonce(&place.path);
    let claim = beside(&place.path, "claim", &own);
    for content in ["", "precious"] {
        fs::write(&claim, content).unwrap();
        assert_refused(&place, "InvalidPid", &format!("claim.{own} is not a lockfile"));
    }
    // It would have to be claimed before it is claimed.
    copy(&place.path, &claim, dead(&own));
    assert_refused(&place, "InvalidPid", "it claims itself");
}
