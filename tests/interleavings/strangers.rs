//! The programs in which others use the lockfile, who know nothing of this crate.
//!
//! One takes a POSIX lock by fcntl(2). One queues for the flock(2), as flock(1) does, and works with
//! whatever file it has locked then. One creates the file, and holds while it has it open, as git does.
//! None of them reads a record, and none looks whether the path still names its file.
//!
//! flock(2) and fcntl(2) do not exclude each other: no program has both kinds of strangers.

use std::fs::{self, File};

use nix::fcntl::{FcntlArg, Flock, FlockArg, fcntl};
use nix::libc;
use nix::sys::signal::{Signal, raise};

use tenure::{Error, Lockfile};

use super::library::{
    RULES, crash_inside, release, stale, timed_wait, turn, two_turns, vacant, wait,
};
use super::program::{Actor, Program, Rules, Script, Site};

/// A stranger writes no record, and leaves an empty file, which stays once it was found.
const BESIDE: Rules = Rules { names_holder: false, leaves_nothing: false, finds: true, ..RULES };

/// Each of two that do not wait can find the other at the door.
const TURNED_AWAY: Rules = Rules { somebody_enters: false, ..BESIDE };

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("one_acquires_while_one_calls_fcntl", vacant, &[turn, call_fcntl], TURNED_AWAY),
    program("one_acquires_while_one_holds_by_fcntl", vacant, &[turn, hold_by_fcntl], BESIDE),
    program("one_recovers_while_one_calls_fcntl", stale, &[turn, call_fcntl], TURNED_AWAY),
    program("one_releases_while_one_calls_fcntl", vacant, &[release, call_fcntl], BESIDE),
    program("one_takes_two_turns_while_one_calls_fcntl", vacant, &[two_turns, call_fcntl], TURNED_AWAY),
    program("one_crashes_while_one_calls_fcntl", vacant, &[crash_inside, call_fcntl], BESIDE),
    slow("one_waits_while_one_holds_by_fcntl", vacant, &[wait, hold_by_fcntl], BESIDE),
    slow("one_waits_with_a_limit_while_one_holds_by_fcntl", vacant, &[timed_wait, hold_by_fcntl], BESIDE),
    program("one_releases_and_one_acquires_while_one_calls_fcntl", vacant, &[release, turn, call_fcntl], BESIDE),
    program("one_releases_and_one_waits_while_one_calls_fcntl", vacant, &[release, wait, call_fcntl], BESIDE),
    slow("one_waits_while_one_waits_for_fcntl", vacant, &[wait, wait_for_fcntl], BESIDE),
    slow("one_waits_with_a_limit_while_one_waits_for_fcntl", vacant, &[timed_wait, wait_for_fcntl], BESIDE),
    slow("one_releases_and_one_waits_while_one_waits_for_fcntl", vacant, &[release, timed_wait, wait_for_fcntl], BESIDE),
    program("one_acquires_while_one_queues_for_flock", vacant, &[turn, queue], BESIDE),
    program("one_recovers_while_one_queues_for_flock", stale, &[turn, queue], BESIDE),
    program("one_releases_while_one_queues_for_flock", vacant, &[release, queue], BESIDE),
    program("one_takes_two_turns_while_one_queues_for_flock", vacant, &[two_turns, queue], BESIDE),
    program("one_crashes_while_one_queues_for_flock", vacant, &[crash_inside, queue], BESIDE),
    slow("one_waits_while_one_queues_for_flock", vacant, &[wait, queue], BESIDE),
    slow("one_waits_with_a_limit_while_one_queues_for_flock", vacant, &[timed_wait, queue], BESIDE),
    program("one_releases_and_one_acquires_while_one_queues_for_flock", vacant, &[release, turn, queue], BESIDE),
    program("one_releases_and_one_waits_while_one_queues_for_flock", vacant, &[release, wait, queue], BESIDE),
    slow("one_crashes_and_one_waits_while_one_queues_for_flock", vacant, &[crash_inside, timed_wait, queue], BESIDE),
    program("one_releases_while_two_queue_for_flock", vacant, &[release, queue, queue], BESIDE),
    program("one_acquires_while_one_removes_its_pid_file_and_ends", vacant, &[turn, remove_pid_file_and_end], TURNED_AWAY),
    slow("one_waits_while_one_removes_its_pid_file_and_ends", vacant, &[wait, remove_pid_file_and_end], BESIDE),
    program("one_acquires_and_one_cleans_while_one_removes_its_pid_file_and_ends", vacant, &[turn, clean, remove_pid_file_and_end], TURNED_AWAY),
    program("one_acquires_while_one_creates_and_removes", vacant, &[turn, create_and_remove], TURNED_AWAY),
];

