//! Every lock of this crate behind one trait.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg_attr(not(unix), path = "support/portable.rs")]
mod support;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use support::{NO_PROCESS, callback, leave_stale, place};
use tenure::{
    Error, Format, Lock, Lockfile, Memory, MemoryLock, State, default_lock, lock_until_finished,
};

/// Makes a value of one lock, in whatever thread.
type Maker = Box<dyn Fn() -> Box<dyn Lock> + Sync>;

/// Every kind of lock, with a name for it.
fn kinds(path: &Path) -> Vec<(&'static str, Maker)> {
    fn clones(lock: Lockfile) -> Maker {
        Box::new(move || Box::new(lock.clone()))
    }
    let name = path.to_str().unwrap().to_owned();
    let mut kinds: Vec<(&str, Maker)> = vec![
        ("flock", clones(Lockfile::new(path.with_extension("flock")))),
        ("memory", clones(Lockfile::new(path.with_extension("memory")).backend(Memory::new()))),
        ("callback", clones(Lockfile::new(path.with_extension("callback")).backend(callback()))),
        ("no file", Box::new(move || Box::new(MemoryLock::new(name.as_str())))),
    ];
    kinds.extend(robust_mutex(path));
    kinds
}

#[cfg(all(target_os = "linux", feature = "robust-mutex"))]
fn robust_mutex(path: &Path) -> Vec<(&'static str, Maker)> {
    let path = path.with_extension("mutex");
    vec![("mutex", Box::new(move || Box::new(tenure::RobustMutex::open(&path).unwrap())))]
}

#[cfg(not(all(target_os = "linux", feature = "robust-mutex")))]
fn robust_mutex(_path: &Path) -> Vec<(&'static str, Maker)> {
    Vec::new()
}

#[test]
fn every_lock_admits_one_and_names_it() {
    let place = place();
    for (kind, make) in kinds(&place.path) {
        let (mut one, mut other) = (make(), make());
        assert_eq!(one.status().unwrap().state(), State::Free, "{kind}");
        one.try_lock().unwrap();
        assert!(one.is_held() && !other.is_held() && !one.was_abandoned(), "{kind}");
        let busy = other.try_lock().unwrap_err();
        assert!(matches!(busy, Error::Busy { .. }), "{kind}: {busy:?}");
        assert_eq!(busy.holder().unwrap().pid(), std::process::id(), "{kind}");
        // This thread would wait for itself.
        let late = std::thread::scope(|scope| {
            scope.spawn(|| make().lock_timeout(Duration::from_millis(1))).join().unwrap()
        });
        let late = late.unwrap_err();
        assert!(matches!(late, Error::Timeout { holder: Some(_), .. }), "{kind}: {late:?}");
        assert_eq!(other.status().unwrap().state(), State::Held, "{kind}");
        assert!(matches!(one.try_lock(), Err(Error::AlreadyHeld { .. })), "{kind}");
        assert!(matches!(other.unlock(), Err(Error::NotHeld { .. })), "{kind}");
        one.unlock().unwrap();
        assert_eq!(other.status().unwrap().state(), State::Free, "{kind}");
        other.try_lock().unwrap();
        drop(other);
        one.try_lock().unwrap();
    }
}

#[test]
fn every_lock_is_handed_over_to_who_waits() {
    let place = place();
    for (kind, make) in kinds(&place.path) {
        let mut one = make();
        for limit in [None, Some(Duration::from_secs(1000))] {
            one.try_lock().unwrap();
            std::thread::scope(|scope| {
                let waiter = scope.spawn(|| {
                    let mut other = make();
                    match limit {
                        None => other.lock().unwrap(),
                        Some(limit) => other.lock_timeout(limit).unwrap(),
                    }
                    other.unlock().unwrap();
                });
                one.unlock().unwrap();
                waiter.join().unwrap();
            });
            assert!(!one.is_held(), "{kind}");
        }
    }
}

#[test]
fn every_lock_is_released_when_its_section_panics() {
    let place = place();
    for (kind, make) in kinds(&place.path) {
        let (mut one, mut other) = (make(), make());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            lock_until_finished(&mut *one, || panic!("in the section")).unwrap();
        }));
        assert!(panicked.is_err(), "{kind}");
        assert_eq!(lock_until_finished(&mut *other, || 7).unwrap(), 7, "{kind}");
    }
}

