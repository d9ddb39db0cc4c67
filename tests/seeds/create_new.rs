//! A struct `LockFile` around `OpenOptions::create_new`, which is the simple way; and what its
//! model, `CreateLockFile` of `PostgreSQL`, does besides, because it has to recover after failures.
//!
//! The struct logs what it does. Here that is the caller's, who is told all of it: `record`,
//! `recovered_from`, and the errors.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::parent_id;
use std::panic::catch_unwind;
use std::path::Path;

use tenure::{Content, Error, Format, Lockfile, State, Verdict, Why};

use crate::scene::{assert_free, remove, replace};
use crate::support::{Peer, leave_stale, place};

/// `O_CREAT | O_EXCL`: the file is created by one.
#[test]
fn only_the_one_that_creates_the_file_succeeds() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert!(matches!(Lockfile::acquire(&place.path), Err(Error::Busy { .. })));
    lock.verify().unwrap();
}

/// The same among processes that all come at once.
#[test]
fn of_many_processes_that_come_at_once_one_succeeds() {
    let place = place();
    let mut peers = [(); 8].map(|()| Peer::start(&place.path));
    for peer in &mut peers {
        peer.tell("try_lock");
    }
    let answers = peers.each_mut().map(Peer::answer);
    assert_eq!(answers.iter().filter(|answer| *answer == "ok").count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer == "ok" || answer.starts_with("Busy: ")));
}

/// It returns `io::Result`. So does a caller's function that uses `?`; the kind is that of a lock
/// (`WouldBlock`) and not of a file (`AlreadyExists`), because a file that exists may be stale.
#[test]
fn its_errors_become_io_errors_that_still_name_the_holder() {
    fn serve(path: &Path) -> io::Result<()> {
        Lockfile::acquire(path)?.unlock()?;
        Ok(())
    }
    let place = place();
    let _lock = Lockfile::acquire(&place.path).unwrap();
    let err = serve(&place.path).unwrap_err();
    assert_eq!(err.kind(), io::ErrorKind::WouldBlock);
    assert!(err.to_string().contains(&format!("locked by pid {}", std::process::id())), "{err}");
    let missing = serve(&place.dir().join("missing/app.lock")).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

/// The PID of the holder is in the file, as is the custom.
#[test]
fn the_pid_is_in_the_file() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).format(Format::Pid);
    lock.try_lock().unwrap();
    assert_eq!(fs::read_to_string(&place.path).unwrap(), format!("{}\n", std::process::id()));
}

/// `lockfile_contents: Option<&[u8]>`: theirs may say anything, or nothing. Ours always has a
/// record, because whoever finds it has to judge it; what the caller has to say is the message.
#[test]
fn contents_of_the_callers_are_a_message_in_the_record() {
    let place = place();
    for contents in [None, Some("hourly logs")] {
        let mut lock = Lockfile::new(&place.path);
        if let Some(contents) = contents {
            lock = lock.message(contents);
        }
        lock.try_lock().unwrap();
        let Content::Record(record) = Content::parse(&fs::read(&place.path).unwrap()) else {
            panic!("there is a record");
        };
        assert_eq!((record.pid, record.message.as_deref()), (std::process::id(), contents));
    }
}

/// `open(…, 0600)`.
#[test]
fn the_file_has_the_permissions_that_were_asked_for() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).mode(0o600);
    lock.try_lock().unwrap();
    assert_eq!(fs::metadata(&place.path).unwrap().permissions().mode() & 0o7777, 0o600);
}

/// `O_EXCL` refuses symbolic links, and so do we, wherever they lead.
#[test]
fn a_symbolic_link_is_not_followed_wherever_it_points() {
    let place = place();
    let file = place.dir().join("precious");
    fs::write(&file, "precious").unwrap();
    for target in [Path::new("nowhere"), &file, place.dir(), &place.path] {
        symlink(target, &place.path).unwrap();
        let err = Lockfile::acquire(&place.path).unwrap_err();
        assert!(matches!(err, Error::NotALockfile { .. }), "{}: {err:?}", target.display());
        assert_eq!(fs::read_link(&place.path).unwrap(), target);
        remove(&place.path);
    }
    assert_eq!(place.names(), ["precious"], "nothing was created where a link led");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

/// The file lives as long as the value does: in a panic, too.
#[test]
fn dropping_the_value_removes_the_file() {
    let place = place();
    drop(Lockfile::acquire(&place.path).unwrap());
    assert!(place.names().is_empty());
    let panic = catch_unwind(|| {
        let _lock = Lockfile::acquire(&place.path).unwrap();
        panic!("at work");
    });
    assert!(panic.is_err());
    assert!(place.names().is_empty());
}

/// Theirs unwraps the removal, and so ends the program when somebody else has removed the file, and
/// removes somebody else's when it was replaced. Ours does neither, and tells whoever unlocks.
#[test]
fn dropping_survives_a_missing_file_and_spares_a_strangers() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    remove(&place.path);
    drop(lock);

    let mut lock = Lockfile::acquire(&place.path).unwrap();
    replace(&place.path, "a stranger's");
    assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { replaced: true, .. })));
    drop(lock);
    assert_eq!(fs::read_to_string(&place.path).unwrap(), "a stranger's");
}

