//! Who may use the set of a lockfile: whoever may write to the lockfile.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use nix::libc;
use nix::sys::prctl::set_no_new_privs;
use tenure::Error;

use crate::admission::lockfile;
use crate::sets::{ALONE, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, Place, place, wait_until};

const NOBODY: u32 = 65534;

/// A kept lockfile of root's or nobody's, in a directory of everybody's.
fn kept(owner: u32, mode: u32) -> Place {
    let place = place();
    fs::set_permissions(place.dir(), Permissions::from_mode(0o777)).unwrap();
    lockfile(&place.path).keep_file(true).with(|| ()).unwrap();
    fs::set_permissions(&place.path, Permissions::from_mode(mode)).unwrap();
    chown(&place.path, Some(owner), Some(owner)).unwrap();
    place
}

fn nobody(path: &Path) -> Peer {
    let mut nobody = Peer::with(path, "semaphore keep");
    assert_eq!(nobody.ask(&format!("become {NOBODY}")), "ok");
    nobody
}

#[test]
fn another_user_who_may_write_to_the_lockfile_excludes_and_is_excluded() {
    elsewhere(ALONE, &[], || {
        for (owner, mode) in [(0, 0o666), (NOBODY, 0o600), (NOBODY, 0o644)] {
            let place = kept(owner, mode);
            let mut root = Peer::with(&place.path, "semaphore keep");
            let mut nobody = nobody(&place.path);
            assert_eq!(root.ask("try_lock"), "ok");
            let answer = nobody.ask("try_lock");
            assert!(answer.starts_with("Busy: "), "{mode:o} of {owner}: {answer}");
            assert_eq!(nobody.ask("status"), "held");
            // The set that root has made: nobody waits for it, holds it and releases it.
            nobody.tell("lock");
            nobody.wait_until_in(libc::SYS_semtimedop);
            assert_eq!(root.ask("unlock"), "ok");
            assert_eq!(nobody.answer(), "ok");
            assert!(root.ask("try_lock").starts_with("Busy: "));
            assert_eq!(nobody.ask("unlock"), "ok");
            assert_eq!(root.ask("try_lock"), "ok");
            assert_eq!(root.ask("unlock"), "ok");
            assert_eq!(sets(), []);
        }
    });
}

#[test]
fn a_set_that_may_not_be_removed_is_unlocked_and_stays() {
    elsewhere(ALONE, &[], || {
        let place = kept(0, 0o666);
        let mut root = Peer::with(&place.path, "semaphore keep");
        assert_eq!(root.ask("try_lock"), "ok");
        let set = only_set();
        root.crash();
        wait_until(|| set.values(1) == [0]);
        let mut nobody = nobody(&place.path);
        for _ in 0..2 {
            assert_eq!(nobody.ask("try_lock"), "ok");
            assert_eq!(set.values(1), [1]);
            assert_eq!(nobody.ask("unlock"), "ok");
            assert_eq!((only_set(), set.values(1)), (set, vec![0]));
        }
        lockfile(&place.path).with(|| ()).unwrap();
        assert_eq!(sets(), []);
    });
}

#[test]
fn whoever_may_only_read_the_lockfile_may_only_look_at_the_set() {
    elsewhere(ALONE, &[], || {
        let place = kept(0, 0o644);
        let mut root = Peer::with(&place.path, "semaphore keep");
        let mut nobody = nobody(&place.path);
        assert_eq!(nobody.ask("status"), "free");
        assert_eq!(root.ask("try_lock"), "ok");
        let answer = nobody.ask("try_lock");
        assert!(answer.starts_with("Busy: ") && answer.contains("pid"), "{answer}");
        assert_eq!(nobody.ask("status"), "held");
        assert_eq!(root.ask("unlock"), "ok");
        assert!(nobody.ask("try_lock").starts_with("ProcessDead: "));
    });
}

