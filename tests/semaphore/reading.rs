//! Readers, who are in nobody's way.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tenure::{Admission, Backend, Semaphore, State};

use crate::admission::lockfile;
use crate::sets::{ALONE, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::place;

#[test]
fn a_reader_makes_no_set() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut lock = lockfile(&place.path).keep_file(true);
        assert_eq!(lock.status().unwrap().state(), State::Free);
        lock.try_lock().unwrap();
        assert_eq!(lock.status().unwrap().state(), State::Held);
        lock.unlock().unwrap();
        assert_eq!(lock.status().unwrap().state(), State::Free);
        assert_eq!(sets(), []);
    });
}

#[test]
fn a_contender_who_comes_while_somebody_reads_is_admitted_and_the_reader_notices() {
    let place = place();
    let file = File::create(&place.path).unwrap();
    let (reader, path) = (File::open(&place.path).unwrap(), &place.path);
    let mut contend = || {
        assert_eq!(Semaphore.try_lock(&file, path).unwrap(), Admission::Locked);
    };
    assert!(!Semaphore.look(&reader, path, &mut contend).unwrap());
    let mut looked = false;
    assert!(!Semaphore.look(&reader, path, &mut || looked = true).unwrap());
    assert!(!looked, "somebody holds");
    Semaphore.release(&file, path).unwrap();
    assert!(Semaphore.look(&reader, path, &mut || looked = true).unwrap());
    assert!(looked);
}

#[test]
fn a_reader_never_makes_a_contender_believe_that_somebody_holds() {
    let place = place();
    let mut lock = lockfile(&place.path).keep_file(true);
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (reader, done) = (lock.clone(), Arc::clone(&done));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    reader.status().unwrap();
                }
            })
        })
        .collect();
    for round in 0..2_000 {
        if let Err(err) = lock.try_lock() {
            done.store(true, Ordering::Relaxed);
            panic!("round {round}: {err}");
        }
        lock.unlock().unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}