/// The case it is for: a job of each hour that sometimes takes longer than an hour.
#[test]
fn the_next_hourly_job_does_not_run_while_the_last_one_does() {
    let place = place();
    let mut first = Peer::with(&place.path, "message=logs");
    assert_eq!(first.ask("try_lock"), "ok");
    let mut second = Peer::start(&place.path);
    let answer = second.ask("try_lock");
    assert!(answer.starts_with("Busy: ") && answer.contains("\"logs\""), "{answer}");
    assert_eq!(first.ask("unlock"), "ok");
    assert_eq!(Peer::start(&place.path).ask("try_lock"), "ok");
}

/// The simple way never recovers from a crash: the file is there, and nobody will remove it.
#[test]
fn the_next_job_runs_though_the_last_one_was_killed() {
    let place = place();
    let dead = leave_stale(&place.path);
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

/// `PostgreSQL` stops at an empty file: another server may be about to write it, or have died
/// before it did, and it cannot tell which. The kernel lock tells.
#[test]
fn an_empty_file_is_a_remnant_unless_somebody_has_it_locked() {
    let place = place();
    fs::write(&place.path, "").unwrap();
    let starting = fs::File::open(&place.path).unwrap();
    let starting =
        nix::fcntl::Flock::lock(starting, nix::fcntl::FlockArg::LockExclusiveNonblock).unwrap();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "another is starting");
    drop(starting);
    assert_free(&place.path);
}

/// After a restart of a container, the remnant has the PID of the very process that reads it. It
/// does not hold the lock, and so it is not the one.
#[test]
fn a_remnant_with_ones_own_pid_is_stale() {
    let place = place();
    fs::write(&place.path, postmaster_pid(std::process::id())).unwrap();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().verdict(), Verdict::Stale(Why::OwnLeftover));
}

/// `PostgreSQL` takes the PIDs of its parent and grandparent for remnants as well, because those
/// are the shells that start it. Ours may be started by the holder itself: they are alive, and so
/// it is busy. A record of this crate is told from them by its start time, so only a bare PID needs
/// it.
#[test]
fn the_parents_pid_is_that_of_a_living_process() {
    let place = place();
    fs::write(&place.path, postmaster_pid(parent_id())).unwrap();
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert!(err.is_busy(), "{err:?}");
    assert_eq!(err.holder().unwrap().pid(), parent_id());
}

/// A record whose PID was given to another process since: `PostgreSQL` is locked out until that
/// ends.
#[test]
fn a_pid_that_was_given_to_somebody_else_is_no_holder() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    let mut record: serde_json::Value =
        serde_json::from_slice(&fs::read(&place.path).unwrap()).unwrap();
    drop(lock);
    record["pid"] = parent_id().into();
    fs::write(&place.path, record.to_string()).unwrap();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().verdict(), Verdict::Stale(Why::PidReused));
}

/// A standalone server writes its PID as a negative number.
#[test]
fn a_standalone_server_is_a_holder() {
    let place = place();
    fs::write(&place.path, format!("-{}", postmaster_pid(parent_id()))).unwrap();
    let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
    assert_eq!((holder.pid(), holder.verdict()), (parent_id(), Verdict::Live));
}

/// `PostgreSQL` looks whether server processes of a killed postmaster are still at work, by their
/// shared memory. Ours are found by the copy of the descriptor that they inherited.
#[test]
fn children_that_outlive_a_killed_holder_keep_its_successor_out() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("fork_and_outlive"), "ok");
    let dead = holder.kill();
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert!(err.is_busy(), "{err:?}");
    let left = err.holder().unwrap();
    assert_eq!((left.pid(), left.verdict()), (dead, Verdict::Unproven(Why::Outlived)));
    // The child ends with the holder's standard input.
    drop(holder);
    Lockfile::new(&place.path).lock().unwrap();
}

/// What has no PID in it is not overwritten, by either.
#[test]
fn bogus_data_is_left_as_it_is() {
    let place = place();
    fs::write(&place.path, "bogus\n").unwrap();
    assert!(matches!(Lockfile::acquire(&place.path), Err(Error::InvalidPid { .. })));
    assert_eq!(fs::read_to_string(&place.path).unwrap(), "bogus\n");
}

/// `RecheckDataDirLockFile`: a server looks from time to time whether its file is still its own.
#[test]
fn a_server_can_look_whether_its_file_is_still_its_own() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    lock.verify().unwrap();
    replace(&place.path, &postmaster_pid(parent_id()));
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: true, .. })));
}

/// `AddToDataDirLockFile`: a server adds what it has become, line by line, while it holds.
#[test]
fn a_server_can_say_more_while_it_holds() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).message("starting");
    lock.try_lock().unwrap();
    for message in ["ready on port 5432", "stopping"] {
        lock.set_message(message).unwrap();
        let status = lock.status().unwrap();
        assert_eq!(status.state(), State::Held);
        assert_eq!(status.holder().unwrap().message(), Some(message));
    }
}

/// A `postmaster.pid`.
fn postmaster_pid(pid: u32) -> String {
    format!("{pid}\n/var/lib/postgresql/data\n1700000000\n5432\n/tmp\nlocalhost\n")
}
