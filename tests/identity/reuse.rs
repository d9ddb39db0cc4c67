//! A PID that is used again is another process, and a record that names ourselves is a leftover.

use std::fs;

use serde_json::Value;
use tenure::{Verdict, Why};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place, wait_until};
use crate::vocabulary::{
    Contained, Innocent, assert_busy, assert_recovered, copy_record, without_pidfds,
};

const PIDS: &str = "unshare -pf --mount-proc --kill-child";

#[test]
fn an_innocent_process_with_the_holders_pid_is_not_the_holder() {
    elsewhere(PIDS, &[], || {
        let place = place();
        let dead = Peer::holding(&place.path).crash();
        let _innocent = Innocent::with_pid(dead);
        assert_recovered(&place.path, Why::PidReused);
    });
}

/// It can even have started in the same clock tick.
#[test]
fn the_pidfd_alone_tells_them_apart() {
    elsewhere(PIDS, &[], || {
        let place = place();
        let copy = place.dir().join("copy");
        let holder = Peer::holding(&place.path);
        copy_record(&place.path, &copy, |_| {});
        let dead = holder.crash();
        let innocent = Innocent::with_pid(dead);
        let ticks = start_ticks(innocent.pid());
        let text = fs::read_to_string(&copy).unwrap();
        let mut record: Value = serde_json::from_str(&text).unwrap();
        record["start_ticks"] = ticks.into();
        fs::write(&copy, record.to_string()).unwrap();
        assert_recovered(&copy, Why::PidReused);
    });
}

/// As before Linux 6.9, or where there are no pidfds at all.
#[test]
fn the_start_time_alone_tells_them_apart() {
    elsewhere(PIDS, &[], || {
        without_pidfds();
        let place = place();
        let dead = Peer::holding(&place.path).crash();
        let record = fs::read_to_string(&place.path).unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["pidfd_inode"], Value::Null);
        let then = record["start_ticks"].as_u64().unwrap();
        // Until the clock has ticked, the next process may look the same.
        wait_until(|| start_ticks(Innocent::with_pid(dead).pid()) > then);
        let _innocent = Innocent::with_pid(dead);
        assert_recovered(&place.path, Why::PidReused);
    });
}

pub(crate) fn start_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
    let fields = stat.rsplit(") ").next().expect("a line");
    fields.split(' ').nth(22 - 3).and_then(|ticks| ticks.parse().ok()).expect("field 22")
}

/// What it cannot know, it does not guess: a PID alone speaks for whatever process has it.
#[test]
fn a_bare_pid_that_is_used_again_is_busy() {
    let place = place();
    let innocent = Innocent::start();
    fs::write(&place.path, innocent.pid().to_string()).unwrap();
    assert_busy(&place.path, Verdict::Live);
    drop(innocent);
    assert_recovered(&place.path, Why::Dead);
}

/// The container that restarts is PID 1 each time. The number of a PID namespace that has ended may
/// be used again as well, and then only the marks of the process tell.
#[test]
fn a_restarted_container_recovers_what_its_pid_1_left() {
    elsewhere(PIDS, &[], || {
        let place = place();
        let first = Contained::holding(&place.path);
        let then = first.namespace();
        first.crash();
        let mut second = Contained::start(&place.path);
        let reason = if second.namespace() == then { "PidReused" } else { "OtherNamespace" };
        assert_eq!(second.peer.ask("pid"), "1");
        assert_eq!(second.peer.ask("try_lock"), "ok");
        assert_eq!(second.peer.ask("recovered"), "1");
        assert_eq!(second.peer.ask("why"), format!("Stale({reason})"));
        assert_eq!(second.peer.ask("unlock"), "ok");
    });
}

#[test]
fn a_bare_pid_that_is_our_own_is_a_leftover() {
    elsewhere(PIDS, &[], || {
        assert_eq!(std::process::id(), 1);
        let place = place();
        fs::write(&place.path, "1\n").unwrap();
        assert_recovered(&place.path, Why::OwnLeftover);
    });
}

#[test]
fn the_program_that_a_holder_executes_does_not_hold() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("exec"), "ready");
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("recovered"), holder.pid().to_string());
    assert_eq!(holder.ask("why"), "Stale(OwnLeftover)");
}
