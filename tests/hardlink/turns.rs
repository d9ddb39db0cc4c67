//! Acquiring, holding and releasing.

use std::fs;

use tenure::{Error, Format, Hardlink, Lockfile, State, Verdict};

use crate::scene::{beside, holding, linked, nonce, peer, record, remove};
use crate::support::{Peer, place};

#[test]
fn one_process_holds_at_a_time() {
    let place = place();
    let (mut one, mut two) = (peer(&place.path), peer(&place.path));
    for _ in 0..3 {
        assert_eq!(one.ask("try_lock"), "ok");
        let busy = two.ask("try_lock");
        assert!(busy.starts_with("Busy: "), "{busy}");
        assert!(busy.contains(&format!("locked by pid {}", one.pid())), "{busy}");
        assert_eq!(two.ask("status"), "held");
        assert_eq!(place.names(), ["test.lock"]);
        assert_eq!(one.ask("verify"), "ok");
        assert_eq!(one.ask("unlock"), "ok");
        assert!(place.names().is_empty());
        std::mem::swap(&mut one, &mut two);
    }
    assert_eq!(one.ask("why"), "no");
}

#[test]
fn many_processes_take_turns() {
    let place = place();
    let inside = place.dir().join("inside");
    let mut peers = [(); 3].map(|()| peer(&place.path));
    for peer in &mut peers {
        peer.tell(&format!("take_turns {}", inside.display()));
    }
    for peer in &mut peers {
        assert_eq!(peer.answer(), "ok");
    }
    assert!(place.names().is_empty());
}

#[test]
fn values_and_threads_of_one_process_contend_like_others() {
    let place = place();
    let mut first = linked(&place.path);
    let mut second = first.clone();
    first.try_lock().unwrap();
    assert!(matches!(first.try_lock(), Err(Error::AlreadyHeld { .. })));
    match second.try_lock() {
        Err(Error::Busy { holder: Some(holder), .. }) => {
            assert_eq!((holder.pid(), holder.verdict()), (std::process::id(), Verdict::Live));
        }
        other => panic!("{other:?}"),
    }
    // This thread would wait for itself, and another would not.
    assert!(matches!(second.lock(), Err(Error::Deadlock { .. })));
    let waiter = std::thread::spawn(move || {
        second.lock().unwrap();
        second.verify().unwrap();
    });
    first.unlock().unwrap();
    waiter.join().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn the_record_names_the_backend_and_changes_its_message() {
    let place = place();
    let mut lock = linked(&place.path).message("phase 1");
    lock.try_lock().unwrap();
    assert_eq!(record(&place.path).backend.as_deref(), Some("hardlink"));
    for message in ["phase 2", &"m".repeat(tenure::MESSAGE_LIMIT), "", "phase 3"] {
        let before = nonce(&place.path);
        lock.set_message(message).unwrap();
        let message = Some(message).filter(|message| !message.is_empty());
        assert_eq!(record(&place.path).message.as_deref(), message);
        assert_eq!(nonce(&place.path), before, "it is the same acquisition");
        assert_eq!(place.names(), ["test.lock"]);
        lock.verify().unwrap();
    }
    lock.unlock().unwrap();
    assert!(matches!(lock.set_message("late"), Err(Error::NotHeld { .. })));
}

/// H6: without that, a reader of half a record could take the holder for dead.
#[test]
fn a_record_that_a_contender_has_claimed_is_not_changed() {
    let place = place();
    let mut lock = linked(&place.path).message("before");
    lock.try_lock().unwrap();
    let contender = place.dir().join("contender");
    let holder = holding(&contender);
    let claim = beside(&place.path, "claim", &nonce(&place.path));
    fs::rename(&contender, &claim).unwrap();
    let err = lock.set_message("after").unwrap_err();
    assert!(matches!(err, Error::Io { .. }), "{err:?}");
    assert_eq!(record(&place.path).message.as_deref(), Some("before"));
    assert_eq!(lock.record().unwrap().message.as_deref(), Some("before"));
    // It dies, and with it the claim.
    holder.crash();
    lock.set_message("after").unwrap();
    assert_eq!(record(&place.path).message.as_deref(), Some("after"));
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_kept_lockfile_says_that_it_is_released() {
    let place = place();
    let mut lock = linked(&place.path).keep_file(true).message("first");
    for _ in 0..2 {
        lock.try_lock().unwrap();
        assert!(!lock.was_abandoned() && lock.recovered_from().is_none());
        lock.unlock().unwrap();
        assert_eq!(place.names(), ["test.lock"]);
        assert!(record(&place.path).released_at.is_some());
        let status = lock.status().unwrap();
        assert_eq!(status.state(), State::Free);
        assert_eq!(status.holder().unwrap().message(), Some("first"));
        assert!(!lock.release_stale().unwrap(), "it was released in good order");
    }
    let mut tidy = linked(&place.path);
    tidy.try_lock().unwrap();
    tidy.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_rogue_deletion_is_told() {
    let place = place();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    remove(&place.path);
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: false, .. })));
    let other = holding(&place.path);
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: true, .. })));
    assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { replaced: true, .. })));
    assert!(!lock.is_held());
    assert_eq!(record(&place.path).pid, other.pid(), "what is there now was not touched");
}

