//! Every kernel lock of another program counts, and nothing is written or removed beside it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tenure::{Error, Flock, Lockfile, PosixSemaphore, Semaphore, State};

use crate::program::{Running, tenure};
use crate::scene::{Content, Innocent, Print, ask, contents, dead};
use crate::stranger::{Lock, Stranger};
use crate::support::semaphore_name::SemaphoreName;
use crate::support::{Place, place};

/// A place with the content, locked by the stranger.
fn locked(stranger: &mut Stranger, content: &Content, lock: Lock) -> Place {
    let place = place();
    fs::write(&place.path, &content.bytes).unwrap();
    stranger.open(&place.path, "rw");
    stranger.lock(lock);
    place
}

/// The locks of each kind on each content, then those on other bytes on two contents.
fn cases(contents: &[Content]) -> Vec<(&Content, Lock)> {
    let kinds =
        contents.iter().flat_map(|it| Lock::kinds().into_iter().map(move |lock| (it, lock)));
    let bytes = contents[..2]
        .iter()
        .flat_map(|it| Lock::on_bytes().into_iter().map(move |lock| (it, lock)));
    kinds.chain(bytes).collect()
}

/// The incarnation that an operator would name, or one that fits no record.
fn incarnation(lock: &Lockfile) -> String {
    let holder = lock.status().ok().and_then(|status| status.holder().cloned());
    holder
        .map_or("0123456789abcdef".to_owned(), |holder| holder.record().incarnation().into_owned())
}

/// Asks the library in every way, and asserts that each way says held and touches nothing.
fn assert_respected(path: &Path, case: &str) {
    let before = Print::of(path);
    let mut lock = Lockfile::new(path).remove_empty(true).replace_invalid(true);
    let state = lock.status().map(|status| status.state());
    assert!(matches!(state, Ok(State::Held)), "{case}: {state:?}");
    let incarnation = incarnation(&lock);
    let results = [
        ("try_lock", lock.try_lock()),
        ("lock_timeout", lock.lock_timeout(Duration::from_millis(1))),
        ("release_stale", lock.release_stale().map(drop)),
        ("break_unproven", lock.break_unproven(&incarnation).map(drop)),
    ];
    for (way, result) in results {
        let is_busy = result.as_ref().is_err_and(Error::is_busy);
        assert!(is_busy, "{case}: {way}: {result:?}");
    }
    assert_eq!(Print::of(path), before, "{case}");
}

#[test]
fn the_library_respects_every_lock_on_every_content() {
    let innocent = Innocent::start();
    let contents = contents(&innocent);
    let mut near = Stranger::start();
    let mut far = Stranger::in_another_pid_namespace();
    for content in &contents {
        for lock in Lock::all() {
            for (whence, stranger) in [("near", &mut near), ("far", &mut far)] {
                let place = locked(stranger, content, lock);
                let case = format!("{} {lock} {whence}", content.name);
                assert_respected(&place.path, &case);
                stranger.close();
                let state = Lockfile::new(&place.path).status().map(|status| status.state());
                assert_eq!(state.ok(), content.state, "{case}, and then unlocked");
            }
        }
    }
}

#[test]
fn a_contender_takes_over_what_its_content_allows_once_the_locker_is_gone() {
    let innocent = Innocent::start();
    for content in &contents(&innocent) {
        let mut stranger = Stranger::start();
        let place = locked(&mut stranger, content, Lock::kinds()[2]);
        drop(stranger);
        let result = Lockfile::new(&place.path).try_lock();
        match content.state {
            None => assert!(matches!(result, Err(Error::InvalidPid { .. })), "{result:?}"),
            Some(State::Held) => assert!(matches!(result, Err(Error::Busy { .. })), "{result:?}"),
            Some(_) => assert!(result.is_ok(), "{}: {result:?}", content.name),
        }
    }
}

/// Asks `lock` for the status and for the lock, and asserts that neither ignores the stranger.
fn assert_respected_by(lock: &mut Lockfile, case: &str) {
    let before = Print::of(lock.path());
    let state = lock.status().map(|status| status.state());
    let result = lock.try_lock();
    assert!(matches!(state, Ok(State::Held)), "{case}: {state:?}");
    assert!(result.as_ref().is_err_and(Error::is_busy), "{case}: {result:?}");
    assert_eq!(Print::of(lock.path()), before, "{case}");
}

#[test]
fn every_backend_that_locks_a_file_respects_every_lock() {
    let innocent = Innocent::start();
    let contents = contents(&innocent);
    let name = SemaphoreName::new();
    // The first user creates the semaphore.
    Lockfile::new(place().path).backend(PosixSemaphore::new(&*name).unwrap()).with(|| ()).unwrap();
    let mut stranger = Stranger::start();
    for (content, lock) in cases(&contents) {
        let place = locked(&mut stranger, content, lock);
        let path = &place.path;
        let backends = [
            ("flock", Lockfile::new(path).backend(Flock)),
            ("semaphore", Lockfile::new(path).backend(Semaphore)),
            ("posix-semaphore", Lockfile::new(path).backend(PosixSemaphore::new(&*name).unwrap())),
        ];
        for (backend, mut contender) in backends {
            assert_respected_by(&mut contender, &format!("{backend}: {} {lock}", content.name));
        }
    }
}

