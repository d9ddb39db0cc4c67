//! What a holder learns of those who meddle with its lockfile, and what it can do about it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use support::semaphore_name::SemaphoreName;
use support::{Peer, place};
use tenure::{
    Callback, Error, Flock, Format, Hardlink, Lockfile, Loss, Memory, PosixSemaphore, Semaphore,
    State,
};

/// When a test gives up. What comes, comes as an event, and not with the look each half minute.
const GUARD: Duration = Duration::from_secs(20);

/// A held lockfile, and what its holder is told.
fn watched(lock: Lockfile) -> (Lockfile, Receiver<Loss>) {
    let mut lock = lock;
    lock.try_lock().unwrap();
    let (tell, told) = channel();
    lock.on_lost(move |loss| {
        let _ = tell.send(loss);
    })
    .unwrap();
    (lock, told)
}

/// Waits until the lookout has looked once more, after all that was done before.
fn look_again(lock: &mut Lockfile, dir: &Path) {
    // Another lockfile that is lost is told of in the same round, or in a later one.
    let other = dir.join("other.lock");
    let (_other, told) = watched(Lockfile::new(&other));
    remove(&other);
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
    assert!(lock.is_held());
}

#[expect(clippy::disallowed_methods, reason = "a rogue")]
fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

#[test]
fn a_removal_is_told() {
    let place = place();
    let (lock, told) = watched(Lockfile::new(&place.path));
    remove(&place.path);
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: false, .. })));
}

#[test]
fn no_removal_is_missed_between_a_look_and_the_wait() {
    let place = place();
    let (mut lock, told) = watched(Lockfile::new(&place.path));
    for turn in 0..3000_u32 {
        // At another moment of the look at the restored file each time.
        (0..turn % 500 * 2).for_each(|_| std::hint::spin_loop());
        remove(&place.path);
        assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
        lock.restore().unwrap();
    }
}

#[test]
fn that_the_file_is_moved_away_is_told() {
    let place = place();
    let (_lock, told) = watched(Lockfile::new(&place.path));
    fs::rename(&place.path, place.dir().join("elsewhere")).unwrap();
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
}

#[test]
fn that_its_directory_is_moved_away_is_told() {
    let place = place();
    let dir = place.dir().join("run");
    fs::create_dir(&dir).unwrap();
    let (_lock, told) = watched(Lockfile::new(dir.join("the.lock")));
    fs::rename(&dir, place.dir().join("run.old")).unwrap();
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
}

#[test]
fn a_replacement_is_told() {
    let place = place();
    let (lock, told) = watched(Lockfile::new(&place.path));
    let other = place.dir().join("other");
    fs::write(&other, "").unwrap();
    fs::rename(&other, &place.path).unwrap();
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Replaced));
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: true, .. })));
}

#[test]
fn a_record_that_others_overwrite_is_told_and_restored() {
    for format in [Format::Json, Format::PidLine, Format::Pid, Format::PidBare] {
        let place = place();
        let (mut lock, told) = watched(Lockfile::new(&place.path).format(format));
        fs::write(&place.path, "1\n").unwrap();
        assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Overwritten));
        assert!(matches!(lock.verify(), Err(Error::Overwritten { .. })), "{format:?}");
        lock.restore().unwrap();
        let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
        assert_eq!(holder.pid(), std::process::id(), "{format:?}");
        lock.unlock().unwrap();
    }
}