const fn program(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    Program { name, before, scripts, rules, linked: false, slow: false }
}

/// One that waits for events, or has many schedules.
const fn slow(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    Program { slow: true, ..program(name, before, scripts, rules) }
}

/// Waits while another process has a lease on the file.
fn open_or_create(actor: &Actor<'_>) -> File {
    let mut options = File::options();
    let open = options.read(true).write(true).create(true).truncate(false).open(actor.path);
    open.expect("it can be opened")
}

/// A moment inside, with a system call in it at which the others get their turn.
fn work(actor: &Actor<'_>, file: &File) {
    actor.inside(|| file.metadata().expect("it is open"));
}

fn lock_all_bytes(file: &File) -> bool {
    fcntl(file, FcntlArg::F_SETLK(&all_bytes(libc::F_WRLCK))).is_ok()
}

fn unlock_all_bytes(file: &File) {
    fcntl(file, FcntlArg::F_SETLK(&all_bytes(libc::F_UNLCK))).expect("it can be unlocked");
}

#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn all_bytes(kind: i32) -> libc::flock {
    libc::flock { l_type: kind as _, l_whence: libc::SEEK_SET as _, l_start: 0, l_len: 0, l_pid: 0 }
}

/// A turn by fcntl(2), if that is to be had at once.
fn call_fcntl<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let file = open_or_create(actor);
        if lock_all_bytes(&file) {
            work(actor, &file);
            unlock_all_bytes(&file);
        }
    })
}

/// A turn by fcntl(2), for which it waits. It waits also for the marks of this crate, which lie within
/// its bytes.
fn wait_for_fcntl<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let file = open_or_create(actor);
        fcntl(&file, FcntlArg::F_SETLKW(&all_bytes(libc::F_WRLCK))).expect("whoever waits gets it");
        work(actor, &file);
        unlock_all_bytes(&file);
    })
}

/// One who holds by fcntl(2) from the start.
fn hold_by_fcntl<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let file = open_or_create(actor);
    assert!(lock_all_bytes(&file), "nobody else is there yet");
    actor.board.enter(actor.number);
    Box::new(move || {
        work(actor, &file);
        unlock_all_bytes(&file);
    })
}

/// `flock FILE COMMAND`: the file stays, and so does what is in it.
fn queue<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let file = open_or_create(actor);
        let lock = Flock::lock(file, FlockArg::LockExclusive);
        work(actor, &lock.expect("whoever waits gets it"));
    })
}

/// One who holds a PID file from the start, without a kernel lock. It removes the file, and ends.
#[expect(clippy::disallowed_methods, reason = "another program")]
fn remove_pid_file_and_end<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    fs::write(actor.path, format!("{}\n", std::process::id())).expect("it can be written");
    actor.board.enter(actor.number);
    Box::new(move || {
        // First: as soon as the file has gone, another may be inside.
        actor.board.leave(actor.number);
        fs::remove_file(actor.path).expect("it is there");
        raise(Signal::SIGKILL).expect("a process can kill itself");
    })
}

/// One who removes the file unless somebody holds it, or it could be that of another program: one that
/// dies before it has written its record leaves it empty.
fn clean<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let lock = Lockfile::new(actor.path);
    Box::new(move || match lock.release_stale() {
        Ok(_) | Err(Error::Busy { .. } | Error::Empty { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

/// A turn of one whose lock is that it has created the file, which names nobody. It has the file open
/// for as long as it holds.
#[expect(clippy::disallowed_methods, reason = "another program")]
fn create_and_remove<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        if let Ok(file) = File::create_new(actor.path) {
            work(actor, &file);
            fs::remove_file(actor.path).expect("it is there");
        }
    })
}
