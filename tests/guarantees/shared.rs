//! Whether many can share the lock.

use tenure::Error;

use crate::ground::Kind;

fn cannot_be_shared(kind: Kind) {
    let ground = kind.ground();
    let err = ground.lockfile().try_lock_shared().unwrap_err();
    assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
    assert!(!ground.path().exists());
    let mut alone = ground.lockfile();
    alone.try_lock().unwrap();
    let err = ground.lockfile().lock_shared().unwrap_err();
    assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
    alone.verify().unwrap();
}

#[test]
fn flock_can_be_shared() {
    let ground = Kind::Flock.ground();
    let mut readers = [ground.peer(), ground.peer()];
    for reader in &mut readers {
        assert_eq!(reader.ask("try_lock_shared"), "ok");
    }
    assert!(ground.lockfile().try_lock().unwrap_err().is_busy());
    for reader in &mut readers {
        assert_eq!(reader.ask("unlock"), "ok");
    }
    let mut alone = ground.lockfile();
    alone.try_lock().unwrap();
    assert!(readers[0].ask("try_lock_shared").starts_with("Busy: "));
}

#[test]
fn semaphore_cannot_be_shared() {
    cannot_be_shared(Kind::Semaphore);
}

#[test]
fn posix_semaphore_cannot_be_shared() {
    cannot_be_shared(Kind::PosixSemaphore);
}

#[test]
fn hardlink_cannot_be_shared() {
    cannot_be_shared(Kind::Hardlink);
}

#[test]
fn memory_cannot_be_shared() {
    cannot_be_shared(Kind::Memory);
}

#[test]
fn callback_cannot_be_shared() {
    cannot_be_shared(Kind::Callback);
}
