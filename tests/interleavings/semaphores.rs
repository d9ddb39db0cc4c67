//! The programs that use [`tenure::Semaphore`], in an IPC namespace of their own.

use std::fs;
use std::path::Path;

use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, raise};
use tenure::{Lockfile, Semaphore};

use super::library::{self, finish_turn, try_turn};
use super::program::{Actor, Program, Rules, Script, Site};

const RULES: Rules = Rules {
    names_holder: true,
    tidy: true,
    somebody_enters: true,
    leaves_nothing: true,
    finds: false,
    held_outside: false,
    contend: contend_alone,
};

/// Whoever waits for events would be woken by the explorer, who reads the record to see the name.
const UNNAMED: Rules = Rules { names_holder: false, ..RULES };

/// Another program has a set, and may die before it removes it.
const BESIDE: Rules = Rules { contend, ..RULES };

const KEPT: Rules = Rules { leaves_nothing: false, ..RULES };

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("two_acquire_and_release_by_semaphore", vacant, &[turn, turn], RULES),
    program("two_recover_a_stale_record_by_semaphore", stale, &[turn, turn], RULES),
    program("one_acquires_by_semaphore_and_crashes_while_one_acquires", vacant, &[crash, turn], RULES),
    program("one_releases_a_semaphore_while_one_waits", vacant, &[release, wait], RULES),
    program("one_releases_a_kept_file_and_a_semaphore_while_one_waits", vacant, &[kept_release, kept_wait], KEPT),
    program("one_crashes_with_a_semaphore_while_one_waits", vacant, &[crash_inside, wait], RULES),
    program("one_asks_for_the_status_while_one_acquires_by_semaphore", vacant, &[status, turn], RULES),
    program("one_removes_the_semaphore_that_one_holds_while_one_waits", vacant, &[release, wait, remove_all], UNNAMED),
    program("one_releases_a_semaphore_while_one_waits_and_one_acquires", vacant, &[release, wait, turn], RULES),
    program("one_acquires_by_a_later_key_while_the_first_becomes_free", first_key_taken, &[turn, free_first_key_and_turn], BESIDE),
];

const fn program(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    Program { name, before, scripts, rules, linked: false, slow: true }
}

/// Moves this process to an IPC namespace of its own, if `program` is one of these.
pub fn move_out(program: &Program) -> Result<(), String> {
    if PROGRAMS.iter().all(|one| one.name != program.name) {
        return Ok(());
    }
    unshare(CloneFlags::CLONE_NEWIPC).map_err(|err| format!("unshare of IPC: {err}"))
}

/// A fresh contender gets the lock at once.
fn contend(path: &Path) -> Result<(), String> {
    let mut lock = lock(path);
    lock.try_lock().map_err(|err| format!("a contender: {err}"))?;
    lock.unlock().map_err(|err| format!("a contender's release: {err}"))
}

/// In the end there is neither file nor set.
fn contend_alone(path: &Path) -> Result<(), String> {
    contend(path)?;
    let sets = sets();
    if sets.is_empty() { Ok(()) } else { Err(format!("left behind: sets {sets:?}")) }
}

/// Key and number of all sets.
fn sets() -> Vec<(i32, i32)> {
    let table = fs::read_to_string("/proc/sysvipc/sem").expect("this kernel has semaphores");
    let set = |line: &str| {
        let mut numbers = line.split_whitespace().map(|word| word.parse().expect("a number"));
        (numbers.next().expect("a key"), numbers.next().expect("a number"))
    };
    table.lines().skip(1).map(set).collect()
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
fn remove(set: i32) {
    // SAFETY: takes integers only.
    unsafe { libc::semctl(set, 0, libc::IPC_RMID) };
}

fn remove_sets() {
    for (_, set) in sets() {
        remove(set);
    }
}

fn vacant(_: &Site) {
    remove_sets();
}

fn stale(site: &Site) {
    remove_sets();
    library::stale(site);
}

/// Another program has the first key of the path.
#[expect(unsafe_code, reason = "nix has no semaphores")]
fn first_key_taken(site: &Site) {
    remove_sets();
    let learn = || sets()[0].0;
    let key = lock(&site.path).with(learn).expect("nobody else is there");
    // SAFETY: takes integers only.
    unsafe { libc::semget(key, 1, libc::IPC_CREAT | 0o600) };
}

fn lock(path: &Path) -> Lockfile {
    Lockfile::new(path).backend(Semaphore)
}

/// One who holds from the start.
fn holding(actor: &Actor<'_>, mut lock: Lockfile) -> Lockfile {
    lock.try_lock().expect("nobody else is there yet");
    actor.board.enter(actor.number);
    lock
}

fn turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor.path);
    Box::new(move || try_turn(actor, &mut lock))
}

fn crash<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor.path);
    Box::new(move || {
        if lock.try_lock().is_ok() {
            actor.inside(|| raise(Signal::SIGKILL).expect("a process can kill itself"));
        }
    })
}

fn crash_inside<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let lock = holding(actor, lock(actor.path));
    Box::new(move || {
        lock.verify().expect("whoever is inside has a lockfile");
        raise(Signal::SIGKILL).expect("a process can kill itself");
    })
}

fn release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = holding(actor, lock(actor.path));
    Box::new(move || finish_turn(actor, &mut lock))
}

fn kept_release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = holding(actor, lock(actor.path).keep_file(true));
    Box::new(move || finish_turn(actor, &mut lock))
}

fn wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    wait_for(actor, lock(actor.path))
}

fn kept_wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    wait_for(actor, lock(actor.path).keep_file(true))
}

fn wait_for<'a>(actor: &'a Actor<'a>, mut lock: Lockfile) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        lock.lock().expect("whoever waits gets it");
        finish_turn(actor, &mut lock);
    })
}

fn status<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let lock = lock(actor.path);
    Box::new(move || drop(lock.status().expect("a lockfile can always be read")))
}

/// `ipcrm -s`, of the set that somebody holds.
fn remove_all<'a>(_: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let sets = sets();
    Box::new(move || sets.into_iter().for_each(|(_, set)| remove(set)))
}

fn free_first_key_and_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let (_, theirs) = sets()[0];
    let mut lock = lock(actor.path);
    Box::new(move || {
        remove(theirs);
        try_turn(actor, &mut lock);
    })
}
