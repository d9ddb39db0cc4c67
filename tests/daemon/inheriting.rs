//! A lock that goes on in another program.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tenure::{Error, Hardlink, Lockfile, State, Verdict, Why};

use crate::support::{Peer, place, wait_until};

/// Starts a peer that may inherit the lock.
fn heir(lock: &mut Lockfile, options: &str) -> Peer {
    let mut program = Command::new(std::env::current_exe().unwrap());
    let path = lock.path().to_owned();
    lock.pass_to(&mut program).unwrap();
    Peer::start_as(program, &path, options)
}

/// Whether the process has the file open.
fn has_open(pid: u32, path: &Path) -> bool {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    entries.flatten().any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == path))
}

#[test]
fn a_successor_that_inherits_is_the_holder() {
    let place = place();
    for options in ["", "keep", "pid", "pid-bare", "pid-line"] {
        let mut lock = Lockfile::new(&place.path).message("first");
        lock.try_lock().unwrap();
        let mut heir = heir(&mut lock, options);
        assert!(lock.is_held());
        assert_eq!(heir.ask("inherit"), "true", "{options}");
        assert!(!lock.is_held());
        assert!(matches!(lock.unlock(), Err(Error::NotHeld { .. })));
        assert!(matches!(lock.set_message("x"), Err(Error::NotHeld { .. })));
        drop(lock);
        let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
        assert_eq!(holder.pid(), heir.pid());
        assert_eq!(heir.ask("verify"), "ok");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
        assert_eq!(heir.ask("unlock"), "ok");
        Lockfile::acquire(&place.path).unwrap();
    }
}

#[test]
fn until_then_the_passer_holds() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let heir = heir(&mut lock, "");
    lock.set_message("still here").unwrap();
    heir.crash();
    assert!(lock.is_held());
    lock.verify().unwrap();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_passer_that_unlocks_first_leaves_nothing_to_inherit() {
    let place = place();
    for keep in [false, true] {
        let mut lock = Lockfile::new(&place.path).keep_file(keep);
        lock.try_lock().unwrap();
        let mut heir = heir(&mut lock, "");
        lock.unlock().unwrap();
        let other = Lockfile::acquire(&place.path).unwrap();
        assert_eq!(heir.ask("inherit"), "false");
        assert!(heir.ask("try_lock").starts_with("Busy: "));
        other.verify().unwrap();
        drop(other);
        assert_eq!(heir.ask("try_lock"), "ok");
    }
}

/// The guard is `passed` in `Held::drop`: without it, the lock is free between the passer's end and
/// the successor's beginning.
#[test]
fn the_end_of_the_passer_leaves_the_lock_with_a_successor_that_has_not_begun() {
    let place = place();
    for end in ["drop", "exit", "kill", "exec", "return"] {
        let mut peer = Peer::holding(&place.path);
        let passer = peer.pid();
        // From here on, another program obeys.
        assert_eq!(peer.ask(&format!("pass_on {end}")), "ready");
        if end != "exec" {
            peer.wait_for_end();
        }
        let mut contender = Lockfile::new(&place.path);
        assert!(contender.try_lock().unwrap_err().is_busy(), "after {end}");
        assert_eq!(peer.ask("inherit"), "true", "after {end}");
        assert!(contender.try_lock().unwrap_err().is_busy(), "after {end}");
        let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
        assert_eq!(holder.pid() == passer, end == "exec");
        assert_eq!(peer.ask("verify"), "ok");
        assert_eq!(peer.ask("unlock"), "ok");
        contender.try_lock().unwrap();
    }
}

#[test]
fn a_successor_that_dies_before_it_inherits_leaves_a_record_of_the_dead_passer() {
    let place = place();
    let mut peer = Peer::holding(&place.path);
    let passer = peer.pid();
    assert_eq!(peer.ask("pass_on exit"), "ready");
    peer.wait_for_end();
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.verdict(), Some(Verdict::Unproven(Why::Outlived)));
    let heir: i32 = peer.ask("pid").parse().unwrap();
    kill(Pid::from_raw(heir), Signal::SIGKILL).unwrap();
    let mut lock = Lockfile::new(&place.path);
    lock.lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), passer);
}

#[test]
fn one_of_two_successors_inherits() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let (mut first, mut second) = (heir(&mut lock, ""), heir(&mut lock, ""));
    assert_eq!(second.ask("inherit"), "true");
    assert_eq!(first.ask("inherit"), "false");
    assert!(first.ask("try_lock").starts_with("Busy: "));
    assert_eq!(second.ask("verify"), "ok");
}

