//! The PID of a dead holder is another process's.

use crate::ground::Kind;
use crate::support::elsewhere::elsewhere;
use crate::vocabulary::Innocent;

/// Where the next PID can be chosen.
const PIDS: &str = "unshare -pf --mount-proc --kill-child";

fn tells_a_reused_pid_apart(kind: Kind) {
    let ground = kind.ground();
    let dead = ground.holder().crash();
    let _innocent = Innocent::with_pid(dead);
    let mut contender = ground.peer();
    assert_eq!(contender.ask("verdict"), "Some(Stale(PidReused))");
    assert_eq!(contender.ask("try_lock"), "ok");
    assert_eq!(contender.ask("recovered"), dead.to_string());
    assert_eq!(contender.ask("why"), "Stale(PidReused)");
    assert_eq!(contender.ask("unlock"), "ok");
}

#[test]
fn flock_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::Flock));
}

#[test]
fn semaphore_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::Semaphore));
}

#[test]
fn posix_semaphore_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::PosixSemaphore));
}

#[test]
fn hardlink_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::Hardlink));
}

#[test]
fn memory_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::Memory));
}

#[test]
fn callback_tells_a_reused_pid_apart() {
    elsewhere(PIDS, &[], || tells_a_reused_pid_apart(Kind::Callback));
}