#[test]
fn what_the_holder_does_itself_is_no_loss() {
    let place = place();
    let (mut lock, told) = watched(Lockfile::new(&place.path).keep_file(true));
    for number in 0..20_000 {
        // What comes after the message moves to and fro.
        lock.set_message("x".repeat(number % 2 * 400)).unwrap();
    }
    look_again(&mut lock, place.dir());
    assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
    lock.unlock().unwrap();
    // Nobody is left who could tell: the lookout has let go of the listener.
    assert!(told.recv_timeout(GUARD).is_err());
    assert_eq!(told.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn an_unlocking_that_removes_the_file_is_no_loss() {
    let place = place();
    for _ in 0..200 {
        let (mut lock, told) = watched(Lockfile::new(&place.path));
        lock.unlock().unwrap();
        assert_eq!(told.recv_timeout(GUARD).ok(), None);
    }
}

#[test]
fn each_loss_is_told_once_and_the_next_after_a_restoration() {
    let place = place();
    let (mut lock, told) = watched(Lockfile::new(&place.path));
    for _ in 0..3 {
        remove(&place.path);
        assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
        look_again(&mut lock, place.dir());
        assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
        lock.restore().unwrap();
    }
    lock.unlock().unwrap();
    assert_eq!(place.names(), Vec::<String>::new());
}

#[test]
fn all_lockfiles_of_a_process_are_watched_by_one_thread() {
    let place = place();
    let lookouts = || {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm"));
        let names = tasks.filter_map(|task| name(task.unwrap()).ok());
        names.filter(|name| name == "tenure-lookout\n").count()
    };
    let watched: Vec<_> = (0..20)
        .map(|number| watched(Lockfile::new(place.dir().join(number.to_string()))))
        .collect();
    // The one of another test may be about to end.
    support::wait_until(|| lookouts() == 1);
    for (lock, told) in &watched {
        remove(lock.path());
        assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
    }
}

#[test]
fn one_who_is_told_may_unlock() {
    let place = place();
    let lock = std::sync::Arc::new(std::sync::Mutex::new(Lockfile::new(&place.path)));
    let (tell, told) = channel();
    let mut held = lock.lock().unwrap();
    held.try_lock().unwrap();
    let same = std::sync::Arc::clone(&lock);
    held.on_lost(move |_| {
        let result = same.lock().unwrap().unlock();
        tell.send(matches!(result, Err(Error::RogueDeletion { .. }))).unwrap();
    })
    .unwrap();
    drop(held);
    remove(&place.path);
    assert_eq!(told.recv_timeout(GUARD), Ok(true));
}

#[test]
fn one_who_panics_takes_nobody_with_it() {
    let place = place();
    let (mut lock, told) = watched(Lockfile::new(&place.path));
    lock.on_lost(|_| panic!("told")).unwrap();
    remove(&place.path);
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
    lock.restore().unwrap();
    remove(&place.path);
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
}

#[test]
fn whoever_does_not_hold_is_not_told() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    assert!(matches!(lock.on_lost(|_| {}), Err(Error::NotHeld { .. })));
    assert!(matches!(lock.restore(), Err(Error::NotHeld { .. })));
}

type Choose = Box<dyn FnOnce(Lockfile) -> Lockfile>;

#[test]
fn a_restored_lockfile_is_held_and_named_whatever_the_backend() {
    let semaphore = SemaphoreName::new();
    let posix = PosixSemaphore::new(&*semaphore).unwrap();
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (take, give) = (std::sync::Arc::clone(&taken), taken);
    let order = std::sync::atomic::Ordering::SeqCst;
    let callback = Callback::new(
        "flag",
        move |_| Ok(!take.swap(true, order)),
        move |_| {
            give.store(false, order);
            Ok(())
        },
    );
    let backends: [(&str, Choose); 6] = [
        ("flock", Box::new(|lock| lock.backend(Flock))),
        ("semaphore", Box::new(|lock| lock.backend(Semaphore))),
        ("posix", Box::new(|lock| lock.backend(posix))),
        ("hardlink", Box::new(|lock| lock.backend(Hardlink))),
        ("memory", Box::new(|lock| lock.backend(Memory::new()))),
        ("callback", Box::new(|lock| lock.backend(callback))),
    ];
    for (name, choose) in backends {
        let place = place();
        let mut lock = choose(Lockfile::new(&place.path));
        lock.try_lock().unwrap();
        let before = lock.record().unwrap().clone();
        remove(&place.path);
        lock.restore().unwrap_or_else(|err| panic!("{name}: {err}"));
        let after = lock.record().unwrap();
        assert_eq!(before.acquired_at, after.acquired_at, "it is the same acquisition");
        assert_ne!(before.nonce, after.nonce, "of another file");
        let mut contender = lock.clone();
        let err = contender.try_lock().unwrap_err();
        assert_eq!(err.holder().unwrap().pid(), std::process::id(), "{name}");
        assert_eq!(lock.status().unwrap().state(), State::Held, "{name}");
        lock.set_message("restored").unwrap();
        lock.unlock().unwrap();
        assert_eq!(place.names(), Vec::<String>::new(), "{name}");
        contender.try_lock().unwrap();
    }
}

#[test]
fn what_is_in_the_place_of_a_lockfile_is_left_there() {
    for backend in ["", "hardlink"] {
        let place = place();
        let mut lock = Peer::with(&place.path, backend);
        assert_eq!(lock.ask("try_lock"), "ok");
        remove(&place.path);
        let mut other = Peer::with(&place.path, backend);
        assert_eq!(other.ask("try_lock"), "ok");
        let content = fs::read(&place.path).unwrap();
        let answer = lock.ask("restore");
        assert!(answer.starts_with("RogueDeletion"), "{answer}");
        assert_eq!(fs::read(&place.path).unwrap(), content);
        assert_eq!(place.names(), ["test.lock"], "no draft is left");
    }
}

#[test]
fn those_who_share_a_lockfile_cannot_put_it_back() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    lock.try_lock_shared().unwrap();
    lock.restore().unwrap();
    remove(&place.path);
    assert!(matches!(lock.restore(), Err(Error::RogueDeletion { .. })));
    assert_eq!(place.names(), Vec::<String>::new());
}

