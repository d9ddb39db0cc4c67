//! What this process may not write, read or remove. Needs root, to be somebody else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::unistd::geteuid;

use crate::scene::{holding, leave_stale, linked, peer, record};
use crate::support::elsewhere::tell;
use crate::support::{Peer, Place, place};

fn place_of_mode(mode: u32) -> Place {
    let place = place();
    fs::set_permissions(place.dir(), fs::Permissions::from_mode(mode)).unwrap();
    place
}

fn nobody(place: &Place) -> Peer {
    let mut peer = peer(&place.path);
    assert_eq!(peer.ask("become 65534"), "ok");
    peer
}

fn is_root(case: &str) -> bool {
    if !geteuid().is_root() {
        tell(&format!("NOT RUN: {case}: it needs root"));
    }
    geteuid().is_root()
}

#[test]
fn whoever_may_not_write_to_the_directory_is_told_of_the_holder_all_the_same() {
    if !is_root("a directory that is not writable") {
        return;
    }
    let place = place_of_mode(0o755);
    let mut nobody = nobody(&place);
    let answer = nobody.ask("try_lock");
    assert!(answer.starts_with("Io: cannot create the lockfile"), "{answer}");
    let holder = holding(&place.path);
    let answer = nobody.ask("try_lock");
    assert!(answer.contains(&format!("locked by pid {}", holder.pid())), "{answer}");
    let dead = holder.crash();
    for command in ["try_lock", "release_stale"] {
        let answer = nobody.ask(command);
        assert!(answer.starts_with("ProcessDead: "), "{answer}");
        assert!(answer.contains(&format!("left by pid {dead}")), "{answer}");
        assert!(answer.contains("it may not write to the directory"), "{answer}");
    }
    assert_eq!(nobody.ask("status"), "stale");
    assert_eq!(place.names(), ["test.lock"]);
}

/// It need not be able to write to the file, which it does not touch.
#[test]
fn whoever_may_write_to_the_directory_takes_over_from_another_user() {
    if !is_root("another user's lockfile") {
        return;
    }
    let place = place_of_mode(0o777);
    let dead = leave_stale(&place.path);
    let mut nobody = nobody(&place);
    assert_eq!(nobody.ask("try_lock"), "ok");
    assert_eq!(nobody.ask("recovered"), dead.to_string());
    assert_eq!(record(&place.path).uid, Some(65534));
    assert_eq!(nobody.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

#[test]
fn in_a_sticky_directory_the_dead_of_others_stay() {
    if !is_root("a sticky directory") {
        return;
    }
    let place = place_of_mode(0o1777);
    leave_stale(&place.path);
    let mut nobody = nobody(&place);
    for command in ["try_lock", "release_stale"] {
        let answer = nobody.ask(command);
        assert!(answer.starts_with("ProcessDead: "), "{answer}");
        assert!(answer.contains("it may not remove the file"), "{answer}");
        assert_eq!(place.names(), ["test.lock"], "{command}");
    }
}

#[test]
fn whoever_may_not_read_the_record_is_told_so() {
    if !is_root("a record that is not readable") {
        return;
    }
    let place = place_of_mode(0o777);
    let _lock = {
        let mut lock = linked(&place.path).mode(0o600);
        lock.try_lock().unwrap();
        lock
    };
    let answer = nobody(&place).ask("try_lock");
    assert!(answer.starts_with("Io: cannot read the lockfile"), "{answer}");
    assert!(answer.contains("it has to be readable for this user"), "{answer}");
}

/// A daemon that is root when it starts, and not when it ends.
#[test]
fn who_has_given_up_the_right_to_remove_marks_it_as_released() {
    if !is_root("a daemon that gives up its rights") {
        return;
    }
    let place = place_of_mode(0o755);
    let mut daemon = holding(&place.path);
    assert_eq!(daemon.ask("become 65534"), "ok");
    let answer = daemon.ask("set_message working");
    assert!(answer.starts_with("Io: cannot create the lockfile"), "{answer}");
    assert_eq!(record(&place.path).message, None);
    assert_eq!(daemon.ask("unlock"), "ok");
    assert!(record(&place.path).released_at.is_some());
    let mut next = linked(&place.path);
    next.try_lock().unwrap();
    assert!(!next.was_abandoned());
    next.unlock().unwrap();
    assert!(place.names().is_empty());
}
