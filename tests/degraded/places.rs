//! The places, imitated: by seccomp(2), and by mounts in a namespace of one's own.

use std::fs;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use tenure::{Cancel, Lockfile};

use crate::scenario::{Dead, Scene};
use crate::support::elsewhere::{elsewhere, run};
use crate::support::sandbox::{refuse, refuse_with};
use crate::support::{NO_PROCESS, Peer, place, this_program};

const ALONE: &str = "unshare -m";

/// Linux before 5.3, gVisor for long, and what a sandbox says to what it does not know.
pub(crate) fn no_pidfds(refusal: Errno) {
    refuse(libc::SYS_pidfd_open, refusal);
}

/// Linux before 3.15, and WSL 1.
fn no_marks() {
    for command in [libc::F_OFD_GETLK, libc::F_OFD_SETLK, libc::F_OFD_SETLKW] {
        refuse_with(libc::SYS_fcntl, command, Errno::EINVAL);
    }
}

fn no_abstract_sockets() {
    refuse(libc::SYS_bind, Errno::EPERM);
    refuse(libc::SYS_connect, Errno::EPERM);
}

fn hide(path: &str) {
    run("mount", ["--bind", "/dev/null", path]);
}

fn hide_proc() {
    this_program();
    run("mount", ["-t", "tmpfs", "none", "/proc"]);
}

#[test]
fn without_pidfds() {
    elsewhere(ALONE, &[], || {
        no_pidfds(Errno::ENOSYS);
        Scene::new().play();
    });
}

#[test]
fn where_a_sandbox_forbids_pidfds() {
    elsewhere(ALONE, &[], || {
        no_pidfds(Errno::EPERM);
        Scene::new().play();
    });
}

/// What the kernel says of the numbers of threads, a sandbox may say of every number.
#[test]
fn where_a_sandbox_says_of_every_pid_that_it_is_a_threads() {
    elsewhere(ALONE, &[], || {
        no_pidfds(Errno::EINVAL);
        Scene::new().play();
    });
}

#[test]
fn where_a_sandbox_forbids_to_signal_by_a_pidfd() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_pidfd_send_signal, Errno::EPERM);
        Scene::new().play();
    });
}

/// Also: Linux before 6.9, whose pidfds have no inodes, as far as can be told then.
#[test]
fn without_statfs() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_fstatfs, Errno::ENOSYS);
        Scene::new().play();
    });
}

/// Other hosts may reach the file, for all that is known, and the process may be on one of them.
#[test]
fn without_statfs_a_bare_pid_is_no_proof() {
    elsewhere(ALONE, &[], || {
        let place = place();
        fs::write(&place.path, NO_PROCESS.to_string()).unwrap();
        refuse(libc::SYS_fstatfs, Errno::EPERM);
        let mut contender = Peer::start(&place.path);
        assert_eq!(contender.ask("verdict"), "Some(Unproven(ForeignHost))");
        let answer = contender.ask("try_lock");
        assert!(answer.starts_with("Busy: "), "{answer}");
    });
}

/// The same numbers of process and namespace may be those of another kernel.
#[test]
fn without_a_boot_id_and_statfs_a_dead_holder_is_not_proven_dead() {
    elsewhere(ALONE, &[], || {
        hide("/proc/sys/kernel/random/boot_id");
        refuse(libc::SYS_fstatfs, Errno::ENOSYS);
        Scene { dead: Dead::Unproven, ..Scene::new() }.play();
    });
}

/// To be hidden is not to have ended.
#[test]
fn a_holder_that_is_not_seen_any_more_is_neither_dead_nor_signalled() {
    elsewhere(ALONE, &[], || {
        no_pidfds(Errno::ENOSYS);
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let process = Lockfile::new(&place.path).holder_process().unwrap().unwrap();
        hide_proc();
        assert!(!process.wait(Some(Duration::ZERO)).unwrap());
        assert!(process.signal(9).is_err());
        assert_eq!(holder.ask("is_held"), "true");
        holder.crash();
        assert!(process.wait(None).unwrap());
    });
}

