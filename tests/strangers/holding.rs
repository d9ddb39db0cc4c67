//! While tenure holds, the kernel refuses the locks of all other programs.

use std::fs;
use std::path::Path;

use tenure::Lockfile;

use crate::program::{Running, Scene};
use crate::stranger::{Lock, Stranger};
use crate::support::{Peer, place};

/// The locks that the kernel grants to a stranger now.
fn granted(stranger: &mut Stranger) -> Vec<String> {
    let all = Lock::all().into_iter();
    all.filter(|lock| {
        let granted = stranger.gets(*lock);
        if granted {
            stranger.unlock(*lock);
        }
        granted
    })
    .map(|lock| lock.to_string())
    .collect()
}

fn texts(locks: impl IntoIterator<Item = Lock>) -> Vec<String> {
    locks.into_iter().map(|lock| lock.to_string()).collect()
}

fn every() -> Vec<String> {
    texts(Lock::all())
}

#[test]
fn a_holder_excludes_every_lock_of_other_programs_until_it_unlocks() {
    for keep in [false, true] {
        let place = place();
        let mut lock = Lockfile::new(&place.path).keep_file(keep);
        lock.try_lock().unwrap();
        let mut stranger = Stranger::at(&place.path);
        assert_eq!(granted(&mut stranger), texts([]));
        lock.unlock().unwrap();
        assert_eq!(granted(&mut stranger), every());
    }
}

#[test]
fn a_holder_excludes_lockers_in_another_pid_namespace() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    let mut stranger = Stranger::in_another_pid_namespace();
    stranger.open(&place.path, "rw");
    assert_eq!(granted(&mut stranger), texts([]));
    drop(lock);
    assert_eq!(granted(&mut stranger), every());
}

#[test]
fn a_holder_excludes_other_programs_until_it_is_killed() {
    let place = place();
    let peer = Peer::holding(&place.path);
    let mut stranger = Stranger::at(&place.path);
    assert_eq!(granted(&mut stranger), texts([]));
    peer.crash();
    assert_eq!(granted(&mut stranger), every());
}

#[test]
fn a_holder_of_a_file_that_it_found_excludes_other_programs_as_well() {
    let place = place();
    fs::write(&place.path, "").unwrap();
    let mut lock = Lockfile::new(&place.path);
    lock.try_lock().unwrap();
    let mut stranger = Stranger::at(&place.path);
    assert_eq!(granted(&mut stranger), texts([]));
    lock.unlock().unwrap();
    assert_eq!(granted(&mut stranger), every());
}

#[test]
fn the_program_excludes_every_lock_of_other_programs_until_its_command_ends() {
    let scene = Scene::new();
    for options in [&[][..], &["--keep-file"]] {
        let mut holder = Running::start(scene.run(options, &["cat"]));
        holder.shakes_hands();
        let mut stranger = Stranger::at(&scene.lock());
        assert_eq!(granted(&mut stranger), texts([]));
        assert_eq!(holder.end().code, Some(0));
        assert_eq!(granted(&mut stranger), every());
    }
}

#[test]
fn a_holder_that_shares_admits_the_readers_of_other_programs_and_no_writers() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    lock.try_lock_shared().unwrap();
    let mut stranger = Stranger::at(&place.path);
    let readers = Lock::all().into_iter().filter(|lock| !lock.writes);
    assert_eq!(granted(&mut stranger), texts(readers));
    lock.unlock().unwrap();
    assert_eq!(granted(&mut stranger), every());
}

/// The child has a copy of the descriptor, to which the locks on bytes belong.
#[test]
fn a_forked_child_does_not_keep_the_bytes_locked_after_its_parent_unlocks() {
    for options in ["", "keep"] {
        let place = place();
        let mut peer = Peer::with(&place.path, options);
        assert_eq!(peer.ask("try_lock"), "ok");
        let mut stranger = Stranger::at(&place.path);
        assert_eq!(peer.ask("fork_and_stay"), "ok");
        assert_eq!(granted(&mut stranger), texts([]));
        assert_eq!(peer.ask("unlock"), "ok");
        assert_eq!(granted(&mut stranger), every());
    }
}

#[test]
fn a_forked_child_does_not_keep_shared_bytes_locked_after_its_parent_unlocks() {
    let place = place();
    let mut peer = Peer::start(&place.path);
    assert_eq!(peer.ask("try_lock_shared"), "ok");
    let mut stranger = Stranger::at(&place.path);
    assert_eq!(peer.ask("fork_and_stay"), "ok");
    assert_eq!(peer.ask("unlock"), "ok");
    assert_eq!(granted(&mut stranger), every());
}

/// A look at the lockfile and a refused attempt leave no lock behind.
fn assert_unlocked_after(path: &Path, act: impl FnOnce(&mut Lockfile)) {
    let mut stranger = Stranger::at(path);
    act(&mut Lockfile::new(path));
    assert_eq!(granted(&mut stranger), every());
}

#[test]
fn looks_and_refused_attempts_leave_no_lock_behind() {
    let acts: [fn(&mut Lockfile); 4] = [
        |lock| drop(lock.status().unwrap()),
        |lock| drop(lock.try_lock().unwrap_err()),
        |lock| drop(lock.release_stale().unwrap_err()),
        |lock| drop(lock.try_lock_shared().unwrap_err()),
    ];
    for act in acts {
        let place = place();
        // A bare PID of a live process is busy.
        fs::write(&place.path, format!("{}\n", std::os::unix::process::parent_id())).unwrap();
        assert_unlocked_after(&place.path, act);
    }
}