#[test]
fn whoever_recovers_a_lock_is_told_that_it_was_abandoned() {
    let place = place();
    leave_stale(&place.path);
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert!(lock.was_abandoned() && lock.recovered_from().is_some());
    drop(lock);

    let whole = format!("{{\"version\":1,\"pid\":{NO_PROCESS},\"host\":\"web-1\"");
    for (content, abandoned) in
        [(whole.as_str(), true), ("\0\0\0\0", true), ("", false), ("4194304\n", true)]
    {
        fs::write(&place.path, content).unwrap();
        let lock = Lockfile::acquire(&place.path).unwrap();
        assert_eq!(lock.was_abandoned(), abandoned, "{content:?}");
    }
}

/// Every format that can be written.
const FORMATS: [Format; 4] = [Format::Json, Format::PidLine, Format::Pid, Format::PidBare];

#[test]
fn what_is_kept_in_any_format_was_released_in_good_order() {
    for format in FORMATS {
        let place = place();
        let mut kept = Lockfile::new(&place.path).format(format).keep_file(true);
        for _ in 0..2 {
            kept.try_lock().unwrap();
            assert!(!kept.was_abandoned() && kept.recovered_from().is_none(), "{format:?}");
            kept.unlock().unwrap();
            assert!(!kept.was_abandoned());
            assert_eq!(kept.status().unwrap().state(), State::Free, "{format:?}");
            assert!(kept.holder().unwrap().is_none(), "{format:?}");
            assert!(!kept.release_stale().unwrap(), "{format:?}");
        }
        // Whatever its own format is, the next holder can tell.
        for other in FORMATS {
            let mut next = Lockfile::new(&place.path).format(other).keep_file(true);
            next.try_lock().unwrap();
            assert!(!next.was_abandoned(), "{other:?} after {format:?}");
            next.unlock().unwrap();
            kept.try_lock().unwrap();
            assert!(!kept.was_abandoned(), "{format:?} after {other:?}");
            kept.unlock().unwrap();
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_handed_over_in_any_format_was_released_in_good_order() {
    use nix::libc::SYS_flock;
    use support::{sleeps_in, wait_until};

    for format in FORMATS {
        let place = place();
        let mut one = Lockfile::new(&place.path).format(format);
        one.try_lock().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let mut other = one.clone();
        let waiter = std::thread::spawn(move || {
            tell.send(nix::unistd::gettid()).unwrap();
            other.lock().unwrap();
            (other.was_abandoned(), other.recovered_from().is_some())
        });
        let thread = told.recv().unwrap();
        wait_until(|| sleeps_in(std::process::id(), Some(thread), SYS_flock));
        one.unlock().unwrap();
        assert_eq!(waiter.join().unwrap(), (false, false), "{format:?}");
    }
}

#[test]
fn one_that_is_abandoned_in_memory_says_so_once() {
    let (mut first, mut second) = (MemoryLock::new("abandoned"), MemoryLock::new("abandoned"));
    first.abandon();
    first.try_lock().unwrap();
    assert!(!first.was_abandoned(), "nobody held it");
    first.abandon();
    second.try_lock().unwrap();
    assert!(second.was_abandoned());
    second.unlock().unwrap();
    first.try_lock().unwrap();
    assert!(!first.was_abandoned());
}

#[test]
fn worlds_in_memory_do_not_touch_each_other_but_the_record_speaks() {
    let place = place();
    let mut one = Lockfile::new(&place.path).backend(Memory::new());
    let mut other = Lockfile::new(&place.path).backend(Memory::new());
    one.try_lock().unwrap();
    assert!(other.try_lock().unwrap_err().is_busy(), "its holder is alive");
    one.verify().unwrap();
}

#[test]
fn a_default_lock_is_that_of_the_name() {
    for name in ["", "a/b", "a\\b", "a\0b"] {
        assert!(matches!(default_lock(name), Err(Error::InvalidName { .. })), "{name:?}");
    }
    let name = format!("tenure-test-{}", std::process::id());
    let mut lock = default_lock(&name).unwrap();
    lock.try_lock().unwrap();
    assert!(Lockfile::named(&name).unwrap().try_lock().unwrap_err().is_busy());
}
