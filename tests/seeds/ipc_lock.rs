//! ipc-lock, named locks between processes, on `std::fs::File::lock`. Its part for Windows, kernel
//! mutexes, has no counterpart here yet, but for what it tells of a dead holder.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::mpsc;

use nix::fcntl::{Flock, FlockArg};
use tenure::{Error, Lockfile};

use crate::scene::remove;
use crate::support::{Peer, leave_stale, place};

/// A lock of a name that nobody else has.
fn named(name: &str) -> Lockfile {
    Lockfile::named(&format!("tenure-ipc-lock-{name}-{}", std::process::id())).unwrap()
}

/// Its first example: `Lock::new("my-app")?`, `lock.lock()?`, and at the end of the block it is
/// released. There is no guard here: the value is the lock.
#[test]
fn a_named_lock_is_released_at_the_end_of_its_block() {
    let path = {
        let mut lock = named("block");
        lock.lock().unwrap();
        let busy = named("block").try_lock().unwrap_err();
        assert_eq!(busy.holder().unwrap().pid(), std::process::id());
        lock.path().to_owned()
    };
    assert!(!path.exists());
    named("block").try_lock().unwrap();
}

/// Its second: clones are one lock, and while it is locked through one, `try_lock` of another is
/// `WouldBlock`. Here they share the settings, and not the possession: that is a value's own, so
/// that whoever has a clone cannot release what another has locked.
#[test]
fn a_clone_is_turned_away_while_the_other_holds() {
    let mut lock = named("clone");
    let mut other = lock.clone();
    lock.lock().unwrap();
    let busy = other.try_lock().unwrap_err();
    assert!(matches!(busy, Error::Busy { .. }), "{busy:?}");
    assert_eq!(io::Error::from(busy).kind(), io::ErrorKind::WouldBlock);
    assert!(matches!(other.unlock(), Err(Error::NotHeld { .. })));
    lock.verify().unwrap();
    lock.unlock().unwrap();
    other.try_lock().unwrap();
}

/// A thread that waits for a clone of its own would wait for ever; theirs does.
#[test]
fn waiting_for_a_clone_that_this_thread_holds_is_an_error() {
    let mut lock = named("oneself");
    lock.lock().unwrap();
    assert!(matches!(lock.clone().lock(), Err(Error::Deadlock { .. })));
}

/// It works between threads …
#[test]
fn a_thread_waits_for_another() {
    let mut lock = named("threads");
    lock.lock().unwrap();
    let (tell, told) = mpsc::channel();
    let mut other = lock.clone();
    let waiter = std::thread::spawn(move || {
        assert!(other.try_lock().unwrap_err().is_busy());
        tell.send(()).unwrap();
        other.lock().unwrap();
        other.unlock().unwrap();
    });
    told.recv().unwrap();
    lock.unlock().unwrap();
    waiter.join().unwrap();
}

/// … and between processes of one machine; `lock` blocks until the lock is free.
#[test]
fn a_process_waits_for_another() {
    let mut lock = named("processes");
    lock.lock().unwrap();
    let mut waiter = Peer::start(lock.path());
    assert!(waiter.ask("try_lock").starts_with("Busy: "));
    waiter.tell("lock");
    waiter.wait_until_queued();
    assert!(!waiter.has_answered());
    lock.unlock().unwrap();
    assert_eq!(waiter.answer(), "ok");
    assert!(lock.try_lock().unwrap_err().is_busy());
}

/// The rules for names: not empty, and without NUL, slash and backslash.
#[test]
fn a_name_that_could_be_another_place_is_refused() {
    for name in ["", "\0", "a\0b", "/", "a/b", "/etc/passwd", "../up", "\\", "a\\b"] {
        match Lockfile::named(name) {
            Err(Error::InvalidName { name: told, .. }) => assert_eq!(told, name),
            other => panic!("{name:?}: {other:?}"),
        }
    }
}

