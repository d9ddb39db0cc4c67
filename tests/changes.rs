//! Watching: each change is told, nobody is disturbed, and nothing is looked at without a reason.
#![cfg(any(target_os = "linux", target_os = "android"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};
use nix::libc;
use nix::unistd::{Pid, gettid};
use support::elsewhere::{elsewhere, run};
use support::{Peer, leave_stale, place, sleeps_in, wait_until};
use tenure::{Cancel, Error, Hardlink, Lockfile, State, Status, Verdict, Why};

/// When a test gives up. It measures nothing.
const GUARD: Duration = Duration::from_secs(30);

/// A lockfile that another thread watches, until this is dropped.
struct Watched {
    told: Receiver<tenure::Result<Status>>,
    thread: Pid,
    cancel: Cancel,
    watcher: Option<JoinHandle<()>>,
}

impl Watched {
    fn of(lock: &Lockfile) -> Self {
        let cancel = Cancel::new().unwrap();
        let mut changes = lock.changes().until(&cancel);
        let ((tell, told), (name, named)) = (channel(), channel());
        let watcher = thread::spawn(move || {
            name.send(gettid()).unwrap();
            // To the end, also if nobody listens any more: that comes when it is called off.
            changes.by_ref().for_each(|seen| drop(tell.send(seen)));
            assert!(changes.next().is_none(), "it stays called off");
        });
        Self { told, thread: named.recv().unwrap(), cancel, watcher: Some(watcher) }
    }

    fn at(path: &Path) -> Self {
        Self::of(&Lockfile::new(path))
    }

    fn result(&self) -> tenure::Result<Status> {
        self.told.recv_timeout(GUARD).expect("a change is told")
    }

    fn next(&self) -> Status {
        self.result().unwrap()
    }

    /// Skips what was there for a moment.
    fn comes_to(&self, is_so: impl Fn(&Status) -> bool) -> Status {
        std::iter::repeat_with(|| self.next()).find(|status| is_so(status)).unwrap()
    }

    /// How often it has gone to sleep.
    fn sleeps(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/self/task/{}/status", self.thread)).unwrap();
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        count.unwrap().trim().parse().unwrap()
    }

    /// Returns once it has looked more often than it does after an event.
    fn keeps_looking(&self) {
        let (began, before) = (Instant::now(), self.sleeps());
        wait_until(|| {
            assert!(began.elapsed() < GUARD, "it does not look again");
            self.sleeps() >= before + 5
        });
    }

    /// Returns once it sleeps without a limit: nothing but an event makes it look again.
    fn rests(&self) {
        let syscall = format!("/proc/self/task/{}/syscall", self.thread);
        let began = Instant::now();
        wait_until(|| {
            assert!(began.elapsed() < GUARD, "it keeps looking");
            let words = fs::read_to_string(&syscall).unwrap();
            let words: Vec<_> = words.split(' ').collect();
            // The third argument of ppoll(2) is the limit.
            words[0] == libc::SYS_ppoll.to_string() && words[3] == "0x0"
        });
        assert!(self.told.try_recv().is_err(), "nothing is told that has not been taken");
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.cancel.fire();
        let ended = self.watcher.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}

fn flock(path: &Path) -> Flock<File> {
    let file = File::open(path).unwrap();
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, err)| err).unwrap()
}

#[test]
fn the_present_state_comes_first_and_then_each_change() {
    for keep in [false, true] {
        let place = place();
        let mut lock = Lockfile::new(&place.path).keep_file(keep).message("one");
        let watched = Watched::at(&place.path);
        assert_eq!(watched.next().state(), State::Free);
        for message in ["two", "three", "four"] {
            watched.rests();
            lock.try_lock().unwrap();
            let held = watched.next();
            assert_eq!(held.state(), State::Held);
            assert_eq!(held.holder().unwrap().record().nonce, lock.record().unwrap().nonce);
            watched.rests();
            lock.set_message(message).unwrap();
            assert_eq!(watched.next().holder().unwrap().message(), Some(message));
            watched.rests();
            lock.unlock().unwrap();
            assert_eq!(watched.next().state(), State::Free);
        }
    }
}