/// Whoever waits in the kernel's queue for the removed file is sent to the one that was put back.
#[test]
fn a_restored_lockfile_is_what_is_waited_for() {
    let place = place();
    let mut holder = Peer::start(&place.path);
    let mut waiter = Peer::start(&place.path);
    assert_eq!(holder.ask("try_lock"), "ok");
    waiter.tell("lock");
    waiter.wait_until_queued();
    remove(&place.path);
    assert_eq!(holder.ask("restore"), "ok");
    assert!(!waiter.has_answered());
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
}

#[test]
fn a_forked_child_watches_for_itself() {
    let place = place();
    let mut parent = Peer::start(&place.path);
    assert_eq!(parent.ask("try_lock"), "ok");
    assert_eq!(parent.ask("on_lost"), "ok");
    let child = place.dir().join("child.lock");
    assert_eq!(parent.ask(&format!("lose_in_a_child {}", child.display())), "Removed");
    remove(&place.path);
    assert_eq!(parent.ask("loss"), "Removed");
}

#[tokio::test]
async fn a_task_awaits_the_loss() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    drop(lock.lost().unwrap());
    let lost = lock.lost().unwrap();
    remove(&place.path);
    assert_eq!(lost.await, Some(Loss::Removed));
    lock.restore().unwrap();
    let lost = lock.lost().unwrap();
    lock.unlock().unwrap();
    assert_eq!(lost.await, None);
}

/// Does something when it is dropped.
struct Last<F: FnMut()>(F);

impl<F: FnMut()> Drop for Last<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn what_is_dropped_with_a_listener_may_watch_another_lockfile() {
    let place = place();
    let (mut lock, _) = watched(Lockfile::new(&place.path));
    let other = place.dir().join("other.lock");
    let (tell, told) = channel();
    let last = Last(move || {
        let (other, _) = watched(Lockfile::new(&other));
        let _ = tell.send(other.is_held());
    });
    lock.on_lost(move |_| _ = &last).unwrap();
    lock.unlock().unwrap();
    assert_eq!(told.recv_timeout(GUARD), Ok(true));
}

#[test]
fn what_panics_when_it_is_dropped_takes_nobody_with_it() {
    let place = place();
    let (lock, told) = watched(Lockfile::new(&place.path));
    let mut other = Lockfile::acquire(place.dir().join("other.lock")).unwrap();
    let last = Last(|| panic!("the last"));
    other.on_lost(move |_| _ = &last).unwrap();
    other.unlock().unwrap();
    remove(&place.path);
    assert_eq!(told.recv_timeout(GUARD), Ok(Loss::Removed));
    drop(lock);
}
