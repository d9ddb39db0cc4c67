//! What is at the path: made once, by one, and left alone if it is not ours.

#![expect(clippy::disallowed_methods, reason = "what is removed here is no lockfile")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::Mode;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Pid, geteuid, mkfifo};
use tenure::{Error, Lock, Op, RobustMutex};

use crate::support::elsewhere::{elsewhere, run, tell};
use crate::support::{Peer, place};
use crate::{holding, opened, start};

fn refused(path: &Path) -> Error {
    RobustMutex::open(path).unwrap_err()
}

fn alone(path: &Path) -> Flock<File> {
    Flock::lock(File::open(path).unwrap(), FlockArg::LockExclusiveNonblock).unwrap()
}

#[test]
fn it_is_for_its_owner_alone() {
    let place = place();
    let lock = RobustMutex::open(&place.path).unwrap();
    let mode = fs::metadata(lock.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn another_file_is_refused_and_left_as_it_is() {
    let place = place();
    let long = "x".repeat(4096);
    let mut old = b"tenure robust mutex 0\n".to_vec();
    old.resize(4096, 0);
    let files: [&[u8]; 6] =
        [b"4242\n", b"{\"version\":1,\"pid\":4242}", b"\x7fELF", long.as_bytes(), &[0; 4097], &old];
    for content in files {
        fs::write(&place.path, content).unwrap();
        // Its program may have locked it, for ever.
        let locked = alone(&place.path);
        let refused = refused(&place.path);
        assert!(matches!(refused, Error::InvalidPid { .. }), "{refused:?}");
        assert!(refused.to_string().contains("test.lock"), "{refused}");
        assert_eq!(fs::read(&place.path).unwrap(), content);
        drop(locked);
    }
}

#[test]
fn a_file_that_was_cut_short_is_refused() {
    let place = place();
    drop(RobustMutex::open(&place.path).unwrap());
    File::options().write(true).open(&place.path).unwrap().set_len(1000).unwrap();
    let refused = refused(&place.path);
    assert!(matches!(refused, Error::InvalidPid { .. }), "{refused:?}");
}

#[test]
fn what_is_no_file_is_refused_and_links_are_not_followed() {
    let place = place();
    let target = place.dir().join("target");
    for exists in [false, true] {
        symlink(&target, &place.path).unwrap();
        let refused = refused(&place.path);
        assert!(
            matches!(refused, Error::NotALockfile { kind: "a symbolic link", .. }),
            "{refused:?}"
        );
        assert_eq!(target.exists(), exists);
        fs::write(&target, "").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
        std::fs::remove_file(&place.path).unwrap();
    }
    mkfifo(&place.path, Mode::S_IRWXU).unwrap();
    assert!(matches!(refused(&place.path), Error::NotALockfile { kind: "a FIFO", .. }));
    assert!(matches!(refused(place.dir()), Error::NotALockfile { kind: "a directory", .. }));
    let nowhere = refused(&place.dir().join("nowhere/lock"));
    assert!(matches!(nowhere, Error::Io { op: Op::Create, .. }), "{nowhere:?}");
}

#[test]
fn what_others_may_write_to_is_refused() {
    let place = place();
    drop(RobustMutex::open(&place.path).unwrap());
    for (mode, admitted) in [(0o620, false), (0o602, false), (0o644, true)] {
        fs::set_permissions(&place.path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(RobustMutex::open(&place.path).is_ok(), admitted, "{mode:o}");
    }
    if !geteuid().is_root() {
        tell("NOT RUN: a part of what_others_may_write_to_is_refused: this is not root");
        return;
    }
    chown(&place.path, Some(65534), None).unwrap();
    let refused = refused(&place.path);
    assert!(matches!(refused, Error::InvalidPid { .. }), "{refused:?}");
}

#[test]
fn however_many_open_it_first_they_get_one() {
    let place = place();
    let mut peers: Vec<_> = (0..6).map(|_| start(&place.path)).collect();
    for round in 0..40 {
        let path = place.dir().join(round.to_string());
        for peer in &mut peers {
            peer.tell(&format!("open_at {}", path.display()));
            peer.tell("try_lock");
        }
        let answers: Vec<_> =
            peers.iter_mut().map(|peer| (peer.answer(), peer.answer()).1).collect();
        let admitted = answers.iter().filter(|answer| *answer == "ok").count();
        assert_eq!(admitted, 1, "{answers:?}");
    }
}

#[test]
fn nobody_uses_what_somebody_is_making() {
    let place = place();
    for begun in ["", "tenure robust mutex 1\n"] {
        let mut content = begun.as_bytes().to_vec();
        content.resize(if begun.is_empty() { 0 } else { 4096 }, 0);
        fs::write(&place.path, content).unwrap();
        fs::set_permissions(&place.path, Permissions::from_mode(0o600)).unwrap();
        let maker = alone(&place.path);
        let mut peer = start(&place.path);
        peer.tell("open");
        peer.wait_until_queued();
        assert!(!peer.has_answered());
        // It dies before it has made it.
        drop(maker);
        assert_eq!(peer.answer(), "ok");
        assert_eq!(peer.ask("try_lock"), "ok");
        let mut lock = RobustMutex::open(&place.path).unwrap();
        assert!(lock.try_lock().unwrap_err().is_busy());
    }
}

#[test]
fn one_that_was_removed_before_it_was_locked_is_not_used() {
    let place = place();
    assert_eq!(opened(&place.path).ask("close"), "ok");
    let maker = alone(&place.path);
    let mut peer = start(&place.path);
    peer.tell("open");
    peer.wait_until_queued();
    std::fs::remove_file(&place.path).unwrap();
    drop(maker);
    assert_eq!(peer.answer(), "ok");
    assert_eq!(peer.ask("try_lock"), "ok");
    assert!(RobustMutex::open(&place.path).unwrap().try_lock().unwrap_err().is_busy());
}

#[test]
fn one_that_is_in_use_stays_what_it_is() {
    let place = place();
    let _user = opened(&place.path);
    let before = fs::read(&place.path).unwrap();
    drop(RobustMutex::open(&place.path).unwrap());
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn a_copy_is_another_mutex() {
    let place = place();
    let _holder = holding(&place.path);
    let copy = place.dir().join("copy");
    fs::copy(&place.path, &copy).unwrap();
    let mut lock = RobustMutex::open(&copy).unwrap();
    lock.try_lock().unwrap();
    assert!(lock.was_abandoned(), "as far as the copy can tell");
}

#[test]
fn who_dies_while_making_it_leaves_it_to_the_next() {
    let place = place();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&place.path);
    // The second write is that of the frame: by then the mutex is made.
    strace.args(["-e", "trace=pwrite64", "-e", "inject=pwrite64:signal=KILL:when=2"]);
    elsewhere("unshare -m", &["strace"], || {
        let mut peer = Peer::through(strace, &place.path, "robust-mutex");
        peer.tell("open");
        let died = Id::Pid(Pid::from_raw(i32::try_from(peer.pid()).unwrap()));
        waitid(died, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
        let left = fs::read(&place.path).unwrap();
        assert!(
            left.starts_with(b"tenure robust mutex 1\n\0") && left[512..].iter().any(|b| *b > 0)
        );
        let mut lock = RobustMutex::open(&place.path).unwrap();
        lock.try_lock().unwrap();
        assert!(!lock.was_abandoned());
    });
}

#[test]
fn a_file_system_that_is_not_known_to_be_local_is_refused() {
    elsewhere("unshare -mi", &["mount"], || {
        let place = place();
        run("mount", ["-t", "mqueue", "none", place.dir().to_str().unwrap()]);
        let refused = refused(&place.path);
        assert!(matches!(refused, Error::Unsupported { .. }), "{refused:?}");
        assert!(refused.to_string().contains("/dev/shm"), "{refused}");
    });
}
