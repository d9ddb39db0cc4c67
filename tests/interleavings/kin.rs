//! The programs in which processes have a lock in common: a holder and the child that it forks.
//!
//! The child is made while its parent prepares, as a child of the explorer (`CLONE_PARENT`), so that
//! it can be stopped and moved as the others are. It plays one schedule.

use std::fs::File;
use std::os::unix::net::UnixStream;
use std::process::Command;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::sys::ptrace;
use nix::unistd::{Pid, gettid};
use tenure::{Error, Lockfile};

use super::cast::complain_when_panicking;
use super::library::{RULES, lock, turn, vacant};
use super::program::{Actor, Program, Rules, Script};

/// While a lock goes over, the record names the next holder a step before that knows it. A contender
/// may come while somebody holds.
const PASSED: Rules = Rules { names_holder: false, ..RULES };

/// Whoever drops what he has passed on leaves the file, and his heir may be dead.
const LEFT: Rules = Rules { leaves_nothing: false, ..PASSED };

/// The heir, which executes nothing, keeps the descriptor that it was forked with, and the file stays.
const SPARED: Rules = Rules { tidy: false, ..LEFT };

const KEPT: Rules = Rules { leaves_nothing: false, ..PASSED };

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("a_child_rebinds_while_its_parent_releases", &[release, born]),
    Program { rules: KEPT, ..program("a_child_rebinds_while_its_parent_drops_a_kept_file", &[drop_kept, born]) },
    program("a_child_rebinds_while_its_parent_changes_the_message", &[set_message, born]),
    program("a_child_rebinds_while_its_parent_releases_and_one_acquires", &[release, born, turn]),
    program("a_child_rebinds_while_its_parent_drops_and_one_acquires", &[drop_it, born, turn]),
    program("two_children_rebind_while_their_parent_releases", &[release_with_two, born, born]),
    Program { rules: SPARED, ..program("one_inherits_while_the_passer_unlocks", &[pass_and_unlock, born]) },
    Program { rules: SPARED, ..program("one_inherits_while_the_passer_unlocks_and_one_acquires", &[pass_and_unlock, born, turn]) },
    Program { rules: LEFT, ..program("one_inherits_while_the_passer_drops_and_one_acquires", &[pass_and_drop, born, turn]) },
    program("one_receives_what_another_sends", &[sender, born]),
    program("one_receives_what_another_sends_while_one_acquires", &[sender, born, turn]),
];

const fn program(name: &'static str, scripts: &'static [Script]) -> Program {
    Program { name, before: vacant, scripts, rules: PASSED, linked: false, slow: true }
}

/// In the place of one whom another forks.
fn born<'a>(_: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(|| ())
}

/// A holder whose child wants to be the holder, and does `last` meanwhile.
fn parent<'a>(
    actor: &'a Actor<'a>,
    mut lock: Lockfile,
    children: usize,
    last: impl FnOnce(&mut Lockfile) + 'a,
) -> Box<dyn FnOnce() + 'a> {
    lock.try_lock().expect("nobody else is there yet");
    // Not the lockfile: who has that open without a word is a stranger.
    let directory = actor.path.parent().expect("it has one");
    let file = File::open(directory).expect("it is there");
    for number in 1..=children {
        bear(actor, number, || {
            nudge(&file);
            match lock.rebind() {
                Ok(()) => {}
                // The parent, or another child, was first.
                Err(Error::NotHeld { .. } | Error::RogueDeletion { .. }) => return,
                Err(err) => panic!("{err}"),
            }
            // If that has not left yet, it holds no more, and is told so when it wants to leave.
            actor.board.leave(actor.number);
            actor.board.enter(number);
            lock.verify().expect("a child that has rebound has a lockfile");
            nudge(&file);
            lock.verify().expect("a child that has rebound has a lockfile");
            actor.board.leave(number);
            lock.unlock().expect("whoever is inside can unlock");
        });
    }
    actor.board.enter(actor.number);
    Box::new(move || {
        nudge(&file);
        actor.board.leave(actor.number);
        last(&mut lock);
    })
}

