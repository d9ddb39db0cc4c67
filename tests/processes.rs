//! Locks between processes: exclusion, waiting, death, fork and exec.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use nix::libc;
use nix::sys::signal::Signal;
use support::{Peer, leave_stale, place, wait_until};
use tenure::{Error, Lockfile, State, Verdict, Why};

#[test]
fn one_process_holds_and_the_other_is_busy() {
    let place = place();
    let mut holder = Peer::with(&place.path, "message=backup");
    let mut contender = Peer::start(&place.path);
    assert_eq!(holder.ask("try_lock"), "ok");
    let answer = contender.ask("try_lock");
    assert!(answer.starts_with("Busy: "), "{answer}");
    assert!(answer.contains(&format!("pid {}", holder.pid())), "{answer}");
    assert!(answer.contains("backup"), "{answer}");
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(contender.ask("try_lock"), "ok");
}

#[test]
fn a_killed_holder_is_recovered_and_named() {
    let place = place();
    let dead = leave_stale(&place.path);
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Stale);
    assert_eq!(status.verdict(), Some(Verdict::Stale(Why::Dead)));
    let lock = Lockfile::acquire(&place.path).unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!(left_by.pid(), dead);
    assert_eq!(left_by.verdict(), Verdict::Stale(Why::Dead));
}

#[test]
fn a_killed_holder_of_every_format_is_recovered() {
    let place = place();
    for format in ["keep", "pid", "pid-bare", "pid-line"] {
        let mut holder = Peer::with(&place.path, format);
        assert_eq!(holder.ask("try_lock"), "ok");
        let dead = holder.crash();
        let mut next = Peer::with(&place.path, format);
        assert_eq!(next.ask("try_lock"), "ok", "{format}");
        assert_eq!(next.ask("recovered"), dead.to_string(), "{format}");
        assert_eq!(next.ask("unlock"), "ok");
    }
}

#[test]
fn a_zombie_holds_nothing() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    holder.crash_unreaped();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().verdict(), Verdict::Stale(Why::Dead));
}

#[test]
fn a_stopped_holder_is_alive() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    holder.signal(Signal::SIGSTOP);
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    holder.signal(Signal::SIGCONT);
    assert_eq!(holder.ask("unlock"), "ok");
}

#[test]
fn lock_waits_in_the_kernels_queue_until_the_release() {
    let place = place();
    for options in ["", "keep"] {
        let mut holder = Peer::with(&place.path, options);
        assert_eq!(holder.ask("try_lock"), "ok");
        let mut waiter = Peer::with(&place.path, options);
        waiter.tell("lock");
        waiter.wait_until_queued();
        assert!(!waiter.has_answered());
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("verify"), "ok", "it holds the file that the path names");
        assert_eq!(waiter.ask("unlock"), "ok");
    }
}

#[test]
fn lock_waits_until_the_holders_death() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock");
    waiter.wait_until_queued();
    let dead = holder.crash();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), dead.to_string());
}

#[test]
fn a_signal_handler_does_not_end_the_wait() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock_in_signals");
    waiter.wait_until_queued();
    for _ in 0..10 {
        waiter.interrupt();
        waiter.wait_until_queued();
    }
    assert!(!waiter.has_answered());
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert!(!waiter.has_answered(), "{}", waiter.answer());
}

#[test]
fn lock_waits_for_a_holder_that_takes_no_kernel_lock() {
    let place = place();
    let mut other = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    fs::write(&place.path, format!("{}\n", other.id())).unwrap();
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock");
    waiter.wait_until_in(libc::SYS_ppoll);
    assert!(!waiter.has_answered());
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), other.id().to_string());
}

#[test]
fn a_wait_with_a_limit_ends_with_it_and_names_the_holder() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let mut lock = Lockfile::new(&place.path);
    for limit in [Duration::ZERO, Duration::from_millis(20)] {
        match lock.lock_timeout(limit) {
            Err(Error::Timeout { holder: Some(named), limit: told, .. }) => {
                assert_eq!(named.pid(), holder.pid());
                assert_eq!(told, limit);
            }
            other => panic!("{other:?}"),
        }
        assert!(!lock.is_held());
    }
}

