//! What the scenes of this program are made of, besides peers.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::mount::{MntFlags, umount2};
use nix::unistd::Pid;
use serde_json::Value;
use tenure::{Lockfile, Verdict, Why};

use crate::support::elsewhere::run;
use crate::support::sandbox::refuse;
use crate::support::{Peer, wait_until};

/// A process that has nothing to do with any lock; ends when it is dropped.
pub(crate) struct Innocent(Child);

impl Innocent {
    pub(crate) fn start() -> Self {
        let cat = Command::new("cat").stdin(Stdio::piped()).spawn();
        Self(cat.expect("every system has cat"))
    }

    /// Starts processes until one has the PID, which nobody has. In a PID namespace of our own.
    pub(crate) fn with_pid(pid: u32) -> Self {
        loop {
            next_pid(pid);
            let innocent = Self::start();
            if innocent.pid() == pid {
                return innocent;
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Innocent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next process of this PID namespace shall have this PID, if that is free.
pub(crate) fn next_pid(pid: u32) {
    fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).expect("ns_last_pid");
}

/// A peer in a PID namespace of its own, as its PID 1, holding the lock.
pub(crate) struct Contained {
    pub(crate) peer: Peer,
    /// As this PID namespace counts.
    process: Pid,
}

impl Contained {
    pub(crate) fn start(path: &Path) -> Self {
        Self::through("-pf --mount-proc", path)
    }

    pub(crate) fn holding(path: &Path) -> Self {
        let mut contained = Self::start(path);
        assert_eq!(contained.peer.ask("try_lock"), "ok");
        contained
    }

    /// `namespaces`: arguments for unshare(1), which forks.
    pub(crate) fn through(namespaces: &str, path: &Path) -> Self {
        Self::with(namespaces, path, "")
    }

    /// `options`: the peer's.
    pub(crate) fn with(namespaces: &str, path: &Path, options: &str) -> Self {
        let mut unshare = Command::new("unshare");
        unshare.args(namespaces.split_whitespace()).arg("--kill-child");
        let peer = Peer::through(unshare, path, options);
        let parent = peer.pid();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let child = children.expect("/proc is mounted").trim().parse().expect("it has one child");
        Self { peer, process: Pid::from_raw(child) }
    }

    /// What tells its PID namespace from those that exist at the same time.
    pub(crate) fn namespace(&self) -> PathBuf {
        fs::read_link(format!("/proc/{}/ns/pid", self.process)).expect("it is alive")
    }

    /// SIGKILL; returns once it has exited. (Who reaps it, depends on the scene.)
    pub(crate) fn crash(self) {
        let Self { peer, process } = self;
        // Its parent: it is bound to die with that.
        peer.crash();
        let pid = process.as_raw().unsigned_abs();
        // All its threads: the first may be a zombie while others still have the files open.
        wait_until(|| state(pid).is_none_or(|(state, threads)| state == 'Z' && threads <= 1));
    }
}

/// From now on and in all children, `pidfd_open(2)` says ENOSYS, as on Linux before 5.3 and in many a
/// sandbox. Then kill(2) and `/proc` are all that there is to look with.
#[expect(unsafe_code, reason = "nix has no pidfd_open")]
pub(crate) fn without_pidfds() {
    refuse(libc::SYS_pidfd_open, Errno::ENOSYS);
    // SAFETY: the call takes two integers, and is refused.
    let opened = unsafe { libc::syscall(libc::SYS_pidfd_open, std::process::id(), 0) };
    assert_eq!(opened, -1, "the filter is in force");
}

/// Writes the record of the holder at `from` to `to`, where nobody has the kernel lock: so that
/// the record alone is judged. `edit` may change it.
pub(crate) fn copy_record(from: &Path, to: &Path, edit: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(from).expect("it is held");
    let mut record = serde_json::from_str(&text).expect("it is a record");
    edit(&mut record);
    fs::write(to, record.to_string()).expect("a file");
}

/// Makes the record at `path` that of an earlier boot of this machine.
pub(crate) fn start_anew(path: &Path) {
    let text = fs::read_to_string(path).expect("somebody wrote it");
    let mut record: Value = serde_json::from_str(&text).expect("it is a record");
    record["boot_id"] = "6a5e0fb2-0000-4000-8000-000000000000".into();
    // In place: its holder keeps the kernel lock.
    fs::write(path, record.to_string()).expect("a file");
}

/// Mounts another boot id over the kernel's, as systemd-nspawn(1) does. Each call makes a new one. A
/// process that has learned the kernel's before remembers it.
pub(crate) fn show_another_boot_id(directory: &Path) {
    let file = directory.join("boot_id");
    let random = fs::read_to_string("/proc/sys/kernel/random/uuid").expect("/proc is mounted");
    fs::write(&file, random).expect("a file");
    bind(&file, BOOT_ID);
}

/// Shows the kernel's boot id again.
pub(crate) fn show_the_boot_id() {
    umount2(BOOT_ID, MntFlags::empty()).expect("it was mounted over");
}

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The verdict that a reader reaches.
pub(crate) fn verdict(path: &Path) -> Verdict {
    let status = Lockfile::new(path).status().expect("it can be read");
    status.verdict().expect("there is a file")
}

/// A contender is refused, and the reader reaches this verdict.
pub(crate) fn assert_busy(path: &Path, expected: Verdict) {
    assert_eq!(verdict(path), expected);
    let err = Lockfile::acquire(path).expect_err("it is not free");
    assert!(err.is_busy(), "{err}");
    assert_eq!(err.holder().expect("it is known").verdict(), expected);
}

/// A reader sees that it is stale, and a contender recovers it, for this reason. It is released.
pub(crate) fn assert_recovered(path: &Path, why: Why) {
    assert_eq!(verdict(path), Verdict::Stale(why));
    let lock = Lockfile::acquire(path).expect("it is stale");
    let left_by = lock.recovered_from().expect("somebody left it");
    assert_eq!(left_by.verdict(), Verdict::Stale(why));
}

/// Lets another file be seen at `path`, in this mount namespace.
pub(crate) fn bind(over: &Path, path: &str) {
    run("mount", [OsStr::new("--bind"), over.as_os_str(), OsStr::new(path)]);
}

/// A FUSE file system that shows `source`: one that other kernels might reach, for all anybody knows.
/// Locks taken on it are good for this mount alone.
pub(crate) struct Fuse {
    at: PathBuf,
}

impl Fuse {
    pub(crate) fn mount(source: &Path, at: PathBuf) -> Self {
        fs::create_dir_all(source).expect("a directory");
        fs::create_dir(&at).expect("a mount point");
        run("bindfs", [source, &at]);
        Self { at }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.at.join("test.lock")
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        // Lazily: after a failed test somebody may still have a file open. Not by umount(8), which
        // does nothing without /proc.
        let _ = umount2(&self.at, MntFlags::MNT_DETACH);
    }
}

/// Where FUSE can be had; in a PID namespace, so that no daemon remains.
pub(crate) const FUSE: [&str; 2] = ["bindfs", "/dev/fuse"];
pub(crate) const FUSE_SCENE: &str = "unshare -mpf --mount-proc --kill-child";

/// Returns once `/proc/PID/stat` shows the state.
pub(crate) fn wait_for_state(pid: u32, expected: char) {
    wait_until(|| state(pid).expect("it is not reaped").0 == expected);
}

/// The state of a process and the number of its threads; `None` for one that is reaped.
fn state(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Fields 3 and 20 of proc_pid_stat(5).
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    Some((fields.next()?.chars().next()?, fields.nth(20 - 4)?.parse().ok()?))
}