#[test]
fn the_hardlink_backend_respects_every_lock() {
    let innocent = Innocent::start();
    let contents = contents(&innocent);
    let mut stranger = Stranger::start();
    for (content, lock) in cases(&contents) {
        let place = locked(&mut stranger, content, lock);
        let mut contender = Lockfile::new(&place.path).backend(tenure::Hardlink);
        assert_respected_by(&mut contender, &format!("{} {lock}", content.name));
    }
}

/// Asks the program with every verb, and asserts that each one says held and touches nothing.
fn assert_respected_by_the_program(path: &Path, case: &str, named: Option<u32>) {
    let before = Print::of(path);
    let incarnation = incarnation(&Lockfile::new(path));
    let brk = ["break", "--nonce", &incarnation];
    let dir = path.parent().unwrap();
    let nothing: &[&str] = &[];
    let verbs = [
        (&["status"][..], path, nothing, 0),
        (&["wait", "-w", "0.2"], path, nothing, 75),
        (&["run"], path, &["--", "true"], 75),
        (&["exec"], path, &["--", "true"], 75),
        (&["unlock", "--empty"], path, nothing, 75),
        (&brk, path, nothing, 75),
        (&["list"], dir, nothing, 0),
    ];
    for (before, path, after, code) in verbs {
        let verb = before[0];
        let ended = ask(before, path, after);
        let case = format!("{case}: {verb}: {ended:?}");
        assert_eq!(ended.code, Some(code), "{case}");
        let said = ended.stdout + &ended.stderr;
        assert!(!said.contains("remove the file") && !said.contains("removed"), "{case}");
        match verb {
            "status" => {
                assert!(said.contains("held"), "{case}");
                assert!(named.is_none_or(|pid| said.contains(&pid.to_string())), "{case}");
            }
            "list" => assert!(said.contains("held"), "{case}"),
            _ => {}
        }
    }
    let mut watch = tenure();
    watch.arg("watch").arg(path);
    let watch = Running::start(watch);
    let line = watch.line();
    assert!(line.contains("held"), "{case}: {line}");
    assert_eq!(Print::of(path), before, "{case}");
}

#[test]
fn the_program_respects_every_kind_of_lock_on_every_content() {
    let innocent = Innocent::start();
    let mut stranger = Stranger::start();
    for content in contents(&innocent) {
        for lock in Lock::kinds() {
            let place = locked(&mut stranger, &content, lock);
            let case = format!("{} {lock}", content.name);
            assert_respected_by_the_program(&place.path, &case, Some(stranger.pid()));
        }
    }
}

#[test]
fn the_program_respects_a_lock_on_any_byte() {
    let innocent = Innocent::start();
    let mut stranger = Stranger::start();
    let dead = &contents(&innocent)[1];
    for lock in Lock::on_bytes() {
        let place = locked(&mut stranger, dead, lock);
        assert_respected_by_the_program(&place.path, &lock.to_string(), Some(stranger.pid()));
    }
}

#[test]
fn the_program_respects_a_locker_in_another_pid_namespace() {
    let innocent = Innocent::start();
    let mut stranger = Stranger::in_another_pid_namespace();
    for content in contents(&innocent) {
        for lock in Lock::kinds() {
            let place = locked(&mut stranger, &content, lock);
            let case = format!("{} {lock}", content.name);
            assert_respected_by_the_program(&place.path, &case, None);
        }
    }
}

#[test]
fn the_message_for_a_busy_lock_never_advises_a_removal() {
    let innocent = Innocent::start();
    let mut stranger = Stranger::start();
    for content in contents(&innocent) {
        for lock in Lock::kinds() {
            let place = locked(&mut stranger, &content, lock);
            let said = Lockfile::new(&place.path).try_lock().unwrap_err().to_string();
            assert!(!said.contains("remove"), "{} {lock}: {said}", content.name);
        }
    }
}

#[test]
fn tenure_shares_the_lock_with_readers_of_other_programs_and_not_with_writers() {
    for lock in Lock::all() {
        let place = place();
        fs::write(&place.path, format!("{}\n", dead())).unwrap();
        let mut stranger = Stranger::at(&place.path);
        stranger.lock(lock);
        let result = Lockfile::new(&place.path).try_lock_shared();
        if lock.writes {
            assert!(result.as_ref().is_err_and(Error::is_busy), "{lock}: {result:?}");
        } else {
            assert!(result.is_ok(), "{lock}: {result:?}");
        }
    }
}
