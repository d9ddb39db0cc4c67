//! Other boots and other PID namespaces, where the number of a thread means another.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use tenure::{Error, Lock, RobustMutex};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, place};
use crate::{holding, opened};

const MOUNTS: &str = "unshare -m";

/// A peer in a PID namespace of its own, with the mutex not yet open.
fn contained(path: &Path) -> Peer {
    let mut unshare = Command::new("unshare");
    unshare.args(["-pf", "--mount-proc", "--kill-child"]);
    Peer::through(unshare, path, "robust-mutex")
}

/// As if another boot had made it.
fn of_another_boot(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(b"boot 00000000", "tenure robust mutex 1\n".len() as u64).unwrap();
}

#[test]
fn another_pid_namespace_is_kept_out_while_it_is_in_use() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut inside = contained(&place.path);
        let outside = RobustMutex::open(&place.path).unwrap();
        let refused = inside.ask("open");
        assert!(refused.starts_with("Unsupported: "), "{refused}");
        assert!(refused.contains("test.lock") && refused.contains("namespace"), "{refused}");
        drop(outside);
        // The next container, of which the last one's threads are gone.
        assert_eq!(inside.ask("open"), "ok");
        assert_eq!(inside.ask("try_lock"), "ok");
        let refused = RobustMutex::open(&place.path).unwrap_err();
        assert!(matches!(refused, Error::Unsupported { .. }), "{refused:?}");
        inside.crash();
        // Those who were in it may take a moment to die.
        crate::support::wait_until(|| RobustMutex::open(&place.path).is_ok());
        let mut lock = RobustMutex::open(&place.path).unwrap();
        lock.try_lock().unwrap();
        assert!(lock.was_abandoned());
    });
}

#[test]
fn a_forked_child_in_another_pid_namespace_is_kept_out() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut peer = opened(&place.path);
        assert_eq!(peer.ask("unshare_pids"), "ok");
        let refused = peer.ask("fork try_lock");
        assert!(refused.starts_with("Unsupported: "), "{refused}");
        assert_eq!(peer.ask("try_lock"), "ok");
    });
}

#[test]
fn what_another_boot_left_is_made_again_and_was_abandoned() {
    let place = place();
    for held in [true, false] {
        let mut peer = holding(&place.path);
        if !held {
            assert_eq!(peer.ask("unlock"), "ok");
        }
        // What the disk has when the power fails: the mutex has an owner, who is alive here.
        let after = place.dir().join(format!("after-{held}"));
        fs::copy(&place.path, &after).unwrap();
        of_another_boot(&after);
        let mut lock = RobustMutex::open(&after).unwrap();
        lock.try_lock().unwrap();
        assert_eq!(lock.was_abandoned(), held);
    }
}

#[test]
fn nobody_makes_again_what_is_in_use() {
    let place = place();
    let mut holder = holding(&place.path);
    // Containers may be shown a boot id of their own (systemd-nspawn(1)).
    of_another_boot(&place.path);
    let refused = RobustMutex::open(&place.path).unwrap_err();
    assert!(matches!(refused, Error::Unsupported { .. }), "{refused:?}");
    assert_eq!(holder.ask("is_held"), "true");
    assert_eq!(holder.ask("unlock"), "ok");
    drop(holder);
    RobustMutex::open(&place.path).unwrap().try_lock().unwrap();
}

/// As systemd-nspawn(1) shows each container one of its own.
#[test]
fn processes_that_are_shown_one_boot_id_use_one_mutex() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let outside = RobustMutex::open(&place.path).unwrap();
        let shown = place.dir().join("boot_id");
        fs::copy("/proc/sys/kernel/random/uuid", &shown).unwrap();
        run("mount", ["--bind", shown.to_str().unwrap(), "/proc/sys/kernel/random/boot_id"]);
        let [mut one, mut two] = [(); 2].map(|()| Peer::with(&place.path, "robust-mutex"));
        let refused = one.ask("open");
        assert!(refused.starts_with("Unsupported: "), "{refused}");
        drop(outside);
        for peer in [&mut one, &mut two] {
            assert_eq!(peer.ask("open"), "ok");
        }
        assert_eq!(one.ask("try_lock"), "ok");
        assert!(two.ask("try_lock").starts_with("Busy: "));
    });
}
