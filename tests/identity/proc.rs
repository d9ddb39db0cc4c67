//! `/proc` that shows another namespace, or nothing.

use std::fs;

use nix::sys::signal::Signal;
use tenure::{Lockfile, Verdict, Why};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, place};
use crate::vocabulary::{
    FUSE, FUSE_SCENE, Fuse, assert_busy, assert_recovered, copy_record, next_pid, without_pidfds,
};

/// In a new PID namespace, `/proc` has to be mounted anew. Where it is not, the number of the holder
/// leads to some process outside, which started at another time.
#[test]
fn a_wrong_process_is_not_looked_at() {
    elsewhere("unshare -pf --kill-child", &[], || {
        without_pidfds();
        let place = place();
        let copy = place.dir().join("copy");
        // Ours in the namespace outside: there is such a process, and it is not the holder.
        let outside = fs::read_link("/proc/self").unwrap();
        let outside: u32 = outside.to_str().unwrap().parse().unwrap();
        assert_ne!(outside, std::process::id());
        let (holder, record) = loop {
            next_pid(outside);
            let mut holder = Peer::start(&place.path);
            assert_eq!(holder.ask("try_lock"), "ok");
            let record = Lockfile::new(&place.path).holder().unwrap().unwrap().record().clone();
            let stat = fs::read_to_string(format!("/proc/{outside}/stat")).unwrap();
            // Until the clock has ticked, the two look the same.
            let ticks = format!(" {} ", record.start_ticks.unwrap());
            if record.pid == outside && !stat.contains(&ticks) {
                break (holder, record);
            }
        };
        assert_eq!(record.pid, holder.pid());
        copy_record(&place.path, &copy, |_| {});
        assert_busy(&copy, Verdict::Live);
        let bare = place.dir().join("bare");
        fs::write(&bare, record.pid.to_string()).unwrap();
        assert_busy(&bare, Verdict::Live);
        holder.crash();
        assert!(fs::exists(format!("/proc/{outside}")).unwrap(), "somebody outside has the number");
        for path in [&copy, &bare, &place.path] {
            assert_recovered(path, Why::Dead);
        }
    });
}

fn hide_proc() {
    run("mount", ["-t", "tmpfs", "none", "/proc"]);
    assert!(!fs::exists("/proc/self").expect("to look"));
}

#[test]
fn without_proc_locks_are_taken_refused_recovered_and_released() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let [mut one, mut two] = [(); 2].map(|()| Peer::start(&place.path));
        hide_proc();
        for _ in 0..2 {
            assert_eq!(one.ask("try_lock"), "ok");
            let answer = two.ask("try_lock");
            assert!(answer.starts_with("Busy: "), "{answer}");
            assert_eq!(two.ask("status"), "held");
            assert_eq!(one.ask("unlock"), "ok");
            assert_eq!(two.ask("try_lock"), "ok");
            assert_eq!(two.ask("unlock"), "ok");
        }
        assert!(place.names().is_empty());
        assert_eq!(one.ask("try_lock"), "ok");
        let dead = one.crash();
        assert_eq!(two.ask("try_lock"), "ok");
        assert_eq!(two.ask("recovered"), dead.to_string());
        assert_eq!(two.ask("why"), "Stale(Dead)");
    });
}

#[test]
fn without_proc_a_live_process_is_alive_and_a_dead_one_dead() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let [bare, copy] = ["bare", "copy"].map(|name| place.dir().join(name));
        let holder = Peer::holding(&place.path);
        fs::write(&bare, holder.pid().to_string()).unwrap();
        copy_record(&place.path, &copy, |_| {});
        hide_proc();
        holder.signal(Signal::SIGSTOP);
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            for path in [&place.path, &bare, &copy] {
                assert_busy(path, Verdict::Live);
            }
        }
        holder.crash();
        for path in [&place.path, &bare, &copy] {
            assert_recovered(path, Why::Dead);
        }
    });
}

/// Which boot and which namespace this is, is not known: on a shared file system that is doubt.
#[test]
fn without_proc_doubt_does_not_free() {
    elsewhere(FUSE_SCENE, &FUSE, || {
        let place = place();
        let source = place.dir().join("source");
        let [one, two] = ["one", "two"].map(|name| Fuse::mount(&source, place.dir().join(name)));
        let mut holder = Peer::holding(&one.path());
        // Who has not asked who it is before, cannot learn it then.
        let [mut beside, mut across] = [&one, &two].map(|mount| Peer::start(&mount.path()));
        hide_proc();
        assert_eq!(beside.ask("verdict"), "Some(Live)");
        assert!(beside.ask("try_lock").starts_with("Busy: "));
        assert_eq!(across.ask("verdict"), "Some(Unproven(Unseen))");
        assert!(across.ask("try_lock").starts_with("Busy: "));
        assert_eq!(holder.ask("verify"), "ok");
        holder.crash();
        assert_eq!(across.ask("verdict"), "Some(Unproven(Unseen))");
        assert!(across.ask("try_lock").starts_with("Busy: "));
    });
}
