//! At most so many holders at a time.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg_attr(not(target_os = "linux"), path = "support/portable.rs")]
mod support;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::{leave_stale, place};
use tenure::{Error, Lock, Lockfile, Op, Slots, State};

#[test]
fn there_are_as_many_holders_as_slots() {
    let place = place();
    let slots = || Slots::new(&place.path, 3);
    let mut held: Vec<Slots> = (0..3).map(|_| slots()).collect();
    for slot in &mut held {
        slot.try_lock().unwrap();
    }
    assert_eq!(place.names(), ["test.lock.0", "test.lock.1", "test.lock.2"]);
    assert_eq!(slots().holders().unwrap().len(), 3);
    assert_eq!(slots().status().unwrap().state(), State::Held);
    let busy = slots().try_lock().unwrap_err();
    assert!(busy.is_busy() && busy.holder().is_some(), "{busy}");
    assert!(matches!(held[0].try_lock(), Err(Error::AlreadyHeld { .. })));

    held[1].unlock().unwrap();
    assert!(matches!(held[1].unlock(), Err(Error::NotHeld { .. })));
    let mut next = slots().with_settings(|slot| slot.message("next"));
    next.try_lock().unwrap();
    let messages: Vec<_> = slots()
        .holders()
        .unwrap()
        .iter()
        .map(|holder| holder.message().map(str::to_owned))
        .collect();
    assert_eq!(messages, [None, Some("next".to_owned()), None]);
    drop((held, next));
    assert!(place.names().is_empty());
}

#[test]
fn the_slots_of_a_path_stay_the_same_when_it_becomes_a_directory() {
    let place = place();
    let path = place.dir().join("encoders");
    let mut one = Slots::new(&path, 1);
    one.try_lock().unwrap();
    fs::create_dir(&path).unwrap();
    for same in [path.clone(), path.join(""), path.join(".")] {
        assert!(Slots::new(&same, 1).try_lock().unwrap_err().is_busy(), "{}", same.display());
    }
    one.unlock().unwrap();
    assert_eq!(place.names(), ["encoders"]);
}

#[test]
fn the_slots_within_a_directory_are_there_or_nowhere() {
    let place = place();
    let dir = place.dir().join("encoders");
    let mut slots = Slots::within(&dir, 1);
    let missing = slots.try_lock().unwrap_err();
    assert!(matches!(missing, Error::Io { op: Op::Create, .. }), "{missing:?}");
    fs::create_dir(&dir).unwrap();
    slots.try_lock().unwrap();
    assert_eq!(slots.slot().unwrap().path(), dir.join("slot.0"));
    assert_eq!(slots.path(), dir);
    assert!(Slots::within(dir.join(""), 1).try_lock().unwrap_err().is_busy());
    assert!(Slots::new(&dir, 1).try_lock().is_ok(), "those beside it are others");
}

#[test]
fn a_slot_is_recovered_by_itself() {
    let place = place();
    let slot = |number: u32| place.dir().join(format!("slot.{number}"));
    let mut first = Lockfile::acquire(slot(0)).unwrap();
    let dead = leave_stale(&slot(1));
    let mut slots = Slots::within(place.dir(), 2);
    slots.try_lock().unwrap();
    assert!(slots.was_abandoned());
    assert_eq!(slots.slot().unwrap().recovered_from().unwrap().pid(), dead);
    assert_eq!(slots.slot().unwrap().path(), slot(1));
    first.verify().unwrap();
    first.unlock().unwrap();
}

#[test]
fn a_limit_ends_the_wait_at_the_gate_and_behind_it() {
    let place = place();
    let mut held = Slots::new(&place.path, 1);
    held.try_lock().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let late = Slots::new(&place.path, 1).lock_timeout(Duration::from_millis(30));
                assert!(matches!(late, Err(Error::Timeout { holder: Some(_), .. })), "{late:?}");
            });
        }
    });
    held.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn never_are_more_inside_than_there_are_slots() {
    let place = place();
    let inside = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let inside = &inside;
            let path = &place.path;
            scope.spawn(move || {
                let mut slots = Slots::new(path, 3);
                for _ in 0..50 {
                    if number % 2 == 0 {
                        slots.lock().unwrap();
                    } else {
                        slots.lock_timeout(Duration::from_secs(1_000_000)).unwrap();
                    }
                    assert!(inside.fetch_add(1, Ordering::SeqCst) < 3);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    slots.unlock().unwrap();
                }
            });
        }
    });
    assert!(fs::read_dir(place.dir()).unwrap().next().is_none());
}

#[test]
#[should_panic(expected = "there has to be a slot")]
fn there_has_to_be_a_slot() {
    let _ = Slots::new("/run/encoders", 0);
}

#[test]
#[should_panic(expected = "there has to be a slot")]
fn there_has_to_be_a_slot_within() {
    let _ = Slots::within("/run/encoders", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_waits_gets_the_slot_that_is_free_first() {
    use support::{sleeps_in, wait_until};

    for limit in [None, Some(Duration::from_secs(1_000_000))] {
        let place = place();
        let mut held: Vec<Slots> = (0..2).map(|_| Slots::new(&place.path, 2)).collect();
        for slot in &mut held {
            slot.try_lock().unwrap();
        }
        let (tell, told) = std::sync::mpsc::channel();
        let path = place.path.clone();
        let waiter = std::thread::spawn(move || {
            let mut slots = Slots::new(path, 2);
            tell.send(nix::unistd::gettid()).unwrap();
            match limit {
                None => slots.lock().unwrap(),
                Some(limit) => slots.lock_timeout(limit).unwrap(),
            }
            let path = slots.slot().unwrap().path().to_owned();
            slots.unlock().unwrap();
            path
        });
        let thread = told.recv().unwrap();
        wait_until(|| sleeps_in(std::process::id(), Some(thread), nix::libc::SYS_ppoll));
        let freed = held[1].slot().unwrap().path().to_owned();
        held[1].unlock().unwrap();
        assert_eq!(waiter.join().unwrap(), freed);
        held[0].unlock().unwrap();
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
}
