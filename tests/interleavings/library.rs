//! The programs that use the library, and what it promises them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, raise};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, fork};
use tenure::{Error, Hardlink, Lockfile};

use super::program::{Actor, NO_PROCESS, Program, Rules, Script, Site};

pub const RULES: Rules = Rules {
    names_holder: true,
    tidy: true,
    somebody_enters: true,
    leaves_nothing: true,
    finds: false,
    held_outside: false,
    contend,
};

const KEPT: Rules = Rules { leaves_nothing: false, ..RULES };

/// The file is there already, and nothing in it says that this crate has made it.
const FOUND: Rules = Rules { finds: true, ..KEPT };

/// What a deletion by somebody who does not keep to the protocol leaves of the promises.
const ROGUE: Rules = Rules { names_holder: false, somebody_enters: false, ..RULES };

/// Whoever comes before the deletion meets a holder.
const ROBBED: Rules = Rules { somebody_enters: false, ..RULES };

/// Whoever removes a stale file has the lock for a moment, and whoever comes then is turned away.
const CLEANED: Rules = Rules { somebody_enters: false, ..RULES };

/// Nobody may get inside, nor the record be touched.
const HELD: Rules = Rules {
    somebody_enters: false,
    leaves_nothing: false,
    held_outside: true,
    contend: |path| match Lockfile::acquire(path) {
        Err(Error::Busy { .. }) => Ok(()),
        other => Err(format!("a contender that should be refused: {other:?}")),
    },
    ..RULES
};

/// A fresh contender gets the lock at once, and leaves nothing.
fn contend(path: &Path) -> Result<(), String> {
    let mut lock = Lockfile::acquire(path).map_err(|err| format!("a contender: {err}"))?;
    lock.unlock().map_err(|err| format!("a contender's release: {err}"))
}

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("two_acquire_and_release", vacant, &[turn, turn], RULES),
    program("one_acquires_and_crashes_while_one_acquires", vacant, &[crash, turn], RULES),
    program("two_recover_a_stale_record", stale, &[turn, turn], RULES),
    program("two_recover_an_empty_file", empty, &[turn, turn], FOUND),
    program("one_recovers_while_one_recovers_and_crashes", stale, &[turn, crash], RULES),
    program("one_releases_while_one_acquires", vacant, &[release, turn], RULES),
    program("one_releases_while_one_waits", vacant, &[release, wait], RULES),
    program("two_keep_the_file", vacant, &[kept_turn, kept_turn], KEPT),
    program("two_take_a_released_file", released, &[kept_turn, kept_turn], KEPT),
    program("one_releases_a_kept_file_while_one_waits", vacant, &[kept_release, kept_wait], KEPT),
    timed("one_releases_while_one_waits_with_a_limit", vacant, &[release, timed_wait], RULES),
    timed("one_releases_a_kept_file_while_one_waits_with_a_limit", vacant, &[kept_release, kept_timed_wait], KEPT),
    timed("one_crashes_while_one_waits_with_a_limit", vacant, &[crash_inside, timed_wait], RULES),
    timed("one_removes_its_pid_file_while_one_waits", vacant, &[remove_pid_file, wait], RULES),
    program("one_shares_while_one_acquires", vacant, &[shared_turn, turn], RULES),
    Program { slow: true, ..program("one_shares_while_one_recovers", stale, &[shared_turn, turn], RULES) },
    Program { slow: true, ..program("two_share_an_empty_file", empty, &[shared, shared], Rules { names_holder: false, somebody_enters: false, ..FOUND }) },
    program("one_keeps_the_file_and_one_does_not", released, &[kept_turn, turn], KEPT),
    program("one_removes_a_stale_file_while_one_acquires", stale, &[release_stale, turn], CLEANED),
    program("one_removes_a_stale_file_while_one_releases", vacant, &[release_stale, release], RULES),
    program("one_asks_for_the_status_while_one_acquires", vacant, &[status, sure_turn], RULES),
    program("one_asks_for_the_status_while_one_recovers", stale, &[status, sure_turn], RULES),
    program("one_asks_for_the_status_of_a_released_file", released, &[status, kept_sure_turn], KEPT),
    program("one_changes_its_message_while_one_looks", vacant, &[set_message, status], RULES),
    program("a_rogue_deletes_the_file_while_one_takes_a_turn", vacant, &[robbed_turn, rogue], ROGUE),
    program("a_newcomer_after_a_rogue_deletion", vacant, &[robbed_release, turn], ROBBED),
    program("two_find_a_holder_that_takes_no_kernel_lock", legacy, &[refused, refused], HELD),
    program("three_acquire_and_release", vacant, &[turn, turn, turn], RULES),
    program("three_recover_a_stale_record", stale, &[turn, turn, turn], RULES),
    program("one_releases_while_one_waits_and_one_acquires", vacant, &[release, wait, turn], RULES),
    program("one_releases_while_two_wait", vacant, &[release, wait, wait], RULES),
    timed("one_releases_while_two_wait_with_a_limit", vacant, &[release, timed_wait, timed_wait], RULES),
    timed("one_releases_while_two_wait_differently", vacant, &[release, wait, timed_wait], RULES),
    program("three_with_a_kept_file", released, &[kept_release, kept_turn, turn], KEPT),
    program("two_newcomers_after_a_rogue_deletion", vacant, &[forgetful_release, glance, glance], ROGUE),
    program("one_takes_two_turns_while_one_takes_one", vacant, &[two_turns, turn], RULES),
];

