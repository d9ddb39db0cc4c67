//! The programs in which a holder puts back a lockfile that somebody removed.

use std::fs::{self, File};

use nix::fcntl::{Flock, FlockArg};
use tenure::{Error, Hardlink, Lockfile};

use super::library::{RULES, lock, turn, vacant};
use super::program::{Actor, Program, Rules, Script, Site};

/// While it is put back there is a draft beside it, which a kill leaves. Whoever finds another in his
/// place has lost the lock.
const RESTORED: Rules = Rules { tidy: false, ..RULES };

/// The same of a name: who comes afterwards is of the same backend.
const RELINKED: Rules = Rules {
    contend: |path| {
        let mut lock = Lockfile::new(path).backend(Hardlink);
        lock.try_lock().map_err(|err| format!("a contender: {err}"))?;
        lock.unlock().map_err(|err| format!("a contender's release: {err}"))
    },
    ..RESTORED
};

/// Who takes the lock on the file and nothing more, writes nothing.
const FLOCKED: Rules = Rules { names_holder: false, ..RESTORED };

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("one_puts_its_lockfile_back_while_one_acquires", vacant, &[restore, turn], false),
    Program { rules: RELINKED, ..program("one_puts_its_link_back_while_one_links", vacant, &[restore, turn], true) },
    Program { rules: FLOCKED, ..program("one_puts_its_lockfile_back_while_one_calls_flock", vacant, &[restore, call_flock], false) },
];

const fn program(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    linked: bool,
) -> Program {
    Program { name, before, scripts, rules: RESTORED, linked, slow: false }
}

/// One whose file was deleted, and who puts it back unless another was admitted.
#[expect(clippy::disallowed_methods, reason = "a rogue")]
fn restore<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    lock.try_lock().expect("nobody else is there yet");
    fs::remove_file(actor.path).expect("it is there");
    Box::new(move || match lock.restore() {
        Ok(()) => {
            actor.inside(|| lock.verify().expect("it is there again"));
            lock.unlock().expect("it is there still");
        }
        Err(Error::RogueDeletion { replaced: true, .. }) => {
            let told = lock.unlock();
            assert!(matches!(told, Err(Error::RogueDeletion { .. })), "{told:?}");
        }
        Err(err) => panic!("{err}"),
    })
}

/// One who keeps to flock(2), and does not care for records.
fn call_flock<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let Ok(file) = File::options().read(true).write(true).open(actor.path) else { return };
        if let Ok(lock) = Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            actor.inside(|| lock.metadata().expect("it is open"));
        }
    })
}
