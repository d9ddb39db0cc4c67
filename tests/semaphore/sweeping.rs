//! `Semaphore::sweep`: what is nobody's is removed, and nothing else.

use nix::libc::SYS_semtimedop;
use tenure::Semaphore;

use crate::admission::{assert_refused, lockfile};
use crate::sets::{ALONE, Set, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

/// Sweeps; how many sets that removed.
fn sweep() -> usize {
    Semaphore::sweep().unwrap().len()
}

#[test]
fn what_the_dead_have_left_is_removed_with_the_lockfile_or_without() {
    elsewhere(ALONE, &[], || {
        let places = [place(), place()];
        for place in &places {
            let mut holder = Peer::with(&place.path, "semaphore");
            assert_eq!(holder.ask("try_lock"), "ok");
            holder.crash();
        }
        let left: Vec<_> = sets().iter().map(|set| u32::try_from(set.id).unwrap()).collect();
        assert_eq!(left.len(), 2);
        let [stays, goes] = places;
        drop(goes);
        let mut swept = Semaphore::sweep().unwrap();
        swept.sort_unstable();
        assert_eq!(swept, left);
        assert_eq!((sets(), sweep()), (vec![], 0));
        lockfile(&stays.path).with(|| assert_refused(&stays.path)).unwrap();
    });
}

/// The guard is that a set is locked before it is removed.
#[test]
fn a_set_that_is_held_stays_and_keeps_others_out() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        let set = only_set();
        assert_eq!((sweep(), only_set()), (0, set));
        // Here it is the semaphore that keeps out, and not the record.
        std::fs::write(&place.path, "").unwrap();
        assert_refused(&place.path);
        let mut own = lockfile(&place.dir().join("own.lock"));
        own.try_lock().unwrap();
        assert_eq!((sweep(), sets().len()), (0, 2), "nor that of this very process");
        own.unlock().unwrap();
        holder.kill();
        assert_eq!(sweep(), 1);
    });
}

#[test]
fn a_set_that_is_waited_for_stays_and_is_had_by_who_waits() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        let mut waiter = Peer::with(&place.path, "semaphore");
        waiter.tell("lock");
        waiter.wait_until_in(SYS_semtimedop);
        assert_eq!((sweep(), sets().len()), (0, 1));
        assert!(!waiter.has_answered());
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(sweep(), 0);
    });
}

#[test]
fn what_could_be_of_another_program_stays() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut lock = lockfile(&place.path);
        lock.try_lock().unwrap();
        let values = only_set().values(6);
        lock.unlock().unwrap();
        let free = [&[0], &values[1..]].concat();
        let mut foreign = vec![vec![0; 6], vec![0, values[1], values[2]], vec![1; 6]];
        // Too large, and with one value that is not as we have it.
        foreign.push([&free[..], &[0]].concat());
        for semaphore in 1..6 {
            let mut other = free.clone();
            other[semaphore] = if semaphore < 3 { 1 } else { other[semaphore] ^ 1 };
            foreign.push(other);
        }
        let all: Vec<_> = (1..).zip(&foreign).map(|(key, values)| Set::make(key, values)).collect();
        let private = Set::make(0, &free);
        assert_eq!((sweep(), sets().len()), (0, all.len() + 1));
        for (set, values) in all.iter().zip(&foreign) {
            assert_eq!(set.values(i32::try_from(values.len()).unwrap()), *values);
        }
        assert_eq!(private.values(6), free);
        let ours = Set::make(100, &free);
        assert_eq!(Semaphore::sweep().unwrap(), [u32::try_from(ours.id).unwrap()]);
    });
}