const fn program(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    Program { name, before, scripts, rules, linked: false, slow: false }
}

/// One that waits for events. The explorer does not read the record: that is to open and close the
/// file, which would wake whoever waits for that.
const fn timed(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    let rules = Rules { names_holder: false, ..rules };
    Program { name, before, scripts, rules, linked: false, slow: true }
}

pub fn vacant(_: &Site) {}

pub fn stale(site: &Site) {
    fs::write(&site.path, &site.stale).expect("it can be written");
}

pub fn released(site: &Site) {
    fs::write(&site.path, &site.released).expect("it can be written");
}

fn empty(site: &Site) {
    fs::write(&site.path, "").expect("it can be written");
}

/// The bare PID of a process that lives, and is not the explorer: the one that started it.
fn legacy(site: &Site) {
    fs::write(&site.path, format!("{}\n", std::os::unix::process::parent_id()))
        .expect("it can be written");
}

/// What a process that died while it held the lock left at `path`. Its PID is one that no process
/// has: the true one may be given to another while this is explored, which the library would see.
#[expect(unsafe_code, reason = "somebody has to die")]
pub fn stale_record(path: &Path) -> Vec<u8> {
    // SAFETY: the explorer has one thread.
    match unsafe { fork() }.expect("a process can be forked") {
        ForkResult::Child => {
            let _lock = Lockfile::acquire(path);
            raise(Signal::SIGKILL).expect("a process can kill itself");
            unreachable!("it is dead")
        }
        ForkResult::Parent { child } => {
            waitpid(child, None).expect("a child can be waited for");
            let record = fs::read_to_string(path).expect("it was left");
            let (pid, nobody) = (format!("\"pid\":{child},"), format!("\"pid\":{NO_PROCESS},"));
            assert!(record.contains(&pid), "{record}");
            record.replace(&pid, &nobody).into_bytes()
        }
    }
}

pub fn lock(actor: &Actor<'_>) -> Lockfile {
    let lock = Lockfile::new(actor.path);
    if actor.linked { lock.backend(Hardlink) } else { lock }
}

fn kept(actor: &Actor<'_>) -> Lockfile {
    lock(actor).keep_file(true)
}

/// A turn of one who may be refused.
pub fn try_turn(actor: &Actor<'_>, lock: &mut Lockfile) {
    match lock.try_lock() {
        Ok(()) => finish_turn(actor, lock),
        Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    }
}

pub fn finish_turn(actor: &Actor<'_>, lock: &mut Lockfile) {
    actor.inside(|| lock.verify().expect("whoever is inside has a lockfile"));
    lock.unlock().expect("whoever is inside can unlock");
}

pub fn turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || try_turn(actor, &mut lock))
}

pub fn kept_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = kept(actor);
    Box::new(move || try_turn(actor, &mut lock))
}

pub fn two_turns<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || {
        try_turn(actor, &mut lock);
        try_turn(actor, &mut lock);
    })
}

fn shared_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || match lock.try_lock_shared() {
        Ok(()) => finish_turn(actor, &mut lock),
        Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

/// A share, inside of which there may be others.
fn shared<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || match lock.try_lock_shared().and_then(|()| lock.unlock()) {
        Ok(()) | Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

/// A turn of the only contender: there is nobody to be refused for.
fn sure_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || {
        lock.try_lock().expect("nobody holds it");
        finish_turn(actor, &mut lock);
    })
}

