//! `unlock` and `unlock_exn`: by path, from whatever process, if the holder is dead.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tenure::{Error, Verdict, Why};

use super::{BACKENDS, holding, lockfile};
use crate::support::place;

/// Makes the record at `path` that of a holder on another host.
fn move_elsewhere(path: &Path) {
    let mut record: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    record["host"] = "elsewhere.invalid".into();
    record["boot_id"] = "6a5e0fb2-0000-4000-8000-000000000000".into();
    record["machine"] = "0000000000000000".into();
    fs::write(path, record.to_string()).unwrap();
}

/// Theirs unlocks what has this process's PID, whichever part of the program asks. Here the value
/// that has locked unlocks, so that no other part can by mistake.
#[test]
fn only_the_value_that_has_locked_unlocks_what_its_process_holds() {
    for backend in BACKENDS {
        let place = place();
        let mut lock = lockfile(&place.path, backend);
        lock.try_lock().unwrap();
        let mut other = lockfile(&place.path, backend);
        assert!(matches!(other.unlock(), Err(Error::NotHeld { .. })));
        assert!(matches!(other.release_stale(), Err(Error::Busy { .. })), "{backend}");
        lock.unlock().unwrap();
        assert!(place.names().is_empty());
    }
}

/// It unlocks, too, where no process of this host has the PID.
#[test]
fn another_process_unlocks_for_a_dead_one() {
    for backend in BACKENDS {
        let place = place();
        holding(&place.path, backend).crash();
        let lock = lockfile(&place.path, backend);
        assert!(lock.release_stale().unwrap());
        assert!(place.names().is_empty(), "{backend}: {:?}", place.names());
        assert!(!lock.release_stale().unwrap(), "there is nothing left to unlock");
    }
}

/// It refuses where the holder is alive, on this host.
#[test]
fn another_process_does_not_unlock_for_a_living_one() {
    for backend in BACKENDS {
        let place = place();
        let mut holder = holding(&place.path, backend);
        let err = lockfile(&place.path, backend).release_stale().unwrap_err();
        assert!(matches!(err, Error::Busy { .. }), "{backend}: {err:?}");
        assert_eq!(err.holder().unwrap().pid(), holder.pid());
        assert_eq!(holder.ask("verify"), "ok");
    }
}

/// It refuses where the holder is another host's, whose PIDs say nothing here.
#[test]
fn nobody_unlocks_for_a_process_on_a_different_host() {
    for backend in BACKENDS {
        let place = place();
        holding(&place.path, backend).crash();
        move_elsewhere(&place.path);
        let mut lock = lockfile(&place.path, backend);
        for err in [lock.release_stale().unwrap_err(), lock.try_lock().unwrap_err()] {
            assert!(matches!(err, Error::Busy { .. }), "{err:?}");
            let holder = err.holder().unwrap();
            assert_eq!(holder.host(), Some("elsewhere.invalid"));
            assert_eq!(holder.verdict(), Verdict::Unproven(Why::ForeignHost));
            assert!(err.to_string().contains("look on its host"), "{err}");
        }
        assert_eq!(place.names(), ["test.lock"]);
    }
}