#[test]
fn a_wait_with_a_limit_acquires_when_the_lock_is_free() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock_timeout 1000000");
    waiter.wait_until_in(libc::SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("verify"), "ok");
}

#[test]
fn whoever_waits_long_is_told_for_whom() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let path = place.path.clone();
    let waiter = std::thread::spawn(move || {
        let mut lock = Lockfile::new(path).on_wait(move |holder, time| {
            tell.lock().unwrap().send((holder.map(tenure::Holder::pid), time)).unwrap();
        });
        lock.lock().unwrap();
    });
    let (whom, time) = told.recv().unwrap();
    assert_eq!(whom, Some(holder.pid()));
    assert!(time >= Duration::from_secs(1), "not before a second");
    assert_eq!(holder.ask("unlock"), "ok");
    waiter.join().unwrap();
    assert!(told.try_recv().is_err(), "once for each holder");
}

#[test]
fn a_forked_childs_copy_is_inert() {
    let place = place();
    for options in ["", "keep"] {
        let mut holder = Peer::with(&place.path, options);
        assert_eq!(holder.ask("try_lock"), "ok");
        assert!(holder.ask("fork unlock").starts_with("NotHeld: "));
        assert!(holder.ask("fork verify").starts_with("NotHeld: "));
        assert!(holder.ask("fork set_message x").starts_with("NotHeld: "));
        assert_eq!(holder.ask("fork drop"), "ok");
        assert!(holder.ask("fork try_lock").starts_with("Busy: "), "it contends like anybody");
        assert_eq!(holder.ask("verify"), "ok", "and the file is still there");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "and locked");
        assert_eq!(holder.ask("unlock"), "ok");
    }
}

#[test]
fn a_release_does_not_wait_for_forked_children() {
    let place = place();
    let mut holder = Peer::with(&place.path, "keep");
    assert_eq!(holder.ask("try_lock"), "ok");
    // The child has a copy of the descriptor for as long as its standard input is open.
    assert_eq!(holder.ask("fork_and_stay"), "ok");
    assert_eq!(holder.ask("unlock"), "ok");
    Lockfile::acquire(&place.path).unwrap();
    drop(holder);
}

#[test]
fn a_command_does_not_inherit_the_lock() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let command = holder.ask("spawn");
    let dead = holder.crash();
    let process = format!("/proc/{command}/exe");
    assert!(fs::read_link(&process).unwrap().ends_with("sleep"), "the command outlives the holder");
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    let pid = nix::unistd::Pid::from_raw(command.parse().unwrap());
    nix::sys::signal::kill(pid, Signal::SIGKILL).unwrap();
}

/// The guard is the shared lock in `Flock::try_lock`: without it, this fails.
#[test]
fn a_reader_never_makes_a_contender_believe_that_somebody_holds() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (reader, done) = (lock.clone(), Arc::clone(&done));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    reader.status().unwrap();
                }
            })
        })
        .collect();
    for round in 0..5_000 {
        if let Err(err) = lock.try_lock() {
            done.store(true, Ordering::Relaxed);
            panic!("round {round}: {err}");
        }
        lock.unlock().unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}

#[test]
fn contenders_in_many_processes_take_turns() {
    let place = place();
    let inside = place.dir().join("inside");
    let mut peers: Vec<_> = (0..8).map(|_| Peer::start(&place.path)).collect();
    for peer in &mut peers {
        peer.tell(&format!("take_turns {}", inside.display()));
    }
    for peer in &mut peers {
        assert_eq!(peer.answer(), "ok");
    }
    drop(peers);
    assert!(place.names().is_empty(), "nothing is left");
}

#[test]
fn the_last_look_is_not_before_the_deadline() {
    // A lock that becomes free during the very last pause is still acquired.
    let place = place();
    let holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock_timeout 500");
    waiter.wait_until_in(libc::SYS_ppoll);
    holder.crash();
    assert_eq!(waiter.answer(), "ok");
    wait_until(|| place.names() == ["test.lock"]);
}