fn kept_sure_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = kept(actor);
    Box::new(move || {
        lock.try_lock().expect("nobody holds it");
        finish_turn(actor, &mut lock);
    })
}

pub fn crash<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || match lock.try_lock() {
        Ok(()) => actor.inside(|| raise(Signal::SIGKILL).expect("a process can kill itself")),
        Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

/// One who holds from the start.
pub fn release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    actor.board.enter(actor.number);
    Box::new(move || finish_turn(actor, &mut lock))
}

pub fn kept_release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = kept(actor);
    lock.try_lock().expect("nobody else is there yet");
    actor.board.enter(actor.number);
    Box::new(move || finish_turn(actor, &mut lock))
}

pub fn wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || {
        lock.lock().expect("whoever waits gets it");
        finish_turn(actor, &mut lock);
    })
}

/// The clock stands still: what ends the wait has to be an event.
pub fn timed_wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    wait_for_events(actor, lock(actor))
}

pub fn kept_timed_wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    wait_for_events(actor, kept(actor))
}

fn wait_for_events<'a>(actor: &'a Actor<'a>, mut lock: Lockfile) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        lock.lock_timeout(Duration::from_secs(1_000_000)).expect("whoever waits gets it");
        finish_turn(actor, &mut lock);
    })
}

/// One who holds from the start, and dies so.
pub fn crash_inside<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    actor.board.enter(actor.number);
    Box::new(move || {
        lock.verify().expect("whoever is inside has a lockfile");
        raise(Signal::SIGKILL).expect("a process can kill itself");
    })
}

/// One who holds a PID file from the start, without a kernel lock.
#[expect(clippy::disallowed_methods, reason = "another program")]
fn remove_pid_file<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    fs::write(actor.path, format!("{}\n", std::process::id())).expect("it can be written");
    actor.board.enter(actor.number);
    Box::new(move || {
        // First: as soon as the file has gone, another may be inside.
        actor.board.leave(actor.number);
        fs::remove_file(actor.path).expect("it is there");
    })
}

fn kept_wait<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = kept(actor);
    Box::new(move || {
        lock.lock().expect("whoever waits gets it");
        finish_turn(actor, &mut lock);
    })
}

pub fn release_stale<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let lock = lock(actor);
    Box::new(move || match lock.release_stale() {
        Ok(_) | Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

pub fn status<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let lock = lock(actor);
    Box::new(move || drop(lock.status().expect("a lockfile can always be read")))
}

pub fn set_message<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    actor.board.enter(actor.number);
    Box::new(move || {
        lock.set_message("half way through").expect("whoever is inside can write");
        finish_turn(actor, &mut lock);
    })
}

fn refused<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || match lock.try_lock() {
        Ok(()) => actor.inside(|| lock.verify().expect("it is there")),
        Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}

/// Somebody who keeps to no protocol.
#[expect(clippy::disallowed_methods, reason = "a rogue")]
pub fn rogue<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let _ = fs::remove_file(actor.path);
    })
}

/// A turn during which the file may be deleted.
pub fn robbed_turn<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || {
        lock.try_lock().expect("nobody else wants it");
        let seen = actor.inside(|| lock.verify());
        assert_told(seen, lock.unlock());
    })
}

/// Whoever has seen that the file is gone is told so by `unlock` as well.
fn assert_told(seen: tenure::Result<()>, told: tenure::Result<()>) {
    match (seen, told) {
        (Ok(()), Ok(())) | (_, Err(Error::RogueDeletion { .. })) => {}
        (seen, told) => panic!("seen: {seen:?}, told: {told:?}"),
    }
}

/// One whose file was deleted while it held: it is inside no more, and does no harm.
#[expect(clippy::disallowed_methods, reason = "a rogue")]
pub fn forgetful_release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    Box::new(move || {
        fs::remove_file(actor.path).expect("it is there");
        let _ = lock.unlock();
    })
}

/// A turn that is about nothing but being the only one.
pub fn glance<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || {
        if lock.try_lock().is_ok() {
            let _ = actor.inside(|| lock.verify());
        }
        let _ = lock.unlock();
    })
}

/// One whose file was deleted, and who is told.
#[expect(clippy::disallowed_methods, reason = "a rogue")]
pub fn robbed_release<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    Box::new(move || {
        fs::remove_file(actor.path).expect("it is there");
        let told = lock.unlock();
        assert!(matches!(told, Err(Error::RogueDeletion { .. })), "{told:?}");
    })
}
