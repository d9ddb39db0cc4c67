//! Sharing a lock: many readers, or one who has it alone.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg_attr(not(target_os = "linux"), path = "support/portable.rs")]
mod support;

use std::fs;
use std::time::Duration;

use support::{Peer, place};
use tenure::{Content, Error, Lockfile, Memory, Record, State};

fn sharing(path: &std::path::Path, options: &str) -> Peer {
    let mut peer = Peer::with(path, options);
    assert_eq!(peer.ask("try_lock_shared"), "ok");
    peer
}

fn record(path: &std::path::Path) -> Record {
    match Content::parse(&fs::read(path).unwrap()) {
        Content::Record(record) => *record,
        content => panic!("{content:?}"),
    }
}

#[test]
fn many_share_it_or_one_has_it_alone() {
    let place = place();
    let mut first = sharing(&place.path, "");
    let mut second = sharing(&place.path, "");
    let busy = Lockfile::acquire(&place.path).unwrap_err();
    assert_eq!(busy.holder().unwrap().pid(), first.pid(), "{busy}");
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Held);
    assert_eq!(first.ask("unlock"), "ok");
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    assert_eq!(second.ask("verify"), "ok");
    assert_eq!(second.ask("unlock"), "ok");
    assert!(place.names().is_empty(), "the last removes it");

    let mut alone = Peer::holding(&place.path);
    let answer = first.ask("try_lock_shared");
    assert!(answer.starts_with("Busy: "), "{answer}");
    assert_eq!(alone.ask("unlock"), "ok");
    assert_eq!(first.ask("try_lock_shared"), "ok");
}

#[test]
fn the_record_of_one_who_shares_is_not_overwritten() {
    let place = place();
    let mut first = sharing(&place.path, "message=first");
    let mut second = sharing(&place.path, "message=second");
    let named = record(&place.path);
    assert_eq!((named.pid, named.shared), (first.pid(), true));
    assert_eq!(second.ask("set_message third"), "ok");
    assert_eq!(record(&place.path), named);
    assert_eq!(second.ask("unlock"), "ok");
    assert_eq!(record(&place.path), named);
    assert_eq!(first.ask("verify"), "ok");

    // When the one who was named has gone, the next who comes is.
    let mut second = sharing(&place.path, "");
    assert_eq!(first.ask("unlock"), "ok");
    assert!(record(&place.path).released_at.is_some());
    let mut third = sharing(&place.path, "");
    assert_eq!(record(&place.path).pid, third.pid());
    for peer in [&mut second, &mut third] {
        assert_eq!(peer.ask("unlock"), "ok");
    }
    assert!(place.names().is_empty());
}

#[test]
fn one_process_shares_with_itself() {
    let place = place();
    let mut first = Lockfile::new(&place.path);
    let mut second = first.clone();
    first.try_lock_shared().unwrap();
    second.try_lock_shared().unwrap();
    assert!(first.record().is_some() && second.record().is_none());
    assert!(matches!(first.clone().lock(), Err(Error::Deadlock { .. })));
    assert!(matches!(first.try_lock_shared(), Err(Error::AlreadyHeld { .. })));
    drop(first);
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    drop(second);
    assert!(place.names().is_empty());
}

#[test]
fn the_death_of_one_leaves_the_others_theirs() {
    let place = place();
    let mut first = sharing(&place.path, "");
    let second = sharing(&place.path, "");
    let dead = second.crash();
    assert_ne!(dead, first.pid());
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    let third = sharing(&place.path, "");
    let named = first.pid();
    first.kill();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    third.crash();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), named);
    assert!(lock.was_abandoned());
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_wants_it_alone_waits_for_all_who_share_it() {
    for command in ["lock", "lock_timeout 1000000"] {
        let place = place();
        let (mut first, mut second) = (sharing(&place.path, ""), sharing(&place.path, ""));
        let mut alone = Peer::start(&place.path);
        alone.tell(command);
        match command {
            "lock" => alone.wait_until_queued(),
            _ => alone.wait_until_in(nix::libc::SYS_ppoll),
        }
        assert_eq!(first.ask("unlock"), "ok");
        assert!(!alone.has_answered());
        assert_eq!(second.ask("unlock"), "ok");
        assert_eq!(alone.answer(), "ok");
        let mut reader = Peer::start(&place.path);
        reader.tell("lock_shared");
        reader.wait_until_queued();
        assert_eq!(alone.ask("unlock"), "ok");
        assert_eq!(reader.answer(), "ok");
        assert_eq!(reader.ask("unlock"), "ok");
        assert!(place.names().is_empty(), "{command}: {:?}", place.names());
    }
}

#[test]
fn a_limit_ends_the_wait_to_share() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let mut lock = Lockfile::new(&place.path);
    let late = lock.lock_shared_timeout(Duration::from_millis(5)).unwrap_err();
    assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
    assert_eq!(late.holder().unwrap().pid(), holder.pid());
    holder.crash();
    lock.lock_shared_timeout(Duration::from_secs(1000)).unwrap();
    assert!(lock.recovered_from().is_some(), "the one who is named says whom it recovered from");
}

#[test]
fn a_file_that_is_kept_stays_with_the_last_release_in_it() {
    let place = place();
    let (mut first, mut second) = (sharing(&place.path, "keep"), sharing(&place.path, "keep"));
    assert_eq!(first.ask("unlock"), "ok");
    assert_eq!(second.ask("unlock"), "ok");
    assert!(record(&place.path).released_at.is_some());
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Free);
}

#[cfg(target_os = "linux")]
#[test]
fn flock_shares_with_those_who_share() {
    use std::process::{Command, Stdio};

    let place = place();
    let mut reader = sharing(&place.path, "");
    let flock = |mode: &str| {
        let mut flock = Command::new("flock");
        flock.args([mode, "-n", place.path.to_str().unwrap(), "true"]);
        flock.stdout(Stdio::null()).status().unwrap().success()
    };
    assert!(flock("-s"));
    assert!(!flock("-x"));
    assert_eq!(reader.ask("unlock"), "ok");
}

#[test]
fn a_live_pid_file_is_not_shared() {
    let place = place();
    let other = Peer::start(&place.dir().join("other"));
    fs::write(&place.path, format!("{}\n", other.pid())).unwrap();
    let mut lock = Lockfile::new(&place.path);
    assert_eq!(lock.try_lock_shared().unwrap_err().holder().unwrap().pid(), other.pid());
    other.crash();
    lock.try_lock_shared().unwrap();
}

#[test]
fn what_cannot_be_shared_says_so() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).backend(Memory::new());
    let err = lock.try_lock_shared().unwrap_err();
    assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
    assert!(place.names().is_empty());
}

/// Readers, a writer, and something that only holds while nobody writes.
#[test]
fn nobody_writes_while_somebody_reads() {
    let place = place();
    let data = place.dir().join("data");
    fs::write(&data, "0 0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut lock = Lockfile::new(&place.path);
                for _ in 0..200 {
                    lock.lock_shared().unwrap();
                    let text = fs::read_to_string(&data).unwrap();
                    let (one, other) = text.split_once(' ').unwrap();
                    assert_eq!(one, other);
                    lock.unlock().unwrap();
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let mut lock = Lockfile::new(&place.path);
                for number in 0..100 {
                    lock.lock().unwrap();
                    fs::write(&data, format!("{number} ")).unwrap();
                    fs::write(&data, format!("{number} {number}")).unwrap();
                    lock.unlock().unwrap();
                }
            });
        }
    });
    assert_eq!(place.names(), ["data"]);
}