/// What the rules leave is a name, whatever it looks like.
#[test]
fn any_other_name_is_a_file_of_that_name() {
    for name in ["my-app", ".", "..", "...", "a b", "-n", "~", "$HOME", "naïve", "*", "x.lock"] {
        let lock = Lockfile::named(name).unwrap();
        assert_eq!(lock.path().file_name().unwrap().to_str(), Some(&*format!("{name}.lock")));
        assert_eq!(lock.path().parent(), Lockfile::named("my-app").unwrap().path().parent());
    }
}

/// Theirs are `$TMPDIR/NAME.lock`, where any other user can be first, and keep everybody out. Ours
/// are kept where nobody else may write.
#[test]
fn the_place_of_named_locks_is_this_users_alone() {
    let lock = named("place");
    let place = fs::metadata(lock.path().parent().unwrap()).unwrap();
    assert_eq!(place.uid(), nix::unistd::geteuid().as_raw());
    assert_eq!(place.mode() & 0o002, 0, "{:o}", place.mode());
}

/// `Lock::with_path` takes an exact path, and `Lock::path` tells it.
#[test]
fn an_exact_path_is_used_as_it_is() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    lock.lock().unwrap();
    assert_eq!(lock.path(), place.path);
    assert_eq!(place.names(), ["test.lock"]);
}

/// Theirs leaves the file when it releases, because it cannot remove it safely. Here the holder
/// can; it leaves the file when it is told to.
#[test]
fn the_file_stays_in_place_when_it_is_told_to() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    lock.lock().unwrap();
    lock.unlock().unwrap();
    assert!(place.names().is_empty());

    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.lock().unwrap();
    lock.unlock().unwrap();
    assert_eq!(place.names(), ["test.lock"]);
    // Whoever knows that nobody uses it may delete it.
    remove(lock.path());
    lock.lock().unwrap();
    lock.verify().unwrap();
}

/// Its warning: when the file is deleted while it is in use, a newcomer creates another, and both
/// are in. So it is here; but the one whose file it was is told, and does not touch the other's.
#[test]
fn deleting_a_file_in_use_lets_another_in_and_is_told_to_the_first() {
    let place = place();
    let mut first = Peer::holding(&place.path);
    remove(&place.path);
    assert!(first.ask("verify").starts_with("RogueDeletion: "));
    let mut second = Peer::start(&place.path);
    assert_eq!(second.ask("try_lock"), "ok");
    assert!(first.ask("unlock").starts_with("RogueDeletion: "));
    assert_eq!(second.ask("verify"), "ok");
    assert_eq!(second.ask("unlock"), "ok");
}

/// `is_abandoned` tells the next that the last has died inside: theirs on Windows alone, ours
/// everywhere, with who it was.
#[test]
fn a_lock_whose_holder_died_is_abandoned() {
    let place = place();
    let dead = leave_stale(&place.path);
    let mut lock = Lockfile::new(&place.path);
    lock.lock().unwrap();
    assert!(lock.was_abandoned());
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    lock.lock().unwrap();
    assert!(!lock.was_abandoned(), "it was released in good order");
}

/// The same for one who waited while it happened.
#[test]
fn whoever_waited_for_a_holder_that_died_is_told_so() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock");
    waiter.wait_until_queued();
    let dead = holder.crash();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), dead.to_string());
}

/// The mechanism is flock(2) on the file: a program that knows only that, and writes nothing, keeps
/// us out, and is kept out.
#[test]
fn a_program_that_only_locks_the_file_is_respected_and_kept_out() {
    let place = place();
    File::create(&place.path).unwrap();
    let exclusive = FlockArg::LockExclusiveNonblock;
    let theirs = Flock::lock(File::open(&place.path).unwrap(), exclusive).unwrap();
    let busy = Lockfile::acquire(&place.path).unwrap_err();
    assert!(matches!(busy, Error::Busy { holder: None, .. }), "{busy:?}");
    drop(theirs);
    let _ours = Lockfile::acquire(&place.path).unwrap();
    assert!(Flock::lock(File::open(&place.path).unwrap(), exclusive).is_err());
}

/// A value can be sent and shared, as their `Lock` can.
#[test]
fn a_lock_can_be_sent_shared_and_cloned() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug>() {}
    check::<Lockfile>();
}
