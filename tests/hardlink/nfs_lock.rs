//! The two bugs that `Nfs_lock` of Jane Street's `Core_unix` documents.

use std::fs;
use std::path::Path;

use crate::scene::{can_trace, go_on, holding, leave_stale, linked, peer, record, stopped, traced};
use crate::support::{Peer, place};

/// "Safety bug: if there are two instances running on the same machine, stale lock clean-up can
/// remove a non-stale lock so the lock ends up taken twice."
#[test]
fn two_instances_on_one_machine_do_not_take_a_stale_lock_twice() {
    if !can_trace("two instances that recover one lock") {
        return;
    }
    let place = place();
    leave_stale(&place.path);
    // Stops the first when it has judged the lock stale, and before it cleans up: its claim fails,
    // for no reason, and it will try again.
    let (mut slow, pid) = stopped(&place.path, "linkat:error=EINTR", "try_lock");

    let mut quick = holding(&place.path);
    go_on(pid);
    let answer = slow.answer();
    assert!(answer.starts_with("Busy: "), "{answer}");
    assert!(answer.contains(&format!("locked by pid {} ", quick.pid())), "{answer}");
    assert_eq!(quick.ask("verify"), "ok");
    assert_eq!(place.names(), ["test.lock"]);
    assert_eq!(quick.ask("unlock"), "ok");
    assert_eq!(slow.ask("try_lock"), "ok");
}

/// The same, by chance: of many who recover, one holds.
#[test]
fn of_many_who_recover_at_once_one_holds() {
    let place = place();
    let mut peers = [(); 4].map(|()| peer(&place.path));
    for _ in 0..25 {
        leave_stale(&place.path);
        for peer in &mut peers {
            peer.tell("try_lock");
        }
        let answers = peers.each_mut().map(Peer::answer);
        let held = peers.each_mut().map(|peer| peer.ask("is_held") == "true");
        let holders = held.iter().filter(|held| **held).count();
        // Who is turned away by one that takes over need not come back.
        assert!(holders <= 1, "{answers:?}");
        for (peer, held) in peers.iter_mut().zip(held) {
            if held {
                assert_eq!(peer.ask("verify"), "ok");
                assert_eq!(peer.ask("unlock"), "ok");
            }
        }
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
}

/// "Liveness bug: a process can write its host/pid to the void upon taking the lock, so you end up
/// with a broken (empty) lock file which needs manual clean-up."
#[test]
fn a_crash_never_leaves_an_empty_lockfile() {
    if !can_trace("a crash at every step") {
        return;
    }
    for stale in [false, true] {
        for call in ["pwrite64", "fdatasync", "linkat", "unlink", "rename"] {
            for when in 1.. {
                let place = place();
                if stale {
                    leave_stale(&place.path);
                }
                let kill = format!("{call}:signal=SIGKILL:when={when}");
                let (mut peer, log) = traced(&place.path, &[&kill]);
                let pid = peer.ask("pid");
                peer.tell("try_lock");
                let mut dies = peer.answer_if_alive().is_none();
                if !dies {
                    peer.tell("unlock");
                    dies = peer.answer_if_alive().is_none();
                }
                // It closes its descriptors before it has ended.
                crate::support::wait_until(|| !dies || !Path::new("/proc").join(&pid).exists());
                if place.path.exists() {
                    assert!(fs::metadata(&place.path).unwrap().len() > 0, "{kill}");
                    let _ = record(&place.path);
                }
                let mut lock = linked(&place.path);
                lock.try_lock().unwrap_or_else(|err| panic!("{kill}: {err}"));
                lock.unlock().unwrap();
                assert!(place.names().is_empty(), "{kill}: {:?}", place.names());
                if !dies {
                    assert!(
                        when > 1 || call == "rename" && !stale,
                        "{:#?}",
                        log.calls(place.dir())
                    );
                    break;
                }
            }
        }
    }
}

/// A machine that fails comes back with what was on its disk.
#[test]
fn the_record_is_on_the_disk_before_it_has_its_name() {
    if !can_trace("the order of writing") {
        return;
    }
    let place = place();
    let (mut peer, log) = traced(&place.path, &[]);
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("set_message on and on"), "ok");
    drop(peer);
    let calls = log.calls(place.dir());
    let find = |from: usize, parts: &[&str]| {
        let has = |call: &String| parts.iter().all(|part| call.contains(part));
        from + calls[from..].iter().position(has).unwrap_or_else(|| panic!("{parts:?}: {calls:#?}"))
    };
    let written = find(0, &["pwrite64", ".draft."]);
    let flushed = find(written, &["fdatasync", ".draft."]);
    let linked = find(flushed, &["linkat", "test.lock\""]);
    // H6: the record is changed under a claim.
    let claimed = find(linked, &["linkat", ".claim."]);
    let changed = find(claimed, &["pwrite64", "test.lock"]);
    let flushed = find(changed, &["fdatasync"]);
    find(flushed, &["unlink", ".claim."]);
}