/// A holder who has passed the lock on to another program, and does `last` meanwhile. That one is
/// forked and executes nothing: it has the descriptor and the variable, and that is all it looks at.
#[expect(unsafe_code, reason = "the environment of the child")]
fn passer<'a>(
    actor: &'a Actor<'a>,
    unlocks: bool,
    last: impl FnOnce(&mut Lockfile) + 'a,
) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    let mut program = Command::new("none");
    lock.pass_to(&mut program).expect("it can be passed");
    bear(actor, 1, || {
        for (name, value) in program.get_envs() {
            // SAFETY: this process has one thread.
            unsafe { std::env::set_var(name, value.expect("it is set")) };
        }
        let mut heir = Lockfile::new(actor.path);
        match heir.inherit() {
            Ok(true) => {}
            // The passer has released it first.
            Ok(false) if unlocks => return,
            Ok(false) => panic!("there was nothing to inherit"),
            Err(err) => panic!("{err}"),
        }
        actor.board.leave(actor.number);
        actor.inside_as(1, || heir.verify().expect("an heir has a lockfile"));
        heir.unlock().expect("whoever is inside can unlock");
    });
    actor.board.enter(actor.number);
    Box::new(move || {
        last(&mut lock);
        drop(program);
    })
}

fn pass_and_drop<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    passer(actor, false, |lock| *lock = lock.clone())
}

fn pass_and_unlock<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    passer(actor, true, |lock| {
        actor.board.leave(actor.number);
        unlock(lock);
    })
}

/// A holder who sends the lock by a socket to one who drops what he has by birth.
fn sender<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    let (here, there) = UnixStream::pair().expect("a socket");
    let (mut here, mut there) = (Some(here), Some(there));
    bear(actor, 1, || {
        (lock, here) = (Lockfile::new(actor.path), None);
        if lock.receive_from(&there.take().expect("it is ours")).is_ok() {
            actor.board.leave(actor.number);
            actor.inside_as(1, || lock.verify().expect("a receiver has a lockfile"));
            lock.unlock().expect("whoever is inside can unlock");
        }
    });
    drop(there);
    actor.board.enter(actor.number);
    Box::new(move || {
        if lock.send_to(&here.take().expect("it is ours")).is_err() {
            // In vain: it is as if nothing had been.
            actor.inside(|| lock.verify().expect("a sender that fails has a lockfile"));
            lock.unlock().expect("a sender that fails can unlock");
        }
    })
}

fn unlock(lock: &mut Lockfile) {
    match lock.unlock() {
        Ok(()) | Err(Error::NotHeld { .. }) => {}
        Err(err) => panic!("{err}"),
    }
}

fn release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    parent(actor, lock(actor), 1, unlock)
}

fn release_with_two<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    parent(actor, lock(actor), 2, unlock)
}

fn drop_it<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    parent(actor, lock(actor), 1, |lock| *lock = lock.clone())
}

fn drop_kept<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    parent(actor, lock(actor).keep_file(true), 1, |lock| *lock = lock.clone())
}

fn set_message<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    parent(actor, lock(actor), 1, |lock| {
        match lock.set_message("half way through") {
            Ok(()) | Err(Error::NotHeld { .. } | Error::RogueDeletion { .. }) => {}
            Err(err) => panic!("{err}"),
        }
        *lock = lock.clone();
    })
}

/// A stop before what is done in memory, where no system call would be one.
#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn nudge(file: &File) {
    let lock = libc::flock {
        l_type: libc::F_UNLCK as _,
        l_whence: libc::SEEK_SET as _,
        l_start: 1 << 40,
        l_len: 1,
        l_pid: 0,
    };
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).expect("nothing is unlocked");
}

/// Forks a process that runs `main` as the one of that `number`, and stops before.
#[expect(unsafe_code, reason = "a sibling is not made by fork(2)")]
fn bear(actor: &Actor<'_>, number: usize, main: impl FnOnce()) {
    let flags = libc::CLONE_PARENT | libc::SIGCHLD;
    // SAFETY: as fork(2), but for the parent; this process has one thread.
    let child = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if child != 0 {
        let child = i32::try_from(child).expect("a PID");
        assert!(child > 0, "a process can be cloned");
        return actor.board.announce(number, child);
    }
    complain_when_panicking(actor.board, number);
    ptrace::traceme().expect("a child can be traced");
    stop();
    main();
    loop {
        stop();
    }
}

/// What raise(3) does for a thread that the C library knows.
#[expect(unsafe_code, reason = "nix has no tgkill")]
fn stop() {
    let (process, thread) = (Pid::this().as_raw(), gettid().as_raw());
    // SAFETY: takes three integers and touches no memory.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGSTOP) };
    assert_eq!(sent, 0, "a process can stop itself");
}