#[test]
fn a_successor_can_have_a_successor() {
    let place = place();
    let mut peer = Peer::holding(&place.path);
    for _ in 0..3 {
        assert_eq!(peer.ask("pass_on exit"), "ready");
        assert_eq!(peer.ask("inherit"), "true");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    }
    assert_eq!(peer.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

#[test]
fn nobody_else_gets_the_descriptor_and_the_variable_is_nothing_to_them() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    lock.pass_to(&mut program).unwrap();
    let mut other = Peer::start(&place.dir().join("other"));
    assert!(!has_open(other.pid(), &place.path), "a child of the passer");
    assert_eq!(other.ask("inherit"), "false");

    let mut heir = Peer::start_as(program, &place.path, "");
    assert!(has_open(heir.pid(), &place.path));
    assert_eq!(heir.ask("inherit"), "true");
    let child: u32 = heir.ask("spawn").parse().unwrap();
    // It has none until the end of its execve(2).
    wait_until(|| {
        let environment = fs::read(format!("/proc/{child}/environ")).unwrap();
        String::from_utf8_lossy(&environment).contains("TENURE_INHERIT=")
    });
    assert!(!has_open(child, &place.path), "a child of the heir");
    kill(Pid::from_raw(child.try_into().unwrap()), Signal::SIGKILL).unwrap();
    // Nor has the heir itself, once more.
    assert_eq!(heir.ask("unlock"), "ok");
    assert_eq!(heir.ask("inherit"), "false");
}

#[test]
fn two_locks_can_be_passed_to_one_program() {
    let place = place();
    let other = place.dir().join("other");
    let mut locks = [&place.path, &other].map(|path| Lockfile::acquire(path).unwrap());
    let mut program = Command::new(std::env::current_exe().unwrap());
    for lock in &mut locks {
        lock.pass_to(&mut program).unwrap();
    }
    let mut heir = Peer::start_as(program, &other, "");
    assert_eq!(heir.ask("inherit"), "true");
    assert!(locks[0].is_held() && !locks[1].is_held());
}

/// Runs a peer with descriptor 9 open as `file`, and the variable as it is.
fn with_nine(file: &Path, variable: &str, path: &Path) -> Peer {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec 9<>\"$0\"; exec \"$@\""]).arg(file).env("TENURE_INHERIT", variable);
    Peer::through(shell, path, "")
}

#[test]
fn what_was_not_inherited_is_not_believed() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    let record = lock.record().unwrap();
    let (pid, nonce) = (record.pid, record.nonce.clone().unwrap());
    let other = place.dir().join("other");
    fs::write(&other, "").unwrap();

    // Another file, no descriptor, another record, nonsense.
    for (file, variable) in [
        (&other, format!("9:{pid}:{nonce}")),
        (&place.path, format!("77:{pid}:{nonce}")),
        (&place.path, format!("-1:{pid}:{nonce}")),
        (&place.path, format!("9:{pid}:0123456789abcdef")),
        (&place.path, format!("9:1:{nonce}")),
        (&place.path, ",,:,\u{1b}[2J,9".to_owned()),
    ] {
        let mut peer = with_nine(file, &variable, &place.path);
        assert_eq!(peer.ask("inherit"), "false", "{variable}");
        assert!(has_open(peer.pid(), file), "what is not ours is not closed");
    }
    // The very file, opened anew: it has no lock, and the holder keeps his.
    let mut peer = with_nine(&place.path, &format!("9:{pid}:{nonce}"), &place.path);
    let answer = peer.ask("inherit");
    assert!(answer.starts_with("NotHeld: "), "{answer}");
    assert!(!has_open(peer.pid(), &place.path));
    lock.verify().unwrap();
    assert_eq!(lock.record().unwrap().nonce.as_ref(), Some(&nonce));
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
}

/// The guard is the fresh descriptor in `Flock::adopt`.
#[test]
fn a_descriptor_that_nobody_has_locked_is_no_lock() {
    let place = place();
    let dead = crate::support::leave_stale(&place.path);
    let record = fs::read_to_string(&place.path).unwrap();
    let nonce = record.split("\"nonce\":\"").nth(1).unwrap()[..16].to_owned();
    let mut peer = with_nine(&place.path, &format!("9:{dead}:{nonce}"), &place.path);
    let answer = peer.ask("inherit");
    assert!(answer.starts_with("NotHeld: "), "{answer}");
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn what_belongs_to_a_process_cannot_be_passed() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).backend(Hardlink);
    lock.try_lock().unwrap();
    let mut command = Command::new("true");
    let refused = lock.pass_to(&mut command);
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    assert_eq!(command.get_envs().count(), 0);
    lock.unlock().unwrap();
    let refused = lock.pass_to(&mut command);
    assert!(matches!(refused, Err(Error::NotHeld { .. })), "{refused:?}");
}

#[test]
fn a_command_that_is_never_started_keeps_nothing() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let mut command = Command::new("true");
    lock.pass_to(&mut command).unwrap();
    lock.unlock().unwrap();
    let other = Lockfile::acquire(&place.path).unwrap();
    drop((lock, command));
    other.verify().unwrap();
    wait_until(|| Lockfile::new(&place.path).status().unwrap().state() == State::Held);
}
