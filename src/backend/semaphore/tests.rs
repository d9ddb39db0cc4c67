//! What no other process can be made to do at the right moment.

use super::*;
use crate::sys::Keyed;

/// Somebody has looked at the keys before us, and locks another set of the path than we do.
#[test]
fn of_two_who_lock_different_sets_of_one_path_the_later_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let file = File::create_new(&path).unwrap();
    let address = Address::of(&path).unwrap();
    let [first, later] = {
        let mut keys = address.keys();
        [keys.next().unwrap(), keys.next().unwrap()]
    };
    let stranger = SemaphoreSet::create(first, 1, 0o600).unwrap().unwrap();
    let mut entered = Vec::new();
    let locked = lock(&file, &path, |set| {
        if entered.is_empty() {
            stranger.remove().unwrap();
            let theirs = SemaphoreSet::create(first, SIZE, 0o600).unwrap().unwrap();
            assert!(address.tag_it(theirs).unwrap());
            assert_eq!(theirs.try_take(&ENTER).unwrap(), Outcome::Taken);
            entered.push(theirs);
        }
        entered.push(set);
        set.try_take(&ENTER)
    });
    let is_left = Keyed::Nothing != SemaphoreSet::find(later, SIZE).unwrap();
    entered[0].remove().unwrap();
    assert!(!locked.unwrap());
    assert_eq!(entered.len(), 3, "it began again");
    assert_eq!(entered[0], entered[2], "and found the other");
    assert!(!is_left);
}

/// Somebody sweeps the set between the finding and the locking.
#[test]
fn whoever_was_about_to_lock_a_set_that_is_swept_makes_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let file = File::create_new(&path).unwrap();
    let mut entered = Vec::new();
    let locked = lock(&file, &path, |set| {
        if entered.is_empty() {
            assert!(sweep::sweep(set).unwrap());
        }
        entered.push(set);
        let outcome = set.try_take(&ENTER);
        assert!(!sweep::sweep(set).unwrap(), "it has gone, or we have it");
        outcome
    });
    let set = noted(&file).unwrap();
    Semaphore.release(&file, &path).unwrap();
    assert!(locked.unwrap());
    assert_eq!((entered.len(), set), (2, Some(entered[1])));
    assert_ne!(entered[0], entered[1]);
}