#[test]
fn without_inotify() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_inotify_init1, Errno::ENOSYS);
        Scene::new().play();
    });
}

#[test]
fn where_nothing_may_be_watched() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_inotify_add_watch, Errno::EPERM);
        Scene::new().play();
    });
}

#[test]
fn without_locks_of_open_file_descriptions() {
    elsewhere(ALONE, &[], || {
        no_marks();
        Scene::new().play();
    });
}

#[test]
fn without_abstract_sockets() {
    elsewhere(ALONE, &[], || {
        no_abstract_sockets();
        Scene::new().play();
    });
}

/// Nothing but to be told needs them.
#[test]
fn without_pairs_of_sockets_it_is_said_that_nobody_can_be_told() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_socketpair, Errno::EPERM);
        assert!(Cancel::new().is_err());
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let said = holder.ask("on_lost");
        assert!(said.starts_with("Io: "), "{said}");
        assert_eq!(holder.ask("unlock"), "ok");
        assert!(place.names().is_empty());
    });
}

#[test]
fn where_no_descriptor_can_be_passed_on() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_sendmsg, Errno::EPERM);
        refuse(libc::SYS_recvmsg, Errno::EPERM);
        refuse(libc::SYS_accept4, Errno::ENOSYS);
        Scene::new().play();
    });
}

#[test]
fn where_no_memory_is_wiped_on_fork() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_madvise, Errno::EINVAL);
        Scene::new().play();
    });
}

/// As QEMU's user mode did.
#[test]
fn where_memory_is_said_to_be_wiped_on_fork_and_is_not() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_madvise, Errno::UnknownErrno);
        Scene::new().play();
    });
}

#[test]
fn without_a_machine_id() {
    elsewhere(ALONE, &["/etc/machine-id"], || {
        hide("/etc/machine-id");
        Scene::new().play();
    });
}

#[test]
fn without_a_boot_id() {
    elsewhere(ALONE, &[], || {
        hide("/proc/sys/kernel/random/boot_id");
        Scene::new().play();
    });
}

#[test]
fn without_proc() {
    elsewhere(ALONE, &[], || {
        let scene = Scene { signals: false, ..Scene::new() };
        hide_proc();
        scene.play();
    });
}

#[test]
fn without_proc_and_pidfds_a_dead_holder_is_busy_until_it_is_reaped() {
    elsewhere(ALONE, &[], || {
        hide_proc();
        no_pidfds(Errno::ENOSYS);
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let mut contender = Peer::start(&place.path);
        holder.crash_unreaped();
        let answer = contender.ask("try_lock");
        assert!(answer.starts_with("Busy: "), "{answer}");
        holder.crash();
        assert_eq!(contender.ask("try_lock"), "ok");
    });
}

/// Without all of it: neither the boot nor the file system tells whose the record is.
#[test]
fn without_anything() {
    elsewhere(ALONE, &[], || {
        let scene = Scene { signals: false, dead: Dead::Unproven, ..Scene::new() };
        hide_proc();
        no_pidfds(Errno::EPERM);
        no_marks();
        no_abstract_sockets();
        refuse(libc::SYS_inotify_init1, Errno::EPERM);
        refuse(libc::SYS_fstatfs, Errno::EPERM);
        refuse(libc::SYS_madvise, Errno::EPERM);
        scene.play();
    });
}

/// Without that nothing is a lock.
#[test]
fn without_flock_it_is_said_and_nothing_is_left() {
    elsewhere(ALONE, &[], || {
        refuse(libc::SYS_flock, Errno::ENOSYS);
        let place = place();
        let answer = Peer::start(&place.path).ask("try_lock");
        assert!(answer.starts_with("Unsupported: "), "{answer}");
        assert!(place.names().is_empty());
    });
}
