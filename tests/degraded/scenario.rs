//! What holders and contenders go through in every place.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use nix::libc;
use nix::sys::statfs::fstatfs;
use tempfile::TempDir;
use tenure::{Error, Lockfile, State};

use crate::support::elsewhere::run;
use crate::support::{Peer, Place, place, wait_until};

const WAIT: &str = "lock_timeout 1000000";
const KILL: i32 = 9;

/// What becomes of the lockfile of a dead holder.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Dead {
    Recovered,
    /// Busy, until somebody who knows breaks it.
    Unproven,
}

/// What is to be expected in a place.
pub(crate) struct Scene {
    /// For the test to look at its peers, who do not look there.
    pub(crate) proc: Window,
    pub(crate) dead: Dead,
    /// Whether it can be proven which process the holder is, in order to signal it.
    pub(crate) signals: bool,
}

/// Another mount of `/proc`.
pub(crate) struct Window(TempDir);

impl Window {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        run("mount", ["-t", "proc", "proc", dir.path().to_str().unwrap()]);
        Self(dir)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = nix::mount::umount(self.0.path());
    }
}

impl Scene {
    /// All is as usual, to those who ask. In a mount namespace of one's own.
    pub(crate) fn new() -> Self {
        Self { proc: Window::open(), dead: Dead::Recovered, signals: true }
    }

    /// Everything, in the place where this process and its children are now.
    pub(crate) fn play(self) {
        a_live_holder_is_busy_and_named_and_its_release_removes_the_file();
        a_live_holder_without_a_kernel_lock_is_busy();
        a_forked_childs_copy_is_inert();
        a_lost_lockfile_is_noticed_and_restored();
        self.a_dead_holder_is_recovered_or_busy();
        self.a_wait_ends_with_a_release();
        self.a_wait_ends_with_a_death();
        self.a_wait_for_a_holder_without_a_kernel_lock_ends_with_its_death();
        self.a_holder_is_signalled_or_it_is_said_why_not();
        self.changes_are_told();
    }

    fn a_dead_holder_is_recovered_or_busy(&self) {
        let place = place();
        let dead = Peer::holding(&place.path).crash();
        let mut contender = Peer::start(&place.path);
        if self.dead == Dead::Unproven {
            assert_eq!(contender.ask("status"), "unproven");
            assert_busy(&contender.ask("try_lock"), dead);
            assert_busy(&contender.ask("release_stale"), dead);
            return;
        }
        assert_eq!(contender.ask("status"), "stale");
        assert_eq!(contender.ask("try_lock"), "ok");
        assert_eq!(contender.ask("recovered"), dead.to_string());
        assert_eq!(contender.ask("unlock"), "ok");
    }

    /// Two peers that wait for a third: one in front of the other, where there is an order.
    fn waiting(&self, path: &Path) -> [Peer; 2] {
        std::array::from_fn(|_| {
            let mut peer = Peer::start(path);
            peer.tell(WAIT);
            wait_until(|| self.is_asleep(&peer));
            peer
        })
    }

    /// Whether a thread of the peer sleeps until something happens.
    fn is_asleep(&self, peer: &Peer) -> bool {
        let threads = self.proc.0.path().join(peer.pid().to_string()).join("task");
        let poll = libc::SYS_ppoll.to_string();
        fs::read_dir(threads).unwrap().any(|thread| {
            let syscall = fs::read_to_string(thread.unwrap().path().join("syscall"));
            syscall.is_ok_and(|syscall| syscall.split(' ').next() == Some(&poll))
        })
    }

    fn a_wait_ends_with_a_release(&self) {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let mut waiting = Vec::from(self.waiting(&place.path));
        assert_eq!(holder.ask("unlock"), "ok");
        while !waiting.is_empty() {
            wait_until(|| waiting.iter().any(Peer::has_answered));
            let next = waiting.iter().position(Peer::has_answered).unwrap();
            let mut inside = waiting.swap_remove(next);
            assert_eq!(inside.answer(), "ok");
            assert!(!waiting.iter().any(Peer::has_answered), "one at a time");
            assert_eq!(inside.ask("verify"), "ok");
            assert_eq!(inside.ask("unlock"), "ok");
        }
        assert_tidy(&place);
    }

    fn a_wait_ends_with_a_death(&self) {
        let place = place();
        let holder = Peer::holding(&place.path);
        let waiting = self.waiting(&place.path);
        let dead = holder.crash();
        if self.dead == Dead::Unproven {
            // They wait for somebody to break it.
            break_lock(&place.path);
        }
        wait_until(|| waiting.iter().any(Peer::has_answered));
        let [mut one, mut other] = waiting;
        if !one.has_answered() {
            (one, other) = (other, one);
        }
        assert_eq!(one.answer(), "ok");
        assert!(!other.has_answered());
        if self.dead == Dead::Recovered {
            assert_eq!(one.ask("recovered"), dead.to_string());
        }
        assert_eq!(one.ask("unlock"), "ok");
        assert_eq!(other.answer(), "ok");
    }

