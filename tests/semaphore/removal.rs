//! Sets and directories that are removed by somebody else.

use std::fs;

use nix::libc::{SYS_ppoll, SYS_semtimedop};
use tenure::{Error, Verdict};

use crate::admission::{lockfile, wipe};
use crate::sets::{ALONE, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

#[test]
fn while_held_the_record_keeps_others_out() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        only_set().remove();
        let mut lock = lockfile(&place.path);
        match lock.try_lock() {
            Err(Error::Busy { holder: Some(named), .. }) => {
                assert_eq!((named.pid(), named.verdict()), (holder.pid(), Verdict::Live));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(sets(), []);
        assert_eq!(holder.ask("verify"), "ok");
        assert_eq!(holder.ask("unlock"), "ok");
        assert!(place.names().is_empty());
        lock.try_lock().unwrap();
    });
}

#[test]
fn a_holder_whose_set_is_gone_does_not_release_the_next_holders() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut robbed = Peer::with(&place.path, "semaphore");
        assert_eq!(robbed.ask("try_lock"), "ok");
        only_set().remove();
        wipe(&place.path);
        let mut next = lockfile(&place.path);
        next.try_lock().unwrap();
        let set = only_set();
        assert!(robbed.ask("unlock").starts_with("Overwritten: "));
        assert_eq!((only_set(), set.values(1)), (set, vec![1]));
        next.unlock().unwrap();
        assert_eq!(sets(), []);
    });
}

/// The same set, unlocked and locked again by another.
#[test]
fn a_holder_that_was_robbed_of_its_semaphore_does_not_release_the_next_holders() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut robbed = Peer::with(&place.path, "semaphore");
        assert_eq!(robbed.ask("try_lock"), "ok");
        let set = only_set();
        set.set(0, 0);
        wipe(&place.path);
        let mut next = lockfile(&place.path);
        next.try_lock().unwrap();
        assert!(robbed.ask("unlock").starts_with("Overwritten: "));
        assert_eq!((only_set(), set.values(1)), (set, vec![1]));
        drop(next);
    });
}

#[test]
fn while_waited_for_those_who_wait_begin_again() {
    elsewhere(ALONE, &[], || {
        for command in ["lock", "lock_timeout 1000000000"] {
            let place = place();
            let mut holder = Peer::with(&place.path, "semaphore");
            assert_eq!(holder.ask("try_lock"), "ok");
            let mut waiter = Peer::with(&place.path, "semaphore");
            waiter.tell(command);
            waiter.wait_until_in(SYS_semtimedop);
            only_set().remove();
            // Admitted to another set, it has found the record, whose holder it waits for now.
            waiter.wait_until_in(SYS_ppoll);
            assert!(!waiter.has_answered());
            assert_eq!(holder.ask("verify"), "ok");
            assert_eq!(holder.ask("unlock"), "ok");
            assert_eq!(waiter.answer(), "ok");
            assert_eq!(waiter.ask("unlock"), "ok");
            assert_eq!(sets(), []);
        }
    });
}

/// It is the path at the time of the acquisition that counts.
#[test]
fn a_directory_that_is_renamed_or_removed_while_held_leaves_no_set() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let (here, there) = (place.dir().join("here"), place.dir().join("there"));
        fs::create_dir(&here).unwrap();
        let mut lock = lockfile(&here.join("test.lock"));
        lock.try_lock().unwrap();
        fs::rename(&here, &there).unwrap();
        assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { .. })));
        assert_eq!(sets(), []);

        let mut lock = lockfile(&there.join("other.lock"));
        lock.try_lock().unwrap();
        fs::remove_dir_all(&there).unwrap();
        assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { .. })));
        assert_eq!(sets(), []);
    });
}
