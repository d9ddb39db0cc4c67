//! What frees the lock when its holder dies.

use std::fs::{self, File, OpenOptions};

use tenure::{Admission, Backend, Error, Flock, Semaphore, Verdict, Why};

use crate::ground::{Ground, Kind};

/// A holder has been killed, and its record lies there, as it was.
fn killed(kind: Kind) -> (Ground, u32) {
    let ground = kind.ground();
    let dead = ground.holder().crash();
    (ground, dead)
}

fn open(ground: &Ground) -> File {
    OpenOptions::new().read(true).write(true).open(ground.path()).unwrap()
}

/// The next contender is told of the dead, for that reason.
fn assert_recovered(ground: &Ground, dead: u32) {
    let mut lock = ground.lockfile();
    lock.try_lock().unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!((left_by.pid(), left_by.verdict()), (dead, Verdict::Stale(Why::Dead)));
}

/// Where it cannot be read who is dead, it is not recovered.
fn assert_the_record_decides(ground: &Ground) {
    let text = fs::read_to_string(ground.path()).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
    record["pid_namespace"] = 1.into();
    fs::write(ground.path(), record.to_string()).unwrap();
    match ground.lockfile().try_lock() {
        Err(Error::Busy { holder: Some(holder), .. }) => {
            assert_eq!(holder.verdict(), Verdict::Unproven(Why::OtherNamespace));
        }
        other => panic!("{other:?}"),
    }
    fs::write(ground.path(), text).unwrap();
}

#[test]
fn flock_is_freed_at_death_by_the_kernel() {
    let (ground, dead) = killed(Kind::Flock);
    let file = open(&ground);
    assert_eq!(Flock.try_lock(&file, ground.path()).unwrap(), Admission::Locked);
    drop(file);
    assert_recovered(&ground, dead);
}

#[test]
fn semaphore_is_freed_at_death_by_the_kernel() {
    let (ground, dead) = killed(Kind::Semaphore);
    let file = open(&ground);
    assert_eq!(Semaphore.try_lock(&file, ground.path()).unwrap(), Admission::Locked);
    Semaphore.release(&file, ground.path()).unwrap();
    assert_recovered(&ground, dead);
}

#[test]
fn posix_semaphore_is_freed_at_death_by_the_kernel_and_inherited_by_way_of_the_record() {
    let (ground, dead) = killed(Kind::PosixSemaphore);
    let (file, record) = (open(&ground), fs::read(ground.path()).unwrap());
    assert_eq!(Flock.try_lock(&file, ground.path()).unwrap(), Admission::Locked);
    drop(file);
    fs::write(ground.path(), "").unwrap();
    assert!(ground.lockfile().try_lock().unwrap_err().is_busy(), "the semaphore is taken still");
    fs::write(ground.path(), record).unwrap();
    assert_recovered(&ground, dead);
}

#[test]
fn hardlink_is_freed_at_death_by_the_record() {
    let (ground, dead) = killed(Kind::Hardlink);
    assert_the_record_decides(&ground);
    assert_recovered(&ground, dead);
}

#[test]
fn memory_ends_with_its_process_and_the_record_is_judged() {
    let (ground, dead) = killed(Kind::Memory);
    assert_the_record_decides(&ground);
    assert_recovered(&ground, dead);
}

#[test]
fn callback_is_freed_at_death_by_the_record() {
    let (ground, dead) = killed(Kind::Callback);
    assert_the_record_decides(&ground);
    assert_recovered(&ground, dead);
}