#[test]
fn the_death_of_a_holder_is_told_whatever_the_lock_underneath() {
    for options in ["", "keep", "semaphore", "hardlink", "pid"] {
        let place = place();
        let mut holder = Peer::with(&place.path, options);
        assert_eq!(holder.ask("try_lock"), "ok", "{options}");
        let watched = Watched::at(&place.path);
        assert_eq!(watched.next().state(), State::Held, "{options}");
        // A bare PID is no record of ours, and is looked at once in a while.
        if options != "pid" {
            watched.rests();
        }
        holder.crash();
        let stale = watched.next();
        assert_eq!(stale.verdict(), Some(Verdict::Stale(Why::Dead)), "{options}");
        assert_eq!(stale.state(), State::Stale, "{options}");
    }
}

#[test]
fn the_death_of_a_program_that_wrote_a_pid_file_and_locks_nothing_is_told() {
    let place = place();
    let mut daemon = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    fs::write(&place.path, format!("{}\n", daemon.id())).unwrap();
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Held);
    drop(daemon.stdin.take());
    assert_eq!(watched.next().state(), State::Stale);
    daemon.wait().unwrap();
}

#[test]
fn who_waits_in_the_queue_and_becomes_the_holder_is_told() {
    let place = place();
    let first = Peer::holding(&place.path);
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().holder().unwrap().pid(), first.pid());
    let mut second = Peer::start(&place.path);
    second.tell("lock");
    second.wait_until_queued();
    watched.rests();
    first.crash();
    assert_eq!(second.answer(), "ok");
    let pid = second.pid();
    watched.comes_to(|seen| seen.holder().is_some_and(|holder| holder.pid() == pid));
}

#[test]
fn a_lock_that_is_taken_and_left_without_a_word_is_told() {
    let place = place();
    fs::write(&place.path, "").unwrap();
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().verdict(), Some(Verdict::Unproven(Why::Blank)));
    // Nothing tells of this, and so it is looked at once in a while.
    watched.keeps_looking();
    let held = flock(&place.path);
    assert_eq!(watched.next().state(), State::Held);
    watched.keeps_looking();
    let file = held.unlock().map_err(|(_, err)| err).unwrap();
    assert_eq!(watched.next().verdict(), Some(Verdict::Unproven(Why::Opened)));
    drop(file);
}

#[test]
fn a_pid_file_that_another_program_locks_without_a_word_is_told() {
    let place = place();
    fs::write(&place.path, "elsewhere.example:4242").unwrap();
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Unproven);
    watched.keeps_looking();
    let held = flock(&place.path);
    assert_eq!(watched.next().state(), State::Held);
    drop(held);
}

#[test]
fn what_a_contender_makes_on_its_way_in_is_told_only_if_it_stays() {
    let place = place();
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Free);
    watched.rests();
    let before = watched.sleeps();
    fs::write(&place.path, "").unwrap();
    assert_eq!(watched.next().verdict(), Some(Verdict::Unproven(Why::Blank)));
    // Before each look there is a sleep, but for one that was late.
    assert!(watched.sleeps() >= before + 3, "it was looked at again and again");
}

#[test]
fn a_lockfile_is_awaited_whose_directory_is_still_to_be_made() {
    let place = place();
    let directory = place.dir().join("a/b");
    let path = directory.join("the.lock");
    let watched = Watched::at(&path);
    assert_eq!(watched.next().state(), State::Free);
    watched.rests();
    fs::create_dir(place.dir().join("a")).unwrap();
    watched.rests();
    fs::create_dir(&directory).unwrap();
    watched.rests();
    let holder = Peer::holding(&path);
    assert_eq!(watched.next().holder().unwrap().pid(), holder.pid());
    watched.rests();
    drop(holder);
    fs::remove_dir_all(place.dir().join("a")).unwrap();
    assert_eq!(watched.next().state(), State::Free);
}

