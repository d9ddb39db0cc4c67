//! simplelock, a trait `Lock` with functions around it, over several mechanisms: `fake`, `file`,
//! `sema`, and those that it means to have later, `smem` and `callback`. Its locks over HTTP are
//! left out: those can be lost while they are held.
//!
//! There, features choose the mechanism, and without any there is none. Here all are there, and
//! flock(2) on a file is the default, so that no build is without one.

#[path = "simplelock/mechanisms.rs"]
mod mechanisms;

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use tenure::{
    Callback, Error, Lock, Lockfile, MemoryLock, Result, State, Status, default_lock,
    lock_until_finished,
};

use crate::scene::{Daemon, assert_free};
use crate::support::{NO_PROCESS, Peer, place};

/// A name for the default lock of this test alone.
fn my_app(test: &str) -> String {
    format!("tenure-simplelock-{test}-{}", std::process::id())
}

/// Its example: a default lock, a section, and what that returns.
#[test]
fn the_example_of_its_documentation_runs() {
    fn main(my_app_name: &str) -> Result<()> {
        let mut lock = default_lock(my_app_name)?;
        let result = lock_until_finished(&mut lock, || 2 + 2)?;
        assert_eq!(result, 4);
        Ok(())
    }
    main(&my_app("example")).unwrap();
}

/// The default lock of a name is one lock, for every process that knows the name.
#[test]
fn the_default_lock_of_a_name_is_one_for_all_processes() {
    let name = my_app("default");
    let mut lock = default_lock(&name).unwrap();
    let path = lock.status().unwrap().path().to_owned();
    lock_until_finished(&mut lock, || {
        let mut other = Peer::start(&path);
        assert!(other.ask("try_lock").starts_with("Busy: "));
        assert!(default_lock(&name).unwrap().try_lock().unwrap_err().is_busy());
    })
    .unwrap();
    assert_free(&path);
}

/// `default_lock` returns an error where there can be no lock.
#[test]
fn a_name_that_cannot_be_a_lock_is_an_error() {
    for name in ["", "my/app", "my\\app", "my\0app"] {
        assert!(matches!(default_lock(name), Err(Error::InvalidName { .. })), "{name:?}");
    }
}

/// `fake`: a flag, for the tests of those who use locks.
#[test]
fn a_fake_lock_is_a_flag_that_tests_can_set() {
    let (mut lock, mut other) = (MemoryLock::new("fake"), MemoryLock::new("fake"));
    assert!(!lock.is_held());
    lock.lock().unwrap();
    assert!(lock.is_held());
    assert!(other.try_lock().unwrap_err().is_busy());
    assert!(matches!(other.lock_timeout(Duration::ZERO), Err(Error::Timeout { .. })));
    assert_eq!(other.status().unwrap().state(), State::Held);
    lock.unlock().unwrap();
    assert_eq!(lock_until_finished(&mut other, || 7).unwrap(), 7);
    assert_eq!(lock.status().unwrap().state(), State::Free);
}

/// `callback`: the caller's own, such as a server's. Here a directory, which one alone can make,
/// plays that server.
fn directory_at(server: &Path) -> Callback {
    let (make, remove) = (server.to_owned(), server.to_owned());
    Callback::new(
        "directory",
        move |_| match fs::create_dir(&make) {
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            result => result.map(|()| true),
        },
        move |_| fs::remove_dir(&remove),
    )
}

#[test]
fn a_callback_decides_who_is_admitted() {
    let place = place();
    let server = place.dir().join("server");
    let mut one = Lockfile::new(&place.path).backend(directory_at(&server));
    let mut other = one.clone();
    one.lock().unwrap();
    assert!(server.is_dir());
    assert!(other.try_lock().unwrap_err().is_busy());
    one.unlock().unwrap();
    assert!(!server.exists());

    // Somebody who has no part in the lockfile.
    fs::create_dir(&server).unwrap();
    let busy = other.try_lock().unwrap_err();
    assert!(matches!(busy, Error::Busy { holder: None, .. }), "{busy:?}");
    fs::remove_dir(&server).unwrap();
    other.try_lock().unwrap();
}

/// `LockBuilder` makes of a concrete lock one that has all settings. Here a lockfile does that to a
/// backend.
#[test]
fn a_concrete_lock_gets_all_that_a_lockfile_has() {
    let place = place();
    let concrete = directory_at(&place.dir().join("server"));
    let mut lock =
        Lockfile::new(&place.path).backend(concrete).message("wrapped").mode(0o600).keep_file(true);
    let mut other = lock.clone();
    lock.lock_timeout(Duration::MAX).unwrap();
    // By another thread, because this one would wait for itself.
    let waiting = || other.lock_timeout(Duration::from_millis(1));
    let late = std::thread::scope(|scope| scope.spawn(waiting).join().unwrap());
    assert!(matches!(late, Err(Error::Timeout { .. })), "{late:?}");
    assert_eq!(other.holder().unwrap().unwrap().message(), Some("wrapped"));
    lock.unlock().unwrap();
    let status = other.status().unwrap();
    assert_eq!(status.state(), State::Free);
    assert_eq!(status.holder().unwrap().pid(), std::process::id(), "it was the last");
    assert_eq!(other.with(|| 7).unwrap(), 7);
}

/// A lock of one's own: the trait is for everybody to implement.
#[derive(Default)]
struct HandRolled {
    held: bool,
    log: Vec<&'static str>,
}

impl Lock for HandRolled {
    fn try_lock(&mut self) -> Result<()> {
        if self.held {
            return Err(Error::Busy { path: "hand-rolled".into(), holder: None, obstacle: None });
        }
        self.log.push("locked");
        self.held = true;
        Ok(())
    }

    fn lock(&mut self) -> Result<()> {
        self.try_lock()
    }

    fn lock_timeout(&mut self, _limit: Duration) -> Result<()> {
        self.try_lock()
    }

    fn unlock(&mut self) -> Result<()> {
        self.log.push("unlocked");
        self.held = false;
        Ok(())
    }

    fn is_held(&self) -> bool {
        self.held
    }

    fn was_abandoned(&self) -> bool {
        false
    }

    fn status(&self) -> Result<Status> {
        let state = if self.held { State::Held } else { State::Free };
        Ok(Status::new("hand-rolled", state, None))
    }
}

#[test]
fn a_hand_rolled_lock_is_used_like_any_other() {
    let mut lock = HandRolled::default();
    assert_eq!(lock_until_finished(&mut lock, || 7).unwrap(), 7);
    assert_eq!(lock.log, ["locked", "unlocked"]);

    let mut lock: Box<dyn Lock> = Box::new(lock);
    lock.try_lock().unwrap();
    assert!(lock.try_lock().unwrap_err().is_busy());
    assert_eq!(lock.status().unwrap().state(), State::Held);
}

/// A file that simplelock has written is understood: the living keep us out, the dead do not.
#[test]
fn a_lock_of_theirs_is_understood() {
    let place = place();
    let theirs = |pid: u32| {
        fs::write(&place.path, format!(r#"{{"pid":{pid},"uid":0}}"#)).unwrap();
    };
    let living = Daemon::start();
    theirs(living.pid());
    let busy = Lockfile::acquire(&place.path).unwrap_err();
    assert!(matches!(busy, Error::Busy { .. }), "{busy:?}");
    assert_eq!(busy.holder().unwrap().pid(), living.pid());
    theirs(NO_PROCESS);
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), NO_PROCESS);
}
