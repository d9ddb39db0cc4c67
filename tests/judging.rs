//! What is made of the lockfile of another: who is named, who is recovered, who is left alone.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg_attr(not(unix), path = "support/portable.rs")]
mod support;

use std::fs;
use std::time::Duration;

#[cfg(unix)]
use nix::fcntl::{Flock, FlockArg};
use support::{NO_PROCESS, Peer, leave_stale, place};
use tenure::{Error, Lockfile, State, Verdict, Why};

#[test]
fn a_live_pid_file_of_another_program_is_busy_and_not_touched() {
    let place = place();
    let other = Peer::start(&place.path.with_extension("other"));
    fs::write(&place.path, format!("{}\n", other.pid())).unwrap();
    let before = fs::read(&place.path).unwrap();
    let mut lock = Lockfile::new(&place.path);
    assert!(lock.try_lock().unwrap_err().is_busy());
    assert!(matches!(lock.lock_timeout(Duration::from_millis(5)), Err(Error::Timeout { .. })));
    assert!(lock.release_stale().unwrap_err().is_busy());
    assert_eq!(lock.status().unwrap().state(), State::Held);
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn a_dead_pid_file_of_another_program_is_recovered() {
    let place = place();
    let contents = [format!("{NO_PROCESS}\n"), format!("((host localhost)(pid {NO_PROCESS}))")];
    for content in contents {
        fs::write(&place.path, &content).unwrap();
        let lock = Lockfile::acquire(&place.path).unwrap();
        assert_eq!(lock.recovered_from().unwrap().pid(), NO_PROCESS, "{content}");
    }
}

#[test]
fn a_dead_pid_file_of_another_host_is_left() {
    let place = place();
    fs::write(&place.path, format!("((host elsewhere.example)(pid {NO_PROCESS}))")).unwrap();
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
}

#[test]
fn a_pid_file_that_names_this_very_process_is_a_leftover() {
    let place = place();
    fs::write(&place.path, std::process::id().to_string()).unwrap();
    let lock = Lockfile::acquire(&place.path).unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!(left_by.verdict(), Verdict::Stale(Why::OwnLeftover));
}

#[test]
fn a_foreign_holder_is_busy_unless_the_caller_breaks_the_lock() {
    let place = place();
    fs::write(&place.path, "elsewhere.example:4242").unwrap();
    let mut lock = Lockfile::new(&place.path);
    let err = lock.try_lock().unwrap_err();
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
    assert!(err.to_string().contains("cannot be told"), "{err}");
    assert_eq!(lock.status().unwrap().state(), State::Unproven);
    assert_eq!(lock.holder().unwrap().unwrap().host(), Some("elsewhere.example"));
    let mut lock = lock.foreign(tenure::Foreign::Break);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), 4242);
}

#[test]
fn an_error_names_path_holder_and_next_step() {
    let place = place();
    let mut held = Lockfile::new(&place.path).message("nightly \u{1b}[31mbackup");
    held.try_lock().unwrap();
    let text = Lockfile::acquire(&place.path).unwrap_err().to_string();
    let host = hostname();
    for part in [
        place.path.to_str().unwrap(),
        &format!("pid {}", std::process::id()),
        &format!(" on {host}"),
        "judging-", // the program
        "acquired ",
        "\"nightly \\u{1b}[31mbackup\"",
        "it is alive: wait for it, or stop it",
    ] {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_holder_can_be_diagnosed() {
    let place = place();
    let _held = Lockfile::acquire(&place.path).unwrap();
    let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
    let process = holder.process().unwrap();
    assert!(process.program.starts_with("judging"), "{process:?}");
    assert!(process.user.is_some());
    assert!(holder.age().is_some());
}

#[test]
fn the_status_of_nothing_is_free() {
    let place = place();
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Free);
    assert!(status.holder().is_none() && status.verdict().is_none());
    assert!(place.names().is_empty());
}

#[test]
fn a_stale_lockfile_can_be_removed_without_locking() {
    let place = place();
    let lock = Lockfile::new(&place.path);
    assert!(!lock.release_stale().unwrap(), "there is none");
    leave_stale(&place.path);
    assert_eq!(lock.status().unwrap().state(), State::Stale);
    assert!(lock.release_stale().unwrap());
    assert!(place.names().is_empty());
}

#[test]
fn a_released_lockfile_is_not_stale_and_stays() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    assert!(!lock.release_stale().unwrap());
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_live_lockfile_is_not_removed_as_stale() {
    let place = place();
    let held = Lockfile::acquire(&place.path).unwrap();
    let err = Lockfile::new(&place.path).release_stale().unwrap_err();
    assert_eq!(err.holder().unwrap().pid(), std::process::id());
    held.verify().unwrap();
}

fn hostname() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

#[test]
#[cfg(unix)]
fn whoever_has_the_lock_and_writes_no_record_is_not_taken_for_the_last_holder() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    // As flock(1) does.
    let file = fs::File::open(&place.path).unwrap();
    let flock = Flock::lock(file, FlockArg::LockExclusiveNonblock).unwrap();
    let err = lock.try_lock().unwrap_err();
    assert!(err.is_busy() && err.holder().is_none(), "{err}");
    let status = lock.status().unwrap();
    assert_eq!(status.state(), State::Held);
    assert!(status.holder().is_none(), "{status}");
    drop(flock);
    lock.try_lock().unwrap();
}

#[test]
#[cfg(unix)]
fn a_stale_lockfile_that_somebody_reads_all_the_while_is_busy_and_stays() {
    let place = place();
    leave_stale(&place.path);
    // As flock -s does.
    let file = fs::File::open(&place.path).unwrap();
    let reader = Flock::lock(file, FlockArg::LockSharedNonblock).unwrap();
    let lock = Lockfile::new(&place.path);
    assert!(lock.release_stale().unwrap_err().is_busy());
    assert_eq!(place.names(), ["test.lock"]);
    drop(reader);
    assert!(lock.release_stale().unwrap());
}