/// Some file systems number a file anew after they have forgotten it.
#[test]
fn a_lockfile_of_another_number_is_known_by_its_nonce() {
    let place = place();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    let copy = place.dir().join("copy");
    fs::copy(&place.path, &copy).unwrap();
    fs::rename(&copy, &place.path).unwrap();
    lock.verify().unwrap();
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn dropping_releases() {
    let place = place();
    drop(holding(&place.path));
    assert!(place.names().is_empty());
    let mut peer = holding(&place.path);
    assert_eq!(peer.ask("drop"), "ok");
    assert!(place.names().is_empty());
}

/// Here the lock ends with the process. A kernel lock would go on with the child.
#[test]
fn a_forked_child_neither_holds_nor_releases() {
    let place = place();
    let mut holder = holding(&place.path);
    assert_eq!(holder.ask("fork is_held"), "false");
    assert_eq!(holder.ask("fork drop"), "ok");
    assert!(holder.ask("fork unlock").starts_with("NotHeld: "));
    assert_eq!(holder.ask("verify"), "ok");
    assert_eq!(holder.ask("fork_and_outlive"), "ok");
    let dead = holder.kill();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

/// The process is the same, and so nobody can prove that it does not hold the lock.
#[test]
fn a_program_that_replaces_itself_holds_on() {
    let place = place();
    let mut holder = holding(&place.path);
    assert_eq!(holder.ask("exec"), "ready");
    assert_eq!(holder.ask("is_held"), "false");
    assert!(holder.ask("try_lock").starts_with("Busy: "));
    assert!(linked(&place.path).try_lock().unwrap_err().is_busy());
    let dead = holder.crash();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn a_record_below_the_pid_will_do_and_a_bare_pid_will_not() {
    let place = place();
    let mut lock = linked(&place.path).format(Format::PidLine);
    lock.try_lock().unwrap();
    let text = fs::read_to_string(&place.path).unwrap();
    assert_eq!(text.lines().next(), Some(&*std::process::id().to_string()));
    assert!(linked(&place.path).try_lock().unwrap_err().is_busy());
    lock.unlock().unwrap();
    for format in [Format::Pid, Format::PidBare] {
        let err = linked(&place.path).format(format).try_lock().unwrap_err();
        assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
        let text = err.to_string();
        assert!(text.ends_with("use a format that keeps the JSON"), "{text}");
        assert!(place.names().is_empty());
    }
}

#[test]
fn it_cannot_be_shared() {
    let place = place();
    let err = linked(&place.path).try_lock_shared().unwrap_err();
    assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
    assert!(place.names().is_empty());
}

#[test]
fn whoever_asks_by_a_kernel_lock_finds_a_live_holder_busy() {
    let place = place();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert!(Peer::start(&place.path).ask("try_lock").starts_with("Busy: "));
    lock.verify().unwrap();
    let mut other = Lockfile::new(&place.path).backend(Hardlink);
    assert!(other.try_lock().unwrap_err().is_busy());
}

#[test]
fn a_path_that_cannot_be_is_refused() {
    let place = place();
    for name in ["missing/test.lock", "missing/"] {
        let err = linked(&place.dir().join(name)).try_lock().unwrap_err();
        assert!(matches!(err, Error::Io { .. }), "{err:?}");
    }
    let dir = place.dir().join("directory");
    fs::create_dir(&dir).unwrap();
    for path in [dir.clone(), dir.join("")] {
        let err = linked(&path).try_lock().unwrap_err();
        assert!(matches!(err, Error::NotALockfile { .. }), "{err:?}");
    }
    let long = place.dir().join("n".repeat(250));
    let err = linked(&long).try_lock().unwrap_err();
    assert!(matches!(err, Error::Io { .. }), "{err:?}");
    assert_eq!(place.names(), ["directory"]);
}
