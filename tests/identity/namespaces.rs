//! PID namespaces that share a directory: a number means one process here and another there.

use tenure::{Lockfile, Verdict, Why};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};
use crate::vocabulary::{Contained, assert_busy, assert_recovered, copy_record};

const MOUNTS: &str = "unshare -m";

#[test]
fn a_live_holder_in_another_pid_namespace_is_not_robbed() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut holder = Contained::holding(&place.path);
        assert_busy(&place.path, Verdict::Live);
        assert_eq!(holder.peer.ask("verify"), "ok");
        assert_eq!(holder.peer.ask("unlock"), "ok");
        assert!(Lockfile::acquire(&place.path).is_ok());
    });
}

#[test]
fn a_dead_holder_in_another_pid_namespace_is_recovered() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        Contained::holding(&place.path).crash();
        // PID 1 lives here as well, and is somebody else.
        assert_recovered(&place.path, Why::OtherNamespace);
    });
}

#[test]
fn two_containers_whose_processes_are_both_pid_1_exclude_each_other() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut holder = Contained::holding(&place.path);
        let mut contender = Contained::start(&place.path);
        for peer in [&mut holder.peer, &mut contender.peer] {
            assert_eq!(peer.ask("pid"), "1");
        }
        let answer = contender.peer.ask("try_lock");
        assert!(answer.starts_with("Busy: "), "{answer}");
        assert_eq!(contender.peer.ask("verdict"), "Some(Live)");
        holder.crash();
        assert_eq!(contender.peer.ask("verdict"), "Some(Stale(OtherNamespace))");
        assert_eq!(contender.peer.ask("try_lock"), "ok");
        assert_eq!(contender.peer.ask("recovered"), "1");
        assert_eq!(contender.peer.ask("why"), "Stale(OtherNamespace)");
    });
}

#[test]
fn who_is_contained_does_not_rob_a_live_holder_outside() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        // No process of the contender's namespace has this number.
        let holder = Peer::holding(&place.path);
        let mut contender = Contained::start(&place.path);
        assert!(contender.peer.ask("try_lock").starts_with("Busy: "));
        assert_eq!(contender.peer.ask("status"), "held");
        let dead = holder.crash();
        assert_eq!(contender.peer.ask("try_lock"), "ok");
        assert_eq!(contender.peer.ask("recovered"), dead.to_string());
        assert_eq!(contender.peer.ask("why"), "Stale(OtherNamespace)");
    });
}

/// A wrong process is not looked at: `/proc` shows the numbers of the namespace outside.
#[test]
fn a_contained_process_that_sees_the_proc_of_outside_judges_right() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut container = Contained::through("-pf", &place.path);
        assert_eq!(container.peer.ask("pid"), "1");
        assert_eq!(container.peer.ask("try_lock"), "ok");
        assert_eq!(container.peer.ask("verdict"), "Some(Live)");
        assert_eq!(container.peer.ask("unlock"), "ok");
        Contained::holding(&place.path).crash();
        assert_eq!(container.peer.ask("try_lock"), "ok");
        assert_eq!(container.peer.ask("why"), "Stale(OtherNamespace)");
    });
}

/// The one case in which a forked child has its parent's PID.
#[test]
fn a_child_that_is_pid_1_like_its_parent_does_not_own_the_parents_lock() {
    elsewhere(MOUNTS, &[], || {
        let commands = [
            ("pid", "1"),
            ("unlock", "NotHeld: "),
            ("verify", "NotHeld: "),
            ("drop", "ok"),
            ("try_lock", "Busy: "),
        ];
        // A namespace ends with its PID 1, and a process gets one: so a parent for each.
        for (command, answer) in commands {
            let place = place();
            let mut parent = Contained::holding(&place.path);
            assert_eq!(parent.peer.ask("pid"), "1");
            assert_eq!(parent.peer.ask("unshare_pids"), "ok");
            let said = parent.peer.ask(&format!("fork {command}"));
            assert!(said.starts_with(answer), "{command}: {said}");
            assert_eq!(parent.peer.ask("verify"), "ok", "the child removed nothing");
            assert_busy(&place.path, Verdict::Live);
            assert_eq!(parent.peer.ask("unlock"), "ok");
        }
    });
}

/// Somebody here has the number, and lives: what of it?
#[test]
fn a_process_is_not_the_holder_because_it_has_the_number_in_another_namespace() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let copy = place.dir().join("copy");
    copy_record(&place.path, &copy, |record| record["pid_namespace"] = 1.into());
    assert_recovered(&copy, Why::OtherNamespace);
    assert_busy(&place.path, Verdict::Live);
    drop(holder);
}