/// It might be a set of this path, locked.
#[test]
fn a_set_that_may_not_be_looked_at_is_an_error() {
    elsewhere(ALONE, &[], || {
        let place = kept(0, 0o600);
        let mut root = Peer::with(&place.path, "semaphore keep");
        assert_eq!(root.ask("try_lock"), "ok");
        fs::set_permissions(&place.path, Permissions::from_mode(0o666)).unwrap();
        let mut nobody = nobody(&place.path);
        let answer = nobody.ask("try_lock");
        assert!(answer.starts_with("Io: cannot lock "), "{answer}");
        nobody.crash();
        assert_eq!(root.ask("unlock"), "ok");
    });
}

/// A kernel without System V semaphores, or a sandbox that says so.
#[test]
#[expect(unsafe_code, reason = "nix has no seccomp")]
fn where_there_are_no_semaphores_the_error_says_so_and_nothing_is_left() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let statement = |code: u32, jf: u8, k: u32| libc::sock_filter {
            code: u16::try_from(code).unwrap(),
            jt: 0,
            jf,
            k,
        };
        let number = u32::try_from(libc::SYS_semget).unwrap();
        let refusal = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
        let mut filter = [
            // The first field of what is filtered is the number of the system call.
            statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
            statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, number),
            statement(libc::BPF_RET | libc::BPF_K, 0, refusal),
            statement(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
        set_no_new_privs().unwrap();
        let mode = libc::SECCOMP_MODE_FILTER;
        // SAFETY: the program and its filter live until the call returns; the kernel copies them.
        let done = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) };
        assert_eq!(done, 0);
        match lockfile(&place.path).try_lock() {
            Err(Error::Unsupported { backend, remedy, .. }) => {
                assert_eq!(backend, "semaphore");
                assert!(remedy.contains("another backend"), "{remedy}");
            }
            other => panic!("{other:?}"),
        }
        assert!(place.names().is_empty());
    });
}

/// What root leaves behind when it dies, its lockfile having been removed by hand.
#[test]
fn whoever_may_not_alter_a_set_that_is_left_over_is_told_how_to_remove_it() {
    elsewhere(ALONE, &[], || {
        let place = place();
        fs::set_permissions(place.dir(), Permissions::from_mode(0o777)).unwrap();
        let mut root = Peer::with(&place.path, "semaphore");
        assert_eq!(root.ask("try_lock"), "ok");
        let set = only_set();
        root.crash();
        wait_until(|| set.values(1) == [0]);
        #[expect(clippy::disallowed_methods, reason = "as an operator would")]
        fs::remove_file(&place.path).unwrap();
        let answer = nobody(&place.path).ask("try_lock_why");
        assert!(answer.contains(&format!("`ipcrm -s {}`", set.id)), "{answer}");
        set.remove();
        assert_eq!(nobody(&place.path).ask("try_lock"), "ok");
    });
}

/// A daemon that is root when it starts, and not when it ends.
#[test]
fn who_has_given_up_the_right_to_alter_the_set_holds_until_it_ends() {
    elsewhere(ALONE, &[], || {
        let place = place();
        fs::set_permissions(place.dir(), Permissions::from_mode(0o777)).unwrap();
        let mut daemon = Peer::with(&place.path, "semaphore");
        assert_eq!(daemon.ask("try_lock"), "ok");
        let set = only_set();
        assert_eq!(daemon.ask(&format!("become {NOBODY}")), "ok");
        let answer = daemon.ask("unlock");
        assert!(answer.starts_with("Io: cannot unlock "), "{answer}");
        assert_eq!(daemon.ask("is_held"), "true");
        assert!(daemon.ask("unlock").starts_with("Io: cannot unlock "), "and again");
        assert_eq!(set.values(1), [1]);
        daemon.crash();
        wait_until(|| set.values(1) == [0]);
        lockfile(&place.path).with(|| ()).unwrap();
        assert_eq!(sets(), []);
    });
}
