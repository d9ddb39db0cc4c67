//! Protocols that others use, or document, and that do not work: the explorer has to see it.
//!
//! Test-only programs of a few lines, each wrong in one way.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::program::{Actor, NO_PROCESS, Program, Rules, Site};

/// Nothing is asked of these but the one thing that they cannot do.
const RULES: Rules = Rules {
    names_holder: false,
    tidy: false,
    somebody_enters: false,
    leaves_nothing: false,
    finds: false,
    held_outside: false,
    contend: |_| Ok(()),
};

/// A twin, and a part of what the explorer has to say about it.
pub const TWINS: &[(Program, &str)] = &[
    (
        Program {
            name: "check_the_pid_remove_create",
            before: dead_pid,
            scripts: &[check_remove_create, check_remove_create],
            rules: RULES,
            linked: false,
            slow: false,
        },
        "two inside",
    ),
    (
        Program {
            name: "hard_link_and_clean_up",
            before: dead_link,
            scripts: &[link_and_clean_up, link_and_clean_up],
            rules: RULES,
            linked: false,
            slow: false,
        },
        "two inside",
    ),
    (
        Program {
            name: "hard_link_and_crash_before_the_pid",
            before: nothing,
            scripts: &[link_and_clean_up, link_and_clean_up, link_and_clean_up],
            rules: Rules { contend: nfs_contend, ..RULES },
            linked: false,
            slow: false,
        },
        STUCK,
    ),
    (
        Program {
            name: "flock_and_unlink_without_a_second_look",
            before: nothing,
            scripts: &[flock_and_unlink, flock_and_unlink, flock_and_unlink],
            rules: RULES,
            linked: false,
            slow: false,
        },
        "two inside",
    ),
    (
        Program {
            name: "create_and_write_later",
            before: nothing,
            scripts: &[create_and_write, create_and_write],
            rules: Rules { contend: create_contend, ..RULES },
            linked: false,
            slow: false,
        },
        STUCK,
    ),
];

/// Nobody holds, and nobody can.
const STUCK: &str = "the lock is stuck";

fn nothing(_: &Site) {}

fn dead_pid(site: &Site) {
    fs::write(&site.path, NO_PROCESS.to_string()).expect("it can be written");
}

fn dead_link(site: &Site) {
    dead_pid(site);
    fs::hard_link(&site.path, nfs_lock(&site.path)).expect("it can be linked");
}

/// What `kill(pid, 0)` says of the PID in a file; `None` where there is no file, or no PID in it.
fn lives(path: &Path) -> Option<bool> {
    let mut text = String::new();
    File::open(path).ok()?.read_to_string(&mut text).ok()?;
    let pid = text.trim().parse().ok()?;
    Some(kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}

fn create_new(path: &Path) -> Option<File> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => Some(file),
        Err(err) if err.kind() == ErrorKind::AlreadyExists => None,
        Err(err) => panic!("{err}"),
    }
}

fn write_pid(mut file: File) {
    file.write_all(std::process::id().to_string().as_bytes()).expect("it can be written");
}

#[expect(clippy::disallowed_methods, reason = "that is what is wrong with it")]
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// A moment inside, with a system call in it at which the others get their turn.
fn work(actor: &Actor<'_>) {
    actor.inside(|| drop(fs::symlink_metadata(actor.path)));
}

/// Is the PID in the file dead? Then remove it, and create a new one.
///
/// Between the check and the removal another may have done the same: its fresh file is removed.
fn check_remove_create<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        if lives(actor.path) == Some(false) {
            remove(actor.path);
        }
        if let Some(file) = create_new(actor.path) {
            write_pid(file);
            work(actor);
            remove(actor.path);
        }
    })
}

/// As `Nfs_lock` of Jane Street's `Core_unix` documents itself, host name left out.
///
/// "Safety bug: \[…\] stale lock clean-up mechanism can remove a non-stale lock so the lock ends up
/// taken twice. Liveness bug: a process can write its hostname*pid information to the void upon
/// taking the lock."
fn link_and_clean_up<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        if nfs_take(actor.path) {
            work(actor);
            nfs_release(actor.path);
        }
    })
}

fn nfs_lock(path: &Path) -> PathBuf {
    path.with_extension("nfs_lock")
}

fn nfs_take(path: &Path) -> bool {
    if lives(path) == Some(false) {
        nfs_release(path);
    }
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    let linked = fs::hard_link(path, nfs_lock(path)).is_ok();
    if linked {
        write_pid(file.expect("it can be opened"));
    }
    linked
}

fn nfs_release(path: &Path) {
    remove(path);
    remove(&nfs_lock(path));
}

fn nfs_contend(path: &Path) -> Result<(), String> {
    if nfs_take(path) { Ok(()) } else { Err(STUCK.to_owned()) }
}

/// Open or create, flock, work, unlink, close; and no look whether the path still names the file.
fn flock_and_unlink<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        let open = OpenOptions::new().write(true).create(true).truncate(false).open(actor.path);
        let file = open.expect("it can be opened");
        if flock_at_once(&file) {
            work(actor);
            remove(actor.path);
        }
    })
}

#[expect(unsafe_code, reason = "nix's safe wrapper wants the file")]
fn flock_at_once(file: &File) -> bool {
    // SAFETY: takes numbers only, and `file` is open.
    let done = unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) };
    done == 0
}

/// Create, then write the PID. A file with a dead PID is removed; an empty one counts as held,
/// because its creator may be about to write.
fn create_and_write<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    Box::new(move || {
        if create_take(actor.path) {
            work(actor);
            remove(actor.path);
        }
    })
}

fn create_take(path: &Path) -> bool {
    if lives(path) == Some(false) {
        remove(path);
    }
    let Some(file) = create_new(path) else { return false };
    write_pid(file);
    true
}

fn create_contend(path: &Path) -> Result<(), String> {
    if create_take(path) { Ok(()) } else { Err(STUCK.to_owned()) }
}