#[test]
fn a_replaced_lockfile_is_told_and_watched_from_then_on() {
    let place = place();
    let dead = leave_stale(&place.path);
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Stale);
    let other = place.dir().join("other");
    let mut holder = Peer::holding(&other);
    watched.rests();
    fs::rename(&other, &place.path).unwrap();
    let held = watched.next();
    assert_eq!(held.state(), State::Held);
    assert_ne!(held.holder().unwrap().pid(), dead);
    watched.rests();
    holder.kill();
    // A look into `/proc` can keep the lock of a process that has ended for an instant.
    watched.comes_to(|seen| seen.state() == State::Stale);
}

#[test]
fn what_is_no_lockfile_is_told_as_an_error_and_watching_goes_on() {
    let place = place();
    fs::create_dir(&place.path).unwrap();
    let watched = Watched::at(&place.path);
    assert!(matches!(watched.result(), Err(Error::NotALockfile { .. })));
    fs::remove_dir(&place.path).unwrap();
    assert_eq!(watched.next().state(), State::Free);
    fs::write(&place.path, "\x7fELF").unwrap();
    assert!(matches!(watched.result(), Err(Error::InvalidPid { .. })));
    fs::write(&place.path, "elsewhere.example:4242").unwrap();
    watched.comes_to(|seen| seen.state() == State::Unproven);
}

#[test]
fn nobody_is_refused_for_being_watched() {
    let place = place();
    for keep in [false, true] {
        let watched: Vec<_> = (0..2).map(|_| Watched::at(&place.path)).collect();
        let mut lock = Lockfile::new(&place.path).keep_file(keep);
        for _ in 0..300 {
            lock.try_lock().unwrap();
            lock.unlock().unwrap();
        }
        lock.try_lock().unwrap();
        for watched in &watched {
            let is_last = |seen: &Status| {
                seen.holder().is_some_and(|holder| Some(holder.record()) == lock.record())
            };
            watched.comes_to(is_last);
        }
        lock.unlock().unwrap();
        for watched in &watched {
            watched.comes_to(|seen| seen.state() == State::Free);
            watched.rests();
        }
    }
}

#[test]
fn neighbours_and_readers_are_nothing_to_be_told_of() {
    let place = place();
    let _holder = Peer::holding(&place.path);
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Held);
    watched.rests();
    for number in 0..100 {
        fs::write(place.dir().join(format!("neighbour-{number}")), "").unwrap();
        fs::read(&place.path).unwrap();
        Lockfile::new(&place.path).status().unwrap();
    }
    watched.rests();
}

#[test]
fn a_lock_that_is_a_name_is_watched_without_waking_oneself() {
    let place = place();
    let hardlink = || Lockfile::new(&place.path).backend(Hardlink);
    let watched = Watched::of(&hardlink());
    assert_eq!(watched.next().state(), State::Free);
    let mut lock = hardlink();
    lock.try_lock().unwrap();
    assert_eq!(watched.next().state(), State::Held);
    watched.rests();
    lock.unlock().unwrap();
    assert_eq!(watched.next().state(), State::Free);
}

#[test]
fn it_sleeps_in_the_kernel_and_is_called_off() {
    let place = place();
    let watched = Watched::at(&place.path);
    assert_eq!(watched.next().state(), State::Free);
    watched.rests();
    assert!(sleeps_in(std::process::id(), Some(watched.thread), libc::SYS_ppoll));
    drop(watched);
}

#[test]
fn what_changes_on_a_shared_file_system_without_being_told_here_is_seen() {
    // In a PID namespace, so that no daemon remains.
    elsewhere("unshare -mpf --mount-proc --kill-child", &["bindfs", "/dev/fuse"], || {
        let place = place();
        let (source, at) = (place.dir().join("source"), place.dir().join("at"));
        for dir in [&source, &at] {
            fs::create_dir(dir).unwrap();
        }
        run("bindfs", [&source, &at]);
        let watched = Watched::at(&at.join("the.lock"));
        assert_eq!(watched.next().state(), State::Free);
        watched.keeps_looking();
        // As another host would: not by way of the mount that is watched.
        let mut lock = Lockfile::new(source.join("the.lock"));
        lock.try_lock().unwrap();
        watched.comes_to(|seen| seen.holder().is_some());
        watched.keeps_looking();
        lock.unlock().unwrap();
        watched.comes_to(|seen| seen.state() == State::Free);
        drop(watched);
        run("umount", [&at]);
    });
}
