//! Keys that others have, and sets that somebody left.

use std::path::Path;

use crate::admission::{assert_refused, lockfile};
use crate::sets::{ALONE, Set, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

/// The first key of the path, and the values of its set while it is locked.
fn learn(path: &Path) -> (i32, Vec<i32>) {
    let mut lock = lockfile(path);
    lock.try_lock().unwrap();
    let learned = (only_set().key, only_set().values(6));
    lock.unlock().unwrap();
    assert_eq!(sets(), []);
    learned
}

#[test]
fn a_set_of_another_program_is_left_alone_and_the_next_key_taken() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let (key, values) = learn(&place.path);
        let other = |semaphore: usize| {
            let mut other = values.clone();
            (other[0], other[semaphore]) = (0, values[semaphore] ^ 1);
            other
        };
        let foreign: [&[i32]; 8] = [
            &[0],
            &[1],
            &[0; 7],
            &[1, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 1],
            &other(1),
            &other(2),
            &[1, 20_000, 20_000, 0, 0, 0, 0],
        ];
        for values in foreign {
            let theirs = Set::make(key, values);
            let mut lock = lockfile(&place.path);
            lock.try_lock().unwrap();
            assert_eq!(sets().len(), 2, "{values:?}");
            assert_refused(&place.path);
            lock.unlock().unwrap();
            assert_eq!(sets(), [theirs], "{values:?}");
            assert_eq!(theirs.values(i32::try_from(values.len()).unwrap()), values);
            theirs.remove();
        }
    });
}

#[test]
fn whoever_holds_by_a_later_key_is_found_when_the_first_is_free_again() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let (key, values) = learn(&place.path);
        let theirs = Set::make(key, &[7]);
        let mut holder = lockfile(&place.path);
        holder.try_lock().unwrap();
        theirs.remove();
        assert_refused(&place.path);
        // Nor does it help that somebody has left a set of this path there.
        let left = Set::make(key, &[&[0], &values[1..]].concat());
        assert_refused(&place.path);
        holder.unlock().unwrap();
        assert_eq!(sets(), [left]);
        lockfile(&place.path).with(|| assert_eq!(sets(), [left])).unwrap();
        assert_eq!(sets(), []);
    });
}

#[test]
fn a_set_whose_maker_died_before_tagging_it_is_used() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let (key, values) = learn(&place.path);
        let blank = Set::make(key, &[0; 6]);
        let mut lock = lockfile(&place.path);
        lock.try_lock().unwrap();
        assert_eq!((only_set(), blank.values(6)), (blank, values));
        lock.unlock().unwrap();
        assert_eq!(sets(), []);
    });
}

#[test]
fn where_all_keys_are_taken_the_error_names_them() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let (key, _) = learn(&place.path);
        let theirs: Vec<Set> = (0..4).map(|next| Set::make(key.wrapping_add(next), &[7])).collect();
        let err = lockfile(&place.path).try_lock().unwrap_err();
        let source = std::error::Error::source(&err).unwrap().to_string();
        assert!(source.contains(&format!("{key:#010x}")), "{source}");
        assert!(source.contains("ipcs -s"), "{source}");
        assert!(!err.is_busy());
        theirs[3].remove();
        lockfile(&place.path).try_lock().unwrap();
    });
}

#[test]
fn at_the_systems_limit_the_error_says_what_to_do() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        std::fs::write("/proc/sys/kernel/sem", "32000 1024000000 500 1").unwrap();
        let other = place.dir().join("other.lock");
        let err = lockfile(&other).try_lock().unwrap_err();
        let source = std::error::Error::source(&err).unwrap().to_string();
        for part in ["SEMMNI", "/proc/sys/kernel/sem", "ipcs -s"] {
            assert!(source.contains(part), "{source}");
        }
        // The set that there is can be locked all the same.
        holder.crash();
        let mut lock = lockfile(&place.path);
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
        lockfile(&other).try_lock().unwrap();
    });
}
