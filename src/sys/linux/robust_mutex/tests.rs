use std::thread;
use std::time::Instant;

use super::*;

fn mutex() -> (tempfile::NamedTempFile, MappedMutex) {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(MUTEX_FILE as u64).unwrap();
    let mutex = MappedMutex::map(file.as_file()).unwrap();
    mutex.make().unwrap();
    (file, mutex)
}

/// In a thread of its own, with a mapping of its own.
fn elsewhere<T: Send>(
    file: &tempfile::NamedTempFile,
    act: impl FnOnce(&MappedMutex) -> T + Send,
) -> T {
    thread::scope(|scope| {
        let other = || {
            // Not dropped: the thread may end while it has the mutex.
            let mutex = std::mem::ManuallyDrop::new(MappedMutex::map(file.as_file()).unwrap());
            act(&mutex)
        };
        scope.spawn(other).join().unwrap()
    })
}

const LOCKED: Answer = Answer::Locked { abandoned: false };

#[test]
fn the_owner_is_the_thread_that_has_it() {
    let (file, mutex) = mutex();
    assert_eq!(mutex.owner(), None);
    assert_eq!(mutex.try_lock().unwrap(), LOCKED);
    let thread = nix::unistd::gettid().as_raw();
    assert_eq!(elsewhere(&file, MappedMutex::owner), u32::try_from(thread).ok());
    assert_eq!(elsewhere(&file, |mutex| mutex.try_lock().unwrap()), Answer::Refused);
    for ask in [MappedMutex::try_lock, MappedMutex::lock] {
        assert!(matches!(ask(&mutex).unwrap(), Answer::Own | Answer::Refused));
    }
    mutex.unlock().unwrap();
    assert_eq!(mutex.owner(), None);
}

#[test]
fn waiting_ends_with_the_limit_by_either_clock() {
    let (file, mutex) = mutex();
    assert_eq!(mutex.try_lock().unwrap(), LOCKED);
    let limit = Duration::from_millis(20);
    let start = Instant::now();
    assert_eq!(elsewhere(&file, |mutex| mutex.lock_within(limit).unwrap()), Answer::Refused);
    assert!(start.elapsed() >= limit, "not before");
    let by_wall_clock = elsewhere(&file, |mutex| {
        let until = Clock::Wall.after(limit).unwrap().unwrap();
        mutex.answer(mutex.lock_until_wall_clock(&until)).unwrap()
    });
    assert_eq!(by_wall_clock, Answer::Refused);
    mutex.unlock().unwrap();
    for limit in [Duration::ZERO, Duration::from_nanos(999_999_999), Duration::MAX] {
        let answer = elsewhere(&file, |mutex| {
            let answer = mutex.lock_within(limit).unwrap();
            mutex.unlock().unwrap();
            answer
        });
        assert_eq!(answer, LOCKED, "it is free");
    }
}
