//! Who is admitted, and who is not.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;

use tenure::{Admission, Backend, Error, Lockfile, Scope, Semaphore};

use crate::sets::{ALONE, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

pub(crate) fn lockfile(path: &Path) -> Lockfile {
    Lockfile::new(path).backend(Semaphore)
}

/// Leaves the holder nothing but its semaphore. (Not empty: that is how a file begins, and whoever
/// finds it so waits for a moment.)
pub(crate) fn wipe(path: &Path) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(1).unwrap();
    file.write_all_at(b"\n", 0).unwrap();
}

/// The semaphore, and no record, keeps a contender out.
pub(crate) fn assert_refused(path: &Path) {
    let record = fs::read(path).unwrap();
    wipe(path);
    match lockfile(path).try_lock() {
        Err(Error::Busy { holder: None, .. }) => {}
        other => panic!("{other:?}"),
    }
    fs::write(path, record).unwrap();
}

#[test]
fn one_process_holds_and_the_other_is_busy() {
    let place = place();
    let mut holder = Peer::with(&place.path, "semaphore message=backup");
    let mut contender = Peer::with(&place.path, "semaphore");
    assert_eq!(holder.ask("try_lock"), "ok");
    let answer = contender.ask("try_lock");
    assert!(answer.starts_with("Busy: "), "{answer}");
    assert!(answer.contains(&format!("pid {}", holder.pid())), "{answer}");
    assert_eq!(contender.ask("status"), "held");
    assert_refused(&place.path);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(contender.ask("try_lock"), "ok");
}

#[test]
fn two_values_of_one_process_exclude_each_other() {
    let place = place();
    let (mut one, mut other) = (lockfile(&place.path), lockfile(&place.path));
    one.try_lock().unwrap();
    assert!(other.try_lock().unwrap_err().is_busy());
    assert_refused(&place.path);
    one.unlock().unwrap();
    other.try_lock().unwrap();
    assert_refused(&place.path);
}

#[test]
fn contenders_in_many_processes_take_turns_and_leave_nothing() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let inside = place.dir().join("inside");
        let mut peers: Vec<_> = (0..8).map(|_| Peer::with(&place.path, "semaphore")).collect();
        for peer in &mut peers {
            peer.tell(&format!("take_turns {}", inside.display()));
        }
        for peer in &mut peers {
            assert_eq!(peer.answer(), "ok");
        }
        assert!(place.names().is_empty());
        assert!(sets().is_empty(), "{:?}", sets());
    });
}

#[test]
fn an_acquisition_that_the_record_forbids_leaves_no_set() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let holder = Peer::holding(&place.path);
        assert!(lockfile(&place.path).try_lock().unwrap_err().is_busy(), "it holds by flock");
        assert!(sets().is_empty(), "{:?}", sets());
        drop(holder);
    });
}

#[test]
fn whoever_comes_through_a_symbolic_link_comes_to_the_same_semaphore() {
    let place = place();
    let link = place.dir().with_extension("link");
    symlink(place.dir(), &link).unwrap();
    let mut holder = lockfile(&place.path);
    holder.try_lock().unwrap();
    assert_refused(&link.join("test.lock"));
    drop(holder);
    lockfile(&link.join("test.lock")).try_lock().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it is no lockfile")]
    fs::remove_file(&link).unwrap();
}

#[test]
fn it_is_held_though_the_lockfile_was_deleted() {
    let place = place();
    let mut holder = lockfile(&place.path);
    holder.try_lock().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a rogue")]
    fs::remove_file(&place.path).unwrap();
    assert!(lockfile(&place.path).try_lock().unwrap_err().is_busy());
    assert!(matches!(holder.unlock(), Err(Error::RogueDeletion { .. })));
    lockfile(&place.path).try_lock().unwrap();
}

#[test]
fn a_thread_releases_what_another_has_acquired() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let path = place.path.clone();
        let acquire = move || {
            let mut lock = lockfile(&path);
            lock.try_lock().unwrap();
            lock
        };
        let mut lock = std::thread::spawn(acquire).join().unwrap();
        assert_refused(&place.path);
        lock.unlock().unwrap();
        lockfile(&place.path).try_lock().unwrap();
        assert!(sets().is_empty(), "{:?}", sets());
    });
}

#[test]
fn another_ipc_namespace_has_other_semaphores_and_is_kept_out_by_the_record() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        for namespaces in [&["-i"][..], &["-ipf", "--mount-proc", "--kill-child"]] {
            let mut unshare = std::process::Command::new("unshare");
            unshare.args(namespaces);
            let mut contained = Peer::through(unshare, &place.path, "semaphore");
            let answer = contained.ask("try_lock");
            assert!(answer.starts_with("Busy: "), "{answer}");
            assert!(contained.ask("release_stale").starts_with("Busy: "));
        }
        assert_eq!(holder.ask("verify"), "ok");
        assert_eq!(holder.ask("unlock"), "ok");
    });
}

#[test]
fn a_holder_of_another_pid_namespace_that_died_is_not_proven_dead() {
    elsewhere("unshare -im", &[], || {
        let place = place();
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["-pf", "--mount-proc", "--kill-child"]);
        let mut contained = Peer::through(unshare, &place.path, "semaphore");
        assert_eq!(contained.ask("try_lock"), "ok");
        contained.crash();
        // It may live in an IPC namespace of its own, for all that the semaphore tells.
        crate::support::wait_until(|| sets().iter().all(|set| set.values(1) == [0]));
        let mut lock = lockfile(&place.path);
        assert!(lock.try_lock().unwrap_err().is_busy());
    });
}

#[test]
fn it_says_what_it_is() {
    assert_eq!(Semaphore.name(), "semaphore");
    assert!(Semaphore.freed_at_death());
    assert_eq!(Semaphore.scope(), Scope::IpcNamespace);
}

/// What `release` is told by a process that has not locked, it does not do.
#[test]
fn a_release_is_for_whoever_has_locked() {
    let place = place();
    let open = || OpenOptions::new().create(true).truncate(false).write(true).open(&place.path);
    let (one, other): (File, File) = (open().unwrap(), open().unwrap());
    let path = &place.path;
    assert_eq!(Semaphore.try_lock(&one, path).unwrap(), Admission::Locked);
    Semaphore.release(&other, path).unwrap();
    assert_eq!(Semaphore.try_lock(&other, path).unwrap(), Admission::Refused);
    crate::ending::in_child(|| Semaphore.release(&one, path).unwrap());
    assert_eq!(Semaphore.try_lock(&other, path).unwrap(), Admission::Refused);
    Semaphore.release(&one, path).unwrap();
    assert_eq!(Semaphore.try_lock(&other, path).unwrap(), Admission::Locked);
    Semaphore.release(&other, path).unwrap();
}
