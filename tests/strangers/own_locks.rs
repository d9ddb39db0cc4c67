//! A process loses its POSIX locks on a file when it closes any descriptor of that file. Calls of this
//! crate do not cost a process its locks.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use tenure::{Flock, Hardlink, Lockfile, Semaphore};

use crate::scene::dead;
use crate::stranger::{Family, Lock, Stranger, try_lock};
use crate::support::elsewhere::elsewhere;
use crate::support::{Place, place};

type Call = fn(&mut Lockfile);

/// Every call that opens the file and can close it again.
const CALLS: [(&str, Call); 8] = [
    ("status", |lock| drop(lock.status())),
    ("holder", |lock| drop(lock.holder())),
    ("try_lock", |lock| assert!(lock.try_lock().is_err())),
    ("lock_timeout", |lock| assert!(lock.lock_timeout(Duration::from_millis(1)).is_err())),
    ("release_stale", |lock| assert!(lock.release_stale().is_err())),
    ("break_unproven", |lock| assert!(lock.break_unproven("0f").is_err())),
    ("changes", |lock| drop(lock.changes().next())),
    ("wait_until_free", |lock| drop(lock.wait_until_free(Some(Duration::from_millis(1))))),
];

fn stale_file() -> Place {
    let place = place();
    fs::write(&place.path, format!("{}\n", dead())).unwrap();
    place
}

fn open(path: &Path) -> File {
    File::options().read(true).write(true).open(path).unwrap()
}

fn own_lock(path: &Path, lock: Lock) -> File {
    let file = open(path);
    try_lock(&file, lock).unwrap();
    file
}

/// The POSIX locks that a process can have on the file.
fn posix() -> Vec<Lock> {
    Lock::on_bytes().into_iter().filter(|lock| lock.family == Family::Posix).collect()
}

/// Whether this process has its lock still: the kernel refuses the whole file to a writer.
fn is_there(stranger: &mut Stranger) -> bool {
    !stranger.gets(Lock::whole(Family::Posix, true))
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn no_call_costs_a_process_its_own_posix_lock() {
    elsewhere("env", &[], || {
        for (name, call) in CALLS {
            for lock in posix() {
                let place = stale_file();
                let _file = own_lock(&place.path, lock);
                let mut stranger = Stranger::at(&place.path);
                for _ in 0..3 {
                    call(&mut Lockfile::new(&place.path));
                    assert!(is_there(&mut stranger), "{name}: {lock}");
                }
            }
        }
    });
}

#[test]
fn no_backend_costs_a_process_its_own_posix_lock() {
    elsewhere("env", &[], || {
        for (name, call) in CALLS {
            for index in 0..2 {
                let place = stale_file();
                let _file = own_lock(&place.path, Lock::whole(Family::Posix, true));
                let mut stranger = Stranger::at(&place.path);
                let lock = Lockfile::new(&place.path);
                let (backend, mut lock) = match index {
                    0 => ("flock", lock.backend(Flock)),
                    _ => ("semaphore", lock.backend(Semaphore)),
                };
                call(&mut lock);
                assert!(is_there(&mut stranger), "{backend}: {name}");
            }
        }
    });
}

#[test]
fn the_hardlink_backend_does_not_cost_a_process_its_own_posix_lock() {
    elsewhere("env", &[], || {
        for (name, call) in CALLS {
            let place = stale_file();
            let _file = own_lock(&place.path, Lock::whole(Family::Posix, true));
            let mut stranger = Stranger::at(&place.path);
            call(&mut Lockfile::new(&place.path).backend(Hardlink));
            assert!(is_there(&mut stranger), "{name}");
        }
    });
}

/// The kernel names one locker of several.
#[test]
fn a_process_keeps_its_read_lock_where_another_process_has_one_as_well() {
    elsewhere("env", &[], || {
        for (name, call) in CALLS {
            let place = stale_file();
            let read = Lock::whole(Family::Posix, false);
            let mut other = Stranger::at(&place.path);
            other.lock(read);
            let _file = own_lock(&place.path, read);
            call(&mut Lockfile::new(&place.path));
            other.close();
            let mut stranger = Stranger::at(&place.path);
            assert!(is_there(&mut stranger), "{name}");
        }
    });
}

#[test]
fn descriptors_do_not_pile_up_while_a_process_has_its_own_posix_lock() {
    elsewhere("env", &[], || {
        for (name, call) in CALLS {
            let place = stale_file();
            let file = own_lock(&place.path, Lock::whole(Family::Posix, true));
            let mut lock = Lockfile::new(&place.path);
            call(&mut lock);
            let after_one = descriptors();
            for _ in 0..50 {
                call(&mut lock);
            }
            // Not every wait comes to the point where it opens what wakes it.
            assert!(descriptors() < after_one + 10, "{name}");
            drop(file);
        }
    });
}

#[test]
fn the_calls_go_on_as_usual_once_the_process_has_unlocked() {
    elsewhere("env", &[], || {
        let place = stale_file();
        let before = descriptors();
        let file = own_lock(&place.path, Lock::whole(Family::Posix, true));
        let mut lock = Lockfile::new(&place.path);
        assert!(lock.try_lock().unwrap_err().is_busy());
        drop(file);
        assert_eq!(lock.status().unwrap().state(), tenure::State::Stale);
        assert_eq!(descriptors(), before);
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
    });
}