    /// Where nothing tells of it, it is looked for.
    fn a_wait_for_a_holder_without_a_kernel_lock_ends_with_its_death(&self) {
        let place = place();
        let copy = place.dir().join("copy");
        let holder = Peer::holding(&place.path);
        fs::copy(&place.path, &copy).unwrap();
        let mut waiter = Peer::start(&copy);
        waiter.tell(WAIT);
        wait_until(|| self.is_asleep(&waiter));
        let dead = holder.crash();
        if self.dead == Dead::Recovered {
            assert_eq!(waiter.answer(), "ok");
            assert_eq!(waiter.ask("recovered"), dead.to_string());
        } else {
            assert_busy(&Peer::start(&copy).ask("try_lock"), dead);
            break_lock(&copy);
            assert_eq!(waiter.answer(), "ok");
        }
    }

    fn a_holder_is_signalled_or_it_is_said_why_not(&self) {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        match Lockfile::new(&place.path).holder_process() {
            Ok(found) if self.signals => {
                let process = found.expect("it is held");
                assert!(process.signal(0).unwrap());
                assert!(!process.wait(Some(Duration::ZERO)).unwrap());
                assert!(process.signal(KILL).unwrap());
                assert!(process.wait(None).unwrap(), "although nobody has reaped it");
                assert!(!process.signal(KILL).unwrap());
            }
            Err(Error::NotSignalled { .. }) if !self.signals => {
                assert_eq!(holder.ask("is_held"), "true");
            }
            other => panic!("{other:?}"),
        }
        holder.kill();
    }

    fn changes_are_told(&self) {
        let place = place();
        let mut changes = Lockfile::new(&place.path).changes();
        let mut next = || changes.next().unwrap().unwrap().state();
        assert_eq!(next(), State::Free);
        let mut holder = Peer::holding(&place.path);
        assert_eq!(next(), State::Held);
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(next(), State::Free);
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(next(), State::Held);
        holder.crash();
        let left = if self.dead == Dead::Recovered { State::Stale } else { State::Unproven };
        assert_eq!(next(), left);
    }
}

/// What an operator does who knows that the holder is dead.
fn break_lock(path: &Path) {
    let lock = Lockfile::new(path);
    let found = lock.holder().unwrap().unwrap();
    let incarnation = found.record().incarnation();
    // Whoever looks at the descriptors of all processes meanwhile (fdinfo, in proc(5)) keeps the
    // dead one's for an instant, and the lock with it.
    wait_until(|| match lock.break_unproven(&incarnation) {
        Err(err) if err.is_busy() => false,
        broken => broken.unwrap().is_some(),
    });
}

/// Asserts that no file is left, but where nobody can tell whether its file system is local.
fn assert_tidy(place: &Place) {
    let is_known = fstatfs(File::open(place.dir()).unwrap()).is_ok();
    assert_eq!(place.names().is_empty(), is_known);
}

fn assert_busy(answer: &str, holder: u32) {
    assert!(answer.starts_with("Busy: "), "{answer}");
    assert!(answer.contains(&format!("pid {holder}")), "{answer}");
}

fn a_live_holder_is_busy_and_named_and_its_release_removes_the_file() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut contender = Peer::start(&place.path);
    assert_eq!(contender.ask("status"), "held");
    assert_eq!(contender.ask("holder"), holder.pid().to_string());
    assert_busy(&contender.ask("try_lock"), holder.pid());
    assert_busy(&contender.ask("release_stale"), holder.pid());
    assert_eq!(holder.ask("verify"), "ok");
    assert_eq!(holder.ask("unlock"), "ok");
    assert_tidy(&place);
    assert_eq!(contender.ask("status"), "free");
}

/// A record that is judged by its process alone, and a program that writes nothing but its PID.
fn a_live_holder_without_a_kernel_lock_is_busy() {
    let place = place();
    let [copy, bare] = ["copy", "bare"].map(|name| place.dir().join(name));
    let holder = Peer::holding(&place.path);
    fs::copy(&place.path, &copy).unwrap();
    fs::write(&bare, holder.pid().to_string()).unwrap();
    for path in [&copy, &bare] {
        assert_busy(&Peer::start(path).ask("try_lock"), holder.pid());
    }
}

fn a_forked_childs_copy_is_inert() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("fork is_held"), "false");
    let answer = holder.ask("fork unlock");
    assert!(answer.starts_with("NotHeld: "), "{answer}");
    assert_eq!(holder.ask("fork drop"), "ok");
    assert_eq!(holder.ask("verify"), "ok");
    assert_busy(&Peer::start(&place.path).ask("try_lock"), holder.pid());
}

#[expect(clippy::disallowed_methods, reason = "a rogue")]
fn a_lost_lockfile_is_noticed_and_restored() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("on_lost"), "ok");
    fs::remove_file(&place.path).unwrap();
    assert_eq!(holder.ask("loss"), "Removed");
    assert_eq!(holder.ask("restore"), "ok");
    assert_eq!(holder.ask("verify"), "ok");
    assert_busy(&Peer::start(&place.path).ask("try_lock"), holder.pid());
}
