//! What is signalled is the holder, and never a later process of its PID.
#![expect(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

use std::fs;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use tenure::{Error, HolderProcess, Lockfile};

use crate::reuse::start_ticks;
use crate::support::elsewhere::elsewhere;
use crate::support::sandbox::refuse;
use crate::support::{Peer, place, wait_until};
use crate::vocabulary::{Innocent, without_pidfds};

const PIDS: &str = "unshare -pf --mount-proc --kill-child";
const KILL: i32 = 9;

fn process_of(path: &std::path::Path) -> HolderProcess {
    Lockfile::new(path).holder_process().unwrap().expect("it is held")
}

/// Whether the process runs, and no signal is on its way to it.
fn is_untouched(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field =
        |name| status.lines().find_map(|line: &str| line.strip_prefix(name)).unwrap().trim();
    let none = |name| field(name).bytes().all(|digit| digit == b'0');
    !field("State:").starts_with('Z') && none("SigPnd:") && none("ShdPnd:")
}

/// From the first look to the end, with pidfds or without.
fn the_holder_is_signalled_and_its_end_seen() {
    let place = place();
    assert!(Lockfile::new(&place.path).holder_process().unwrap().is_none());
    let mut holder = Peer::holding(&place.path);
    let process = process_of(&place.path);
    assert_eq!(process.holder().pid(), holder.pid());
    assert!(process.signal(0).unwrap());
    assert!(!process.wait(Some(Duration::ZERO)).unwrap());
    assert!(process.signal(1 << 20).is_err(), "there is no such signal");
    assert_eq!(holder.ask("is_held"), "true");
    assert!(process.signal(KILL).unwrap());
    assert!(process.wait(None).unwrap(), "although nobody has reaped it");
    assert!(!process.signal(KILL).unwrap());
    assert!(Lockfile::new(&place.path).holder_process().unwrap().is_none(), "it is stale");
    holder.kill();
    assert!(!process.signal(KILL).unwrap());
}

#[test]
fn the_holder_is_signalled_by_its_pidfd() {
    elsewhere("unshare -m", &[], || {
        the_holder_is_signalled_and_its_end_seen();
    });
}

#[test]
fn the_holder_is_signalled_by_its_pid_and_start_time() {
    elsewhere("unshare -m", &[], || {
        without_pidfds();
        the_holder_is_signalled_and_its_end_seen();
    });
}

#[test]
fn the_holder_is_signalled_where_a_pidfd_only_tells_of_its_end() {
    elsewhere("unshare -m", &[], || {
        refuse(libc::SYS_pidfd_send_signal, Errno::ENOSYS);
        the_holder_is_signalled_and_its_end_seen();
    });
}

#[test]
fn the_next_process_of_that_pid_is_not_signalled() {
    elsewhere(PIDS, &[], || {
        let place = place();
        let holder = Peer::holding(&place.path);
        let process = process_of(&place.path);
        let innocent = Innocent::with_pid(holder.crash());
        assert!(!process.signal(KILL).unwrap());
        assert!(process.wait(None).unwrap());
        assert!(is_untouched(innocent.pid()));
    });
}

#[test]
fn nor_is_it_without_pidfds_once_the_clock_has_ticked() {
    elsewhere(PIDS, &[], || {
        without_pidfds();
        let place = place();
        let holder = Peer::holding(&place.path);
        let process = process_of(&place.path);
        let then = start_ticks(holder.pid());
        let dead = holder.crash();
        wait_until(|| start_ticks(Innocent::with_pid(dead).pid()) > then);
        let innocent = Innocent::with_pid(dead);
        assert!(!process.signal(KILL).unwrap());
        assert!(process.wait(None).unwrap());
        assert!(is_untouched(innocent.pid()));
    });
}

#[test]
fn without_proc_and_without_pidfds_nobody_is_signalled() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        without_pidfds();
        nix::mount::umount2("/proc", nix::mount::MntFlags::MNT_DETACH).unwrap();
        let refused = Lockfile::new(&place.path).holder_process();
        assert!(matches!(refused, Err(Error::NotSignalled { .. })), "{refused:?}");
        assert_eq!(holder.ask("is_held"), "true");
        assert!(fs::exists(&place.path).unwrap());
    });
}
