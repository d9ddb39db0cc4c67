//! A backend of one's own: the lock underneath is whatever the caller says.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use tenure::{
    Admission, Backend, Callback, Content, Error, Lockfile, Queue, Scope, State, Verdict, Why,
};

/// Admits one to each path, in this process.
#[derive(Clone, Debug, Default)]
struct Room {
    inside: Arc<(Mutex<Vec<PathBuf>>, Condvar)>,
}

impl Backend for Room {
    fn name(&self) -> &'static str {
        "room"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn try_lock(&self, _file: &File, path: &Path) -> io::Result<Admission> {
        let mut inside = self.inside.0.lock().unwrap();
        if inside.iter().any(|taken| taken == path) {
            return Ok(Admission::Refused);
        }
        inside.push(path.to_owned());
        Ok(Admission::Locked)
    }

    fn scope(&self) -> Scope {
        Scope::Process
    }

    fn queue(&self) -> Queue {
        Queue::Endless
    }

    fn wait(&self, _file: &File, path: &Path, _until: Option<Instant>) -> io::Result<bool> {
        let (inside, left) = &*self.inside;
        let free = |inside: &mut Vec<PathBuf>| inside.iter().any(|taken| taken == path);
        left.wait_while(inside.lock().unwrap(), free).unwrap().push(path.to_owned());
        Ok(true)
    }

    fn look(&self, _file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let inside = self.inside.0.lock().unwrap();
        let free = !inside.iter().any(|taken| taken == path);
        if free {
            look();
        }
        Ok(free)
    }

    fn release(&self, _file: &File, path: &Path) -> io::Result<()> {
        self.inside.0.lock().unwrap().retain(|taken| taken != path);
        self.inside.1.notify_all();
        Ok(())
    }
}

#[test]
fn the_backend_decides_who_is_admitted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.lock");
    let room = Room::default();
    let mut first = Lockfile::new(&path).backend(room.clone());
    let mut second = first.clone();
    first.try_lock().unwrap();
    assert!(second.try_lock().unwrap_err().is_busy());
    assert_eq!(second.status().unwrap().state(), State::Held);

    let waiter = std::thread::spawn(move || {
        second.lock().unwrap();
        second.verify().unwrap();
        second
    });
    first.unlock().unwrap();
    let second = waiter.join().unwrap();
    assert!(first.try_lock().unwrap_err().is_busy());
    drop(second);
    assert!(room.inside.0.lock().unwrap().is_empty());
    assert!(!path.exists());
}

#[test]
fn a_record_says_which_backend_admitted_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.lock");
    let mut lock = Lockfile::new(&path).backend(Room::default());
    lock.try_lock().unwrap();
    let content = Content::parse(&std::fs::read(&path).unwrap());
    let Content::Record(record) = content else { panic!("{content:?}") };
    assert_eq!(record.backend.as_deref(), Some("room"));
}

/// The record says that its holder is dead; but nobody can break what the closures have.
#[test]
fn a_lock_that_outlives_its_holder_is_busy_until_it_is_let_go_of() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lease.lock");
    let let_go = Arc::new(AtomicBool::new(true));
    let free = Arc::clone(&let_go);
    let lease = Callback::new("lease", move |_| Ok(free.load(Ordering::Relaxed)), |_| Ok(()));
    let mut lock = Lockfile::new(&path).backend(lease);
    lock.try_lock().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    lock.unlock().unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
    record["pid"] = 4_194_304_u32.into();
    std::fs::write(&path, record.to_string()).unwrap();
    let_go.store(false, Ordering::Relaxed);
    match lock.try_lock() {
        Err(Error::Busy { holder: Some(holder), .. }) => {
            // That its process is gone is known where the record names a boot and a PID namespace.
            let outlived = Verdict::Unproven(Why::Outlived);
            let expected = if cfg!(target_os = "linux") { outlived } else { Verdict::Live };
            assert_eq!(holder.verdict(), expected);
        }
        other => panic!("{other:?}"),
    }
    let_go.store(true, Ordering::Relaxed);
    lock.try_lock().unwrap();
    assert!(lock.was_abandoned());
}

/// Somebody else may still be kept out by it.
#[test]
fn a_release_that_fails_is_told_and_can_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lease.lock");
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let release = move |_: &Path| {
        let fails = failing.swap(false, Ordering::Relaxed);
        if fails { Err(io::Error::other("the server is away")) } else { Ok(()) }
    };
    let mut lock = Lockfile::new(&path).backend(Callback::new("lease", |_| Ok(true), release));
    lock.try_lock().unwrap();
    assert!(matches!(lock.unlock(), Err(Error::Io { .. })));
    assert!(lock.is_held() && !path.exists());
    lock.unlock().unwrap();
    assert!(!lock.is_held() && !fails.load(Ordering::Relaxed));
}

#[test]
fn a_live_holder_of_another_backend_is_busy_though_the_kernel_lock_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.lock");
    let mut lock = Lockfile::new(&path).backend(Room::default());
    lock.try_lock().unwrap();
    match Lockfile::acquire(&path) {
        Err(Error::Busy { holder: Some(holder), .. }) => {
            assert_eq!(holder.verdict(), Verdict::Live);
        }
        other => panic!("{other:?}"),
    }
    lock.verify().unwrap();
}
